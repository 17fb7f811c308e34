"""Corrections on a whole engine and over its routes: profile, audiences and the protection of
minors follow; the history, the copy and the erasure know of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.asgi import Client
from tests.engine_ground import TEA, faults, opened, said, settled, tell

from quanyu.clock import DAY_US, FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

LI = "taobao_id:li"


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        joins(made, clock, "li", city="杭州", birth_year=1990)
        yield made
        settled(made)
        assert faults(made) == {}


def joins(engine: Engine, clock: FixedClock, name: str, **props: Any) -> None:
    at_us = clock.now_us() - 2 * DAY_US
    told = said(f"{name}-join", {"taobao_id": name}, at_us=at_us, kind="member_joined", props=props)
    tell(engine, TEA, told)
    settled(engine)


class Door:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        app = create_app(engine)
        secret = engine.access.create(TEA, ["privacy:write", "persons:read"]).secret
        self.client = Client(app, headers={"Authorization": f"Bearer {secret}"})
        reader = engine.access.create(TEA, ["persons:read"]).secret
        self.reader = Client(app, headers={"Authorization": f"Bearer {reader}"})

    def correct(self, field: str, value: Any, *, key: str, who: str = LI, **told: str) -> Any:
        body = {"identifier": who, "field": field, "value": value, **told}
        headers = {"Idempotency-Key": key}
        answer = self.client.post("/v1/person/correct", json=body, headers=headers)
        settled(self.engine)
        return answer

    def history(self, who: str = LI) -> list[dict[str, Any]]:
        answer = self.reader.post("/v1/person/corrections", json={"identifier": who})
        assert answer.status_code == 200
        return list(answer.json()["corrections"])


@pytest.fixture
def door(engine: Engine) -> Door:
    return Door(engine)


def tag(engine: Engine, key: str, who: str = LI) -> Any:
    profile = engine.profiles.profile(TEA, who)
    assert profile is not None
    return {line.reading.tag.key: line.reading.value for line in profile.tags}.get(key)


def test_the_profile_and_the_audiences_follow(
    door: Door, engine: Engine, clock: FixedClock
) -> None:
    tree = {"tag": "city", "op": "eq", "value": "上海"}
    engine.audiences.create(TEA, "上海", definition=tree)
    assert (tag(engine, "city"), engine.audiences.count(TEA, "上海")) == ("杭州", 0)
    clock.advance(1)
    answer = door.correct("city", "上海", key="k1", reason="搬家", actor="clerk")
    assert (answer.status_code, answer.json()["was"], answer.json()["is"]) == (200, "杭州", "上海")
    assert (tag(engine, "city"), engine.audiences.count(TEA, "上海")) == ("上海", 1)
    assert (
        door.correct("city", "上海", key="k1", reason="搬家", actor="clerk").json() == answer.json()
    )
    [line] = door.history()
    assert line == answer.json()
    copy = engine.copies.of(TEA, LI)
    assert copy is not None
    assert [one["kind"] for one in copy["events"]] == ["fact_corrected", "member_joined"]


def test_what_cannot_be_says_why(door: Door) -> None:
    for field, value, code in (
        ("city", "杭州", "already_so"),
        ("age_band", "18-24", "follows_from_events"),
    ):
        answer = door.correct(field, value, key=field)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, code)
        assert answer.json()["error"]["mend"]
    for field, value, bad in (("shoe_size", "38", "field"), ("birth_year", "90", "value")):
        answer = door.correct(field, value, key=field)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, bad)
    assert door.correct("city", "上海", key="k", who="taobao_id:nobody").status_code == 404
    body = {"identifier": LI, "field": "city", "value": "上海"}
    assert door.client.post("/v1/person/correct", json=body).status_code in (400, 422)
    keyed = {"Idempotency-Key": "k"}
    assert door.reader.post("/v1/person/correct", json=body, headers=keyed).status_code == 403
    assert door.history() == []


def test_two_people_may_use_one_key(door: Door, engine: Engine, clock: FixedClock) -> None:
    joins(engine, clock, "wu", city="苏州")
    clock.advance(1)
    assert door.correct("city", "上海", key="k").json()["was"] == "杭州"
    assert door.correct("city", "上海", key="k", who="taobao_id:wu").json()["was"] == "苏州"
    assert (tag(engine, "city"), tag(engine, "city", "taobao_id:wu")) == ("上海", "上海")


def test_a_mistaken_adult_becomes_a_minor_at_once_and_back_only_with_proof(
    door: Door, engine: Engine, clock: FixedClock
) -> None:
    assert tag(engine, "age") is not None
    clock.advance(1)
    assert door.correct("birth_year", 2015, key="k1").status_code == 200
    assert tag(engine, "age") is None
    clock.advance(1)
    answer = door.correct("birth_year", 1990, key="k2")
    assert answer.json()["error"]["code"] == "ends_protection"
    assert tag(engine, "age") is None
    answer = door.correct("birth_year", 1991, key="k3", proof="身份证已核")
    assert (answer.status_code, answer.json()["was"]) == (200, 2015)
    subject = engine.privacy.known_subject(TEA, LI)
    assert subject.birth_year == 1991
    assert [(one["was"], one["is"]) for one in door.history()] == [(2015, 1991), (1990, 2015)]


def test_erased_with_the_person(door: Door, engine: Engine, clock: FixedClock) -> None:
    clock.advance(1)
    door.correct("city", "上海", key="k1", reason="搬家")
    assert engine.privacy.erase(TEA, LI) is not None
    settled(engine)
    assert door.reader.post("/v1/person/corrections", json={"identifier": LI}).status_code == 404
    assert door.correct("city", "上海", key="k1").status_code == 404


def test_browsing_goes_by_its_term_and_a_correction_stays(
    door: Door, engine: Engine, clock: FixedClock
) -> None:
    tell(engine, TEA, said("seen", {"taobao_id": "li"}, at_us=clock.now_us()))
    clock.advance(1)
    door.correct("city", "上海", key="k1")
    clock.advance(401 * DAY_US)
    engine.retention.run()
    settled(engine)
    copy = engine.copies.of(TEA, LI)
    assert copy is not None
    assert [one["kind"] for one in copy["events"]] == ["fact_corrected", "member_joined"]
    assert [one["is"] for one in door.history()] == ["上海"]
