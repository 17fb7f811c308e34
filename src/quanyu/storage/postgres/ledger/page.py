"""The page that one write works on: loaded under locks, judged in memory, written as a whole.

Locks are taken in the order of the house: balances by account number, then the head. What stands
in the book under an id is read after the head is locked, so nobody can add to it meanwhile.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import psycopg

from quanyu.ledger.accounts import Balance
from quanyu.ledger.posting import Books, Hold
from quanyu.ledger.transfers import ID_BYTES, Entry, Phase, Transfer
from quanyu.storage.postgres.binary_arrays import Int8Array, UuidArray
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.ledger.directory import Directory, Numbered
from quanyu.storage.postgres.ledger.rows import (
    COPY_END,
    COPY_HEAD,
    PHASE_NO,
    STATE_NO,
    STATES,
    Row,
    Told,
)
from quanyu.storage.postgres.sql_files import sql


@dataclass(slots=True)
class Page:
    books: Books
    numbers: dict[str, int]
    """Account id → number."""
    no: int
    """Of the last entry in the book."""
    hash: bytes
    at_us: int
    """Of this write: never before an entry that stands in the book."""

    @classmethod
    def locked(
        cls,
        conn: psycopg.Connection,
        transfers: Collection[Transfer],
        *,
        directory: Directory,
        now_us: int,
    ) -> "Page":
        names = {name for one in transfers for name in (one.debit, one.credit)}
        found = directory.find(conn, names)
        books, numbers = Books(), dict[str, int]()
        with conn.pipeline():
            balances = _lock_balances(conn, found.values())
            head = conn.execute(sql("ledger/lock_head"), binary=True)
            known = _ask_known(conn, transfers)
        _open(books, numbers, found=found.values(), rows=balances.fetchall())
        if len(numbers) < len(found):
            lost = found.keys() - numbers.keys()
            directory.forget(lost)
            again = directory.find(conn, lost)
            rows = _lock_balances(conn, again.values()).fetchall()
            _open(books, numbers, found=again.values(), rows=rows)
        for row in known:
            _know(books, row)
        place = head.fetchone()
        assert place is not None, "migration 0100 makes the head row"
        killpoint("ledger.locked")
        return cls(books, numbers, place[0], place[1], max(now_us, place[2]))

    def write(self, conn: psycopg.Connection) -> None:
        """Everything that is new, or nothing when a count is not what it must be."""
        if self.books.new:
            before, hash_ = self.no, self._enter(conn)
            killpoint("ledger.entered")
            self._move(conn, before, hash_=hash_)
            self._write_holds(conn)
            killpoint("ledger.moved")

    def _enter(self, conn: psycopg.Connection) -> bytes:
        """Copies the rows in; returns the hash of the last."""
        parts, hash_, numbers = [COPY_HEAD], self.hash, self.numbers
        for no, (t, at_us) in enumerate(map(_parts, self.books.new), self.no + 1):
            row = Row(
                no, t.id, PHASE_NO[t.phase], numbers[t.debit], numbers[t.credit], t.amount,
                t.pending_id, t.timeout_us, t.code, t.reference, at_us,
            )  # fmt: skip
            line, hash_ = row.hashed(hash_)
            parts.append(line)
        parts.append(COPY_END)
        with conn.cursor() as cursor:
            with cursor.copy(sql("ledger/enter")) as copy:
                copy.write(b"".join(parts))
            _must_be(cursor.rowcount, len(self.books.new))
        return hash_

    def _move(self, conn: psycopg.Connection, before: int, *, hash_: bytes) -> None:
        new = self.books.new
        touched = {one.transfer.debit for one in new} | {one.transfer.credit for one in new}
        some = [(self.numbers[name], self.books.balances[name]) for name in touched]
        args = {
            "accounts": Int8Array.of([number for number, _ in some]),
            "debits_pending": Int8Array.of([one.debits_pending for _, one in some]),
            "debits_posted": Int8Array.of([one.debits_posted for _, one in some]),
            "credits_pending": Int8Array.of([one.credits_pending for _, one in some]),
            "credits_posted": Int8Array.of([one.credits_posted for _, one in some]),
            "entered": len(new),
            "before": before,
            "hash": hash_,
            "at_us": self.at_us,
        }
        row = conn.execute(sql("ledger/move"), args, binary=True).fetchone()
        _must_be(row, (len(some), 1))

    def _write_holds(self, conn: psycopg.Connection) -> None:
        new = {one.transfer.id: one.transfer.phase for one in self.books.new}
        ended = {one.transfer.pending_id for one in self.books.new} - {None} - new.keys()
        begun = [self.books.holds[id_] for id_, phase in new.items() if phase is Phase.HOLD]
        if begun:
            args = {
                "ids": UuidArray.of(hold.transfer.id for hold in begun),
                "amounts": Int8Array.of([hold.transfer.amount for hold in begun]),
                "expires": [hold.expires_us for hold in begun],
                "states": [STATE_NO[hold.state] for hold in begun],
            }
            _must_be(conn.execute(sql("ledger/begin_holds"), args).rowcount, len(begun))
        if ended:
            self._end_holds(conn, [self.books.holds[id_] for id_ in ended if id_ is not None])

    def _end_holds(self, conn: psycopg.Connection, holds: list[Hold]) -> None:
        args = {
            "ids": UuidArray.of(hold.transfer.id for hold in holds),
            "states": [STATE_NO[hold.state] for hold in holds],
        }
        _must_be(conn.execute(sql("ledger/end_holds"), args).rowcount, len(holds))


def _parts(entry: Entry) -> tuple[Transfer, int]:
    return entry.transfer, entry.at_us


def _lock_balances(conn: psycopg.Connection, found: Iterable[Numbered]) -> psycopg.Cursor:
    args = {"accounts": Int8Array.of([one.no for one in found])}
    return conn.execute(sql("ledger/lock_balances"), args, binary=True)


def _ask_known(conn: psycopg.Connection, transfers: Collection[Transfer]) -> psycopg.Cursor:
    ids: set[bytes] = {one.id for one in transfers}
    ids |= {one.pending_id for one in transfers if one.pending_id is not None}
    args = {"ids": UuidArray.of(one for one in ids if len(one) == ID_BYTES)}
    return conn.execute(sql("ledger/known"), args, binary=True)


def _open(
    books: Books,
    numbers: dict[str, int],
    *,
    found: Iterable[Numbered],
    rows: Iterable[tuple[Any, ...]],
) -> None:
    accounts = {one.no: one.account for one in found}
    for no, *sums in rows:
        account = accounts[no]
        numbers[account.id] = no
        books.accounts[account.id] = account
        books.balances[account.id] = Balance(*sums)


def _know(books: Books, row: tuple[Any, ...]) -> None:
    *told, state, expires_us = row
    entry = Told(*told).entry
    books.entries[entry.transfer.id] = entry
    if state is not None:
        books.holds[entry.transfer.id] = Hold(entry.transfer, expires_us, STATES[state])


def _must_be(found: object, expected: object) -> None:
    """A count that is not what it must be rolls everything back."""
    assert found == expected, f"{found} rows were written where {expected} had to be"
