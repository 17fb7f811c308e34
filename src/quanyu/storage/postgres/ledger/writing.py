"""Commands of many callers as one transaction."""

from collections.abc import Sequence

from quanyu.ledger.refusals import Outcome
from quanyu.ledger.service import Command
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.ledger.book import PostgresBook

EXPIRE_AT_ONCE = 1000


class LedgerWriter:
    def __init__(self, database: Database, book: PostgresBook) -> None:
        self._database = database
        self._book = book

    def write(self, commands: Sequence[Command]) -> list[list[Outcome]]:
        """The outcomes of each command."""
        accounts = [account for command in commands for account in command.accounts]
        chains = [chain for command in commands for chain in command.chains]
        with self._database.transaction() as conn:
            killpoint("ledger.began")
            if accounts:
                self._book.open(conn, accounts)
                killpoint("ledger.opened")
            outcomes = self._book.post(conn, chains) if chains else []
        killpoint("ledger.committed")
        return _dealt(outcomes, commands)

    def expire(self) -> int:
        """Gives back the holds whose time is over, some at a time; returns how many."""
        with self._database.transaction() as conn:
            return self._book.expire(conn, limit=EXPIRE_AT_ONCE)


def _dealt(outcomes: list[Outcome], commands: Sequence[Command]) -> list[list[Outcome]]:
    dealt, at = [], 0
    for command in commands:
        dealt.append(outcomes[at : at + len(command.chains)])
        at += len(command.chains)
    return dealt
