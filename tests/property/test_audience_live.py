"""Whatever happens in whatever order, live members are those that a fresh look at everybody finds.

Random days of a small shop: events now, late and ahead of their time, logins that merge people,
edges taken back, pauses of any length, restarts. After each round the bitmaps are compared with a
bulk evaluation in the lake and with the reference evaluator over each person's history.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.audience_world import SHOP, World, opened

from quanyu.clock import DAY_US, HOUR_US, FixedClock, parse_iso
from quanyu.storage.postgres.database import Database

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

SHOP_AUDIENCES: dict[str, Any] = {
    "everyone": {"all": []},
    "buyers": {"event": "payment_completed", "within": "2d"},
    "quiet": {"event": "payment_completed", "op": "eq", "value": 0, "within": "2d"},
    "twice": {"event": "view", "op": "ge", "value": 2, "within": "1d"},
    "days": {"event": "view", "measure": "days", "op": "ge", "value": 2},
    "spent": {
        "event": "payment_completed", "measure": "sum", "field": "amount", "op": "between",
        "value": [200, 500], "within": {"from": "3d", "to": "1h"},
    },
    "then": {
        "sequence": [{"event": "view", "where": {"item": "a"}}, {"event": "payment_completed"}],
        "within": "1d",
    },
    "mixed": {"all": [{"not": {"audience": "buyers"}}, {"audience": "twice"}]},
    "town": {"tag": "city", "op": "eq", "value": "上海"},
    "elsewhere": {"tag": "city", "op": "ne", "value": "上海"},
}  # fmt: skip

WHO = ("ann", "ben", "eve")
PHONES = ("13700001001", "13700001002")
AGES = st.sampled_from([0, 0, 0, HOUR_US, DAY_US, 2 * DAY_US - 1, 2 * DAY_US, -HOUR_US, -1])

happening = st.one_of(
    st.tuples(st.just("view"), st.sampled_from(WHO), AGES, st.sampled_from(["a", "b"])),
    st.tuples(st.just("pay"), st.sampled_from(WHO), AGES, st.sampled_from([100, 250])),
    st.tuples(st.just("phone"), st.sampled_from(PHONES), AGES, st.just("a")),
    st.tuples(st.just("login"), st.sampled_from(WHO), st.sampled_from(PHONES), st.none()),
    st.tuples(st.just("join"), st.sampled_from(WHO), AGES, st.sampled_from(["上海", "杭州"])),
)
pause = st.tuples(
    st.just("pause"),
    st.sampled_from([1, HOUR_US - 1, HOUR_US, DAY_US - HOUR_US, DAY_US, 2 * DAY_US]),
)
rounds = st.lists(
    st.tuples(st.lists(happening, max_size=3), pause | st.tuples(st.just("restart"), st.none())),
    min_size=1,
    max_size=5,
)


def happen(world: World, what: tuple[Any, ...]) -> None:
    kind, who, when, more = what
    match kind:
        case "view":
            world.record("view", who, ago_us=when, item=more)
        case "pay":
            world.record("payment_completed", who, ago_us=when, order="o", amount_fen=more)
        case "phone":
            world.record("view", {"phone": who}, ago_us=when, item=more)
        case "login":
            world.record("click", {"member_id": who, "phone": when})
        case "join":
            world.record("member_joined", who, ago_us=when, props={"city": more})


def live_members(world: World) -> dict[str, set[int]]:
    found = world.store.members(SHOP, SHOP_AUDIENCES)
    return {name: set(members) for name, members in found.items()}


def found_in_bulk(world: World) -> dict[str, set[int]]:
    """A fresh evaluation of everybody, which writes nothing."""
    from quanyu.customers.audiences.resolve import resolve

    trees, now_us = world.store.trees(SHOP), world.clock.now_us()
    return {
        name: set(
            world.crowd.members(SHOP, resolve(tree, trees, name=name), as_of_us=now_us).tolist()
        )
        for name, tree in trees.items()
    }


def without_tags(members: dict[str, set[int]]) -> dict[str, set[int]]:
    """Timers are exact for events; what a tag says may change at midnight, with the bulk."""
    return {name: found for name, found in members.items() if name not in ("town", "elsewhere")}


@pytest.fixture
def ground(fresh_databases: Any, tmp_path: Path) -> Iterator[Any]:
    """Each example gets a database and a directory of its own."""
    taken: list[str] = []

    def fresh() -> tuple[Database, FixedClock, Path]:
        taken.append(fresh_databases.take())
        folder = tmp_path / str(len(taken))
        folder.mkdir()
        return Database(taken[-1]), FixedClock(parse_iso("2026-03-10T21:30:00+08:00")), folder

    yield fresh
    for url in taken:
        fresh_databases.discard(url)


@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(days=rounds)
def test_live_members_are_those_of_a_fresh_look(ground: Any, days: list[Any]) -> None:
    database, clock, folder = ground()
    with database, opened(database, clock, folder) as world:
        for name, form in SHOP_AUDIENCES.items():
            world.create(name, form)
        for events, (then, by_us) in days:
            for event in events:
                happen(world, event)
            world.settle()
            assert live_members(world) == found_in_bulk(world)
            if then == "restart":
                world.restart()
            else:
                world.clock.advance(by_us)
                world.settle()
                assert without_tags(live_members(world)) == without_tags(found_in_bulk(world))
                world.audiences.refresh_due()
                assert live_members(world) == found_in_bulk(world)
