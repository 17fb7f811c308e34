"""Accounts by their ids. They never change, so a process remembers those it has met."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import psycopg

from quanyu.errors import BadInput
from quanyu.ledger.accounts import Account, Limit, is_account_id
from quanyu.storage.postgres.sql_files import sql

REMEMBERED_MAX = 1_000_000
LIMITS = tuple(Limit)
LIMIT_NO = {limit: number for number, limit in enumerate(LIMITS)}


class Numbered(NamedTuple):
    no: int
    account: Account


class Directory:
    def __init__(self) -> None:
        self._known: dict[str, Numbered] = {}

    def open(self, conn: psycopg.Connection, accounts: Iterable[Account]) -> None:
        """Idempotent. Raises BadInput for an account that exists with other content.

        In the order of their ids, so that two that open the same accounts cannot lock each other
        out. What is remembered proves nothing here: another transaction may have met what it has
        opened itself and not committed yet, so what cannot be seen is opened, which waits for it.
        """
        wanted: dict[str, Account] = {}
        for account in accounts:
            if wanted.setdefault(account.id, account) != account:
                raise _opened_otherwise(account)
        found = self.read(conn, wanted)
        missing = sorted(wanted.keys() - found.keys())
        if missing:
            new = [wanted[name] for name in missing]
            args = {
                "ids": missing,
                "units": [account.unit for account in new],
                "owners": [account.owner for account in new],
                "limits": [LIMIT_NO[account.limit] for account in new],
            }
            conn.execute(sql("ledger/open_accounts"), args)
            found |= self.read(conn, missing)
        for name, one in found.items():
            if one.account != wanted[name]:
                raise _opened_otherwise(wanted[name])

    def find(self, conn: psycopg.Connection, names: Collection[str]) -> Mapping[str, Numbered]:
        """Those that exist, from memory where it has them."""
        unknown = [name for name in names if name not in self._known and is_account_id(name)]
        if unknown:
            if len(self._known) + len(unknown) > REMEMBERED_MAX:
                self._known = {}
                unknown = [name for name in names if is_account_id(name)]
            self._known |= self.read(conn, unknown)
        known = self._known
        return {name: known[name] for name in names if name in known}

    def remembered(self, name: str) -> Account | None:
        """Without asking the database."""
        found = self._known.get(name)
        return found and found.account

    def forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._known.pop(name, None)

    def read(self, conn: psycopg.Connection, names: Collection[str]) -> dict[str, Numbered]:
        rows = conn.execute(sql("ledger/accounts"), {"ids": list(names)}, binary=True)
        return {found.account.id: found for found in map(numbered, rows)}

    def listed(
        self, conn: psycopg.Connection, *, owner: str | None, prefix: str, limit: int
    ) -> list[Account]:
        """Of one owner or of all, in the order of their ids."""
        args = {"owner": owner, "prefix": prefix, "limit": limit}
        rows = conn.execute(sql("ledger/find_accounts"), args, binary=True)
        return [numbered(row).account for row in rows]


def numbered(row: tuple[int, str, str, str, int]) -> Numbered:
    no, id_, unit, owner, limited = row
    return Numbered(no, Account(id_, unit, owner, LIMITS[limited]))


def _opened_otherwise(account: Account) -> BadInput:
    mend = f"{account.id} is open with another unit, owner or limit; an account never changes"
    return BadInput("account", mend)
