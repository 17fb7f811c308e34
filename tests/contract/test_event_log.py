"""What every engine of the event log keeps. A new engine adds itself to ``log``."""

import random
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.events_ground import ids_of, new_log, read_all, stored

from quanyu.events.log import Appended, EventLog
from quanyu.storage.postgres.database import Database


@pytest.fixture(params=["postgres"])
def log(request: pytest.FixtureRequest, database: Database) -> EventLog:
    return new_log(database)


def test_an_empty_log_has_nothing(log: EventLog) -> None:
    assert log.head() == 0
    assert log.read(0, 10) == []


def test_offsets_start_at_one_and_have_no_holes(log: EventLog) -> None:
    for number in range(5):
        log.append("shop", [stored(f"e{number}-{k}") for k in range(number)])
    assert [e.offset for e in read_all(log)] == list(range(1, log.head() + 1))
    assert log.head() == 10


def test_what_comes_back_is_what_went_in(log: EventLog) -> None:
    events = [
        stored("a", item="i1", amount_fen=10**15, props={"n": 1, "f": 1.5, "b": True, "t": "美"}),
        stored("b", query="羽绒服", cell=608693241335775231),
    ]
    log.append("shop", events)
    assert [e.event for e in log.read(0, 10)] == events


def test_a_known_event_is_a_duplicate(log: EventLog) -> None:
    assert log.append("shop", [stored("a"), stored("b")]) == Appended(2, 0)
    assert log.append("shop", [stored("b"), stored("c"), stored("a")]) == Appended(1, 2)
    assert ids_of(read_all(log)) == ["a", "b", "c"]


def test_the_first_of_two_equal_ids_in_one_batch_counts(log: EventLog) -> None:
    assert log.append("shop", [stored("a", item="first"), stored("a", item="second")]) == Appended(
        1, 1
    )
    assert [e.event.item for e in read_all(log)] == ["first"]


def test_one_id_at_two_merchants_is_two_events(log: EventLog) -> None:
    assert log.append("shop", [stored("a")]) == Appended(1, 0)
    assert log.append("cafe", [stored("a")]) == Appended(1, 0)
    assert [(e.merchant, e.event.event_id) for e in read_all(log)] == [("shop", "a"), ("cafe", "a")]


def test_an_empty_batch_changes_nothing(log: EventLog) -> None:
    assert log.append("shop", []) == Appended(0, 0)
    assert log.head() == 0


@pytest.mark.parametrize("after", range(7))
def test_reading_begins_anywhere(log: EventLog, after: int) -> None:
    for batch in (["a", "b", "c"], ["d"], ["e", "f"]):
        log.append("shop", [stored(one) for one in batch])
    found = log.read(after, 100)
    assert ids_of(found) == list("abcdef")[after:]
    assert [e.offset for e in found] == list(range(after + 1, 7))


def test_a_limit_is_kept_but_for_the_last_batch(log: EventLog) -> None:
    for number in range(10):
        log.append("shop", [stored(f"{number}-{k}") for k in range(3)])
    assert 4 <= len(log.read(0, 4)) <= 6
    assert len(log.read(0, 1)) <= 3


def test_writers_side_by_side_lose_and_double_nothing(log: EventLog) -> None:
    """Four writers send overlapping batches in different orders."""

    def write(seed: int) -> None:
        chance = random.Random(seed)
        mine = [f"e{number}" for number in range(60)]
        chance.shuffle(mine)
        for start in range(0, 60, 7):
            receipt = log.append("shop", [stored(one) for one in mine[start : start + 7]])
            counts.append(receipt)

    counts: list[Appended] = []
    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = read_all(log)
    assert sorted(ids_of(events)) == sorted(f"e{number}" for number in range(60))
    assert [e.offset for e in events] == list(range(1, 61))
    assert sum(one.accepted for one in counts) == 60
    assert sum(one.duplicate for one in counts) == 180


_runs = iter(range(10**9))


@settings(max_examples=25)
@given(batches=st.lists(st.lists(st.integers(0, 12), max_size=6), max_size=8))
def test_the_log_is_the_first_occurrence_of_each_event(
    log: EventLog, batches: list[list[int]]
) -> None:
    merchant = f"shop-{next(_runs)}"
    known: list[str] = []
    start = log.head()
    for batch in batches:
        names = [f"e{number}" for number in batch]
        before = len(known)
        known += [name for name in dict.fromkeys(names) if name not in known]
        accepted = len(known) - before
        receipt = log.append(merchant, [stored(name) for name in names])
        assert receipt == Appended(accepted, len(names) - accepted)
    assert ids_of(log.read(start, 1000)) == known
