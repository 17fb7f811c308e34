"""Profiles in PostgreSQL: folded per node, read per person, the same in every order."""

import random
from typing import Any

import pytest
from tests.profile_town import SHOP, Town

from quanyu.clock import DAY_US, FixedClock
from quanyu.customers.profile.catalogue import Catalogue
from quanyu.customers.profile.definitions import Measure, Tag
from quanyu.customers.profile.loading import tag_definitions
from quanyu.storage.postgres.database import Database

LI = ("taobao_id", "li")
LI_EATS = ("eleme_id", "li-eats")
WANG = ("taobao_id", "wang")
BUY = "payment_completed"


@pytest.fixture
def town(database: Database, clock: FixedClock) -> Town:
    return Town(database, clock)


def purchase(town: Town, who: tuple[str, str], days_ago: float, **rest: Any) -> dict[str, Any]:
    category = rest.pop("category", "美妆")
    number = rest.pop("number", f"{who[1]}-{days_ago}-{category}")
    bill = {"order": f"o-{number}", "amount": 9900, "item": "lipstick"}
    props = {"category": category}
    return town.event(BUY, who, days_ago=days_ago, **(bill | {"props": props} | rest))


def everything(town: Town) -> list[tuple[Any, ...]]:
    states = town.rows("SELECT node, state FROM tag_state ORDER BY node")
    history = town.rows("SELECT node, at_us, event FROM history ORDER BY node, at_us, event")
    return [*states, *history]


def test_a_purchase_shows_in_the_profile(town: Town) -> None:
    town.says(purchase(town, LI, 3))
    tags = town.tags(LI)
    assert tags["purchases_30d"] == 1
    assert tags["spent_365d"] == 9900
    assert tags["days_since_purchase"] == 3
    assert tags["lifecycle"] == "new"
    assert tags["favourite_categories"] == ("美妆",)


def test_each_tag_names_the_events_it_came_from(town: Town) -> None:
    first, second = purchase(town, LI, 3), purchase(town, LI, 1, category="数码")
    town.says(first, second, town.event("view", LI, days_ago=2, props={"category": "美妆"}))
    lines = {line.reading.tag.key: line for line in town.profile(LI).tags}
    ids = {key: [e.event_id for e in line.events] for key, line in lines.items()}
    assert ids["purchases_30d"] == [second["event_id"], first["event_id"]]
    assert ids["days_since_purchase"] == [second["event_id"]]
    assert ids["days_since_first_purchase"] == [first["event_id"]]
    assert set(ids["lifecycle"]) == {first["event_id"], second["event_id"]}


def test_evidence_of_a_favourite_is_about_the_favourite(town: Town) -> None:
    beauty = [purchase(town, LI, day, category="美妆") for day in (3, 4, 5)]
    town.says(purchase(town, LI, 1, category="数码"), *beauty)
    line = next(t for t in town.profile(LI).tags if t.reading.tag.key == "monthly_category")
    assert line.reading.text == "每月买 1 次美妆"
    assert [e.event_id for e in line.events] == [e["event_id"] for e in beauty]


def test_a_person_is_all_of_their_identifiers(town: Town) -> None:
    town.says(purchase(town, LI, 3), purchase(town, LI_EATS, 1, category="外卖"))
    assert town.tags(LI)["purchases_30d"] == 1
    person = town.link(LI, LI_EATS)
    assert town.tags(LI) == town.tags(LI_EATS)
    assert town.tags(LI)["purchases_30d"] == 2
    assert town.values(person)[person]["purchases_30d"] == 2
    town.unlink(LI, LI_EATS)
    assert town.tags(LI)["purchases_30d"] == 1


def test_nobody_has_an_unknown_identifier(town: Town) -> None:
    assert town.profiles.profile(SHOP, "taobao_id:nobody") is None
    assert town.profiles.profile("never-heard-of", "taobao_id:li") is None
    assert town.values(4711) == {}


def test_merchants_do_not_see_each_other(town: Town) -> None:
    town.says(purchase(town, LI, 3))
    town.says(purchase(town, LI, 3), purchase(town, LI, 2), merchant="rival")
    assert town.tags(LI)["purchases_30d"] == 1
    assert town.tags(LI, "rival")["purchases_30d"] == 2
    stranger = town.node(LI, "rival")
    assert town.values(stranger) == {}
    assert town.values(stranger, merchant="rival")[stranger]["purchases_30d"] == 2


