"""The routes of one customer, behind a real key."""

from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from tests.asgi import Client
from tests.profile_town import SHOP, Town

from quanyu.clock import FixedClock
from quanyu.interfaces.api import privacy, profiles
from quanyu.interfaces.api.problems import answer_failures
from quanyu.storage.postgres.access import ApiKeys
from quanyu.storage.postgres.database import Database

LI = {"identifier": "taobao_id:li"}
NOBODY = {"identifier": "taobao_id:nobody"}
READ = [("POST", "/v1/person"), ("GET", "/v1/tags"), ("POST", "/v1/person/consents"),
        ("POST", "/v1/person/export")]  # fmt: skip
WRITE = [("POST", "/v1/person/consents/grant"), ("POST", "/v1/person/consents/withdraw"),
         ("POST", "/v1/person/personalisation"), ("POST", "/v1/person/erase")]  # fmt: skip


@pytest.fixture
def town(database: Database, clock: FixedClock) -> Town:
    built = Town(database, clock)
    built.says(
        built.event("member_joined", ("taobao_id", "li"), props={"city": "上海", "gender": "女"})
    )
    return built


@pytest.fixture
def app(town: Town) -> FastAPI:
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


def client(app: FastAPI, *scopes: str, merchant: str = SHOP) -> Client:
    key: Any = app.state.quanyu.access.create(merchant, scopes)
    secret = key[0] if isinstance(key, tuple) else getattr(key, "secret", key)
    return Client(app, headers={"Authorization": f"Bearer {secret}"})


def test_a_profile(app: FastAPI) -> None:
    answer = client(app, "persons:read").post("/v1/person", json=LI)
    assert answer.status_code == 200
    document = answer.json()
    assert document["portrait"] == "女性、上海"
    assert {
        "person",
        "identifiers",
        "tags",
        "timeline",
        "consents",
        "off_switch",
    } <= document.keys()
    tag = next(one for one in document["tags"] if one["key"] == "city")
    assert tag["value"] == tag["text"] == "上海"
    assert tag["events"] == [document["timeline"][0]["event_id"]]


def test_the_tags_in_force(app: FastAPI) -> None:
    listed = client(app, "persons:read").get("/v1/tags").json()
    assert {"key": "city", "label": "城市", "kind": "fact", "type": "text",
            "purpose": "personalisation", "sensitive": False} in listed  # fmt: skip


@pytest.mark.parametrize(("method", "path"), [*READ, *WRITE])
def test_every_route_needs_a_key_with_its_scope(app: FastAPI, method: str, path: str) -> None:
    assert Client(app).request(method, path, json=LI).status_code == 401
    wrong = "audiences:read" if (method, path) in READ else "persons:read"
    assert client(app, wrong).request(method, path, json=LI).status_code == 403


@pytest.mark.parametrize("path", ["", "/consents", "/export"])
def test_nobody_is_404(app: FastAPI, path: str) -> None:
    assert client(app, "persons:read").post(f"/v1/person{path}", json=NOBODY).status_code == 404


def test_another_merchant_s_key_sees_nobody(app: FastAPI) -> None:
    stranger = client(app, "persons:read", "privacy:write", merchant="rival")
    assert stranger.post("/v1/person", json=LI).status_code == 404
    assert stranger.post("/v1/person/erase", json=LI).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"identifier": "no-colon"}),
        ("", {"identifier": "taobao_id:"}),
        ("/consents/grant", LI | {"purpose": "fun"}),
        ("/consents/grant", LI | {"purpose": "analytics", "actor": " "}),
    ],
)
def test_bad_input_is_400_with_the_field(app: FastAPI, path: str, body: dict[str, Any]) -> None:
    answer = client(app, "admin").post(f"/v1/person{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] in ("identifier", "purpose", "actor")


def test_yes_and_no(app: FastAPI) -> None:
    writer = client(app, "privacy:write")
    word = LI | {"purpose": "marketing_messages"}
    for action, allowed in (("grant", True), ("withdraw", False)):
        answer = writer.post(f"/v1/person/consents/{action}", json=word).json()
        grounds = {one["purpose"]: one["allowed"] for one in answer["consents"]}
        assert grounds["marketing_messages"] is allowed
    reader = client(app, "persons:read")
    assert len(reader.post("/v1/person/consents", json=LI).json()["ledger"]) == 2


def test_the_off_switch(app: FastAPI) -> None:
    writer, reader = client(app, "privacy:write"), client(app, "persons:read")
    switched = writer.post("/v1/person/personalisation", json=LI | {"on": False})
    assert switched.json() == {"off_switch": True}
    assert reader.post("/v1/person", json=LI).json()["tags"] == []


def test_a_copy_and_then_erasure(app: FastAPI) -> None:
    writer, reader = client(app, "privacy:write"), client(app, "persons:read")
    assert len(reader.post("/v1/person/export", json=LI).json()["events"]) == 1
    receipt = writer.post("/v1/person/erase", json=LI).json()
    assert receipt["receipt"].startswith("erasure_")
    assert receipt["erased"]["events"] == 1
    assert reader.post("/v1/person", json=LI).status_code == 404
