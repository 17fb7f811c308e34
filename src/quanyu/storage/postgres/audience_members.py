"""Who is in which audience: bitmaps of person numbers = a snapshot and the changes after it."""

import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import psycopg
from pyroaring import BitMap64

from quanyu.storage.postgres.sql_files import sql

Bitmap = BitMap64


@dataclass(frozen=True, slots=True)
class Change:
    audience: int
    person: int
    at_us: int
    entered: bool
    cause: str
    """``event:<event_id>``, ``timer``, ``merge`` or ``refresh``."""


@dataclass(slots=True)
class _Held:
    epoch: int
    seen: int
    """Number of the last change that is in ``members``."""
    members: Bitmap


@dataclass(frozen=True, slots=True)
class Head:
    change_no: int


class Memberships:
    """Committed members, kept in memory and brought up to date at each asking. Thread-safe; the
    bitmaps handed out are not changed afterwards."""

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}
        self._lock = threading.Lock()

    def of(self, conn: psycopg.Connection, audiences: Collection[int]) -> dict[int, Bitmap]:
        """Audience number → members as of now, for numbers that exist."""
        with self._lock:
            wanted = list(audiences)
            epochs: dict[int, int] = dict(
                conn.execute(sql("audiences/epochs"), {"audiences": wanted}).fetchall()
            )
            stale = [
                no
                for no, epoch in epochs.items()
                if no not in self._held or self._held[no].epoch != epoch
            ]
            if stale:
                self._load(conn, stale)
            self._follow(conn, list(epochs))
            return {no: self._held[no].members for no in epochs}

    def _load(self, conn: psycopg.Connection, audiences: list[int]) -> None:
        rows = conn.execute(sql("audiences/snapshots"), {"audiences": audiences}, binary=True)
        for no, epoch, change_no, raw in rows:
            members = Bitmap() if raw is None else Bitmap.deserialize(bytes(raw))
            self._held[no] = _Held(epoch, change_no, members)

    def _follow(self, conn: psycopg.Connection, audiences: list[int]) -> None:
        if not audiences:
            return
        args = {"audiences": audiences, "after": min(self._held[no].seen for no in audiences)}
        fresh: set[int] = set()
        for number, no, person, entered in conn.execute(sql("audiences/changes_after"), args):
            held = self._held[no]
            if number <= held.seen:
                continue
            if no not in fresh:
                fresh.add(no)
                held.members = held.members.copy()
            (held.members.add if entered else held.members.discard)(person)
            held.seen = number
        self._note_seen(conn, audiences)

    def _note_seen(self, conn: psycopg.Connection, audiences: list[int]) -> None:
        """Audiences at rest need not read the changes of others again.

        The head that this transaction sees may be older than the changes it has just read.
        """
        top = max(self._held[no].seen for no in audiences)
        for no in audiences:
            self._held[no].seen = max(self._held[no].seen, top)


def lock_head(conn: psycopg.Connection) -> Head:
    """Take the turn to write; until commit nobody else changes members."""
    row = conn.execute(sql("audiences/lock_head")).fetchone()
    assert row is not None, "the migration made the row"
    return Head(*row)


def append_changes(conn: psycopg.Connection, head: Head, *, changes: Sequence[Change]) -> Head:
    """Journal the changes under the next numbers. The caller holds the head."""
    if not changes:
        return head
    first = head.change_no + 1
    args = {
        "numbers": list(range(first, first + len(changes))),
        "audiences": [c.audience for c in changes],
        "persons": [c.person for c in changes],
        "times": [c.at_us for c in changes],
        "entered": [c.entered for c in changes],
        "causes": [c.cause for c in changes],
    }
    conn.execute(sql("audiences/append_changes"), args)
    moved = Head(head.change_no + len(changes))
    conn.execute(sql("audiences/move_head"), {"change_no": moved.change_no})
    return moved


def save_snapshot(
    conn: psycopg.Connection, audience: int, *, epoch: int, change_no: int, members: Bitmap
) -> None:
    args = {
        "audience_no": audience,
        "epoch": epoch,
        "change_no": change_no,
        "members": members.serialize(),
    }
    conn.execute(sql("audiences/save_snapshot"), args)


def bitmap_of(persons: Iterable[int]) -> Bitmap:
    return Bitmap(persons)
