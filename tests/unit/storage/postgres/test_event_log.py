"""What PostgreSQL's log does beyond the port: groups, hot range, erasure, exact offsets."""

import psycopg
import pytest
from tests.events_ground import MASTER, ids_of, new_log, nothing, read_all, stored

from quanyu.errors import StorageUnavailable
from quanyu.events.event import Event
from quanyu.events.log import Appended, Delivery, pack
from quanyu.events.refusals import Fault, Reason, Refusal
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.event_log import HotRange, PostgresEventLog
from quanyu.storage.postgres.quarantine import Quarantine


@pytest.fixture
def log(database: Database) -> PostgresEventLog:
    return new_log(database)


def delivery(merchant: str, *ids: str) -> Delivery:
    return Delivery(merchant, pack([stored(one) for one in ids]), (), 0)


def segments(database: Database) -> list[tuple[int, int]]:
    with database.transaction() as conn:
        rows = conn.execute("SELECT first_offset, count FROM event_segment ORDER BY 1").fetchall()
    return [(first, count) for first, count in rows]


def hot(log: PostgresEventLog, database: Database) -> HotRange:
    with database.transaction() as conn:
        return log.hot_range(conn)


class TestGroups:
    def test_a_group_is_one_segment_per_merchant(
        self, log: PostgresEventLog, database: Database
    ) -> None:
        group = [delivery("shop", "a"), delivery("cafe", "b"), delivery("shop", "c", "d")]
        assert log.write(group) == [Appended(1, 0), Appended(1, 0), Appended(2, 0)]
        assert segments(database) == [(1, 3), (4, 1)]
        assert ids_of(read_all(log)) == ["a", "c", "d", "b"]

    def test_duplicates_within_a_group_go_to_the_first(self, log: PostgresEventLog) -> None:
        group = [delivery("shop", "a", "b"), delivery("shop", "b", "c"), delivery("cafe", "a")]
        assert log.write(group) == [Appended(2, 0), Appended(1, 1), Appended(1, 0)]

    def test_a_group_of_known_events_writes_no_segment(
        self, log: PostgresEventLog, database: Database
    ) -> None:
        log.write([delivery("shop", "a", "b")])
        assert log.write([delivery("shop", "b"), delivery("shop", "a")]) == [
            Appended(0, 1),
            Appended(0, 1),
        ]
        assert segments(database) == [(1, 2)]
        assert log.head() == 2

    def test_some_known_some_new_some_twice(self, log: PostgresEventLog) -> None:
        log.write([delivery("shop", "a", "b")])
        group = [delivery("shop", "c", "a", "c"), delivery("shop", "d", "c", "b")]
        assert log.write(group) == [Appended(1, 2), Appended(1, 2)]
        assert ids_of(read_all(log)) == ["a", "b", "c", "d"]

    def test_refused_events_are_kept_with_the_good_ones(
        self, log: PostgresEventLog, database: Database
    ) -> None:
        refusal = Refusal(1, "x", Fault("kind", Reason.UNKNOWN_KIND, "mend it"), b"{}")
        log.write([Delivery("shop", pack([stored("a")]), [refusal], 5)])
        log.write([Delivery("shop", nothing(), [refusal], 6)])
        (kept,) = Quarantine(database, MASTER).entries("shop")
        assert (kept.event_id, kept.times, kept.received_us) == ("x", 2, 6)
        assert log.head() == 1

    def test_an_empty_group(self, log: PostgresEventLog) -> None:
        assert log.write([]) == []
        assert log.write([Delivery("shop", nothing(), (), 0)]) == [Appended(0, 0)]

    def test_a_group_that_fails_leaves_nothing(
        self, log: PostgresEventLog, database: Database
    ) -> None:
        with database.transaction() as conn:
            conn.execute("ALTER TABLE event_segment ADD CHECK (count < 3)")
        with pytest.raises(psycopg.errors.CheckViolation):
            log.write([delivery("shop", "a"), delivery("cafe", "b", "c", "d")])
        assert log.head() == 0
        assert log.write([delivery("shop", "a")]) == [Appended(1, 0)]

    @pytest.mark.parametrize("count", [1, 2, 255, 256, 4_000])
    def test_of_any_size(self, log: PostgresEventLog, count: int) -> None:
        ids = [f"e{number}" for number in range(count)]
        assert log.write([delivery("shop", *ids)]) == [Appended(count, 0)]
        assert ids_of(log.read(0, count)) == ids


