"""What everything that changes coupons stands on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import psycopg

from quanyu.clock import Clock
from quanyu.events.recording import Facts
from quanyu.ledger.accounts import Account, Balance
from quanyu.ledger.book import Book
from quanyu.ledger.refusals import Outcome, Posted, Refusal, Refused
from quanyu.ledger.transfers import Chain, Entry
from quanyu.promotions import gathering as work
from quanyu.promotions.offers.accounts import is_limited
from quanyu.storage.postgres.database import Database

Gathering: TypeAlias = work.Gathering[psycopg.Connection]


@dataclass(frozen=True, slots=True)
class Ground:
    database: Database
    book: Book[psycopg.Connection]
    facts: Facts[psycopg.Connection]
    clock: Clock

    def inside(self, gathering: "Gathering") -> "Ground":
        """The same, with a book and a log that are written at the end of somebody else's work."""
        return Ground(self.database, Judged(gathering), gathering, self.clock)

    def posted(self, tx: psycopg.Connection, chain: Chain) -> bool:
        (outcome,) = self.book.post(tx, [chain])
        return isinstance(outcome, Posted)

    def post(self, tx: psycopg.Connection, chains: list[Chain]) -> list[Outcome]:
        return self.book.post(tx, chains) if chains else []


@dataclass(frozen=True, slots=True)
class Judged:
    """The book of a gathering, which says yes to everything: here a chain that the balances do
    not allow is refused before it is gathered. Without a lock: what others take between now and
    the end makes the whole transaction fail, and the next try is refused here."""

    gathering: Gathering

    def post(self, tx: psycopg.Connection, chains: Sequence[Chain]) -> list[Outcome]:
        debited = sorted({one.debit for chain in chains for one in chain})
        balances = self.gathering.balances(tx, debited)
        left = {name: balance.available for name, balance in balances.items()}
        return [self._posted(tx, chain, left=left) for chain in chains]

    def _posted(self, tx: psycopg.Connection, chain: Chain, *, left: dict[str, int]) -> Outcome:
        after = dict(left)
        for index, one in enumerate(chain):
            after[one.debit] = after.get(one.debit, 0) - one.amount
            after[one.credit] = after.get(one.credit, 0) + one.amount
            if after[one.debit] < 0 and is_limited(one.debit):
                return Refused(Refusal.EXCEEDS_BALANCE, index)
        left.update(after)
        (outcome,) = self.gathering.post(tx, [chain])
        return outcome

    def open(self, tx: psycopg.Connection, accounts: Iterable[Account]) -> None:
        self.gathering.open(tx, accounts)

    def balances(self, tx: psycopg.Connection, accounts: Sequence[str]) -> Mapping[str, Balance]:
        return self.gathering.balances(tx, accounts)

    def expire(self, tx: psycopg.Connection, *, limit: int) -> int:
        return self.gathering.expire(tx, limit=limit)

    def freeze(self, tx: psycopg.Connection, account: str, *, frozen: bool) -> None:
        self.gathering.freeze(tx, account, frozen=frozen)

    def entries(
        self, tx: psycopg.Connection, account: str, *, after: int = 0
    ) -> Iterator[tuple[int, Entry]]:
        return self.gathering.entries(tx, account, after=after)
