"""What must be in order before a show may start: 播前审核. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from quanyu.clock import china_day, to_us
from quanyu.compliance.policy import Policy
from quanyu.compliance.showing import Gate, PriceShown, Showing
from quanyu.compliance.verdict import Hit, Severity, Verdict, joined
from quanyu.content.library.reviewing import AD_MARK, says_generated, texts_of, too_much
from quanyu.content.shows.judging import Promise, relaunched
from quanyu.content.shows.show import Host, Show

ADULT, HOST_MIN = 18, 16
HOSTS = "《网络直播营销管理办法（试行）》第十七条"


class Point(msgspec.Struct, frozen=True):
    """One line of the checklist."""

    label: str
    verdict: Verdict

    @property
    def holds(self) -> bool:
        return self.verdict.may_be_shown

    def as_json(self) -> dict[str, Any]:
        return {"label": self.label, "holds": self.holds, **self.verdict.as_json()}


class Checklist(msgspec.Struct, frozen=True):
    show: str
    hash: str
    points: tuple[Point, ...]

    @property
    def verdict(self) -> Verdict:
        return joined(one.verdict for one in self.points)

    def as_json(self) -> dict[str, Any]:
        return {
            "show": self.show, "hash": self.hash, "may_start": self.verdict.may_be_shown,
            "points": [one.as_json() for one in self.points],
        }  # fmt: skip


def checked(
    show: Show, merchant: str, *, gate: Gate, policy: Policy, promises: Sequence[Promise]
) -> tuple[Point, ...]:
    """All points but those that the sellers must be asked about."""
    on = china_day(to_us(show.starts))
    mark = Verdict() if show.marked_as_ad else Verdict((AD_MARK,))
    return (
        Point("主播资质", Verdict(tuple(host_hits(show.hosts)))),
        Point("脚本与文案", gate.check(showing_of(show, merchant, on=on))),
        Point("广告标识", mark),
        Point("广告时长占比", too_much("show", show.script, policy=policy)),
        Point("“最后一次”承诺", Verdict(tuple(relaunched(show.slots, promises)))),
    )


def host_hits(hosts: Iterable[Host]) -> Iterable[Hit]:
    for host in hosts:
        for why, mend in _host_faults(host):
            yield Hit(
                rule="live.host", article=HOSTS, severity=Severity.BLOCK,
                field=f"hosts.{host.id}", text=host.name, why=why, suggestion=mend,
            )  # fmt: skip


def _host_faults(host: Host) -> Iterable[tuple[str, str]]:
    """(Why, mend). A machine has no age."""
    if not host.permission.strip():
        yield "主播没有登记平台的开播许可", "登记实名认证后的平台许可编号 permission"
    if host.kind == "ai":
        return
    if host.age is None:
        yield "主播年龄未登记，按不满十六周岁处理", "登记 age"
    elif host.age < HOST_MIN:
        yield f"主播 {host.age} 岁，不满十六周岁", "换一位主播"
    elif host.age < ADULT and not host.guardian_consent:
        yield f"主播 {host.age} 岁，须经监护人同意", "取得书面同意后登记 guardian_consent"


def showing_of(show: Show, merchant: str, *, on: date) -> Showing:
    """Everything that is said or stands on the screen; a show of goods is an ad."""
    titles = {f"slots[{place}].title": one.title for place, one in enumerate(show.slots)}
    texts = {"title": show.title} | {name: text for name, text in titles.items() if text}
    texts |= texts_of("script", show.script)
    prices = tuple(
        PriceShown(
            shop=one.shop, item=one.item, price_fen=one.price_fen,
            reference_fen=one.list_fen if one.list_fen > one.price_fen else None,
            basis=one.basis or None,
        )
        for one in show.slots
    )  # fmt: skip
    return Showing(
        kind="show", id=show.id, merchant=merchant, industry=show.industry, on=on, texts=texts,
        touchpoint=show.room, advertises=True, marked_as_ad=show.marked_as_ad,
        generated=show.has_ai_host, marked_as_generated=says_generated(texts.values()),
        prices=prices,
    )  # fmt: skip
