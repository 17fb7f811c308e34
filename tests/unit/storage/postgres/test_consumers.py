"""Consumers: exactly once through crashes, races and rebuilds, across hot and older events."""

import threading
from collections.abc import Sequence

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.events_ground import new_log, stored

from quanyu.events.event import Event, LoggedEvent
from quanyu.storage.postgres.consumers import Source, catch_up, offsets, rebuild, settled
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.event_log import PostgresEventLog


class Diary:
    """A projection that writes down what it sees, and may be told to fail."""

    def __init__(self, name: str = "diary", *, fails_at: str | None = None) -> None:
        self.name = name
        self.fails_at = fails_at

    def apply(self, tx: psycopg.Connection, events: Sequence[LoggedEvent]) -> None:
        for logged in events:
            tx.execute(
                "INSERT INTO diary VALUES (%s, %s, %s)",
                (self.name, logged.offset, logged.event.event_id),
            )
            if logged.event.event_id == self.fails_at:
                raise RuntimeError("poison")

    def reset(self, tx: psycopg.Connection) -> None:
        tx.execute("DELETE FROM diary WHERE consumer = %s", [self.name])


@pytest.fixture
def log(database: Database) -> PostgresEventLog:
    with database.transaction() as conn:
        conn.execute("CREATE TABLE diary (consumer text, at bigint, event_id text)")
    return new_log(database)


def pages(database: Database, name: str = "diary") -> list[str]:
    with database.transaction() as conn:
        rows = conn.execute(
            'SELECT event_id FROM diary WHERE consumer = %s ORDER BY "at"', [name]
        ).fetchall()
    return [event_id for (event_id,) in rows]


def append(log: PostgresEventLog, *batches: str) -> None:
    for batch in batches:
        log.append("shop", [stored(one) for one in batch])


def test_each_event_is_applied_once(log: PostgresEventLog, database: Database) -> None:
    append(log, "abc", "de")
    assert catch_up(Source(log), Diary()) == 5
    assert catch_up(Source(log), Diary()) == 0
    append(log, "f")
    assert catch_up(Source(log), Diary(), batch=1) == 1
    assert pages(database) == list("abcdef")


@pytest.mark.parametrize("batch", [1, 2, 3, 100])
def test_the_size_of_a_step_does_not_matter(
    log: PostgresEventLog, database: Database, batch: int
) -> None:
    append(log, "ab", "c", "def", "g")
    heard: list[int] = []
    assert catch_up(Source(log), Diary(), batch=batch, told=heard.append) == 7
    assert sum(heard) == 7
    assert pages(database) == list("abcdefg")


def test_consumers_go_at_their_own_pace(log: PostgresEventLog, database: Database) -> None:
    append(log, "ab")
    catch_up(Source(log), Diary("one"))
    append(log, "c")
    catch_up(Source(log), Diary("two"))
    with database.transaction() as conn:
        assert offsets(conn) == {"one": 2, "two": 3}
        assert settled(conn) == 2


def test_without_consumers_nothing_is_settled(log: PostgresEventLog, database: Database) -> None:
    append(log, "ab")
    with database.transaction() as conn:
        assert settled(conn) == 0


def test_a_step_that_fails_leaves_no_trace(log: PostgresEventLog, database: Database) -> None:
    append(log, "ab", "cd")
    with pytest.raises(RuntimeError, match="poison"):
        catch_up(Source(log), Diary(fails_at="d"), batch=2)
    assert pages(database) == ["a", "b"]
    assert catch_up(Source(log), Diary()) == 2
    assert pages(database) == list("abcd")


def test_two_processes_of_one_consumer_share_the_work(
    log: PostgresEventLog, database: Database
) -> None:
    append(log, *"abcdefghijklmnopqrst")
    threads = [
        threading.Thread(target=catch_up, args=(Source(log), Diary()), kwargs={"batch": 1})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pages(database) == list("abcdefghijklmnopqrst")


def test_a_rebuild_gives_the_same(log: PostgresEventLog, database: Database) -> None:
    append(log, "abc", "de")
    catch_up(Source(log), Diary())
    catch_up(Source(log), Diary("other"))
    with database.transaction() as conn:
        conn.execute("UPDATE diary SET event_id = 'broken' WHERE consumer = 'diary'")
    assert rebuild(Source(log), Diary()) == 5
    assert pages(database) == list("abcde")
    assert pages(database, "other") == list("abcde")


class Lakeful:
    """Events that have left the log, as a lake would give them back."""

    def __init__(self, log: PostgresEventLog, database: Database) -> None:
        self.log = log
        self.database = database
        self.kept: list[LoggedEvent] = []

    def take_over(self, through: int) -> None:
        known = self.kept[-1].offset if self.kept else 0
        self.kept += [e for e in self.log.read(known, 10**6) if e.offset <= through]
        with self.database.transaction() as conn:
            self.log.drop_segments(conn, through)

    def older(self, after_offset: int, limit: int) -> list[LoggedEvent]:
        return [e for e in self.kept if e.offset > after_offset][:limit]

    @property
    def source(self) -> Source:
        return Source(self.log, self.older)


@pytest.mark.parametrize("batch", [1, 2, 100])
@pytest.mark.parametrize("through", [0, 2, 3, 6, 7])
def test_a_rebuild_reads_on_from_the_lake_into_the_log(
    log: PostgresEventLog, database: Database, *, batch: int, through: int
) -> None:
    append(log, "ab", "c", "def", "g")
    lake = Lakeful(log, database)
    lake.take_over(through)
    assert rebuild(lake.source, Diary(), batch=batch) == 7
    assert pages(database) == list("abcdefg")


def test_erased_stretches_are_passed(log: PostgresEventLog, database: Database) -> None:
    append(log, *"abcdef")

    def gone(event: Event) -> bool:
        return event.event_id in "abef"

    with database.transaction() as conn:
        log.rewrite(conn, "shop", gone=gone)
    lake = Lakeful(log, database)
    lake.take_over(2)
    assert catch_up(lake.source, Diary(), batch=1) == 2
    assert pages(database) == ["c", "d"]
    with database.transaction() as conn:
        assert offsets(conn) == {"diary": 6}


_names = iter(range(10**9))


steps_taken = st.one_of(
    st.tuples(st.just("append"), st.integers(1, 4)),
    st.tuples(st.just("catch up"), st.integers(1, 3)),
    st.tuples(st.just("rebuild"), st.integers(1, 3)),
)


@settings(max_examples=20)
@given(steps=st.lists(steps_taken, max_size=12))
def test_whatever_happens_the_diary_is_the_log(
    log: PostgresEventLog, database: Database, steps: list[tuple[str, int]]
) -> None:
    name = f"diary-{next(_names)}"
    written = log.head()
    for what, number in steps:
        if what == "append":
            log.append("shop", [stored(f"{name}-{written}-{n}") for n in range(number)])
            written += number
        elif what == "catch up":
            catch_up(Source(log), Diary(name), batch=number)
        else:
            rebuild(Source(log), Diary(name), batch=number)
    catch_up(Source(log), Diary(name))
    assert pages(database, name) == [e.event.event_id for e in log.read(0, 10**6)]
