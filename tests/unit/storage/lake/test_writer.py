"""From the log into the lake: once, by day, and back out when somebody starts anew."""

from pathlib import Path

import pytest
from tests.lake_town import Town, event, town_of

from quanyu.clock import DAY_US, HOUR_US, FixedClock, parse_iso
from quanyu.errors import StorageFull
from quanyu.storage.lake import files
from quanyu.storage.lake.writer import FlushRule
from quanyu.storage.postgres.database import Database

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")


@pytest.fixture
def town(database: Database, data_dir: Path, clock: FixedClock) -> Town:
    return town_of(database, data_dir / "lake", clock)


def three_days() -> list[object]:
    return [event(f"e{n}", NOON_US + n * 6 * HOUR_US, who=f"p{n % 3}") for n in range(12)]


def test_each_day_of_china_has_its_file(town: Town) -> None:
    town.take_in(*three_days())
    assert town.writer.flush() == 12
    days = [path.split("/")[1] for path in (f.path for f in town.files())]
    assert days == ["day=2026-03-10", "day=2026-03-11", "day=2026-03-12", "day=2026-03-13"]
    assert town.on_disk() == sorted(f.path for f in town.files())
    assert town.place() == 12


def test_a_report_sees_each_event_once_before_and_after(town: Town) -> None:
    town.take_in(*three_days())
    before = town.seen_ids()
    town.writer.flush()
    town.take_in(event("late", NOON_US))
    assert len(before) == 12
    assert town.seen_ids() == sorted([*before, "late"])


def test_merchants_do_not_see_each_other(town: Town) -> None:
    town.take_in(event("a", NOON_US))
    town.take_in(event("b", NOON_US), merchant="other")
    town.writer.flush()
    town.take_in(event("c", NOON_US), merchant="other")
    assert (town.seen_ids(), town.seen_ids("other")) == (["a"], ["b", "c"])
    assert town.seen_ids("nobody") == []


def test_flushing_twice_writes_once(town: Town) -> None:
    town.take_in(*three_days())
    assert (town.writer.flush(), town.writer.flush()) == (12, 0)
    assert len(town.seen_ids()) == 12


def test_what_is_in_the_lake_leaves_postgresql(town: Town) -> None:
    town.take_in(*three_days())
    town.writer.flush()
    with town.database.transaction() as conn:
        assert town.log.hot_range(conn).first == 13


def test_a_slower_consumer_keeps_its_segments_hot(town: Town) -> None:
    with town.database.transaction() as conn:
        conn.execute("INSERT INTO consumer_offset VALUES ('slow', 0)")
    town.take_in(*three_days())
    town.writer.flush()
    with town.database.transaction() as conn:
        assert town.log.hot_range(conn).first == 1
        conn.execute("UPDATE consumer_offset SET \"offset\" = 12 WHERE consumer = 'slow'")
    assert town.writer.drop_hot() == 1


@pytest.mark.parametrize(
    ("events", "seconds", "flushed"), [(1, 0, 0), (3, 0, 3), (1, 59, 0), (1, 60, 1)]
)
def test_flush_when_there_are_many_or_one_is_old(
    database: Database, data_dir: Path, clock: FixedClock, events: int, seconds: int, flushed: int
) -> None:
    town = town_of(database, data_dir / "lake", clock, FlushRule(events=3, seconds=60))
    town.take_in(*(event(f"e{n}", NOON_US) for n in range(events)))
    first = town.writer.flush_if_due()
    clock.advance(seconds * 1_000_000)
    assert first + town.writer.flush_if_due() == flushed


def test_the_lake_gives_the_log_back_in_order(town: Town) -> None:
    sent = three_days()
    town.take_in(*sent[:7])
    town.take_in(event("x", NOON_US), merchant="other")
    town.take_in(*sent[7:])
    expected = town.log.read(0, 100)
    town.writer.flush()
    pieces = []
    while piece := town.replay.older(pieces[-1].offset if pieces else 0, 5):
        pieces += piece
    assert pieces == expected
    assert town.replay.older(12, 5) == expected[12:]


def test_a_full_disk_leaves_nothing_half_done(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.take_in(*three_days())
    sync, calls = files._sync, []

    def full(path: Path) -> None:
        calls.append(path)
        if len([p for p in calls if p.suffix == ".tmp"]) == 3:
            raise OSError(28, "No space left on device")
        sync(path)

    with monkeypatch.context() as patch:
        patch.setattr(files, "_sync", full)
        with pytest.raises(StorageFull):
            town.writer.flush()
    assert (town.on_disk(), town.files(), town.place()) == ([], [], 0)
    assert town.writer.flush() == 12
    assert len(town.seen_ids()) == 12


def test_orphans_go_at_the_start(town: Town) -> None:
    town.take_in(*three_days())
    town.writer.flush()
    known = town.on_disk()
    for name in ("9-9.77.parquet", "9-9.78.parquet.tmp"):
        (town.root / "merchant=1" / "day=2026-03-10" / name).write_bytes(b"half")
    assert len(town.store.remove_orphans()) == 2
    assert town.on_disk() == known


def test_periods_open_only_the_files_they_need(town: Town) -> None:
    from quanyu.measurement.period import Period

    town.take_in(*three_days())
    town.writer.flush()
    snapshot = town.lake._snapshots.take("demo", Period(NOON_US + DAY_US, NOON_US + DAY_US + 1))
    assert ["day=2026-03-11" in path for path in snapshot.paths] == [True]
