"""Projections move through the log: each event takes effect once, rebuilt state equals live state.

One transaction locks the consumer's own row, reads what comes next, applies it and moves the row.
A crash anywhere leaves the place where the effects are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from quanyu.events.event import LoggedEvent
from quanyu.events.log import Projection
from quanyu.storage.postgres.event_log import Chunk, PostgresEventLog
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.sql_files import sql

BATCH = 5_000

Older = Callable[[int, int], list[LoggedEvent]]
"""``older(after_offset, limit)``: events that are no longer hot, in order; may cut anywhere."""


def _nothing_older(after_offset: int, limit: int) -> list[LoggedEvent]:
    return []


@dataclass(frozen=True, slots=True)
class Source:
    """The whole log: the older part where ``older`` finds it, the newer in hot segments."""

    log: PostgresEventLog
    older: Older = _nothing_older

    def next(self, conn: psycopg.Connection, after_offset: int, *, limit: int) -> Chunk:
        """What follows a place; ``through == after_offset`` at the end of the log."""
        hot = self.log.read_hot(conn, after_offset, limit=limit)
        if hot is not None:
            return hot
        reach = self.log.hot_range(conn)
        last = reach.first - 1
        if after_offset >= last:
            return Chunk([], after_offset)
        events = [e for e in self.older(after_offset, limit) if e.offset <= last]
        return Chunk(events, events[-1].offset if events else last)


Projecting = Projection[psycopg.Connection]


def catch_up(
    source: Source,
    projection: Projecting,
    *,
    batch: int = BATCH,
    told: Callable[[int], None] = lambda events: None,
) -> int:
    """Applies everything that is committed; returns the number of events applied.

    ``told`` hears the size of each batch.
    """
    applied = 0
    while True:
        step = _step(source, projection, batch=batch)
        if step is None:
            return applied
        applied += step
        told(step)


def _step(source: Source, projection: Projecting, *, batch: int) -> int | None:
    """One transaction; None when there is nothing further."""
    with source.log.database.transaction() as conn:
        place = _locked_place(conn, projection.name)
        chunk = source.next(conn, place, limit=batch)
        if chunk.through == place:
            return None
        killpoint(f"{projection.name}.read")
        if chunk.events:
            projection.apply(conn, chunk.events)
        killpoint(f"{projection.name}.applied")
        _move(conn, projection.name, to=chunk.through)
        killpoint(f"{projection.name}.moved")
    killpoint(f"{projection.name}.committed")
    return len(chunk.events)


def rebuild(source: Source, projection: Projecting, *, batch: int = BATCH) -> int:
    """Empties the state and folds the whole log again; returns the number of events applied."""
    with source.log.database.transaction() as conn:
        _locked_place(conn, projection.name)
        projection.reset(conn)
        _move(conn, projection.name, to=0)
    killpoint(f"{projection.name}.reset")
    return catch_up(source, projection, batch=batch)


def _locked_place(conn: psycopg.Connection, consumer: str) -> int:
    args = {"consumer": consumer}
    row = conn.execute(sql("events/lock_consumer"), args).fetchone()
    if row is None:
        conn.execute(sql("events/add_consumer"), args)
        row = conn.execute(sql("events/lock_consumer"), args).fetchone()
    assert row is not None, "the row was just made"
    return int(row[0])


def _move(conn: psycopg.Connection, consumer: str, *, to: int) -> None:
    conn.execute(sql("events/move_consumer"), {"consumer": consumer, "offset": to})


def offsets(conn: psycopg.Connection) -> dict[str, int]:
    """Consumer → offset up to which it has applied the log."""
    return dict(conn.execute(sql("events/consumer_offsets")).fetchall())


def settled(conn: psycopg.Connection) -> int:
    """Offset that every known consumer has passed: hot segments up to here may be dropped."""
    return min(offsets(conn).values(), default=0)
