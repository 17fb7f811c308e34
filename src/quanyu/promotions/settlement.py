"""Who owes whom, day by day: the entries of the payable accounts, and nothing else.

Every figure is a sum of entries, so opening + in − out = closing, and the last closing is the
balance of the ledger.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from quanyu.clock import day_text, parse_day
from quanyu.errors import BadInput
from quanyu.events.once import Transactions

Tx = TypeVar("Tx")
Read = TypeVar("Read", contravariant=True)
DAYS_MAX = 366


class Moved(msgspec.Struct, frozen=True):
    """One reason on one day: credits are owed to the account, debits by it."""

    day: int
    account: str
    code: str
    credits_fen: int
    debits_fen: int
    transfers: int


class Days(msgspec.Struct, frozen=True):
    """Whole days of China, by number."""

    first: int
    last: int

    @classmethod
    def parse(cls, first: str, last: str) -> "Days":
        """``2026-05-01`` twice for one day. Raises BadInput."""
        numbers = []
        for field, text in (("from", first), ("to", last)):
            try:
                numbers.append(parse_day(text))
            except ValueError:
                raise BadInput(field, "write a day such as 2026-05-01") from None
        days = cls(*numbers)
        if not 0 <= days.last - days.first < DAYS_MAX:
            raise BadInput("to", f"ask for 1 to {DAYS_MAX} days, the first one first")
        return days


class Settlements(Protocol[Read]):
    """Reads the book. Engines live in ``storage``."""

    def moved(self, tx: Read, days: Days, *, owner: str | None) -> list[Moved]:
        """Of the payable accounts of one owner, or of all."""

    def before(self, tx: Read, days: Days, *, owner: str | None) -> dict[str, int]:
        """Account → what it was owed when the first day began."""


class Statement(msgspec.Struct, frozen=True):
    """One account over the days asked for."""

    account: str
    opening: int
    closing: int
    days: Sequence[dict[str, Any]]


class SettlementReport(Generic[Tx]):
    def __init__(self, transactions: Transactions[Tx], book: Settlements[Tx]) -> None:
        self._transactions = transactions
        self._book = book

    def report(self, days: Days, *, owner: str | None) -> dict[str, Any]:
        """``owner`` None: everybody, for the operator."""
        with self._transactions.transaction() as tx:
            before = self._book.before(tx, days, owner=owner)
            moved = self._book.moved(tx, days, owner=owner)
        accounts = sorted({*before, *(one.account for one in moved)})
        statements = [
            statement(
                account,
                before.get(account, 0),
                moved=(one for one in moved if one.account == account),
            )
            for account in accounts
        ]
        return {
            "from": day_text(days.first),
            "to": day_text(days.last),
            "owner": owner,
            "accounts": [msgspec.to_builtins(one) for one in statements],
            "closing": sum(one.closing for one in statements),
        }


def statement(account: str, opening: int, *, moved: Iterable[Moved]) -> Statement:
    days: dict[int, dict[str, Any]] = {}
    balance = opening
    for one in sorted(moved, key=lambda one: (one.day, one.code)):
        balance += one.credits_fen - one.debits_fen
        day = days.setdefault(one.day, {"day": day_text(one.day), "entries": []})
        day["entries"].append(
            {
                "code": one.code,
                "in": one.credits_fen,
                "out": one.debits_fen,
                "transfers": one.transfers,
            }
        )
        day["closing"] = balance
    return Statement(account, opening, balance, list(days.values()))
