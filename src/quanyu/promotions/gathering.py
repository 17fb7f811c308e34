"""Postings and facts of one transaction, gathered and written at its end.

Everybody locks balances before the head of the ledger, and that before the head of the log. Two
verbs in one transaction would each go through both; gathered, the transaction goes through once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from quanyu.events.event import Event
from quanyu.events.once import Raced
from quanyu.events.recording import Facts
from quanyu.ledger.accounts import Account, Balance
from quanyu.ledger.book import Book
from quanyu.ledger.refusals import Outcome, Posted
from quanyu.ledger.transfers import Chain, Entry

Tx = TypeVar("Tx")


class Gathering(Generic[Tx]):
    """Stands in for the book and the facts. Verbs that have judged under their own locks are told
    "posted"; ``flush`` finds out, and a chain that is refused then takes everything back."""

    def __init__(self, book: Book[Tx], facts: Facts[Tx]) -> None:
        self._book = book
        self._facts = facts
        self._accounts: list[Account] = []
        self._chains: list[Chain] = []
        self._told: list[tuple[str, Sequence[Event]]] = []

    def post(self, tx: Tx, chains: Sequence[Chain]) -> list[Outcome]:
        self._chains += chains
        return [Posted(0)] * len(chains)

    def record(self, tx: Tx, merchant: str, *, facts: Sequence[Event]) -> None:
        self._told.append((merchant, facts))

    def flush(self, tx: Tx) -> None:
        """Raises Raced where others have taken meanwhile what was there when it was judged."""
        if self._accounts:
            self._book.open(tx, self._accounts)
        for outcome in self._book.post(tx, self._chains) if self._chains else ():
            if not isinstance(outcome, Posted):
                raise Raced(f"judged and posted differ: {outcome}")
        for merchant in sorted({merchant for merchant, _ in self._told}):
            facts = [one for owner, some in self._told if owner == merchant for one in some]
            self._facts.record(tx, merchant, facts=facts)
        self._accounts, self._chains, self._told = [], [], []

    def open(self, tx: Tx, accounts: Iterable[Account]) -> None:
        """At the end, all at once in the order of their ids: who waits there for another that
        opens the same holds all of its own rows already."""
        self._accounts += accounts

    def balances(self, tx: Tx, accounts: Sequence[str]) -> Mapping[str, Balance]:
        """As they stand; what is gathered is not in them yet."""
        return self._book.balances(tx, accounts)

    def expire(self, tx: Tx, *, limit: int) -> int:
        return self._book.expire(tx, limit=limit)

    def freeze(self, tx: Tx, account: str, *, frozen: bool) -> None:
        self._book.freeze(tx, account, frozen=frozen)

    def entries(self, tx: Tx, account: str, *, after: int = 0) -> Iterator[tuple[int, Entry]]:
        return self._book.entries(tx, account, after=after)
