"""One moment of one merchant's events: which files, and which rows are still hot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import psycopg
import pyarrow as pa

from quanyu.events.event import LoggedEvent
from quanyu.measurement.period import ALL_TIME, Period
from quanyu.storage.lake.schema import FILE_SCHEMA
from quanyu.storage.lake.store import LakeStore, Nodes
from quanyu.storage.lake.writer import rows_of
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.lake_files import LakeFile, live_files, place
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.sql_files import sql

READ_EVENTS = 10_000
PERSON_OF = pa.schema([("node", pa.int64()), ("person", pa.int64())])
_COPIED = np.dtype([("n", ">i2"), ("a", ">i4"), ("node", ">i8"), ("b", ">i4"), ("person", ">i8")])
_COPY_HEAD, _COPY_TAIL = 19, 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    paths: tuple[str, ...]
    hot: pa.Table
    """In the columns of FILE_SCHEMA."""
    person_of: pa.Table
    """node, person; only nodes whose person has another number."""


class Snapshots:
    """Files, hot events and people are read in one database snapshot, so none is missed or
    counted twice while the lake takes events over from the log."""

    def __init__(self, store: LakeStore, log: PostgresEventLog, nodes: Nodes) -> None:
        self._store = store
        self._log = log
        self._nodes = nodes

    def take(self, merchant: str | None, period: Period = ALL_TIME) -> Snapshot:
        """Of one merchant, or of all (None). Files that lie outside the period are left out."""
        with self._store.database.transaction() as conn:
            conn.execute(sql("lake/one_snapshot"))
            number = None if merchant is None else known_merchant_no(conn, merchant)
            if merchant is not None and number is None:
                return Snapshot((), FILE_SCHEMA.empty_table(), PERSON_OF.empty_table())
            files = live_files(conn, number)
            hot = self._hot(conn, place(conn))
            people = person_of(conn, number)
        wanted = [e for e in hot if merchant in (None, e.merchant) and period.holds(e.event.at_us)]
        paths = (str(self._store.root / f.path) for f in files if _overlaps(f, period))
        return Snapshot(tuple(paths), self._rows(wanted), people)

    def _hot(self, conn: psycopg.Connection, after: int) -> list[LoggedEvent]:
        events: list[LoggedEvent] = []
        while chunk := self._log.read_hot(conn, after, limit=READ_EVENTS):
            events += chunk.events
            after = chunk.through
        return events

    def _rows(self, events: Sequence[LoggedEvent]) -> pa.Table:
        """Nodes are made known in a transaction of its own: a snapshot cannot see new ones."""
        tables = [FILE_SCHEMA.empty_table()]
        for merchant in sorted({e.merchant for e in events}):
            group = [e for e in events if e.merchant == merchant]
            with self._store.database.transaction() as conn:
                tables.append(rows_of(conn, merchant, group, nodes=self._nodes))
        return pa.concat_tables(tables)


def _overlaps(file: LakeFile, period: Period) -> bool:
    begun = period.to_us is None or file.min_at_us < period.to_us
    return begun and (period.from_us is None or file.max_at_us >= period.from_us)


def person_of(conn: psycopg.Connection, number: int | None) -> pa.Table:
    """The map of one merchant number, or of all. COPY's binary form is read as one array."""
    with conn.cursor().copy(sql("lake/persons_of_merchant"), {"merchant_no": number}) as copy:
        raw = b"".join(copy)
    rows = np.frombuffer(raw[_COPY_HEAD:-_COPY_TAIL], _COPIED)
    columns = [pa.array(rows[name].astype(np.int64)) for name in PERSON_OF.names]
    return pa.table(columns, schema=PERSON_OF)
