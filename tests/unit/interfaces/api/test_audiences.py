"""The routes of audiences, behind a real key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.asgi import Client
from tests.audience_world import BUYERS, QUIET, SHOP, World, opened, pay

from quanyu.clock import FixedClock
from quanyu.interfaces.api import audiences
from quanyu.interfaces.api.problems import answer_failures
from quanyu.storage.postgres.database import Database

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
ALL = ("audiences:read", "audiences:write", "persons:read")


@pytest.fixture
def world(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[World]:
    with opened(database, clock, data_dir) as made:
        pay(made, "ann")
        made.record("view", "eve")
        made.settle()
        yield made


@pytest.fixture
def app(world: World) -> FastAPI:
    app = FastAPI()
    answer_failures(app)
    app.include_router(audiences.router)
    app.state.quanyu = world.engine
    return app


def client(app: FastAPI, *scopes: str, merchant: str = SHOP) -> Client:
    key: Any = app.state.quanyu.access.create(merchant, scopes or ALL)
    secret = key[0] if isinstance(key, tuple) else getattr(key, "secret", key)
    return Client(app, headers={"Authorization": f"Bearer {secret}"})


def test_put_get_count_and_delete(app: FastAPI) -> None:
    door = client(app)
    made = door.put("/v1/audiences/buyers", json=BUYERS)
    assert made.status_code == 200
    assert made.json() | {"created_at": "", "updated_at": ""} == {
        "audience": "buyers",
        "version": 1,
        "people": 1,
        "definition": BUYERS | {"measure": "count"},
        "created_at": "",
        "updated_at": "",
    }
    assert door.get("/v1/audiences/buyers").json() == made.json()
    assert door.get("/v1/audiences").json() == [made.json()]
    count = door.get("/v1/audiences/buyers/count").json()
    assert count == {"audience": "buyers", "people": 1}
    assert door.delete("/v1/audiences/buyers").json() == {"deleted": "buyers"}
    assert door.get("/v1/audiences/buyers/count").status_code == 404


def test_a_bad_definition_names_the_place(app: FastAPI) -> None:
    answer = client(app).put("/v1/audiences/x", json={"all": [BUYERS, {"event": "payed"}]})
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "all[1].event"


@pytest.mark.parametrize("raw", [b"{", b'{"all":[],"all":[]}', b"[" * 10_000, b"\xff"])
def test_bad_json_is_a_bad_request(app: FastAPI, raw: bytes) -> None:
    assert client(app).put("/v1/audiences/x", content=raw).status_code == 400


def test_estimate_keeps_nothing(app: FastAPI) -> None:
    door = client(app)
    found = door.post("/v1/audiences/estimate", json=QUIET).json()
    assert (found["people"], found["exact"]) == (1, True)
    (shown,) = found["sample"]
    assert "…" in shown
    assert door.get("/v1/audiences").json() == []


def test_explain_combine_tiers_and_members(app: FastAPI, world: World) -> None:
    door = client(app)
    for name, form in (("buyers", BUYERS), ("quiet", QUIET)):
        door.put(f"/v1/audiences/{name}", json=form)
    asked = {"identifier": "member_id:eve"}
    why = door.post("/v1/audiences/buyers/explain", json=asked).json()
    assert (why["member"], why["conditions"][0]["have"]) == (False, 0)
    both = {"operation": "union", "audiences": ["buyers", "quiet"]}
    assert door.post("/v1/audiences/combine", json=both).json()["people"] == 2
    assert door.get("/v1/audiences/tiers").json()["lifecycle"]["新客"] == 1
    world.engine.privacy.grant(SHOP, "member_id:ann", purpose="marketing_messages")
    listed = door.get("/v1/audiences/buyers/members").json()["people"]
    text = door.get("/v1/audiences/buyers/members?format=csv").text
    assert text == f"person\n{listed[0]}\n"
    assert door.get("/v1/audiences/buyers/lookalike").status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/audiences", "audiences:write"),
        ("PUT", "/v1/audiences/x", "audiences:read"),
        ("DELETE", "/v1/audiences/x", "audiences:read"),
        ("GET", "/v1/audiences/x/members", "audiences:read"),
    ],
)
def test_a_key_without_the_scope_is_turned_away(
    app: FastAPI, method: str, path: str, scope: str
) -> None:
    assert client(app, scope).request(method, path).status_code == 403


def test_another_merchant_sees_nothing(app: FastAPI) -> None:
    client(app).put("/v1/audiences/buyers", json=BUYERS)
    stranger = client(app, merchant="other")
    assert stranger.get("/v1/audiences").json() == []
    assert stranger.get("/v1/audiences/buyers").status_code == 404
