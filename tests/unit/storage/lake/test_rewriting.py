"""Files that are in the lake already: merged when small, written anew when someone is erased."""

from pathlib import Path

import pytest
from tests.lake_town import Town, event, town_of

from quanyu.clock import FixedClock, parse_iso
from quanyu.storage.lake.rewriting import GRACE_US
from quanyu.storage.postgres.database import Database

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")


@pytest.fixture
def town(database: Database, data_dir: Path, clock: FixedClock) -> Town:
    """Six small files of one day: three of ann, three of bob."""
    town = town_of(database, data_dir / "lake", clock)
    for n in range(6):
        town.take_in(event(f"e{n}", NOON_US + n, who=("ann", "bob")[n % 2]))
        town.writer.flush()
    return town


def test_small_files_of_a_day_become_one(town: Town) -> None:
    before = town.seen_ids()
    assert town.rewriter.compact() == 5
    assert [(f.events, f.first_offset, f.last_offset) for f in town.files()] == [(6, 1, 6)]
    assert town.seen_ids() == before


def test_few_small_files_are_left_alone(town: Town) -> None:
    assert town.rewriter.compact(small_files_max=6) == 0
    assert len(town.files()) == 6


def test_a_reader_with_the_old_list_survives_compaction(town: Town, clock: FixedClock) -> None:
    with town.lake.reading("demo") as reading:
        town.rewriter.compact()
        town.rewriter.remove_retired()
        assert len(reading.rows(reading.events.select("event_id"))) == 6
    clock.advance(GRACE_US)
    assert town.rewriter.remove_retired() == 6
    assert len(town.on_disk()) == 1


def test_erasure_leaves_no_event_of_the_person(town: Town) -> None:
    assert town.rewriter.erase_nodes("demo", [town.node("ann")]) == 3
    assert town.seen_ids() == ["e1", "e3", "e5"]
    assert town.on_disk() == sorted(f.path for f in town.files())


def test_erasure_reaches_files_kept_for_late_readers(town: Town) -> None:
    town.rewriter.compact()
    town.rewriter.erase_nodes("demo", [town.node("ann")])
    assert len(town.on_disk()) == 1
    assert town.seen_ids() == ["e1", "e3", "e5"]


def test_erasure_of_a_mixed_file_keeps_the_others(town: Town) -> None:
    town.rewriter.compact()
    ann = town.node("ann")
    assert town.rewriter.erase_nodes("demo", [ann]) == 3
    assert town.rewriter.erase_nodes("demo", [ann]) == 0
    assert [f.events for f in town.files()] == [3]


@pytest.mark.parametrize("merchant", ["demo", "other", "nobody"])
def test_erasing_nobody_changes_nothing(town: Town, merchant: str) -> None:
    before = town.on_disk()
    assert town.rewriter.erase_nodes(merchant, []) == 0
    assert town.rewriter.erase_nodes(merchant, [10**9]) == 0
    assert town.on_disk() == before


def test_the_log_that_the_lake_gives_back_lacks_the_erased(town: Town) -> None:
    town.rewriter.erase_nodes("demo", [town.node("bob")])
    assert [e.event.event_id for e in town.replay.older(0, 10)] == ["e0", "e2", "e4"]
    assert [e.event.event_id for e in town.replay.older(5, 10)] == []


def test_a_report_that_lost_its_files_asks_again(town: Town) -> None:
    asked = []

    def ask(reading: object) -> int:
        asked.append(reading)
        if len(asked) == 1:
            town.rewriter.erase_nodes("demo", [town.node("ann")])
        rows = reading.rows(reading.events.select("event_id"))  # type: ignore[attr-defined]
        return len(rows)

    assert town.lake.answer("demo", ask) == 3
    assert len(asked) == 2


def test_a_report_that_fails_by_itself_is_not_asked_again(town: Town) -> None:
    asked = []

    def ask(reading: object) -> int:
        asked.append(reading)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        town.lake.answer("demo", ask)
    assert len(asked) == 1
