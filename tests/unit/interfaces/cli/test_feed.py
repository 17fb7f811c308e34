"""The pretend market at the real door."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine_ground import TEA, faults, opened, settled

from quanyu.clock import FixedClock
from quanyu.errors import BadInput
from quanyu.events.service import Receipt
from quanyu.interfaces.cli import feed
from quanyu.simulator.market import Market
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


def test_everything_of_the_market_is_accepted_once(engine: Engine, clock: FixedClock) -> None:
    market = Market(seed=3, people=10, days=2, end_us=clock.now_us())
    happened = len(list(market.events()))
    first = feed.feed_market(engine, TEA, market=market)
    assert first == Receipt(happened, happened, 0)
    again = feed.feed_market(engine, TEA, market=market)
    assert again == Receipt(happened, 0, happened)
    settled(engine)
    assert engine.log.head() == happened
    assert faults(engine) == {}


def test_what_the_door_refuses_as_a_whole_is_bad_input(
    engine: Engine, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.events, "events_max", 3)
    with pytest.raises(BadInput, match="at most 3 events"):
        feed.feed_market(engine, TEA, market=Market(3, 10, 2, clock.now_us()))
    assert engine.log.head() == 0


@pytest.mark.parametrize(
    ("events", "sizes"), [(0, []), (1, [1]), (2_000, [2_000]), (2_001, [2_000, 1])]
)
def test_batches_lose_nothing(events: int, sizes: list[int]) -> None:
    made = list(feed.batches(iter([{"event_id": str(n)} for n in range(events)])))
    assert [len(batch) for batch in made] == sizes
    assert [one["event_id"] for batch in made for one in batch] == [str(n) for n in range(events)]


def test_receipts_add_up() -> None:
    assert feed.added(Receipt(3, 2, 1), Receipt(5, 1, 4)) == Receipt(8, 3, 5)
