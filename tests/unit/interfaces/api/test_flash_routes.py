"""Flash sales over HTTP."""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.asgi import Client
from tests.engine_ground import opened
from tests.loyalty_ground import SHOP, TERMS

from quanyu.clock import FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database

ANN, BEN = {"identifier": "taobao_id:ann"}, {"identifier": "taobao_id:ben"}
SALE: dict[str, Any] = {
    "name": "noon",
    "item": "serum",
    "price_fen": 9_900,
    "pieces": 1,
    "starts": "2026-03-10T12:00:00+08:00",
    "ends": "2026-03-10T13:00:00+08:00",
}
_keys = count(1)


@pytest.fixture
def app(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[FastAPI]:
    with opened(database, clock, data_dir) as engine:
        yield create_app(engine)


class Door:
    def __init__(self, app: FastAPI, merchant: str = SHOP, scope: str = "admin") -> None:
        secret = app.state.quanyu.access.create(merchant, [scope]).secret
        self.client = Client(app, headers={"Authorization": f"Bearer {secret}"})

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key or f"k{next(_keys)}"}
        return self.client.post(f"/v1/flash-sales{path}", json=body, headers=headers)

    def standing(self) -> dict[str, int]:
        found: dict[str, int] = self.client.get("/v1/flash-sales/noon").json()["standing"]
        return found


@pytest.fixture
def door(app: FastAPI) -> Door:
    made = Door(app)
    answer = made.post("", {"sale": SALE})
    assert answer.status_code == 200, answer.text
    assert answer.json()["standing"] == {"loaded": 1, "free": 1, "held": 0, "sold": 0}
    return made


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_one_piece_two_buyers(door: Door) -> None:
    held = door.post("/noon/attempts", ANN, key="a").json()
    assert (held["item"], held["price_fen"], held["state"]) == ("serum", 9_900, "held")
    assert held["expires"] == "2026-03-10T12:15:00+08:00"
    assert door.post("/noon/attempts", ANN, key="a").json() == held
    assert code(door.post("/noon/attempts", BEN)) == (409, "sold_out")
    assert door.standing() == {"loaded": 1, "free": 0, "held": 1, "sold": 0}
    sold = door.post(f"/holds/{held['hold']}/confirm", {"order": "o1"})
    assert sold.json()["state"] == "sold"
    assert door.standing()["sold"] == 1
    assert code(door.post(f"/holds/{held['hold']}/release")) == (409, "wrong_state")


def test_a_piece_is_sold_to_one_order(door: Door) -> None:
    held = door.post("/noon/attempts", ANN).json()["hold"]
    door.post(f"/holds/{held}/confirm", {"order": "o1"})
    assert door.post(f"/holds/{held}/confirm", {"order": "o1"}).status_code == 200
    assert code(door.post(f"/holds/{held}/confirm", {"order": "o2"})) == (409, "wrong_state")


def test_a_released_piece_is_free(door: Door) -> None:
    held = door.post("/noon/attempts", ANN).json()["hold"]
    assert door.post(f"/holds/{held}/release").json()["state"] == "released"
    assert door.post("/noon/attempts", BEN).status_code == 200


def test_members_only(door: Door, app: FastAPI) -> None:
    door.post("", {"sale": SALE | {"name": "inner", "only": "member"}})
    assert code(door.post("/inner/attempts", ANN)) == (409, "not_eligible")
    app.state.quanyu.loyalty.define(SHOP, "stars", body=json.dumps(TERMS).encode())
    join = {"programme": "stars", **ANN}
    headers = {"Idempotency-Key": "j"}
    assert door.client.post("/v1/points/members", json=join, headers=headers).status_code == 200
    assert door.post("/inner/attempts", ANN).status_code == 200


def test_the_kill_switch(door: Door) -> None:
    assert door.post("/noon/close").json()["closed"] is True
    assert code(door.post("/noon/attempts", ANN)) == (409, "closed")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "noon"}, "name"),
        ({"name": "b", "pieces": 0}, "pieces"),
        ({"name": "b", "price_fen": -1}, "price_fen"),
        ({"name": "b", "price_fen": 1.5}, "price_fen"),
        ({"name": "b", "ends": SALE["starts"]}, "ends"),
        ({"name": "b", "starts": "noon"}, "starts"),
        ({"name": "b", "hold_seconds": 10**9}, "hold_seconds"),
    ],
)
def test_a_sale_that_cannot_be(door: Door, change: dict[str, Any], field: str) -> None:
    answer = door.post("", {"sale": SALE | change})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/none/attempts", ANN, 404),
        ("/no%20name/attempts", ANN, 404),
        ("/noon/attempts", {"identifier": "nobody"}, 400),
        ("/noon/attempts", {}, 422),
        ("/holds/zz/confirm", {"order": "o1"}, 404),
        ("/holds/00/release", None, 404),
        ("/holds/00/confirm", {}, 422),
        ("/none/close", None, 404),
    ],
)
def test_what_is_not_there_or_not_right(door: Door, path: str, body: Any, status: int) -> None:
    assert door.post(path, body).status_code == status


def test_another_merchant_sees_no_sale(door: Door, app: FastAPI) -> None:
    held = door.post("/noon/attempts", ANN).json()["hold"]
    rival = Door(app, "rival")
    assert rival.client.get("/v1/flash-sales/noon").status_code == 404
    assert rival.post("/noon/attempts", ANN).status_code == 404
    assert rival.post(f"/holds/{held}/confirm", {"order": "o"}).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", ""), ("GET", "/noon"), ("POST", "/noon/close"), ("POST", "/noon/attempts"),
        ("POST", "/holds/00/confirm"), ("POST", "/holds/00/release"),
    ],
)  # fmt: skip
def test_every_route_needs_a_key_with_its_scope(app: FastAPI, method: str, path: str) -> None:
    place = f"/v1/flash-sales{path}"
    assert Client(app).request(method, place, json={}).status_code == 401
    wrong = "flash:write" if method == "GET" else "flash:read"
    assert Door(app, scope=wrong).client.request(method, place, json={}).status_code == 403
