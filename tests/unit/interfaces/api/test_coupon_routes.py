"""Offers, coupons and redemptions over HTTP: the whole application, real keys, a real book."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.asgi import Client
from tests.money_ground import template

from quanyu.clock import MINUTE_US, FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.promotions.coupons.refusals import Reason
from quanyu.settings import Settings
from quanyu.storage.postgres.api_key import Scope
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

LI = "taobao_id:li"


@pytest.fixture
def engine(database: Database, data_dir: Path, clock: FixedClock) -> Iterator[Engine]:
    made = Engine(Settings(data_dir=data_dir), database, clock=clock)
    yield made
    made.close()


class Door:
    def __init__(self, engine: Engine, *scopes: str, merchant: str = "tea") -> None:
        chosen = scopes or tuple(scope.value for scope in Scope)
        key = engine.access.create(merchant, chosen)
        self._client = Client(create_app(engine), headers={"Authorization": f"Bearer {key.secret}"})
        self._keys = 0

    def get(self, path: str) -> httpx.Response:
        return self._client.get(path)

    def post(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        self._keys += 1
        headers = {"Idempotency-Key": key or f"key-{self._keys}"}
        return self._client.post(path, json=body, headers=headers)

    def bare(self, path: str, body: Any) -> httpx.Response:
        return self._client.post(path, json=body)

    def ok(self, path: str, body: Any, key: str | None = None) -> Any:
        answer = self.post(path, body, key)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, body: Any, *, status: int) -> str:
        answer = self.post(path, body)
        assert answer.status_code == status, answer.text
        return str(answer.json()["error"]["code"])

    def publish(self, id: str = "t1", **change: Any) -> None:
        self.ok("/v1/offers", {"template": template(id, **change), "actor": "lin"})
        self.ok(f"/v1/offers/{id}/moves/submit", {"actor": "lin"})
        self.ok(f"/v1/offers/{id}/moves/approve", {"actor": "wang"})


@pytest.fixture
def door(engine: Engine) -> Door:
    return Door(engine)


def test_from_the_draft_to_the_till(door: Door) -> None:
    door.publish()
    coupon = door.ok("/v1/coupons/claim", {"offer": "t1", "identifier": LI})
    assert (coupon["state"], coupon["face"], coupon["discount"]) == ("issued", 2000, None)
    held = {"coupon": coupon["coupon"], "identifier": LI}
    qr = door.ok("/v1/coupons/shown-code", held)["qr"]
    bill = {"code": qr, "amount": 15_000, "store": "s1"}
    used = door.ok("/v1/redemptions", bill, key="till-1")
    assert (used["state"], used["discount"], used["store"]) == ("used", 2000, "s1")
    assert door.ok("/v1/redemptions", bill, key="till-1") == used
    other = door.post("/v1/redemptions", bill | {"amount": 16_000}, key="till-1")
    assert (other.status_code, other.json()["error"]["code"]) == (
        422, "key_used_for_another_request",
    )  # fmt: skip
    undone = {"coupon": coupon["coupon"], "store": "s1"}
    assert door.ok("/v1/redemptions/undo", undone)["state"] == "issued"
    shown = door.get("/v1/offers/t1").json()
    assert shown["balances"]["pieces/out"] == 1
    assert [line["what"] for line in shown["history"]] == ["create", "submit", "approve"]


def test_a_bill_with_lines_over_http(door: Door) -> None:
    """Only the lines in the scope count, and a sum alone does not say which they are."""
    door.publish(terms={"scope": {"categories": ["drinks"]}})
    coupon = door.ok("/v1/coupons/claim", {"offer": "t1", "identifier": LI})["coupon"]
    at = {"coupon": coupon, "store": "s1"}
    tea = {"item": "tea", "quantity": 3, "list_price": 3000, "category": "drinks"}
    cup = {"item": "cup", "quantity": 1, "list_price": 9000}
    assert door.refused("/v1/redemptions", at | {"amount": 50_000}, status=409) == "needs_lines"
    short = door.refused("/v1/redemptions", at | {"lines": [tea, cup]}, status=409)
    assert short == "below_threshold"
    used = door.ok("/v1/redemptions", at | {"lines": [tea | {"quantity": 4}, cup]})
    assert used["discount"] == 2000


def test_an_order_over_http(door: Door) -> None:
    door.publish()
    coupon = door.ok("/v1/coupons/issue", {"offer": "t1", "identifier": LI})["coupon"]
    locked = {"coupon": coupon, "order": "o1", "ttl": "30m"}
    assert door.ok("/v1/coupons/lock", locked)["until"]
    wrong = door.refused("/v1/coupons/lock", {"coupon": coupon, "order": "o2"}, status=409)
    assert wrong == "locked_by_other_order"
    used = door.ok("/v1/coupons/use", {"coupon": coupon, "order": "o1", "amount": 1234})
    assert used["discount"] == 1234
    assert [one["coupon"] for one in door.ok("/v1/coupons/find", {"order": "o1"})] == [coupon]
    back = door.ok("/v1/coupons/return", {"coupon": coupon, "order": "o1"})
    assert back["state"] == "issued"
    assert door.ok("/v1/coupons/find", {"identifier": LI})[0]["coupon"] == coupon
    assert door.ok("/v1/coupons/find", {"identifier": "taobao_id:wu"}) == []


def test_a_till_that_was_not_answered_repeats_itself_with_the_code_it_has(
    door: Door, clock: FixedClock
) -> None:
    """The code on the screen has grown old meanwhile: the key counts. For a new intent it does
    not, and a fresh code under that key does."""
    door.publish(per_person=2)
    first, second = (
        door.ok("/v1/coupons/issue", {"offer": "t1", "identifier": LI})["coupon"] for _ in range(2)
    )
    at = {"amount": 15_000, "store": "s1"}
    scans = []
    for coupon in (first, second):
        shown = door.ok("/v1/coupons/shown-code", {"coupon": coupon, "identifier": LI})["qr"]
        scans.append(at | {"code": shown})
    used = door.ok("/v1/redemptions", scans[0], key="till 1")
    clock.advance(5 * MINUTE_US)
    assert door.ok("/v1/redemptions", scans[0], key="till 1") == used
    late = door.post("/v1/redemptions", scans[1], key="till 2")
    assert late.json()["error"]["code"] == "bad_code"
    fresh = door.ok("/v1/coupons/shown-code", {"coupon": second, "identifier": LI})["qr"]
    assert door.ok("/v1/redemptions", at | {"code": fresh}, key="till 2")["state"] == "used"
    assert door.post("/v1/redemptions", scans[0], key="till 3").status_code == 409


def test_a_gift_over_http(door: Door) -> None:
    door.publish(giftable=True)
    coupon = door.ok("/v1/coupons/issue", {"offer": "t1", "identifier": LI})["coupon"]
    given = door.ok("/v1/coupons/gift", {"coupon": coupon, "identifier": LI}, key="g")
    again = door.ok("/v1/coupons/gift", {"coupon": coupon, "identifier": LI}, key="g")
    assert given == again
    taken = {"coupon": coupon, "gift": given["gift"], "identifier": "phone:13900001111"}
    wrong = door.refused("/v1/coupons/accept", taken | {"gift": "x"}, status=409)
    assert wrong == "bad_code"
    assert door.ok("/v1/coupons/accept", taken)["state"] == "issued"
    assert door.ok("/v1/coupons/find", {"identifier": LI}) == []


def test_printed_codes_over_http(door: Door) -> None:
    door.publish()
    batch = {"offer": "t1", "batch": "spring", "pieces": 5}
    assert door.ok("/v1/coupons/codes", batch)["made"] == 5
    exported = door.post("/v1/coupons/codes/export", {"batch": "spring"})
    lines = exported.text.splitlines()
    assert exported.headers["content-type"].startswith("text/csv")
    assert (lines[0], len(lines)) == ("number,code,qr", 6)
    code = lines[3].split(",")[1].lower()
    bill = {"code": code, "amount": 10_000, "store": "s1"}
    assert door.ok("/v1/redemptions", bill)["last4"] == code[-4:].upper()
    too_many = {"offer": "t1", "batch": "summer", "pieces": 996}
    assert door.refused("/v1/coupons/codes", too_many, status=409) == "cap_pieces"
    assert door.refused("/v1/coupons/codes/export", {"batch": "none"}, status=404) == "not_found"


def test_the_switches_over_http(door: Door) -> None:
    door.publish()
    coupon = door.ok("/v1/coupons/issue", {"offer": "t1", "identifier": LI})["coupon"]
    bill = {"coupon": coupon, "amount": 15_000, "store": "s1"}
    assert door.ok("/v1/offers/t1/kill", {"actor": "lin", "note": "leaked"})["killed"]
    assert door.refused("/v1/redemptions", bill, status=409) == "killed"
    assert not door.ok("/v1/offers/t1/revive", {"actor": "lin"})["killed"]
    assert door.ok("/v1/offers/kill", {"actor": "lin"}) == {"killed": ["t1"]}
    assert door.ok("/v1/offers/revive", {"actor": "lin"}) == {"revived": ["t1"]}
    signed = {"actor": "lin"}
    assert door.refused("/v1/offers/t1/breaker-reset", signed, status=409) == "not_tripped"
    assert door.refused("/v1/offers/none/kill", signed, status=404) == "not_found"
    assert door.ok("/v1/offers/t1/moves/pause", signed)["state"] == "paused"
    assert door.refused("/v1/redemptions", bill, status=409) == "offer_paused"
    assert door.refused("/v1/offers/t1/moves/submit", signed, status=409) == "wrong_state"
    assert door.get("/v1/offers").json()[0]["offer"] == "t1"


BAD_BILLS: dict[str, tuple[Any, str]] = {
    "nothing": ({}, "store"),
    "no sum": ({"coupon": "c", "store": "s"}, "amount"),
    "a line of nothing": ({"coupon": "c", "store": "s", "lines": [{}]}, "lines[0]"),
    "lines of another sum": (
        {
            "coupon": "c",
            "store": "s",
            "amount": 9,
            "lines": [{"item": "i", "quantity": 1, "list_price": 5}],
        },
        "amount",
    ),
    "no store": ({"coupon": "c", "amount": 5}, "store"),
    "no code": ({"amount": 5, "store": "s"}, "code"),
    "both": ({"coupon": "c", "code": "QY1", "amount": 5, "store": "s"}, "coupon"),
    "zero": ({"coupon": "c", "amount": 0, "store": "s"}, "amount"),
    "negative": ({"coupon": "c", "amount": -5, "store": "s"}, "amount"),
    "fraction": ({"coupon": "c", "amount": 1.5, "store": "s"}, "amount"),
    "overflow": ({"coupon": "c", "amount": 10**16, "store": "s"}, "amount"),
    "an order": ({"coupon": "c", "amount": 5, "store": "s", "order": "o"}, "order"),
    "unknown field": ({"coupon": "c", "amount": 5, "store": "s", "x": 1}, "body"),
    "unknown mark": ({"coupon": "c", "amount": 5, "store": "s", "marks": {"x": "1"}}, "marks.x"),
    "a list": ([], "body"),
}


@pytest.mark.parametrize(("body", "field"), BAD_BILLS.values(), ids=BAD_BILLS)
def test_a_bill_that_cannot_be_read(door: Door, body: Any, field: str) -> None:
    answer = door.post("/v1/redemptions", body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"] == field


def test_a_till_without_a_key_of_its_own(door: Door) -> None:
    bill = {"coupon": "c", "amount": 5, "store": "s"}
    answer = door.bare("/v1/redemptions", bill)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "Idempotency-Key")
    assert door.bare("/v1/coupons/claim", {"offer": "t1", "identifier": LI}).status_code == 422
    phone = door.post("/v1/redemptions", bill, "13800138000")
    assert (phone.status_code, phone.json()["error"]["field"]) == (400, "idempotency_key")


def test_a_coupon_of_another_merchant_is_not_there(engine: Engine, door: Door) -> None:
    door.publish()
    coupon = door.ok("/v1/coupons/issue", {"offer": "t1", "identifier": LI})["coupon"]
    other = Door(engine, merchant="shoes")
    bill = {"coupon": coupon, "amount": 15_000, "store": "s1"}
    assert other.refused("/v1/redemptions", bill, status=404) == Reason.NOT_FOUND
    assert other.get(f"/v1/coupons/{coupon}").status_code == 404
    assert other.get("/v1/offers/t1").status_code == 404
    shown = {"coupon": coupon, "identifier": LI}
    assert other.refused("/v1/coupons/shown-code", shown, status=404) == "not_found"
    stranger = {"coupon": coupon, "identifier": "taobao_id:wu"}
    assert door.refused("/v1/coupons/shown-code", stranger, status=404) == "not_found"


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("offers:read", {"GET /v1/offers"}),
        ("coupons:read", {"POST /v1/coupons/find"}),
        ("redemptions:write", {"POST /v1/redemptions"}),
        ("events:write", set()),
    ],
)
def test_a_scope_opens_its_own_doors(engine: Engine, scope: str, allowed: set[str]) -> None:
    door = Door(engine, scope)
    opened = {
        "GET /v1/offers": door.get("/v1/offers"),
        "POST /v1/offers": door.post("/v1/offers", {"template": {}, "actor": "lin"}),
        "POST /v1/coupons/claim": door.post("/v1/coupons/claim", {"offer": "t", "identifier": LI}),
        "POST /v1/coupons/find": door.post("/v1/coupons/find", {"identifier": LI}),
        "POST /v1/redemptions": door.post(
            "/v1/redemptions", {"coupon": "c", "amount": 5, "store": "s"}
        ),
        "POST /v1/redemptions/undo": door.post(
            "/v1/redemptions/undo", {"coupon": "c", "store": "s"}
        ),
    }
    passed = {name for name, answer in opened.items() if answer.status_code != 403}
    if scope == "redemptions:write":
        allowed = allowed | {"POST /v1/redemptions/undo"}
    assert passed == allowed


def test_somebody_who_is_too_fast_is_told_to_wait(door: Door) -> None:
    door.publish(per_person=1)
    claim = {"offer": "t1", "identifier": LI, "marks": {"device": "d1"}}
    codes = [door.post("/v1/coupons/claim", claim) for _ in range(7)]
    assert [answer.status_code for answer in codes] == [200, 409, 409, 409, 409, 409, 429]
    assert codes[1].json()["error"] == {
        "code": "per_person_limit",
        "message": "Refused: per person limit (have 1, need 1).",
        "mend": "this person has had as many as one person may, over all identifiers",
    }
    assert codes[6].json()["error"]["code"] == "too_fast"


def test_identifiers_leave_no_trace(door: Door, database: Database) -> None:
    door.publish()
    phone = {"offer": "t1", "identifier": "phone:13912345678", "marks": {"device": "imei-42"}}
    door.ok("/v1/coupons/claim", phone)
    with database.transaction() as tx:
        names = tx.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (name,) in names:
            text = str(tx.execute(f'SELECT t::text FROM "{name}" t').fetchall())
            assert "13912345678" not in text, name
            assert "imei-42" not in text, name
