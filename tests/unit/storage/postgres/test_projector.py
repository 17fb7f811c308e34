"""The projector: all projections follow, chores come round, outside failures are waited out."""

import threading
from collections.abc import Callable, Sequence

import psycopg
import pytest

from quanyu.clock import SECOND_US, FixedClock
from quanyu.errors import StorageUnavailable
from quanyu.events.event import Event, LoggedEvent
from quanyu.ids import Token
from quanyu.storage.postgres.consumers import Source
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.projector import Chore, Projector, every
from quanyu.storage.postgres.quarantine import Quarantine

MASTER = bytes(range(32))


class Collecting:
    """A projection that remembers the offsets that it was given."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: list[int] = []

    def apply(self, tx: psycopg.Connection, events: Sequence[LoggedEvent]) -> None:
        self.seen += [logged.offset for logged in events]

    def reset(self, tx: psycopg.Connection) -> None:
        self.seen.clear()


def some_events(count: int, prefix: str = "e") -> list[Event]:
    identifiers = (("taobao_id", Token(b"\x01" * 16)),)
    return [
        Event(f"{prefix}{n}", "view", 1, n, n, "taobao.home", identifiers) for n in range(count)
    ]


@pytest.fixture
def log(database: Database) -> PostgresEventLog:
    return PostgresEventLog(database, Quarantine(database, MASTER))


@pytest.fixture
def make(database: Database, log: PostgresEventLog, clock: FixedClock) -> Callable[..., Projector]:
    def made(*projections: Collecting, chores: Sequence[Chore] = ()) -> Projector:
        return Projector(database, Source(log), projections=projections, chores=chores, clock=clock)

    return made


def test_every_projection_sees_every_event_once(
    make: Callable[..., Projector], log: PostgresEventLog
) -> None:
    first, second = Collecting("first"), Collecting("second")
    projector = make(first, second)
    log.append("demo", some_events(7))
    heard: list[tuple[str, int]] = []
    assert projector.catch_up(lambda name, events: heard.append((name, events))) == 14
    assert projector.catch_up() == 0
    assert first.seen == second.seen == list(range(1, 8))
    assert heard == [("first", 7), ("second", 7)]


def test_lag_is_what_is_still_to_read(
    make: Callable[..., Projector], log: PostgresEventLog
) -> None:
    projector = make(Collecting("slow"))
    assert projector.lag() == {"slow": 0}
    log.append("demo", some_events(3))
    assert projector.lag() == {"slow": 3}
    projector.catch_up()
    assert projector.lag() == {"slow": 0}


def test_a_rebuild_starts_from_nothing(
    make: Callable[..., Projector], log: PostgresEventLog
) -> None:
    one = Collecting("one")
    projector = make(one)
    log.append("demo", some_events(4))
    projector.catch_up()
    assert projector.rebuild("one") == 4
    assert one.seen == [1, 2, 3, 4]
    with pytest.raises(KeyError):
        projector.rebuild("nosuch")


def test_chores_run_when_they_are_due(make: Callable[..., Projector], clock: FixedClock) -> None:
    done: list[int] = []
    projector = make(chores=[every(60, "sweep", run=lambda: done.append(clock.now_us()))])
    assert projector.do_chores() == ["sweep"]
    assert projector.do_chores() == []
    clock.advance(59 * SECOND_US)
    assert projector.do_chores() == []
    clock.advance(SECOND_US)
    assert projector.do_chores() == ["sweep"]
    assert len(done) == 2


def test_an_outside_failure_is_waited_out(
    make: Callable[..., Projector],
    log: PostgresEventLog,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("quanyu.storage.postgres.projector.BACK_OFF_S", 0.0)
    stop, one, attempts = threading.Event(), Collecting("one"), iter(range(10))

    def flaky() -> None:
        if next(attempts) < 2:
            raise StorageUnavailable("stopped for a moment")
        stop.set()

    projector = make(one, chores=[Chore("flaky", 0, flaky)])
    log.append("demo", some_events(2))
    projector.run(stop)
    assert one.seen == [1, 2]
    assert len(caplog.records) == 1