def test_order_and_duplicates_do_not_matter(town: Town, fresh_databases: Any) -> None:
    events = [
        purchase(town, who, day, category=category, number=f"{who[1]}{day}{category}")
        for who in (LI, WANG, LI_EATS)
        for day in (0, 1, 20, 40, 95, 400)
        for category in ("美妆", "数码")
    ]
    nodes = [town.node(who) for who in (LI, WANG, LI_EATS)]
    town.says(*events)
    url = fresh_databases.take()
    with Database(url) as database:
        other = Town(database, town.clock)
        assert [other.node(who) for who in (LI, WANG, LI_EATS)] == nodes
        shuffled = events * 2
        random.Random(7).shuffle(shuffled)
        for at in range(0, len(shuffled), 5):
            other.says(*shuffled[at : at + 5])
        assert everything(other) == everything(town)
    fresh_databases.discard(url)


def test_a_rebuild_gives_the_same_state(town: Town) -> None:
    for day in range(5):
        town.says(purchase(town, LI, day), purchase(town, WANG, day))
    before = everything(town)
    assert town.rebuild() == 10
    assert everything(town) == before


def test_windows_move_with_the_clock(town: Town) -> None:
    town.says(purchase(town, LI, 0))
    town.clock.advance(29 * DAY_US)
    assert town.tags(LI)["purchases_30d"] == 1
    town.clock.advance(DAY_US)
    assert "purchases_30d" not in town.tags(LI)
    assert town.tags(LI)["purchases_90d"] == 1
    assert town.tags(LI)["lifecycle"] == "active"
    town.clock.advance(200 * DAY_US)
    assert town.tags(LI)["lifecycle"] == "lost"


def test_the_timeline_is_newest_first_and_shows_no_identifier(town: Town) -> None:
    town.says(*(purchase(town, LI, day) for day in range(30)))
    shown = town.profile(LI).as_json()
    assert len(shown["timeline"]) == 20
    times = [event["at"] for event in shown["timeline"]]
    assert times == sorted(times, reverse=True)
    assert "identifiers" not in shown["timeline"][0]
    assert shown["identifiers"][0]["identifier"].startswith("taobao_id:…")
    assert town.token(LI)[1].hex() not in str(shown)


def test_the_public_id_is_stable_and_tells_nothing(town: Town) -> None:
    town.says(purchase(town, LI, 0), purchase(town, LI_EATS, 0))
    town.link(LI, LI_EATS)
    ids = {town.profile(who).person.identity.public_id for who in (LI, LI_EATS)}
    smallest = min(town.token(LI)[1], town.token(LI_EATS)[1])
    assert ids == {"p_" + smallest[:10].hex()}


def test_a_changed_definition_is_folded_from_history(town: Town) -> None:
    town.says(*(purchase(town, LI, day) for day in (1, 2, 3)))
    weekly = Tag(
        key="purchases_7d",
        label="近 7 天",
        kind="statistic",
        purpose="analytics",
        measure=Measure(aggregate="count", events=(BUY,), window_days=7),
    )
    shipped = tag_definitions()
    wider = Catalogue([*shipped.tags.values(), weekly], shipped.portrait_groups)
    later = Town(town.database, town.clock, wider)
    assert "purchases_7d" not in later.tags(LI)
    with town.database.transaction() as conn:
        assert later.projection.refresh(conn)
        assert not later.projection.refresh(conn)
    assert later.tags(LI)["purchases_7d"] == 3
    later.says(purchase(town, LI, 0))
    assert later.tags(LI)["purchases_7d"] == 4


def test_an_export_holds_everything_and_no_token(town: Town) -> None:
    town.says(*(purchase(town, LI, day) for day in range(30)))
    copy = town.profiles.export(SHOP, "taobao_id:li")
    assert copy is not None
    assert len(copy["events"]) == 30
    assert copy["events"][0]["props"] == {"category": "美妆"}
    assert {tag["key"] for tag in copy["tags"]} >= {"purchases_30d", "lifecycle"}
    assert town.token(LI)[1].hex() not in str(copy)


def test_an_empty_batch_of_persons_is_no_question(town: Town) -> None:
    assert town.values() == {}


def test_a_node_without_events_has_an_empty_profile(town: Town) -> None:
    town.node(LI)
    profile = town.profile(LI)
    assert profile.portrait == ""
    assert profile.tags == ()
    assert profile.timeline == ()
