"""The book in PostgreSQL, inside the transaction of the caller.

Post everything of one transaction with one call: a second call would lock balances after the
head, against the order of the house.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import psycopg

from quanyu.clock import Clock
from quanyu.errors import NotFound
from quanyu.ledger import posting
from quanyu.ledger.accounts import Account, Balance
from quanyu.ledger.refusals import Outcome
from quanyu.ledger.transfers import Chain, Entry, Transfer, TransferId
from quanyu.storage.postgres.binary_arrays import UuidArray
from quanyu.storage.postgres.ledger.directory import Directory
from quanyu.storage.postgres.ledger.page import Page
from quanyu.storage.postgres.ledger.rows import Told
from quanyu.storage.postgres.sql_files import sql

PAGE = 1000


class PostgresBook:
    """``Book[psycopg.Connection]``. Share one per process: it remembers the accounts."""

    def __init__(self, clock: Clock, directory: Directory | None = None) -> None:
        self._clock = clock
        self.directory = directory or Directory()

    def open(self, tx: psycopg.Connection, accounts: Iterable[Account]) -> None:
        self.directory.open(tx, accounts)

    def post(self, tx: psycopg.Connection, chains: Sequence[Chain]) -> list[Outcome]:
        transfers = [transfer for chain in chains for transfer in chain]
        page = self._page(tx, transfers)
        outcomes = [posting.post(page.books, chain, now_us=page.at_us) for chain in chains]
        page.write(tx)
        return outcomes

    def expire(self, tx: psycopg.Connection, *, limit: int) -> int:
        args = {"now": self._clock.now_us(), "limit": limit}
        due = [row[0] for row in tx.execute(sql("ledger/due_holds"), args, binary=True)]
        if not due:
            return 0
        ids = UuidArray.of(due)
        rows = tx.execute(sql("ledger/known"), {"ids": ids}, binary=True).fetchall()
        holds = {row[0]: Told(*row[:-2]).entry.transfer for row in rows}
        page = self._page(tx, [holds[id_] for id_ in due])
        for id_ in due:
            hold = page.books.holds[TransferId(id_)]
            if hold.state is posting.HoldState.PENDING:
                posting.expire(page.books, hold, now_us=page.at_us)
        page.write(tx)
        return len(page.books.new)

    def freeze(self, tx: psycopg.Connection, account: str, *, frozen: bool) -> None:
        args = {"account": account, "frozen": frozen}
        if tx.execute(sql("ledger/freeze"), args).rowcount != 1:
            raise NotFound(f"account {account!r}")

    def balances(self, tx: psycopg.Connection, accounts: Sequence[str]) -> Mapping[str, Balance]:
        found = self.directory.read(tx, list(accounts))
        names = {one.no: name for name, one in found.items()}
        rows = tx.execute(sql("ledger/balances"), {"accounts": list(names)}, binary=True)
        return {names[no]: Balance(*sums) for no, *sums in rows}

    def entries(
        self, tx: psycopg.Connection, account: str, *, after: int = 0
    ) -> Iterator[tuple[int, Entry]]:
        while page := self.page(tx, account, after=after, limit=PAGE):
            yield from page
            after = page[-1][0]

    def page(
        self, tx: psycopg.Connection, account: str, *, after: int, limit: int
    ) -> list[tuple[int, Entry]]:
        """One page of ``entries``; empty for an account that does not exist."""
        found = self.directory.read(tx, [account]).get(account)
        if found is None:
            return []
        args = {"account": found.no, "after": after, "limit": limit}
        rows = tx.execute(sql("ledger/entries"), args, binary=True).fetchall()
        return [(no, Told(*told).entry) for no, *told in rows]

    def _page(self, tx: psycopg.Connection, transfers: Sequence[Transfer]) -> Page:
        return Page.locked(tx, transfers, directory=self.directory, now_us=self._clock.now_us())
