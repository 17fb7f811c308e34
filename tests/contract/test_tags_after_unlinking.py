"""Tags follow people, not the accounts they were once joined to: what the off switch, an age and an
erasure take away comes back with the link that brought it, without waiting for the hourly round."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine_ground import TEA, faults, made_by_projections, opened, said, settled, tell

from quanyu.clock import DAY_US, FixedClock
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

LI, WU = "taobao_id:li", "taobao_id:wu"


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    """Two accounts, each with a city; made anew from the log, everything is what it was."""
    with opened(database, clock, data_dir) as made:
        for name in ("li", "wu"):
            tells(made, clock, name, city="上海")
        made.audiences.create(TEA, "上海", definition={"tag": "city", "op": "eq", "value": "上海"})
        yield made
        before = made_by_projections(made)
        made.projector.rebuild("profiles")
        made.settle()
        assert made_by_projections(made) == before
        assert faults(made) == {}


def tells(engine: Engine, clock: FixedClock, name: str, **props: object) -> None:
    clock.advance(1)
    event_id, at_us = f"{name}-{clock.now_us()}", clock.now_us() - DAY_US
    who = {"taobao_id": name}
    tell(engine, TEA, said(event_id, who, at_us=at_us, kind="member_joined", props=props))
    settled(engine)


def city(engine: Engine, who: str) -> str | None:
    profile = engine.profiles.profile(TEA, who)
    if profile is None:
        return None
    found = {line.reading.tag.key: line.reading.value for line in profile.tags}
    return found.get("city")  # type: ignore[return-value]


def cities(engine: Engine) -> tuple[str | None, str | None, int]:
    """Of the one, of the other, and how many stand in the audience."""
    return city(engine, LI), city(engine, WU), engine.audiences.count(TEA, "上海")


def link(engine: Engine) -> str:
    edge = engine.identity.link(TEA, (LI, WU), rule="manual", actor="clerk")
    settled(engine)
    return str(edge.id)


def unlink(engine: Engine, edge: str) -> None:
    engine.identity.unlink(TEA, edge, actor="clerk")
    settled(engine)


def off(engine: Engine, clock: FixedClock, who: str, *, on: bool = False) -> None:
    clock.advance(1)
    engine.privacy.personalise(TEA, who, on=on)
    settled(engine)


def test_a_link_takes_the_tags_of_both_and_its_end_gives_back_one(
    engine: Engine, clock: FixedClock
) -> None:
    off(engine, clock, LI)
    assert cities(engine) == (None, "上海", 1)
    edge = link(engine)
    assert cities(engine) == (None, None, 0)
    unlink(engine, edge)
    assert cities(engine) == (None, "上海", 1)


@pytest.mark.parametrize("who", [LI, WU], ids=["smaller node", "larger node"])
def test_off_while_joined_stays_with_the_account_that_said_it(
    engine: Engine, clock: FixedClock, who: str
) -> None:
    edge = link(engine)
    off(engine, clock, who)
    assert cities(engine) == (None, None, 0)
    unlink(engine, edge)
    expected = {LI: (None, "上海", 1), WU: ("上海", None, 1)}
    assert cities(engine) == expected[who]


def test_a_child_that_was_joined_by_mistake(engine: Engine, clock: FixedClock) -> None:
    edge = link(engine)
    tells(engine, clock, "wu", birth_year=2016)
    assert cities(engine) == (None, None, 0)
    unlink(engine, edge)
    assert cities(engine) == ("上海", None, 1)


def test_the_order_of_unlinking_and_erasing_does_not_matter(
    engine: Engine, clock: FixedClock
) -> None:
    """What failed once: the former relative was left without tags until the hourly round."""
    edge = link(engine)
    off(engine, clock, WU)
    unlink(engine, edge)
    engine.privacy.erase(TEA, WU)
    settled(engine)
    assert cities(engine) == ("上海", None, 1)
    with engine.database.transaction() as conn:
        assert engine.profile_projection.sweep(conn) == 0, "nothing is left for the hourly round"


def test_a_yes_of_one_account_does_not_outlive_the_link(engine: Engine, clock: FixedClock) -> None:
    """The latest word of the whole person counts while they are one, and not a moment longer."""
    off(engine, clock, LI)
    edge = link(engine)
    off(engine, clock, WU, on=True)
    assert cities(engine)[:2] == ("上海", "上海")
    unlink(engine, edge)
    assert cities(engine) == (None, "上海", 1)


def test_no_special_person_no_work(engine: Engine) -> None:
    """Merges and unmerges of people without any word ask no question of the tags."""
    edge = link(engine)
    with engine.database.transaction() as conn:
        assert engine.profile_projection.moved(conn, [0, 1, 2, 3]) == 0
    unlink(engine, edge)
    assert cities(engine) == ("上海", "上海", 2)
