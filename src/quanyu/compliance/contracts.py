"""What people may take back: prepaid money in its first days, and goods bought at a distance.

Terms that are void (余额概不退还) are words, and found by ``copy``.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from quanyu.clock import china_day
from quanyu.compliance.law import Law
from quanyu.compliance.rulebook import in_force
from quanyu.compliance.verdict import Hit, Verdict


class Prepaid(msgspec.Struct, frozen=True, kw_only=True):
    """Money that was paid before what it is for."""

    paid_us: int
    principal_fen: int
    """Paid by the person; what the shop gave on top is no principal."""
    used_fen: int = 0
    """Of the principal."""


class PrincipalBack(msgspec.Struct, frozen=True):
    """Within the days of the law: the principal, less what was used."""

    fen: int
    day: int
    article: str


class ByContract(msgspec.Struct, frozen=True):
    """After them: what the contract says, as far as it is not void."""

    day: int


def refund_of(prepaid: Prepaid, asked_us: int) -> PrincipalBack | ByContract:
    """Days count from the day after paying: the seventh is in, the eighth is not."""
    paid, asked = china_day(prepaid.paid_us), china_day(asked_us)
    day = (asked - paid).days
    rule = in_force(asked).get("contract.principal")
    if rule is None or not 0 <= day <= rule.figures["days_max"]:
        return ByContract(day)
    return PrincipalBack(prepaid.principal_fen - prepaid.used_fen, day, rule.cited)


def review_prepaid(*, written: bool, at_risk: bool, on: date) -> Verdict:
    """May a shop take money in advance?"""
    return Verdict(tuple(_prepaid(written, at_risk, law=Law.of("contract", on))))


def _prepaid(written: bool, at_risk: bool, *, law: Law) -> Iterator[Hit]:
    if not written:
        yield from law.hits("contract.written", "contract")
    if at_risk:
        yield from law.hits("contract.at_risk", "at_risk")


class Kept(StrEnum):
    """Goods that Art 25 lets keep, and those that a buyer agreed are not returned."""

    CUSTOM = "custom"
    """定作"""
    FRESH = "fresh"
    """鲜活易腐"""
    DIGITAL = "digital"
    """在线下载或者拆封的音像制品、计算机软件等"""
    PERIODICAL = "periodical"
    """交付的报纸、期刊"""
    BY_NATURE = "by_nature"
    """Others, by their nature: only when the buyer agreed when buying."""


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    received_us: int
    kept: Kept | None = None
    marked: bool = False
    """The page says that it cannot be returned without a reason."""
    confirmed: bool = False
    """The buyer agreed to that when buying."""


class Return(msgspec.Struct, frozen=True):
    allowed: bool
    last_day: date
    """With which the right ends."""
    why: str
    article: str


def return_of(goods: Goods, asked_us: int) -> Return:
    """Without a reason, counted from the day after receipt. An exception that was not marked, or
    one by nature that was not agreed to, is none. Raises BadInput for a day before the law."""
    asked = china_day(asked_us)
    law = Law.of("contract", asked)
    rule = law.rules["contract.return"]
    last_day = china_day(goods.received_us) + timedelta(days=rule.figures["days_max"])
    if _exempt(goods):
        exempt = law.rules["contract.return_exempt"]
        return Return(False, last_day, exempt.why, exempt.cited)
    if asked > last_day:
        return Return(False, last_day, f"已过 {last_day}，按约定处理", rule.cited)
    return Return(True, last_day, rule.why, rule.cited)


def _exempt(goods: Goods) -> bool:
    if goods.kept is None or not goods.marked:
        return False
    return goods.kept is not Kept.BY_NATURE or goods.confirmed
