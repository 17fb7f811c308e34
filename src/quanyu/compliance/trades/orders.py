"""Paid orders as columns: what a scan looks at. Identifiers become numbers and stay in memory."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
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
    account: str | None = None
    """With which the buyer bought, where a buyer is a person and may have several."""
    account_kind: str | None = None
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


NAMED = (
    "order", "buyer", "item", "shop", "account", "account_kind", "device", "payer", "address"
)  # fmt: skip
BATCH = 5_000
FIGURES = (
    "paid_us", "amount_fen", "confirmed_us", "shipped_us", "delivered_us", "stars",
    "threshold_fen", "since_us", "browsed", "refunded",
)  # fmt: skip
FIELDS = (*NAMED, *FIGURES, "review")


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

    @cached_property
    def accounts(self) -> Ints:
        """Number of the account of each row; of a row that names none, one for its buyer."""
        account, named = self["account"], len(self.names["account"])
        return np.where(account == UNKNOWN, self["buyer"] + named, account)

    @cached_property
    def has_accounts(self) -> bool:
        """Whether some buyer has bought with several."""
        if not self.names["account"]:
            return False
        pairs = self["buyer"] * (int(self.accounts.max(initial=0)) + 1) + self.accounts
        return len(np.unique(pairs)) > len(np.unique(self["buyer"]))

    def without(self, column: str) -> bool:
        """Nothing is known of it in any row."""
        return bool((self[column] == UNKNOWN).all())


class _Names:
    def __init__(self) -> None:
        self.numbers = array("q")
        self.known: dict[str, int] = {}

    def extend(self, names: Sequence[str | None]) -> None:
        known = self.known
        self.numbers.extend(
            UNKNOWN if name is None else known.setdefault(name, len(known)) for name in names
        )


Columns = Mapping[str, Sequence[Any]]
"""Field of Trade → its values; a field that is not there is unknown in every row."""


@dataclass
class Gathering:
    """Rows one after the other, or many at once → Orders. An order without an id is named after
    its place, such as ``第 17 行``."""

    _named: dict[str, _Names] = field(default_factory=lambda: {n: _Names() for n in NAMED})
    _figures: dict[str, Any] = field(default_factory=lambda: {n: array("q") for n in FIGURES})
    _reviews: list[str | None] = field(default_factory=list)
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _repeated: int = 0
    _waiting: list[tuple[Trade, str]] = field(default_factory=list)

    def add(self, trade: Trade, *, place: str) -> None:
        self._waiting.append((trade, place))
        if len(self._waiting) == BATCH:
            self._take_waiting()

    def extend(self, columns: Columns, *, places: Sequence[str]) -> None:
        """``places``: one per row."""
        nothing = [None] * len(places)
        said = columns.get("order", nothing)
        orders = [place if order is None else order
                  for order, place in zip(said, places, strict=True)]  # fmt: skip
        chosen = self._new(said, columns["item"])
        for name, numbers in self._named.items():
            values = orders if name == "order" else columns.get(name, nothing)
            numbers.extend(values if chosen is None else [values[row] for row in chosen])
        for name, figures in self._figures.items():
            found = [UNKNOWN if v is None else int(v) for v in columns.get(name, nothing)]
            figures.extend(found if chosen is None else [found[row] for row in chosen])
        reviews = columns.get("review", nothing)
        self._reviews += reviews if chosen is None else [reviews[row] for row in chosen]

    def _new(self, orders: Sequence[str | None], items: Sequence[str]) -> list[int] | None:
        """Rows whose order and item have not come before; None: all of them."""
        chosen, seen = [], self._seen
        for row, key in enumerate(zip(orders, items, strict=True)):
            if key[0] is None or key not in seen:
                seen.add(key)  # type: ignore[arg-type]
                chosen.append(row)
        self._repeated += len(items) - len(chosen)
        return None if len(chosen) == len(items) else chosen

    def _take_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            columns = {name: [getattr(one, name) for one, _ in waiting] for name in FIELDS}
            self.extend(columns, places=[place for _, place in waiting])

    def done(self) -> Orders:
        self._take_waiting()
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


def sharers(orders: Orders, group: Ints) -> Ints:
    """Of each row: how many share its group; 0 where that is UNKNOWN. Buyers, or accounts of one
    kind, whichever are more: a person may well have an account on each platform, but who has three
    on one of them is three as far as fake trade goes."""
    buyers = distinct_per(group, orders["buyer"])
    if not orders.has_accounts:
        return buyers
    kind, kinds = orders["account_kind"], len(orders.names["account_kind"]) + 1
    of_kind = np.where(group == UNKNOWN, UNKNOWN, group * kinds + kind + 1)
    most = np.zeros(int(group.max(initial=0)) + 1, dtype=np.int64)
    known = group != UNKNOWN
    np.maximum.at(most, group[known], distinct_per(of_kind, orders.accounts)[known])
    return np.where(known, np.maximum(buyers, most[group]), 0)
