"""What a campaign has spent, day by day, and which clicks cost it nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from quanyu.clock import day_text
from quanyu.decisions.billing.clicks import Invalid
from quanyu.errors import NotFound
from quanyu.events.once import Transactions

In = TypeVar("In", contravariant=True)
Tx = TypeVar("Tx")


class DaySpend(msgspec.Struct, frozen=True, kw_only=True):
    day: int
    """Day number in China, of the leases; clicks count on the day of the click."""
    held_millifen: int = 0
    """Won, and neither billed nor released yet."""
    settled_millifen: int = 0
    spent_fen: int = 0
    """Billed: parts of a fen at the end of a lease are forgiven."""
    released_millifen: int = 0
    billed: int = 0
    """Events that settled a win."""
    invalid: Mapping[str, int] = {}
    """Invalid → events."""

    def as_json(self) -> dict[str, Any]:
        return {"day": day_text(self.day), **_told([self])}


class Spend(msgspec.Struct, frozen=True):
    campaign: str
    days: Sequence[DaySpend]
    """Oldest first; days on which nothing happened are left out."""

    def as_json(self) -> dict[str, Any]:
        days = [one.as_json() for one in self.days]
        return {"campaign": self.campaign, "total": _told(self.days), "days": days}


class SpendStore(Protocol[In]):
    def days(self, tx: In, merchant: str, *, campaign: str) -> Sequence[DaySpend] | None:
        """None: no such campaign."""


class Spending(Generic[Tx]):
    def __init__(self, transactions: Transactions[Tx], store: SpendStore[Tx]) -> None:
        self._transactions = transactions
        self._store = store

    def of(self, merchant: str, campaign: str) -> Spend:
        """Raises NotFound."""
        with self._transactions.transaction() as tx:
            found = self._store.days(tx, merchant, campaign=campaign)
        if found is None:
            raise NotFound(f"campaign {campaign[:64]!r}; see `quanyu campaign list`")
        return Spend(campaign, found)


def _told(days: Sequence[DaySpend]) -> dict[str, Any]:
    names = ("spent_fen", "held_millifen", "settled_millifen", "released_millifen", "billed")
    sums = {name: sum(getattr(one, name) for one in days) for name in names}
    invalid = {
        reason.value: count
        for reason in Invalid
        if (count := sum(one.invalid.get(reason, 0) for one in days))
    }
    return {**sums, "invalid": invalid}