class TestHotRange:
    def test_of_an_empty_log(self, log: PostgresEventLog, database: Database) -> None:
        assert hot(log, database) == HotRange(1, 0)

    def test_it_shrinks_when_segments_leave(
        self, log: PostgresEventLog, database: Database
    ) -> None:
        for batch in (["a", "b"], ["c"], ["d", "e"]):
            log.write([delivery("shop", *batch)])
        assert hot(log, database) == HotRange(1, 5)
        with database.transaction() as conn:
            assert log.drop_segments(conn, 4) == 2
        assert hot(log, database) == HotRange(4, 5)
        assert ids_of(log.read(0, 10)) == ["d", "e"]
        with database.transaction() as conn:
            assert log.drop_segments(conn, 5) == 1
        assert hot(log, database) == HotRange(6, 5)
        assert log.read(0, 10) == []

    def test_what_has_left_is_still_a_duplicate(
        self, log: PostgresEventLog, database: Database
    ) -> None:
        log.write([delivery("shop", "a")])
        with database.transaction() as conn:
            log.drop_segments(conn, 1)
        assert log.write([delivery("shop", "a", "b")]) == [Appended(1, 1)]
        assert [e.offset for e in log.read(0, 10)] == [2]

    def test_reading_before_the_range_says_so(
        self, log: PostgresEventLog, database: Database
    ) -> None:
        log.write([delivery("shop", "a", "b")])
        log.write([delivery("shop", "c")])
        with database.transaction() as conn:
            log.drop_segments(conn, 2)
            assert log.read_hot(conn, 0, limit=10) is None
            assert log.read_hot(conn, 1, limit=10) is None
            chunk = log.read_hot(conn, 2, limit=10)
            assert chunk is not None
            assert chunk.through == 3
            assert log.read_hot(conn, 3, limit=10) is None


class TestErasure:
    def erase(
        self, log: PostgresEventLog, database: Database, *ids: str, merchant: str = "shop"
    ) -> int:
        def gone(event: Event) -> bool:
            return event.event_id in ids

        with database.transaction() as conn:
            return log.rewrite(conn, merchant, gone=gone)

    def test_places_of_others_stay(self, log: PostgresEventLog, database: Database) -> None:
        log.write([delivery("shop", "a", "b", "c")])
        log.write([delivery("shop", "d", "b2")])
        assert self.erase(log, database, "b", "d") == 2
        assert [(e.offset, e.event.event_id) for e in read_all(log)] == [
            (1, "a"),
            (3, "c"),
            (5, "b2"),
        ]
        assert log.head() == 5

    def test_erasing_again_finds_nothing(self, log: PostgresEventLog, database: Database) -> None:
        log.write([delivery("shop", "a", "b")])
        assert self.erase(log, database, "a") == 1
        assert self.erase(log, database, "a") == 0

    def test_only_of_that_merchant(self, log: PostgresEventLog, database: Database) -> None:
        log.write([delivery("shop", "a"), delivery("cafe", "a")])
        assert self.erase(log, database, "a", merchant="cafe") == 1
        assert [e.merchant for e in read_all(log)] == ["shop"]

    def test_an_erased_event_sent_again_stays_erased(
        self, log: PostgresEventLog, database: Database
    ) -> None:
        log.write([delivery("shop", "a", "b")])
        self.erase(log, database, "a")
        assert log.write([delivery("shop", "a")]) == [Appended(0, 1)]

    def test_readers_pass_over_erased_stretches(
        self, log: PostgresEventLog, database: Database
    ) -> None:
        for one in "abcdef":
            log.write([delivery("shop", one)])
        assert self.erase(log, database, *"abde") == 4
        assert ids_of(log.read(0, 1)) == ["c"]
        assert ids_of(log.read(3, 1)) == ["f"]
        self.erase(log, database, "f")
        assert log.read(3, 1) == []

    def test_segments_without_the_tokens_are_left_alone(
        self, log: PostgresEventLog, database: Database
    ) -> None:
        log.write([delivery("shop", "aaaa", "bbbb")])
        log.write([delivery("shop", "cccc")])
        token = stored("bbbb").identifiers[0][1]
        asked: list[str] = []

        def gone(event: Event) -> bool:
            asked.append(event.event_id)
            return any(one == token for _, one in event.identifiers)

        with database.transaction() as conn:
            assert log.rewrite(conn, "shop", gone=gone, mentions=[token]) == 1
        assert asked == ["aaaa", "bbbb"]

    def test_no_byte_of_it_is_left_in_the_row(
        self, log: PostgresEventLog, database: Database
    ) -> None:
        log.write([delivery("shop", "secret-event", "other")])
        self.erase(log, database, "secret-event")
        with database.transaction() as conn:
            rows = conn.execute("SELECT payload FROM event_segment").fetchall()
        assert all(b"secret" not in payload for (payload,) in rows)


def test_a_server_that_is_away_is_an_outside_failure() -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StorageUnavailable):
        new_log(away).append("shop", [stored("a")])
