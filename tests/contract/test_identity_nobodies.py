"""Edges between two that stand for nobody: neither is entered, and yet what is said is kept."""

import pytest
from tests.contract.test_identity_store import NOON_US, World, fate

from quanyu.clock import SECOND_US
from quanyu.customers.identity.ledger import Verdict
from quanyu.storage.postgres.database import Database

Identifier = tuple[str, str]
TABLET, KIOSK = ("device", "d1"), ("device", "d2")
SPOILT, SPOILT_TOO = ("phone", "unknown"), ("device", "unknown")
FAMILY = [("member_id", name) for name in ("m1", "m2", "m3")]


@pytest.fixture
def world(database: Database) -> World:
    return World(database, "demo")


def crowd_at(world: World, device: Identifier) -> None:
    for member in FAMILY:
        world.link(member, device)


def verdicts(world: World) -> dict[frozenset[str], Verdict]:
    """Values of both ends → verdict, where there is one rule per pair."""
    back = {world.token(one): one[1] for one in [TABLET, KIOSK, SPOILT, ("phone", "p1"), *FAMILY]}
    return {
        frozenset(back.get(end, "unknown") for end in edge.ends): edge.verdict
        for edge in world.all_edges()
    }


def test_two_shared_devices_wait_like_the_rest(world: World) -> None:
    crowd_at(world, TABLET)
    crowd_at(world, KIOSK)
    assert world.link(TABLET, KIOSK).verdict is Verdict.SHARED
    world.agree()


def test_two_values_of_nobody_in_one_event_wait(world: World) -> None:
    world.happen(world.event([SPOILT, SPOILT_TOO], NOON_US))
    (edge,) = world.all_edges()
    assert edge.verdict is Verdict.BLOCKED
    world.agree()


def test_a_shared_device_and_nobody_wait(world: World) -> None:
    crowd_at(world, TABLET)
    world.happen(world.event([SPOILT, TABLET], NOON_US))
    assert verdicts(world)[frozenset({"d1", "unknown"})] is Verdict.BLOCKED
    world.agree()


def test_what_is_retracted_between_two_nobodies_leaves_the_queue(world: World) -> None:
    world.happen(world.event([SPOILT, SPOILT_TOO], NOON_US))
    assert len(world.store.review("demo", 9)) == 1
    world.unlink(0)
    assert world.store.review("demo", 9) == []
    (edge,) = world.all_edges()
    assert edge.verdict is Verdict.RETRACTED
    world.agree()


def test_nobodies_come_back_to_review_when_seen_together_again(world: World) -> None:
    world.clock.advance(-SECOND_US)
    world.happen(world.event([SPOILT, SPOILT_TOO], NOON_US - 2 * SECOND_US))
    world.unlink(0)
    world.happen(world.event([SPOILT, SPOILT_TOO], NOON_US - 3 * SECOND_US))
    assert world.all_edges()[0].verdict is Verdict.RETRACTED
    world.happen(world.event([SPOILT, SPOILT_TOO], NOON_US))
    assert world.all_edges()[0].verdict is Verdict.REASSERTED
    world.agree()


def test_the_queue_is_the_same_whichever_crowd_came_last(database: Database) -> None:
    told = [(member, device) for device in (TABLET, KIOSK) for member in FAMILY]
    fates = []
    for name, order in {
        "first": [(TABLET, KIOSK), *told],
        "middle": [*told[:3], (TABLET, KIOSK), *told[3:]],
        "last": [*told, (TABLET, KIOSK)],
    }.items():
        world = World(database, name)
        for one, other in order:
            world.link(one, other)
            world.agree()
        fates.append(fate(world))
    assert fates[0] == fates[1] == fates[2]


def test_a_device_that_is_nobody_s_no_more_joins_again(world: World) -> None:
    crowd_at(world, TABLET)
    crowd_at(world, KIOSK)
    world.link(TABLET, KIOSK)
    for place, edge in enumerate(world.all_edges()):
        if world.token(FAMILY[0]) in edge.ends:
            world.unlink(place)
            world.agree()
    found = verdicts(world)
    assert found[frozenset({"d1", "d2"})] is Verdict.ACCEPTED
    assert found[frozenset({"m1", "d1"})] is Verdict.RETRACTED


def test_a_rebuild_has_nothing_to_mend(world: World) -> None:
    crowd_at(world, TABLET)
    crowd_at(world, KIOSK)
    world.link(TABLET, KIOSK)
    world.happen(world.event([SPOILT, SPOILT_TOO], NOON_US), world.event([SPOILT, KIOSK], NOON_US))
    before = world.stored()
    world.store.rebuild("demo")
    assert world.stored() == before
