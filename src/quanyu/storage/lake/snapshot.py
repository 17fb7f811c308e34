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
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.suspected_orders import PostgresSuspectedOrders


@dataclass(frozen=True, slots=True)
class Snapshot:
    paths: tuple[str, ...]
    hot: pa.Table
    """In the columns of FILE_SCHEMA."""
    person_of: pa.Table
    """node, person; only nodes whose person has another number."""
    set_aside: Sequence[str] = ()
    """Orders that look like fake trades, or are. Of one merchant: two may use the same numbers."""


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
                return Snapshot((), FILE_SCHEMA.empty_table(), PERSON_OF.empty_table())
            files = live_files(conn, number)
            hot, _ = hot_after(self._log, conn, place=place(conn))
            people = person_of(conn, number)
            aside = () if merchant is None else PostgresSuspectedOrders().set_aside(conn, merchant)
        wanted = [e for e in hot if merchant in (None, e.merchant) and period.holds(e.event.at_us)]
        paths = (str(self._store.root / f.path) for f in files if _overlaps(f, period))
        return Snapshot(tuple(paths), self._rows(wanted), people, aside)

    def _rows(self, events: list[LoggedEvent]) -> pa.Table:
        """Nodes are made known in a transaction of its own: a snapshot cannot see new ones."""
        tables = [FILE_SCHEMA.empty_table()]
        for merchant in sorted({e.merchant for e in events}):
            group = [e for e in events if e.merchant == merchant]
            with self._store.database.transaction() as conn:
                tables.append(rows_of(conn, merchant, group=group, nodes=self._nodes))
        return pa.concat_tables(tables)


def _overlaps(file: LakeFile, period: Period) -> bool:
    begun = period.to_us is None or file.min_at_us < period.to_us
    return begun and (period.from_us is None or file.max_at_us >= period.from_us)
