"""C1 through everything: events shuffled and sent again and again give what each sent once gives.

People, tags, portraits, histories, members and reports; then each projection is rebuilt, from the
hot log and from the lake.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import pytest
from tests.conftest import FreshDatabases
from tests.engine_ground import (
    SHOES,
    TEA,
    body,
    define_audiences,
    faults,
    made_by_projections,
    market_events,
    meaning,
    opened,
    paid,
    said,
    settled,
)

from quanyu.clock import DAY_US, HOUR_US, FixedClock
from quanyu.events.bodies import Unusable
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill

SEEDS = (1, 2, 3)


def told(clock: FixedClock) -> list[tuple[str, dict[str, Any]]]:
    """(merchant, event): a market, and what order could spoil: chains of identifiers, a shared
    device, a corrected city, a minor, a person with too many accounts, events of one instant."""
    now_us = clock.now_us()
    at = [now_us - n * HOUR_US for n in range(60)]
    lives = {"taobao_id": "mover"}
    chain = [
        said("c1", {"taobao_id": "a", "phone": "13800000001"}, at_us=at[40]),
        paid("c2", {"phone": "13800000001", "eleme_id": "b"}, at_us=at[39]),
        said("c3", {"eleme_id": "b", "alipay_id": "c"}, at_us=at[38]),
        paid("c4", {"alipay_id": "c"}, at_us=at[1]),
    ]
    moves = [
        said("m1", lives, at_us=at[30], kind="member_joined", props={"city": "杭州"}),
        said("m2", lives, at_us=at[20], kind="member_joined", props={"city": "上海"}),
        said("m3", lives, at_us=at[10], kind="member_joined", props={"birth_year": 2015}),
    ]
    kiosk = [
        said(f"k{n}", {"device": "kiosk", "taobao_id": f"guest-{n}"}, at_us=at[n])
        for n in range(12)
    ]
    hoard = [
        paid(f"h{n}", {"alipay_id": "hoarder", "taobao_id": f"h-{n}"}, at_us=at[n])
        for n in range(6)
    ]
    tied = [
        said(f"t{n}", {"taobao_id": "tied"}, at_us=at[5], item=f"i{n}", props={"category": f"c{n}"})
        for n in range(6)
    ]
    street = [*market_events(clock), *chain, *moves, *kiosk, *hoard, *tied]
    return [(merchant, event) for merchant in (TEA, SHOES) for event in street]


def shuffled_and_repeated(
    events: Sequence[tuple[str, dict[str, Any]]], chance: Random
) -> list[tuple[str, dict[str, Any]]]:
    """Each at least once, a third of them again, some many times."""
    again = chance.choices(events, k=len(events) // 3)
    often = chance.choices(events, k=3) * 10
    sent = [*events, *again, *often]
    chance.shuffle(sent)
    return sent


def send(engine: Engine, sent: Sequence[tuple[str, dict[str, Any]]], *, batch: int) -> int:
    """In batches, projections and lake running along; returns how many were accepted."""
    accepted = received = duplicate = 0
    for first in range(0, len(sent), batch):
        for merchant in (TEA, SHOES):
            mine = [event for owner, event in sent[first : first + batch] if owner == merchant]
            receipt = engine.events.record(merchant, body(mine))
            assert not isinstance(receipt, Unusable)
            assert receipt.refusals == ()
            received += receipt.received
            accepted += receipt.accepted
            duplicate += receipt.duplicate
        engine.projector.catch_up()
        if first // batch % 3 == 1:
            engine.lake.flush()
    assert received == len(sent) == accepted + duplicate
    settled(engine)
    return accepted


@pytest.fixture(scope="module")
def in_order(
    fresh_databases: FreshDatabases, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What is known when each event comes once, in the order of time, and all at once."""
    url, now = fresh_databases.take(), noon()
    with Database(url) as database, opened(database, now, tmp_path_factory.mktemp("c1")) as engine:
        for merchant in (TEA, SHOES):
            define_audiences(engine, merchant)
        ordered = sorted(told(now), key=lambda one: (one[1]["at"], one[1]["event_id"]))
        assert send(engine, ordered, batch=10_000) == len(ordered)
        found = meaning(engine)
    fresh_databases.discard(url)
    return found


def noon() -> FixedClock:
    clock = FixedClock(1_773_115_200_000_000)
    clock.advance(DAY_US)
    return clock


@pytest.mark.parametrize("seed", SEEDS)
def test_any_order_and_any_repetition_gives_the_same(
    database: Database,
    data_dir: Path,
    in_order: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    seed: int,
) -> None:
    chance, now = Random(seed), noon()
    events = told(now)
    sent = shuffled_and_repeated(events, chance)
    begun_s = perf_counter()
    with opened(database, now, data_dir) as engine:
        for merchant in (TEA, SHOES):
            define_audiences(engine, merchant)
        accepted = send(engine, sent, batch=chance.choice((17, 60, 150)))
        found = meaning(engine)
        violations = [part for part in in_order if found[part] != in_order[part]]
        violations += [line for lines in faults(engine).values() for line in lines]
        seconds = perf_counter() - begun_s
        rebuilt = rebuilt_differently(engine)
    report = {
        "attempted": len(sent),
        "acked": accepted,
        "lost": len(events) - accepted,
        "duplicates": len(found["histories"]) - len(events),
        "violations": violations + rebuilt,
    }
    with capsys.disabled():
        line = {"drill": "C1", "seed": seed, **report, "seconds": round(seconds, 2)}
        print("\n" + json.dumps(line, ensure_ascii=False))
    assert (report["lost"], report["duplicates"], report["violations"]) == (0, 0, [])


def rebuilt_differently(engine: Engine) -> list[str]:
    """Every projection made anew, from hot log and lake together, then from the lake alone."""
    wrong = []
    for source in ("log and lake", "lake"):
        if source == "lake":
            engine.lake.flush()
            assert engine.log.read(0, 1) == [], "nothing is hot any more"
        for name in engine.projector.names:
            before = made_by_projections(engine)
            engine.projector.rebuild(name)
            engine.settle()
            after = made_by_projections(engine)
            wrong += [f"{name} from {source}: {p}" for p in before if before[p] != after[p]]
    return wrong


def test_the_input_has_what_order_could_spoil(in_order: dict[str, Any]) -> None:
    sizes = sorted(len(person) for person in in_order["people"])
    assert sizes[-1] >= 4, "a chain became one person"
    assert any(withheld for _, withheld in in_order["tags"].values()), "somebody is under age"
    assert all(people for people in in_order["members"].values()), "every audience has members"
