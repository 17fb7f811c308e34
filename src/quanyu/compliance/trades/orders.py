"""Paid orders as columns: what a scan looks at. Identifiers become numbers and stay in memory."""

from array import array
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from quanyu.compliance.trades.graph import Ints

UNKNOWN = -1
"""In every column: it was not said."""


class Trade(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One item of one paid order. None: not known, which speaks neither for nor against it."""

    buyer: str
    item: str
    paid_us: int
    amount_fen: int
    order: str | None = None
    shop: str | None = None
    device: str | None = None
    payer: str | None = None
    address: str | None = None
    browsed: bool | None = None
    """Whether the buyer searched, viewed or kept anything of it before."""
    refunded: bool | None = None
    confirmed_us: int | None = None
    shipped_us: int | None = None
    delivered_us: int | None = None
    stars: int | None = None
    threshold_fen: int | None = None
    """Of the coupon that was used."""
    since_us: int | None = None
    """When the account of the buyer was opened."""
    review: str | None = None


NAMED = ("order", "buyer", "item", "shop", "device", "payer", "address")
FIGURES = (
    "paid_us", "amount_fen", "confirmed_us", "shipped_us", "delivered_us", "stars",
    "threshold_fen", "since_us", "browsed", "refunded",
)  # fmt: skip


@dataclass(frozen=True)
class Orders:
    """One row per item of an order; all columns have the same length, UNKNOWN where not said."""

    numbers: dict[str, Ints]
    """Column of NAMED → the number of the name of each row."""
    names: dict[str, list[str]]
    """Column of NAMED → name by number."""
    figures: dict[str, Ints]
    reviews: list[str | None]
    repeated: int
    """Rows left out because order and item had come before."""

    def __len__(self) -> int:
        return len(self.reviews)

    def __getitem__(self, column: str) -> Ints:
        return self.numbers[column] if column in self.numbers else self.figures[column]

    @property
    def count(self) -> int:
        """Orders, not rows."""
        return len(self.names["order"])

    def without(self, column: str) -> bool:
        """Nothing is known of it in any row."""
        return bool((self[column] == UNKNOWN).all())


class _Names:
    def __init__(self) -> None:
        self.numbers = array("q")
        self.known: dict[str, int] = {}

    def add(self, name: str | None) -> None:
        if name is None:
            self.numbers.append(UNKNOWN)
        else:
            self.numbers.append(self.known.setdefault(name, len(self.known)))


@dataclass
class Gathering:
    """Rows one after the other → Orders. An order without an id is named after its place."""

    _named: dict[str, _Names] = field(default_factory=lambda: {n: _Names() for n in NAMED})
    _figures: dict[str, Any] = field(default_factory=lambda: {n: array("q") for n in FIGURES})
    _reviews: list[str | None] = field(default_factory=list)
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _repeated: int = 0

    def add(self, trade: Trade, *, place: str) -> None:
        """``place`` names an order that has no id, such as ``第 17 行``."""
        if trade.order is not None:
            key = (trade.order, trade.item)
            if key in self._seen:
                self._repeated += 1
                return
            self._seen.add(key)
        self._named["order"].add(place if trade.order is None else trade.order)
        for name in NAMED[1:]:
            self._named[name].add(getattr(trade, name))
        for name, column in self._figures.items():
            value = getattr(trade, name)
            column.append(UNKNOWN if value is None else int(value))
        self._reviews.append(trade.review)

    def done(self) -> Orders:
        return Orders(
            {n: np.frombuffer(c.numbers, dtype=np.int64) for n, c in self._named.items()},
            {n: list(c.known) for n, c in self._named.items()},
            {n: np.frombuffer(c, dtype=np.int64) for n, c in self._figures.items()},
            self._reviews,
            self._repeated,
        )


def distinct_per(group: Ints, member: Ints) -> Ints:
    """Of each row: distinct members of its group; 0 where the group is UNKNOWN."""
    known = (group != UNKNOWN) & (member != UNKNOWN)
    found = np.zeros(len(group), dtype=np.int64)
    if known.any():
        width = int(member.max()) + 1
        pairs = np.unique(group[known] * width + member[known])
        found[known] = np.bincount(pairs // width)[group[known]]
    return found
