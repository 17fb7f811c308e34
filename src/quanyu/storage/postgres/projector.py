"""Keeps every projection caught up with the log, and runs the chores that come round by time."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from quanyu.clock import SECOND_US, Clock
from quanyu.errors import QuanyuError
from quanyu.storage.postgres.consumers import Projecting, Source, catch_up, offsets, rebuild
from quanyu.storage.postgres.database import Database

log = logging.getLogger(__name__)

IDLE_S = 0.05
BACK_OFF_S = 1.0

Told = Callable[[str, int], None]
"""``told(projection, events)`` hears how far a projection has come."""


@dataclass(slots=True)
class Chore:
    """Work that no event asks for: timers that fall due, retention, compaction."""

    name: str
    every_us: int
    run: Callable[[], object]
    due_us: int = field(default=0)


class Projector:
    """The order of ``projections`` is the order of their reading: a later one may rely on what an
    earlier one has made of the same events."""

    def __init__(
        self,
        database: Database,
        source: Source,
        *,
        projections: Sequence[Projecting],
        chores: Sequence[Chore],
        clock: Clock,
    ) -> None:
        self._database = database
        self._source = source
        self._projections = projections
        self._chores = chores
        self._clock = clock

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(projection.name for projection in self._projections)

    def catch_up(self, told: Told = lambda name, events: None) -> int:
        """Bring all projections to the head of the log; returns the number of events applied."""
        return sum(
            catch_up(self._source, one, told=partial(told, one.name)) for one in self._projections
        )

    def rebuild(self, name: str) -> int:
        """Empty one projection and fold the whole log again. Raises KeyError for another name."""
        by_name = {projection.name: projection for projection in self._projections}
        return rebuild(self._source, by_name[name])

    def lag(self) -> dict[str, int]:
        """Events that each projection has still to read."""
        with self._database.transaction() as conn:
            head = self._source.log.hot_range(conn).head
            reached = offsets(conn)
        return {name: head - reached.get(name, 0) for name in self.names}

    def do_chores(self) -> list[str]:
        """Run what is due; returns the names."""
        now_us = self._clock.now_us()
        due = [chore for chore in self._chores if chore.due_us <= now_us]
        for chore in due:
            chore.run()
            chore.due_us = now_us + chore.every_us
        return [chore.name for chore in due]

    def run(self, stop: threading.Event) -> None:
        """Until ``stop`` is set. An outside failure is logged, waited out and tried again."""
        failed = False
        while not stop.is_set():
            try:
                busy = self.catch_up() > 0
                self.do_chores()
                failed = False
            except QuanyuError as error:
                if not failed:
                    log.warning("the projector waits: %s", error)
                failed, busy = True, False
                stop.wait(BACK_OFF_S)
            if not busy:
                stop.wait(IDLE_S)


def every(seconds: int, name: str, *, run: Callable[[], object]) -> Chore:
    return Chore(name, seconds * SECOND_US, run)
