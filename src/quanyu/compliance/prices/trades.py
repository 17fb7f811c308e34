"""What was paid for an item: the history that compared prices are held against.

A trade counts when it was paid, not refunded as a whole, and not flagged as fake. Its price is
what was paid per unit, net of coupons (the strict reading of 成交价). Units that cost nothing
are gifts and no trades.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec

from quanyu.clock import DAY_US, day_number, day_text

WINDOW_US = 7 * DAY_US


class Trade(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    paid_us: int
    unit_fen: int
    """Net, rounded down where it does not divide."""
    quantity: int = 1
    refunded: int = 0
    """Units of them that went back."""
    flagged: bool = False
    doubtful: bool = False
    """Nobody knows whether it was refunded or flagged."""
    order: str = ""

    @property
    def counts(self) -> bool:
        return self.unit_fen > 0 and not self.flagged and self.refunded < self.quantity


class Basis(StrEnum):
    LOWEST = "lowest_of_7_days"
    LAST = "last_trade"
    NEVER = "never_traded"
    SUGGESTED = "suggested_retail"


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """The highest lawful compared price of an item at a moment."""

    basis: Basis
    max_fen: int | None
    """None: never traded, so nothing may be called 原价."""
    counted: int
    """Trades that it rests on."""
    since_us: int
    until_us: int
    """[since, until): the seven days before the comparison."""
    doubtful: int = 0
    """Of those counted: they may not count, and the bound is right in both cases."""


def bound_at(trades: Iterable[Trade], at_us: int) -> Bound:
    """令56 Art 16: the lowest price of the seven days before, else that of the last trade.

    Of doubtful trades every combination is thought of, and the lowest bound is taken. Linear.
    """
    since_us = at_us - WINDOW_US
    past = [one for one in trades if one.counts and one.paid_us < at_us]
    inside = [one for one in past if one.paid_us >= since_us]
    low = inside
    if all(one.doubtful for one in inside):
        low = [*inside, *_last_of([one for one in past if one.paid_us < since_us])]
    basis = Basis.NEVER if not low else Basis.LOWEST if inside else Basis.LAST
    return Bound(
        basis=basis, max_fen=min((one.unit_fen for one in low), default=None), counted=len(low),
        since_us=since_us, until_us=at_us, doubtful=sum(one.doubtful for one in low),
    )  # fmt: skip


def _last_of(trades: list[Trade]) -> list[Trade]:
    """The last certain trade, those of the same moment, and the doubtful ones after it."""
    from_us = max((one.paid_us for one in trades if not one.doubtful), default=0)
    return [one for one in trades if one.paid_us >= from_us]


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """Of a day in China: what counted trades paid, and the pieces that count or not."""

    day: str
    lowest_fen: int | None
    highest_fen: int | None
    pieces: int
    not_counted: int

    def as_json(self) -> dict[str, Any]:
        return {
            "day": self.day, "lowest": self.lowest_fen, "highest": self.highest_fen,
            "pieces": self.pieces, "not_counted": self.not_counted,
        }  # fmt: skip


def days_of(trades: Iterable[Trade]) -> list[Day]:
    """Each day with a trade, oldest first."""
    by_day: dict[int, list[Trade]] = {}
    for one in trades:
        by_day.setdefault(day_number(one.paid_us), []).append(one)
    return [_day(number, by_day[number]) for number in sorted(by_day)]


def _day(number: int, trades: list[Trade]) -> Day:
    counted = [one for one in trades if one.counts]
    paid_fen = [one.unit_fen for one in counted]
    pieces = sum(one.quantity - one.refunded for one in counted)
    return Day(
        day=day_text(number), lowest_fen=min(paid_fen, default=None),
        highest_fen=max(paid_fen, default=None), pieces=pieces,
        not_counted=sum(one.quantity for one in trades) - pieces,
    )  # fmt: skip
