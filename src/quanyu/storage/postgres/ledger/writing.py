"""Commands of many callers as one transaction."""

from collections.abc import Mapping, Sequence

import psycopg

from quanyu.ledger.refusals import Outcome, Refusal, Refused
from quanyu.ledger.service import Command
from quanyu.ledger.transfers import Chain
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.ledger.book import PostgresBook
from quanyu.storage.postgres.ledger.directory import Numbered

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
            barred = self._barred(conn, commands)
            admitted = [chain for chain, no in zip(chains, barred, strict=True) if no is None]
            posted = iter(self._book.post(conn, admitted) if admitted else ())
        killpoint("ledger.committed")
        return _dealt([no or next(posted) for no in barred], commands)

    def _barred(
        self, conn: psycopg.Connection, commands: Sequence[Command]
    ) -> list[Refused | None]:
        """The refusal of each chain that names an account of somebody else than who asks."""
        owned = [chain for one in commands if one.owner is not None for chain in one.chains]
        names = {name for chain in owned for one in chain for name in (one.debit, one.credit)}
        found = self._book.directory.find(conn, names) if names else {}
        return [
            None if one.owner is None else foreign(chain, one.owner, found=found)
            for one in commands
            for chain in one.chains
        ]

    def expire(self) -> int:
        """Gives back all holds whose time is over, some per transaction; returns how many."""
        total, done = 0, EXPIRE_AT_ONCE
        while done == EXPIRE_AT_ONCE:
            with self._database.transaction() as conn:
                done = self._book.expire(conn, limit=EXPIRE_AT_ONCE)
            total += done
        return total


def foreign(chain: Chain, owner: str, *, found: Mapping[str, Numbered]) -> Refused | None:
    """As if the accounts of others were not there."""
    for index, transfer in enumerate(chain):
        debit, credit = found.get(transfer.debit), found.get(transfer.credit)
        if debit is None or debit.account.owner != owner:
            return Refused(Refusal.DEBIT_ACCOUNT_NOT_FOUND, index)
        if credit is None or credit.account.owner != owner:
            return Refused(Refusal.CREDIT_ACCOUNT_NOT_FOUND, index)
    return None


def _dealt(outcomes: list[Outcome], commands: Sequence[Command]) -> list[list[Outcome]]:
    dealt, at = [], 0
    for command in commands:
        dealt.append(outcomes[at : at + len(command.chains)])
        at += len(command.chains)
    return dealt
