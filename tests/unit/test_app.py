"""The verbs of the product on a whole engine, and two merchants who never meet."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.conftest import FreshDatabases
from tests.engine_ground import (
    SHOES,
    TEA,
    body,
    market_events,
    opened,
    paid,
    reports,
    rows,
    said,
    settled,
)

from quanyu.app import Quanyu
from quanyu.clock import DAY_US, FixedClock, parse_iso
from quanyu.customers.identity.answers import Person
from quanyu.errors import BadInput, NotFound
from quanyu.events.bodies import Unusable
from quanyu.events.service import Receipt
from quanyu.measurement.overview import OverviewQuery
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

LI = "taobao_id:li"
BOUGHT = {"event": "payment_completed", "op": "ge", "value": 1}


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


@pytest.fixture
def app(engine: Engine) -> Quanyu:
    return engine.app


class TestVerbs:
    def test_record_answers_with_a_receipt(self, app: Quanyu, clock: FixedClock) -> None:
        good, bad = said("e1", {"taobao_id": "li"}, at_us=clock.now_us()), {"event_id": "e2"}
        receipt = app.record(TEA, body([good, good, bad]))
        assert isinstance(receipt, Receipt)
        assert (receipt.received, receipt.accepted, receipt.duplicate) == (3, 1, 1)
        assert [refusal.index for refusal in receipt.refusals] == [2]
        assert isinstance(app.record(TEA, b"<xml/>"), Unusable)

    def test_identify_finds_all_identifiers_of_one_customer(
        self, app: Quanyu, engine: Engine, clock: FixedClock
    ) -> None:
        both = {"taobao_id": "li", "phone": "138 0000 0001"}
        app.record(TEA, body([said("e1", both, at_us=clock.now_us())]))
        settled(engine)
        person = app.identify(TEA, LI)
        assert isinstance(person, Person)
        assert {node.kind for node in person.nodes} == {"taobao_id", "phone"}
        assert app.identify(TEA, "phone:13800000001") == person
        with pytest.raises(NotFound, match="taobao_id"):
            app.identify(TEA, "taobao_id:nobody")

    def test_profile_follows_what_was_recorded(
        self, app: Quanyu, engine: Engine, clock: FixedClock
    ) -> None:
        assert app.profile(TEA, LI) is None
        props = {"category": "茶", "city": "上海"}
        app.record(TEA, body([paid("e1", {"taobao_id": "li"}, at_us=clock.now_us(), props=props)]))
        settled(engine)
        profile = app.profile(TEA, LI)
        assert profile is not None
        assert [event.event_id for event in profile.timeline] == ["e1"]
        assert "上海" in profile.portrait

    def test_define_makes_versions_and_counts(
        self, app: Quanyu, engine: Engine, clock: FixedClock
    ) -> None:
        app.record(TEA, body([paid("e1", {"taobao_id": "li"}, at_us=clock.now_us())]))
        settled(engine)
        made = app.define(TEA, "买过", definition=BOUGHT)
        assert (made.version, made.people) == (1, 1)
        changed = app.define(TEA, "买过", definition={**BOUGHT, "value": 2})
        assert (changed.version, changed.people) == (2, 0)
        with pytest.raises(BadInput, match="op"):
            app.define(TEA, "买过", definition={**BOUGHT, "op": "; DROP TABLE"})
        assert engine.audiences.get(TEA, "买过") == changed, "a refused one changes nothing"

    def test_report_sees_what_was_accepted_a_moment_ago(
        self, app: Quanyu, clock: FixedClock
    ) -> None:
        app.record(TEA, body([paid("e1", {"taobao_id": "li"}, at_us=clock.now_us())]))
        overview = app.report().overview(TEA, OverviewQuery())
        assert (overview.people, overview.gmv_fen) == (1, 12_900)

    def test_erase_answers_once(self, app: Quanyu, engine: Engine, clock: FixedClock) -> None:
        app.record(TEA, body([said("e1", {"taobao_id": "li"}, at_us=clock.now_us())]))
        settled(engine)
        receipt = app.erase(TEA, LI)
        assert receipt is not None
        assert receipt.erased["events"] == 1
        assert app.erase(TEA, LI) is None
        assert app.profile(TEA, LI) is None
        assert app.report().overview(TEA, OverviewQuery()).events == 0


# ---- two merchants


def canary(merchant: str) -> str:
    return {TEA: "龙井金丝雀", SHOES: "球鞋金丝雀"}[merchant]


def visits(merchant: str, clock: FixedClock) -> list[dict[str, Any]]:
    """The same customers, event ids and orders at both; only the words differ."""
    word, at_us = canary(merchant), clock.now_us() - DAY_US
    li = {"taobao_id": "li", "phone": "13800000001"}
    there = {"item": f"{word}-货", "store": f"{word}-店", "campaign": f"{word}-活动"}
    return [
        said("e1", li, at_us=at_us, query=f"{word} 在哪", props={"category": word}, **there),
        paid("e2", li, at_us=at_us + 1_000_000, props={"category": word, "note": word}, **there),
        *(
            said(f"v{n}", {"taobao_id": f"v{n}"}, at_us=at_us, props={"category": word}, **there)
            for n in range(12)
        ),
        said("bad", li, at_us=at_us, kind=f"dance-{merchant}"),
    ]


@pytest.fixture(scope="module")
def both(
    fresh_databases: FreshDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """The two, side by side, for looking only."""
    url, clock = fresh_databases.take(), FixedClock(parse_iso("2026-03-10T12:00:00+08:00"))
    with Database(url) as database, opened(database, clock, tmp_path_factory.mktemp("both")) as one:
        yield side_by_side(one, clock)
    fresh_databases.discard(url)


def side_by_side(engine: Engine, clock: FixedClock) -> Engine:
    """Each with an audience that carries its word, and a part of its events in the lake."""
    for merchant in (TEA, SHOES):
        engine.app.record(merchant, body(visits(merchant, clock)))
    settled(engine)
    engine.lake.flush()
    for merchant in (TEA, SHOES):
        definition = {**BOUGHT, "where": {"category": canary(merchant)}}
        engine.app.define(merchant, f"买过{canary(merchant)}", definition=definition)
        engine.app.define(merchant, "同名", definition=definition)
        late = paid("e9", {"taobao_id": "li"}, at_us=clock.now_us(), item=canary(merchant))
        engine.app.record(merchant, body([late]))
    settled(engine)
    return engine


def everything_shown(engine: Engine, merchant: str) -> str:
    """All that this merchant can be answered, as one text."""
    profile = engine.app.profile(merchant, LI)
    assert profile is not None
    quarantined = list(engine.events.quarantined(merchant))
    answers = [
        profile.as_json(),
        engine.profiles.export(merchant, LI),
        engine.app.identify(merchant, LI).as_json(),
        [edge.as_json() for edge in engine.identity.edges(merchant, LI)],
        [msgspec.to_builtins(one) for one in engine.audiences.list(merchant)],
        list(engine.audiences.members(merchant, "同名", purpose="analytics")),
        msgspec.to_builtins(engine.audiences.explain(merchant, "同名", identifier=LI)),
        engine.audiences.lifecycle(merchant),
        reports(engine, merchant),
        [entry.as_json() for entry in quarantined],
        [engine.events.shown(merchant, entry.id) for entry in quarantined],
    ]
    return msgspec.json.encode(answers).decode()


@pytest.mark.parametrize(("mine", "theirs"), [(TEA, SHOES), (SHOES, TEA)])
class TestTwoMerchants:
    def test_nothing_that_one_is_shown_comes_from_the_other(
        self, both: Engine, mine: str, theirs: str
    ) -> None:
        shown = everything_shown(both, mine)
        assert canary(mine) in shown
        assert canary(theirs) not in shown
        assert f"dance-{theirs}" not in shown

    def test_one_customer_has_two_names_that_cannot_be_joined(
        self, both: Engine, mine: str, theirs: str
    ) -> None:
        here, there = both.app.identify(mine, LI), both.app.identify(theirs, LI)
        assert here.public_id != there.public_id
        assert not {n.token for n in here.nodes} & {n.token for n in there.nodes}
        assert not {n.node for n in here.nodes} & {n.node for n in there.nodes}

    def test_an_edge_of_the_other_is_not_there(self, both: Engine, mine: str, theirs: str) -> None:
        (edge,) = both.identity.edges(theirs, LI)
        with pytest.raises(NotFound):
            both.identity.unlink(mine, str(edge.id), actor="clerk")
        assert both.identity.edges(theirs, LI) == [edge]

    def test_a_quarantined_event_of_the_other_is_not_there(
        self, both: Engine, mine: str, theirs: str
    ) -> None:
        (entry,) = both.events.quarantined(theirs)
        assert both.events.shown(mine, entry.id) is None
        assert both.events.replay(mine, entry.id) is None
        assert list(both.events.quarantined(theirs)) == [entry]

    def test_an_audience_of_the_other_is_not_there(
        self, both: Engine, mine: str, theirs: str
    ) -> None:
        name = f"买过{canary(theirs)}"
        for asked in (both.audiences.count, both.audiences.get, both.audiences.delete):
            with pytest.raises(NotFound):
                asked(mine, name)
        with pytest.raises(BadInput):
            both.app.define(mine, "借来的", definition={"audience": name})
        assert both.audiences.count(theirs, name) == 1

    def test_a_name_that_nobody_uses_sees_nothing(
        self, both: Engine, mine: str, theirs: str
    ) -> None:
        nobody = f"{mine}2"
        assert both.app.report().overview(nobody, OverviewQuery()).events == 0
        assert both.app.profile(nobody, LI) is None
        assert both.audiences.list(nobody) == []
        assert list(both.events.quarantined(nobody)) == []
        assert both.app.erase(nobody, LI) is None
        known = rows(both.database, "SELECT name FROM merchant ORDER BY name")
        assert (nobody,) not in known, "asking begins no merchant"


def test_what_one_does_changes_nothing_for_the_other(engine: Engine, clock: FixedClock) -> None:
    side_by_side(engine, clock)
    before = everything_shown(engine, SHOES)
    engine.identity.link(TEA, (LI, "taobao_id:v1"), rule="manual", actor="clerk")
    engine.app.define(TEA, "同名", definition={"event": "view", "op": "ge", "value": 1})
    engine.privacy.personalise(TEA, "taobao_id:v2", on=False)
    engine.app.erase(TEA, LI)
    settled(engine)
    assert everything_shown(engine, SHOES) == before


def test_the_same_market_twice_is_two_equal_worlds(
    app: Quanyu, engine: Engine, clock: FixedClock
) -> None:
    """Equal input gives equal answers up to names, so nothing leaks from one to the other."""
    for merchant in (TEA, SHOES):
        app.record(merchant, body(market_events(clock)))
    settled(engine)
    assert reports(engine, TEA) == reports(engine, SHOES)
    alone = app.define(TEA, "看过", definition={"event": "view", "op": "ge", "value": 1})
    assert app.define(SHOES, "看过", definition=alone.definition).people == alone.people
