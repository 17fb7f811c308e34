"""Points over HTTP, behind real keys."""

from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from tests.asgi import Client
from tests.engine_ground import opened, rows
from tests.loyalty_ground import ITEM, SHOP, TERMS

from quanyu.clock import DAY_US, FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

ANN, BEN, PHONE = "taobao_id:ann", "taobao_id:ben", "phone:13764021985"
_keys = count(1)
READ = {
    ("GET", "/v1/points/programmes"),
    ("GET", "/v1/points/items"),
    ("POST", "/v1/points/balance"),
    ("POST", "/v1/points/lots"),
    ("POST", "/v1/points/eligibility"),
    ("POST", "/v1/points/entitlements"),
}
WRITE = {
    ("PUT", "/v1/points/programmes"),
    ("POST", "/v1/points/members"),
    ("POST", "/v1/points/earn"),
    ("POST", "/v1/points/spend"),
    ("POST", "/v1/points/cancel"),
    ("POST", "/v1/points/refund"),
    ("POST", "/v1/points/transfer"),
    ("POST", "/v1/points/freeze"),
    ("POST", "/v1/points/items"),
    ("POST", "/v1/points/exchange"),
    ("POST", "/v1/points/entitlements/end"),
}


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


@pytest.fixture
def app(engine: Engine) -> FastAPI:
    return create_app(engine)


class Door:
    """One merchant's client; each call has a key of its own unless said."""

    def __init__(self, app: FastAPI, merchant: str = SHOP, scope: str = "admin") -> None:
        secret = app.state.quanyu.access.create(merchant, [scope]).secret
        self._client = Client(app, headers={"Authorization": f"Bearer {secret}"})

    def post(self, path: str, *, key: str | None = None, **body: Any) -> Any:
        headers = {"Idempotency-Key": key or f"k{next(_keys)}"}
        return self._client.post(f"/v1/points/{path}", json=body, headers=headers)

    def say(self, path: str, *, key: str | None = None, **body: Any) -> Any:
        answer = self.post(path, key=key, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str, **query: str) -> Any:
        return self._client.get(f"/v1/points/{path}", params=query)

    def put(self, path: str, **body: Any) -> Any:
        return self._client.put(f"/v1/points/{path}", json=body)


@pytest.fixture
def door(app: FastAPI) -> Door:
    made = Door(app)
    assert made.put("programmes", name="stars", terms=TERMS).status_code == 200
    for who in (ANN, BEN):
        made.say("members", programme="stars", identifier=who)
    return made


def who(identifier: str = ANN) -> dict[str, str]:
    return {"programme": "stars", "identifier": identifier}


def test_a_member_s_life(door: Door, clock: FixedClock) -> None:
    lines = [{"cash": 5_000, "flags": ["green"]}, {"cash": 2_000}]
    earned = door.say("earn", **who(), order="o1", lines=lines, flags=["no_cutlery"])
    assert earned["points"] == 120
    assert earned["available"] == "2026-03-17T12:00:00+08:00"
    assert earned["effects"] == [{"offer": "red-packet", "because": "no_cutlery"}]
    balance = door.say("balance", **who())
    assert (balance["available"], balance["pending"], balance["tier"]) == (50, 120, "silver")
    clock.advance(7 * DAY_US)
    assert door.say("spend", **who(), order="o2", points=150) == {"points": 150, "value_fen": 150}
    assert door.say("cancel", programme="stars", order="o2", points=50)["points"] == 50
    assert door.say("refund", programme="stars", order="o1", cash=7_000) == {
        "points": 120,
        "debt": 50,
    }
    lots = door.say("lots", **who())
    assert [(one["source"], one["state"]) for one in lots] == [
        ("order", "reversed"),
        ("joining", "spent"),
    ]
    assert lots[0]["order"] == "o1"
    assert door.say("balance", **who())["debt"] == 50


def test_programmes_are_listed_with_their_terms(door: Door) -> None:
    (one,) = door.get("programmes").json()
    assert (one["owner"], one["name"]) == (SHOP, "stars")
    assert one["terms"]["expiry"] == {"kind": "months", "count": 12}


def test_points_go_to_another_member(door: Door) -> None:
    door.say("transfer", **who(), to=BEN, points=20)
    assert door.say("balance", **who(BEN))["available"] == 70


def test_a_frozen_member(door: Door) -> None:
    assert door.say("freeze", **who(), frozen=True) == {"frozen": True}
    assert door.post("spend", **who(), order="o", points=1).json()["error"]["code"] == "frozen"
    door.say("freeze", **who(), frozen=False)
    door.say("spend", **who(), order="o", points=1)


def test_eligibility(door: Door) -> None:
    assert door.say("eligibility", identifier=ANN) == ["member"]
    assert door.say("eligibility", identifier="taobao_id:nobody") == []


