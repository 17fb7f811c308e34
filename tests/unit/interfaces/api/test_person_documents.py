"""What the routes of one customer answer, part by part, and what they say to bad input."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from tests.asgi import Client
from tests.profile_town import SHOP, Town

from quanyu.clock import FixedClock, parse_iso
from quanyu.customers.privacy.purposes import purposes
from quanyu.interfaces.api import privacy, profiles
from quanyu.interfaces.api.problems import answer_failures
from quanyu.storage.postgres.access import ApiKeys
from quanyu.storage.postgres.copies import SECTIONS
from quanyu.storage.postgres.database import Database

LI = {"identifier": "taobao_id:li"}
PERSON, EXPORT, ERASE = "/v1/person", "/v1/person/export", "/v1/person/erase"
GRANT, WITHDRAW = "/v1/person/consents/grant", "/v1/person/consents/withdraw"
SWITCH, CONSENTS = "/v1/person/personalisation", "/v1/person/consents"


def street(database: Database) -> Town:
    """Li at two merchants: one knows the city, the other a purchase."""
    built = Town(database, FixedClock(parse_iso("2026-03-10T12:00:00+08:00")))
    li = ("taobao_id", "li")
    built.says(built.event("member_joined", li, days_ago=2, props={"city": "上海"}))
    paid = {"order": "o-1", "amount": 16_800, "item": "口红-7", "props": {"category": "美妆"}}
    built.says(built.event("payment_completed", li, days_ago=1, **paid), merchant="rival")
    return built


@pytest.fixture
def town(database: Database) -> Town:
    return street(database)


@pytest.fixture
def app(town: Town) -> FastAPI:
    return routes(town)


@pytest.fixture(scope="module")
def untouched(fresh_databases: Any) -> Iterator[tuple[Town, Client]]:
    """A street in which nothing changes, because nobody says anything that can be used."""
    url = fresh_databases.take()
    with Database(url) as database:
        town = street(database)
        yield town, door(routes(town))
    fresh_databases.discard(url)


def routes(town: Town) -> FastAPI:
    app = FastAPI()
    answer_failures(app)
    app.include_router(profiles.router)
    app.include_router(privacy.router)
    access = ApiKeys(town.database, town.clock)
    app.state.quanyu = SimpleNamespace(
        profiles=town.profiles,
        privacy=town.privacy,
        copies=town.copies,
        clock=town.clock,
        access=access,
    )
    return app


def door(app: FastAPI, merchant: str = SHOP) -> Client:
    created: Any = app.state.quanyu.access.create(merchant, ("admin",))
    secret = created[0] if isinstance(created, tuple) else getattr(created, "secret", created)
    return Client(app, headers={"Authorization": f"Bearer {secret}"})


def test_a_tag_in_full(app: FastAPI) -> None:
    document = door(app, "rival").post(PERSON, json=LI).json()
    tag = next(tag for tag in document["tags"] if tag["key"] == "spent_365d")
    assert tag == {
        "key": "spent_365d", "label": "近 365 天消费额", "kind": "statistic", "value": 16_800,
        "text": "¥168.00", "purpose": "analytics", "as_of": "2026-03-10T12:00:00+08:00",
        "last_event_at": "2026-03-09T12:00:00+08:00", "events": ["e00002"],
    }  # fmt: skip
    assert document["timeline"] == [{
        "event_id": "e00002", "at": "2026-03-09T12:00:00+08:00", "kind": "payment_completed",
        "touchpoint": "taobao.app", "item": "口红-7", "order": "o-1", "amount": 16_800,
    }]  # fmt: skip


def test_a_copy_for_the_customer_is_complete(app: FastAPI) -> None:
    client = door(app, "rival")
    client.post(GRANT, json=LI | {"purpose": "marketing_messages", "actor": "till 3"})
    profile, copy = (client.post(path, json=LI).json() for path in (PERSON, EXPORT))
    held = {"person", "identifiers", "exported_at", "tags", "events", "consents"}
    assert copy.keys() == held | SECTIONS.keys() | {"audiences", "format"}
    assert all(copy[section] == [] for section in SECTIONS)
    assert copy["person"] == profile["person"]
    assert copy["identifiers"] == profile["identifiers"]
    assert copy["exported_at"] == "2026-03-10T12:00:00+08:00"
    values = [{tag["key"]: tag["value"] for tag in one["tags"]} for one in (copy, profile)]
    assert values[0] == values[1]
    assert copy["events"] == [
        event | {"props": {"category": "美妆"}} for event in profile["timeline"]
    ]
    assert copy["consents"] == [
        {"purpose": "marketing_messages", "action": "grant", "notice_version": 1,
         "at": "2026-03-10T12:00:00+08:00", "actor": "till 3"},
    ]  # fmt: skip


def test_two_merchants_know_two_people(app: FastAPI) -> None:
    ours, theirs = door(app), door(app, "rival")
    documents = [client.post(PERSON, json=LI).json() for client in (ours, theirs)]
    assert documents[0]["portrait"] == "上海"
    assert documents[1]["portrait"] == ""
    assert documents[0]["person"] != documents[1]["person"]
    assert ours.post(WITHDRAW, json=LI | {"purpose": "analytics"}).status_code == 200
    assert theirs.post(CONSENTS, json=LI).json()["ledger"] == []
    assert ours.post(ERASE, json=LI).status_code == 200
    assert ours.post(PERSON, json=LI).status_code == 404
    assert theirs.post(PERSON, json=LI).json() == documents[1]


@pytest.mark.parametrize(("timeline", "shown"), [(0, 0), (1, 1), (20, 3), (1000, 3)])
def test_the_timeline_is_as_long_as_asked(
    app: FastAPI, town: Town, timeline: int, shown: int
) -> None:
    town.says(*(town.event("view", ("taobao_id", "li"), item=f"i{n}") for n in range(2)))
    answer = door(app).post(PERSON, json=LI | {"timeline": timeline}).json()
    assert len(answer["timeline"]) == shown
    assert answer["portrait"] == "上海"


def test_the_tags_in_force_are_the_catalogue(app: FastAPI, town: Town) -> None:
    listed = door(app).get("/v1/tags").json()
    assert [tag["key"] for tag in listed] == list(town.catalogue.tags)
    assert {tag["purpose"] for tag in listed} <= purposes().keys()
    types = {tag["key"]: tag["type"] for tag in listed}
    assert {types[key] for key in ("age", "days_since_purchase", "spent_365d")} == {"number"}
    assert {types[key] for key in ("lifecycle", "city", "member_since")} == {"text"}
    assert {types[key] for key in ("monthly_category", "active_hours")} == {"texts"}


def test_a_no_hides_tags_from_the_next_answer_on(app: FastAPI) -> None:
    client = door(app, "rival")
    said = client.post(WITHDRAW, json=LI | {"purpose": "analytics"}).json()
    assert {one["purpose"]: one["ground"] for one in said["consents"]} == {
        "service": "contract", "analytics": "withdrawn", "personalisation": "notice",
        "marketing_messages": "no_consent", "precise_location": "no_consent",
        "sensitive_profile": "no_consent", "partner_sharing": "no_consent",
    }  # fmt: skip
    shown = client.post(PERSON, json=LI).json()
    assert {tag["purpose"] for tag in shown["tags"]} == {"personalisation"}
    assert shown["consents"] == said["consents"]


def test_off_and_on_by_the_same_route(app: FastAPI, town: Town) -> None:
    client = door(app)
    before = client.post(PERSON, json=LI).json()["tags"]
    for on in (False, True):
        town.clock.advance(1)
        answer = client.post(SWITCH, json=LI | {"on": on, "actor": "app"})
        assert answer.json() == {"off_switch": not on}
        assert bool(client.post(PERSON, json=LI).json()["tags"]) is on
    after = client.post(PERSON, json=LI).json()["tags"]
    assert [tag["value"] for tag in after] == [tag["value"] for tag in before]
    ledger = client.post(CONSENTS, json=LI).json()["ledger"]
    assert [(line["action"], line["actor"]) for line in ledger] == [
        ("withdraw", "app"),
        ("grant", "app"),
    ]


def test_an_answer_about_a_new_identifier_is_kept_for_later(app: FastAPI, town: Town) -> None:
    client, new = door(app), {"identifier": "taobao_id:new"}
    assert client.post(SWITCH, json=new | {"on": False}).json() == {"off_switch": True}
    town.says(town.event("member_joined", ("taobao_id", "new"), props={"city": "苏州"}))
    shown = client.post(PERSON, json=new).json()
    assert (shown["portrait"], shown["tags"], shown["off_switch"]) == ("", [], True)


@pytest.mark.parametrize(
    ("path", "body", "status", "field", "mend"),
    [
        (PERSON, {"identifier": "li"}, 400, "identifier", "write kind:value"),
        (PERSON, {"identifier": "Taobao:li"}, 400, "identifier", "write kind:value"),
        (PERSON, {"identifier": "taobao_id: "}, 400, "identifier", "1 to 256 characters"),
        (PERSON, {"identifier": "taobao_id:" + "x" * 257}, 400, "identifier", "1 to 256"),
        (PERSON, {"identifier": "taobao_id:a\0b"}, 400, "identifier", "1 to 256"),
        (PERSON, {"identifier": "x" * 301}, 422, "identifier", "at most 300"),
        (PERSON, {}, 422, "identifier", "required"),
        (PERSON, LI | {"timeline": -1}, 422, "timeline", "greater than or equal to 0"),
        (PERSON, LI | {"timeline": 1001}, 422, "timeline", "less than or equal to 1000"),
        (PERSON, LI | {"merchant": "rival"}, 422, "merchant", "not permitted"),
        (EXPORT, LI | {"timeline": 5}, 422, "timeline", "not permitted"),
        (ERASE, {"identifier": ":li"}, 400, "identifier", "write kind:value"),
        (GRANT, LI, 422, "purpose", "required"),
        (GRANT, LI | {"purpose": "fun"}, 400, "purpose", "'fun' is not one of analytics"),
        (WITHDRAW, LI | {"purpose": ""}, 400, "purpose", "is not one of"),
        (WITHDRAW, LI | {"purpose": "p" * 65}, 422, "purpose", "at most 64"),
        (GRANT, LI | {"purpose": "analytics", "actor": "\t"}, 400, "actor", "name who says so"),
        (GRANT, LI | {"purpose": "analytics", "actor": "x" * 65}, 422, "actor", "at most 64"),
        (SWITCH, LI, 422, "on", "required"),
        (SWITCH, LI | {"on": "perhaps"}, 422, "on", "boolean"),
        (SWITCH, LI | {"on": False, "actor": ""}, 400, "actor", "name who says so"),
        (GRANT, LI | {"purpose": "analytics", "actor": "a\0b"}, 400, "actor", "name who says so"),
        (PERSON, [], 422, "body", "dictionary"),
    ],
)
def test_bad_input_names_field_and_mend_and_does_nothing(
    untouched: tuple[Town, Client], path: str, body: Any, status: int, field: str, mend: str
) -> None:
    town, client = untouched
    answer = client.post(path, json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (status, "bad_input", field)
    assert mend in error["mend"]
    assert town.rows("SELECT * FROM consent") == town.rows("SELECT * FROM erasure") == []
