"""The port for who looks at the ledger: balances and entries, of everybody or of one owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from quanyu.ledger.accounts import Account, Balance
from quanyu.ledger.transfers import Entry


@dataclass(frozen=True, slots=True)
class Statement:
    account: Account
    balance: Balance


class Reader(Protocol):
    def statements(self, names: Sequence[str]) -> list[Statement]:
        """Of the accounts that exist, in the order asked."""

    def listed(self, *, owner: str | None, prefix: str, limit: int) -> list[Statement]:
        """In the order of their ids."""

    def entries(self, account: str, *, after: int, limit: int) -> list[tuple[int, Entry]]:
        """(Place in the book, entry), oldest first. Raises NotFound."""
