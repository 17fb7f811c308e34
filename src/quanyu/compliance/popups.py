"""Ads that stand in the way: pop-ups and splash screens, and the flow of paying."""

from collections.abc import Collection, Iterator
from datetime import date

import msgspec

from quanyu.compliance.law import Law
from quanyu.compliance.policy import DEFAULT, Policy
from quanyu.compliance.verdict import Hit, Verdict


class Popup(msgspec.Struct, frozen=True, kw_only=True):
    """A pop-up or a splash screen (开屏), as it is configured."""

    close_mark: bool = True
    """Seen at once, real, and easy to hit."""
    close_clicks: int = 1
    close_delay_ms: int = 0
    """Until it can be closed; a countdown before the mark is one too."""
    countdown: bool = False


class PayFlow(msgspec.Struct, frozen=True, kw_only=True):
    """Paying, with and without marketing in it."""

    steps: int
    steps_without: int
    modals_after: int = 0
    forced_follow: bool = False


def review_popup(popup: Popup, *, on: date) -> Verdict:
    return Verdict(tuple(_popup(popup, Law.of("placement", on))))


def _popup(popup: Popup, law: Law) -> Iterator[Hit]:
    if not popup.close_mark:
        yield from law.hits("popup.mark", "close_mark")
    if popup.close_clicks != 1:
        why = f"要点 {popup.close_clicks} 次才能关闭"
        yield from law.hits("popup.clicks", "close_clicks", why=why)
    if popup.close_delay_ms > 0 or popup.countdown:
        yield from law.hits("popup.delay", "countdown" if popup.countdown else "close_delay")


def review_again(
    popup: str, page: str, *, closed: Collection[tuple[str, str]], on: date
) -> Verdict:
    """``closed``: (pop-up, page) that somebody has closed during this visit."""
    if (popup, page) not in closed:
        return Verdict()
    return Verdict(tuple(Law.of("placement", on).hits("popup.again", "page")))


def review_pay_flow(flow: PayFlow, *, on: date, policy: Policy = DEFAULT) -> Verdict:
    return Verdict(tuple(_pay_flow(flow, Law.of("placement", on), policy=policy)))


def _pay_flow(flow: PayFlow, law: Law, *, policy: Policy) -> Iterator[Hit]:
    added = flow.steps - flow.steps_without
    if added > policy.pay_steps_added_max:
        why = f"支付多了 {added} 步"
        yield from law.hits("pay.steps", "steps", why=why)
    if flow.forced_follow:
        yield from law.hits("pay.steps", "forced_follow", why="支付前后强制关注")
    if flow.modals_after > policy.modals_after_pay_max:
        yield from law.hits("pay.modals", "modals_after")
