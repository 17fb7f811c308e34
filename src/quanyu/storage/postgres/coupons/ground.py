"""What everything that changes coupons stands on."""

from dataclasses import dataclass

import psycopg

from quanyu.clock import Clock
from quanyu.events.recording import Facts
from quanyu.ledger.book import Book
from quanyu.ledger.refusals import Outcome, Posted
from quanyu.ledger.transfers import Chain
from quanyu.storage.postgres.database import Database


@dataclass(frozen=True, slots=True)
class Ground:
    database: Database
    book: Book[psycopg.Connection]
    facts: Facts[psycopg.Connection]
    clock: Clock

    def posted(self, tx: psycopg.Connection, chain: Chain) -> bool:
        (outcome,) = self.book.post(tx, [chain])
        return isinstance(outcome, Posted)

    def post(self, tx: psycopg.Connection, chains: list[Chain]) -> list[Outcome]:
        return self.book.post(tx, chains) if chains else []
