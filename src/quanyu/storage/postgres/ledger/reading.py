"""Balances and entries, each question in a transaction of its own."""

from collections.abc import Sequence

from quanyu.errors import NotFound
from quanyu.ledger.accounts import Account
from quanyu.ledger.reading import Statement
from quanyu.ledger.transfers import Entry
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.ledger.book import PostgresBook


class LedgerReader:
    def __init__(self, database: Database, book: PostgresBook) -> None:
        self._database = database
        self._book = book

    def statements(self, names: Sequence[str]) -> list[Statement]:
        with self._database.transaction() as conn:
            found = self._book.directory.find(conn, names)
            balances = self._book.balances(conn, list(found))
        return [Statement(found[name].account, balances[name]) for name in names if name in found]

    def listed(self, *, owner: str | None, prefix: str, limit: int) -> list[Statement]:
        with self._database.transaction() as conn:
            directory = self._book.directory
            found = directory.listed(conn, owner=owner, prefix=prefix, limit=limit)
            balances = self._book.balances(conn, [one.id for one in found])
        return [Statement(one, balances[one.id]) for one in found]

    def entries(self, account: str, *, after: int, limit: int) -> list[tuple[int, Entry]]:
        with self._database.transaction() as conn:
            if account not in self._book.directory.find(conn, [account]):
                raise NotFound(f"account {account!r}")
            return self._book.page(conn, account, after=after, limit=limit)

    def account(self, name: str) -> Account | None:
        """From memory, or from the database."""
        known = self._book.directory.remembered(name)
        if known is not None:
            return known
        with self._database.transaction() as conn:
            found = self._book.directory.find(conn, [name]).get(name)
        return found and found.account
