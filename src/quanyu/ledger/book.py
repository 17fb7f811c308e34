"""The port of the book. Engines live in ``storage``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from quanyu.ledger.accounts import Account, Balance
from quanyu.ledger.refusals import Outcome
from quanyu.ledger.transfers import Chain, Entry

Tx = TypeVar("Tx", contravariant=True)


class Book(Protocol[Tx]):
    """Everything happens in the transaction of the caller, so that what is owed and what
    happened commit together."""

    def open(self, tx: Tx, accounts: Iterable[Account]) -> None:
        """Idempotent. Raises BadInput for an account that exists with other content."""

    def post(self, tx: Tx, chains: Sequence[Chain]) -> list[Outcome]:
        """Chains in order, each as a whole or not at all. Locks the accounts until commit."""

    def expire(self, tx: Tx, *, limit: int) -> int:
        """Gives back holds whose time is over, oldest first; returns how many."""

    def freeze(self, tx: Tx, account: str, *, frozen: bool) -> None: ...

    def balances(self, tx: Tx, accounts: Sequence[str]) -> Mapping[str, Balance]:
        """Of those that exist; without a lock."""

    def entries(self, tx: Tx, account: str, *, after: int = 0) -> Iterator[tuple[int, Entry]]:
        """(Place in the book, entry) of one account, oldest first."""
