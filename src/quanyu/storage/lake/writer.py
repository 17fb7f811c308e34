"""Moves the log into the lake: by day, once, and then out of PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from quanyu.clock import SECOND_US, Clock, day_number
from quanyu.events.event import LoggedEvent
from quanyu.storage.lake.anchors import Nodes, rows_of
from quanyu.storage.lake.hot import hot_after
from quanyu.storage.lake.store import Change, LakeStore
from quanyu.storage.postgres.consumers import settled
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.lake_files import locked_place, move_place
from quanyu.storage.postgres.merchants import merchant_no

ROUND_EVENTS = 250_000
"""Events of one transaction: what fits in memory, several times over."""


@dataclass(frozen=True, slots=True)
class FlushRule:
    """Flush when so many events wait, or when one has waited so long."""

    events: int = 100_000
    seconds: int = 300


class LakeWriter:
    def __init__(
        self,
        store: LakeStore,
        log: PostgresEventLog,
        *,
        nodes: Nodes,
        clock: Clock,
        rule: FlushRule = FlushRule(),
    ) -> None:
        self._store = store
        self._log = log
        self._nodes = nodes
        self._clock = clock
        self._rule = rule
        self._waiting_since_us: int | None = None

    def flush_if_due(self) -> int:
        """Returns the number of events written, 0 when nothing is due."""
        waiting = self._log.head() - self._place()
        if waiting == 0:
            self._waiting_since_us = None
            return 0
        now_us = self._clock.now_us()
        self._waiting_since_us = self._waiting_since_us or now_us
        waited_us = now_us - self._waiting_since_us
        if waiting < self._rule.events and waited_us < self._rule.seconds * SECOND_US:
            return 0
        return self.flush()

    def flush(self) -> int:
        """Write everything that waits; returns the number of events. Raises StorageFull: then
        what was not written stays in the log."""
        written = 0
        while events := self._round():
            written += events
        self._waiting_since_us = None
        self.drop_hot()
        return written

    def drop_hot(self) -> int:
        """Forget segments that are in the lake and that every consumer has read."""
        with self._store.database.transaction() as conn:
            through = min(settled(conn), locked_place(conn))
            return self._log.drop_segments(conn, through)

    def _place(self) -> int:
        with self._store.database.transaction() as conn:
            return locked_place(conn)

    def _round(self) -> int:
        """One transaction; 0 at the end of the log."""
        with self._store.change() as change:
            events, through = hot_after(
                self._log, change.conn, place=change.place, most=ROUND_EVENTS
            )
            if through == change.place:
                return 0
            for merchant, group in _by_merchant(events).items():
                self._write(change, merchant, group=group)
            move_place(change.conn, through)
        return through - change.place

    def _write(self, change: Change, merchant: str, *, group: Sequence[LoggedEvent]) -> None:
        number = merchant_no(change.conn, merchant)
        table = rows_of(change.conn, merchant, group=group, nodes=self._nodes)
        days = [day_number(logged.event.at_us) for logged in group]
        for day in sorted(set(days)):
            change.add(number, day, table=table.filter(pa.array([d == day for d in days])))


def _by_merchant(events: Sequence[LoggedEvent]) -> dict[str, list[LoggedEvent]]:
    groups: dict[str, list[LoggedEvent]] = {}
    for logged in events:
        groups.setdefault(logged.merchant, []).append(logged)
    return groups
