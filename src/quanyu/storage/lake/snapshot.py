"""One moment of one merchant's events: which files, and which rows are still hot."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from quanyu.events.event import LoggedEvent
from quanyu.measurement.period import ALL_TIME, Period
from quanyu.storage.lake.anchors import Nodes, rows_of
from quanyu.storage.lake.hot import hot_after
from quanyu.storage.lake.people import PERSON_OF, person_of
from quanyu.storage.lake.schema import FILE_SCHEMA
from quanyu.storage.lake.store import LakeStore
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.lake_files import LakeFile, freeze, live_files, place
from quanyu.storage.postgres.merchants import known_merchant_no, merchant_names
from quanyu.storage.postgres.suspected_orders import PostgresSuspectedOrders

_NO_ROWS = FILE_SCHEMA.empty_table()


@dataclass(frozen=True, slots=True)
class Part:
    """Of one merchant, or of several of which no order is set aside."""

    paths: tuple[str, ...]
    hot: pa.Table
    """In the columns of FILE_SCHEMA."""
    set_aside: Sequence[str] = ()
    """Orders that look like fake trades, or are: two merchants may use the same numbers."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    parts: tuple[Part, ...]
    """At least one."""
    person_of: pa.Table
    """node, person; only nodes whose person has another number."""

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path for part in self.parts for path in part.paths)


class Snapshots:
    """Files, hot events and people are read in one database snapshot, so none is missed or
    counted twice while the lake takes events over from the log."""

    def __init__(self, store: LakeStore, log: PostgresEventLog, *, nodes: Nodes) -> None:
        self._store = store
        self._log = log
        self._nodes = nodes

    def take(self, merchant: str | None, period: Period = ALL_TIME) -> Snapshot:
        """Of one merchant, or of all (None). Files that lie outside the period are left out."""
        with self._store.database.transaction() as conn:
            freeze(conn)
            number = None if merchant is None else known_merchant_no(conn, merchant)
            if merchant is not None and number is None:
                return Snapshot((Part((), _NO_ROWS),), PERSON_OF.empty_table())
            files = [file for file in live_files(conn, number) if _overlaps(file, period)]
            hot, _ = hot_after(self._log, conn, place=place(conn))
            people = person_of(conn, number)
            aside = PostgresSuspectedOrders().all_set_aside(conn, number)
            names = merchant_names(conn)
        wanted = [e for e in hot if merchant in (None, e.merchant) and period.holds(e.event.at_us)]
        apart = {names[one]: one for one in aside}
        others = self._part(
            [file for file in files if file.merchant_no not in aside],
            [event for event in wanted if event.merchant not in apart],
        )
        parts = [
            self._part(
                [file for file in files if file.merchant_no == one],
                [event for event in wanted if event.merchant == name],
                set_aside=aside[one],
            )
            for name, one in apart.items()
        ]
        return Snapshot((others, *parts), people)

    def _part(
        self, files: list[LakeFile], events: list[LoggedEvent], *, set_aside: Sequence[str] = ()
    ) -> Part:
        paths = tuple(str(self._store.root / file.path) for file in files)
        return Part(paths, self._rows(events), set_aside)

    def _rows(self, events: list[LoggedEvent]) -> pa.Table:
        """Nodes are made known in a transaction of its own: a snapshot cannot see new ones."""
        tables = [_NO_ROWS]
        for merchant in sorted({e.merchant for e in events}):
            group = [e for e in events if e.merchant == merchant]
            with self._store.database.transaction() as conn:
                tables.append(rows_of(conn, merchant, group=group, nodes=self._nodes))
        return pa.concat_tables(tables)


def _overlaps(file: LakeFile, period: Period) -> bool:
    begun = period.to_us is None or file.min_at_us < period.to_us
    return begun and (period.from_us is None or file.max_at_us >= period.from_us)