def test_points_buy_a_benefit_that_the_partner_fulfils(door: Door, app: FastAPI) -> None:
    assert door.say("items", programme="stars", offered=ITEM)["partner"] == "video"
    assert [one["name"] for one in door.get("items", programme="stars").json()] == ["video-month"]
    bought = door.say("exchange", **who(), item="video-month", key="x1")
    assert door.say("exchange", **who(), item="video-month", key="x1") == bought
    (held,) = door.say("entitlements", **who())
    assert (held["code"], held["state"]) == (bought["code"], "ordered")
    stranger, partner = Door(app, "rival"), Door(app, "video")
    assert stranger.post("entitlements/end", code=held["code"], given=True).status_code == 404
    assert partner.say("entitlements/end", code=held["code"], given=True)["state"] == "fulfilled"
    again = partner.post("entitlements/end", code=held["code"], given=False)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "wrong_state")


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("spend", {**who(), "order": "o", "points": 51}, "not_enough_points"),
        ("transfer", {**who(), "to": ANN, "points": 1}, "same_member"),
        ("cancel", {"programme": "stars", "order": "none"}, "nothing_spent"),
        ("refund", {"programme": "stars", "order": "none", "cash": 1}, "nothing_earned"),
    ],
)
def test_a_refusal_is_a_conflict_with_its_reason(
    door: Door, path: str, body: dict[str, Any], code: str
) -> None:
    answer = door.post(path, **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, code)
    assert door.say("balance", **who())["available"] == 50


@pytest.mark.parametrize(
    ("path", "change", "status"),
    [
        ("spend", {"points": 0}, 422),
        ("spend", {"points": -1}, 422),
        ("spend", {"points": 1.5}, 422),
        ("spend", {"points": 2**70}, 422),
        ("spend", {"points": "many"}, 422),
        ("spend", {"order": ""}, 422),
        ("spend", {"order": "a\u0000b"}, 422),
        ("spend", {"identifier": "nobody"}, 400),
        ("spend", {"identifier": "taobao_id:\u0000"}, 400),
        ("spend", {"identifier": "taobao_id:stranger"}, 404),
        ("spend", {"programme": "moons"}, 404),
        ("spend", {"colour": "red"}, 422),
    ],
)
def test_bad_input(door: Door, path: str, change: dict[str, Any], status: int) -> None:
    body = {**who(), "order": "o", "points": 1} | change
    answer = door.post(path, **body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]
    assert door.say("balance", **who())["available"] == 50


@pytest.mark.parametrize(
    "lines", [[], [{"cash": -1}], [{"cash": 10**16}], [{"cash": 1.5}], [{"cash": 1, "x": 2}]]
)
def test_bad_lines(door: Door, lines: list[Any]) -> None:
    assert door.post("earn", **who(), order="o", lines=lines).status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"points": 0}, "points"),
        ({"benefit": "yacht"}, "benefit"),
        ({"pieces": -1}, "pieces"),
        ({"compensation_fen": -1}, "compensation_fen"),
        ({"per_person": 0}, "per_person"),
        ({"partner": ""}, "partner"),
        ({"colour": "red"}, "offered"),
    ],
)
def test_an_item_that_cannot_be(door: Door, change: dict[str, Any], field: str) -> None:
    answer = door.post("items", programme="stars", offered=ITEM | change)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    assert answer.json()["error"]["mend"]


def test_terms_that_cannot_be(door: Door) -> None:
    answer = door.put("programmes", name="x", terms=TERMS | {"points_per_yuan": -1})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "points_per_yuan")


def test_a_change_needs_a_key_and_one_key_is_one_intent(door: Door, app: FastAPI) -> None:
    bare = Door(app)._client.post("/v1/points/spend", json={**who(), "order": "o", "points": 1})
    assert bare.status_code == 422
    first = door.say("spend", key="one", **who(), order="o", points=5)
    assert door.say("spend", key="one", **who(), order="o", points=5) == first
    other = door.post("spend", key="one", **who(), order="o", points=6)
    assert other.status_code == 422
    assert other.json()["error"]["code"] == "key_used_for_another_request"
    assert door.say("balance", **who())["available"] == 45


def test_no_plain_hash_of_a_phone_number_is_kept(door: Door, engine: Engine) -> None:
    body = who(PHONE)
    door.say("members", key="joined", **body)
    ((kept,),) = rows(engine.database, "SELECT fingerprint FROM request WHERE key = 'joined'")
    plain = msgspec.json.encode({name: body[name] for name in sorted(body)})
    assert bytes(kept) != sha256(plain).digest()


@pytest.mark.parametrize(("method", "path"), sorted(READ | WRITE))
def test_every_route_needs_a_key_with_its_scope(app: FastAPI, method: str, path: str) -> None:
    assert Client(app).request(method, path, json={}).status_code == 401
    other = "points:read" if (method, path) in WRITE else "points:write"
    assert Door(app, scope=other)._client.request(method, path, json={}).status_code == 403


def test_another_merchant_is_nobody_s_shop(door: Door, app: FastAPI) -> None:
    rival = Door(app, "rival")
    assert rival.post("balance", **who()).status_code == 404
    assert rival.post("cancel", programme="stars", order="o").status_code == 404
    assert rival.get("programmes").json() == []
