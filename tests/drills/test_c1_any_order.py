"""C1: events shuffled and sent up to three times, in any batches, end in the same state."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.conftest import FreshDatabases
from tests.events_ground import read_all

from quanyu.clock import FixedClock, parse_iso
from quanyu.events.service import Receipt
from quanyu.measurement.overview import OverviewQuery
from quanyu.settings import Settings
from quanyu.simulator.market import Market
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill

SHOP = "shop"
NOW = parse_iso("2026-03-10T12:00:00+08:00")
MARKET = Market(seed=7, people=40, days=12, end_us=NOW)


def the_log(engine: Engine) -> Any:
    return sorted((e.event.event_id, msgspec.to_builtins(e.event)) for e in read_all(engine.log))


def accounts() -> list[str]:
    return [f"{k}:{v}" for who in MARKET.truth().values() for k, v in sorted(who.items())]


def people(engine: Engine) -> Any:
    found = {}
    for account in accounts():
        profile = engine.profiles.profile(SHOP, account)
        found[account] = profile and profile.person.identity.public_id
    return found


def profiles(engine: Engine) -> Any:
    found = {}
    for account in accounts():
        profile = engine.profiles.profile(SHOP, account)
        found[account] = profile and profile.as_json()
    return found


def overview(engine: Engine) -> Any:
    return msgspec.to_builtins(engine.reports.overview(SHOP, OverviewQuery()))


VIEWS: dict[str, Callable[[Engine], Any]] = {
    "log": the_log,
    "people": people,
    "profiles": profiles,
    "overview": overview,
}
"""Every state that is folded from the log; a new projection adds how it is looked at."""


@contextmanager
def engine_on(databases: FreshDatabases, data_dir: Path) -> Iterator[Engine]:
    url = databases.take()
    with Database(url) as database:
        settings = Settings(data_dir=data_dir, master_key_given=bytes(range(32)))
        engine = Engine(settings, database, clock=FixedClock(NOW))
        try:
            yield engine
        finally:
            engine.close()
    databases.discard(url)


def send(engine: Engine, events: list[dict[str, Any]], chance: random.Random) -> dict[str, int]:
    """In batches of any size, with the projections running behind now and then."""
    sums = {"attempted": 0, "accepted": 0, "duplicate": 0, "rejected": 0}
    start = 0
    while start < len(events):
        size = chance.choice([1, 7, 100, 400])
        receipt = engine.events.record(SHOP, json.dumps(events[start : start + size]).encode())
        assert isinstance(receipt, Receipt)
        sums["attempted"] += receipt.received
        sums["accepted"] += receipt.accepted
        sums["duplicate"] += receipt.duplicate
        sums["rejected"] += len(receipt.refusals)
        start += size
        if chance.random() < 0.2:
            engine.projector.catch_up()
    engine.projector.catch_up()
    return sums


@pytest.fixture(scope="module")
def straight(
    fresh_databases: FreshDatabases, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The state after every event once, in order."""
    with engine_on(fresh_databases, tmp_path_factory.mktemp("straight")) as engine:
        send(engine, list(MARKET.events()), random.Random(0))
        return {name: view(engine) for name, view in VIEWS.items()}


@pytest.mark.parametrize("seed", range(1, 5))
def test_any_order_ends_in_the_same_state(
    fresh_databases: FreshDatabases, straight: dict[str, Any], *, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    once = list(MARKET.events())
    events = [event for event in once for _ in range(chance.randint(1, 3))]
    chance.shuffle(events)
    with engine_on(fresh_databases, tmp_path) as engine:
        sums = send(engine, events, chance)
        state = {name: view(engine) for name, view in VIEWS.items()}
    different = [name for name in VIEWS if state[name] != straight[name]]
    report = {"lost": len(once) - sums["accepted"], "duplicates": 0, "violations": len(different)}
    print(json.dumps({"drill": "C1", "seed": seed, **sums, **report, "different": different}))
    assert sums["accepted"] == len(once)
    assert sums["accepted"] + sums["duplicate"] + sums["rejected"] == sums["attempted"]
    assert different == []
