"""Quotes and orders over HTTP, behind real keys, on a real book."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.engine_ground import opened, rows
from tests.orders_ground import (
    CART,
    OTHER,
    PAYABLE,
    PROMOTIONS,
    SHOP,
    Door,
    error_of,
    order_form,
    units,
)
from tests.unit.promotions.quote_example import CART as EXAMPLE
from tests.unit.promotions.quote_example import OFFERS

from quanyu.clock import MINUTE_US, FixedClock
from quanyu.events.requests import KEY_MAX, Conflict
from quanyu.interfaces.api.application import create_app
from quanyu.promotions.orders.states import OrderRefusal
from quanyu.promotions.pricing.refunds import RefundRefusal
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

PAYMENT = {"amount": PAYABLE, "method": "alipay"}
STEPS = ("pay", "ship", "confirm", "cancel", "refund")
BODIES = {"pay": PAYMENT, "refund": units("L1:1")}


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


@pytest.fixture
def app(engine: Engine) -> FastAPI:
    return create_app(engine)


@pytest.fixture
def door(app: FastAPI) -> Door:
    made = Door(app)
    made.promote()
    return made


class TestQuote:
    def test_the_worked_example(self, door: Door) -> None:
        found = door.ok("quote", {"cart": EXAMPLE, "offers": OFFERS})
        assert found["payable"] == 36_890
        assert found["settlement"] == {"A": 31_365, "B": 9_025}

    def test_without_offers_it_takes_the_merchant_s_own(self, door: Door, app: FastAPI) -> None:
        found = door.ok("quote", {"cart": CART})
        assert found["payable"] == PAYABLE
        assert {one["offer"]: one["status"] for one in found["trace"]} == {
            "A-100-10": "applied",
            "all-5": "applied",
        }
        assert Door(app, OTHER).ok("quote", {"cart": CART})["payable"] == 17_600

    def test_no_offers_at_all_is_the_list_price(self, door: Door) -> None:
        found = door.ok("quote", {"cart": CART, "offers": []})
        assert (found["payable"], found["trace"]) == (17_600, [])

    def test_nothing_is_locked_or_told(self, door: Door, engine: Engine) -> None:
        door.ok("quote", {"cart": CART})
        assert engine.log.read(0, 10) == []
        assert rows(engine.database, "SELECT count(*) FROM ledger_transfer") == [(0,)]

    @pytest.mark.parametrize(
        ("body", "field", "mend"),
        [
            (b"", "body", "send valid JSON"),
            (b"[]", "body", "expected object"),
            (b"{}", "body.cart", "missing required field"),
            (json.dumps({"cart": CART, "offer": []}), "body.offer", "unknown field"),
            (json.dumps({"cart": CART, "offers": [], "x": 1}), "body.x", "unknown field"),
            (json.dumps({"cart": CART, "offers": {}}), "body.offers", "expected array"),
            (json.dumps({"cart": CART | {"age": 31}}), "body.cart.age", "unknown field"),
            (json.dumps({"cart": CART | {"lines": []}}), "body.cart.lines", "length >= 1"),
            (json.dumps({"cart": CART | {"now": "2026-03-10"}}), "body.cart.now", "datetime"),
            (json.dumps({"cart": CART, "offers": [{"id": "x"}]}), "offers[0].lane", "missing"),
            (
                json.dumps({"cart": CART, "offers": [PROMOTIONS[0], PROMOTIONS[0]]}),
                "offers[1].id",
                "stands there already",
            ),
            (b'{"cart": {}, "cart": {}}', "body", "stands twice"),
        ],
    )
    def test_a_bad_body_is_named(self, door: Door, body: Any, field: str, mend: str) -> None:
        content = body if isinstance(body, bytes) else body.encode()
        error = error_of(door.raw("quote", content))
        assert (error["status"], error["code"], error["field"]) == (400, "bad_input", field)
        assert mend in error["mend"]


class TestLife:
    def test_from_the_cart_to_the_parcel_that_comes_back(self, door: Door) -> None:
        placed = door.place()
        assert placed == {
            "order": "o1",
            "state": "placed",
            "payable": PAYABLE,
            "pay_until": "2026-03-10T12:30:00+08:00",
        }
        assert door.pay() == {"order": "o1", "state": "paid", "payable": PAYABLE}
        assert door.ok("orders/o1/ship")["state"] == "shipped"
        assert door.ok("orders/o1/confirm")["state"] == "confirmed"
        back = door.ok("orders/o1/refund", units("L1:2"))
        shown = door.get("orders/o1").json()
        assert shown["refunded"] == back["cash_fen"] > 0
        assert (shown["state"], shown["returned"]) == ("confirmed", [{"line": "L1", "unit": 2}])
        last = door.ok("orders/o1/refund", units("L1:1", "L1:3", "L2:1"))
        assert last["complete"] is True
        assert door.get("orders/o1").json()["state"] == "refunded"

    def test_whole_refund_before_shipping_is_all_the_money(self, door: Door) -> None:
        door.buy()
        back = door.ok("orders/o1/refund", units("L1:1", "L1:2", "L1:3", "L2:1"))
        assert (back["cash_fen"], back["shipping_fen"]) == (PAYABLE, 600)
        assert back["red_packets"] == {"all-5": 500}
        assert back["shops"]["A"]["merchant_fen"] == 1_000

    def test_after_shipping_the_shipping_stays_paid(self, door: Door) -> None:
        door.buy()
        door.ok("orders/o1/ship")
        back = door.ok("orders/o1/refund", units("L1:1", "L1:2", "L1:3", "L2:1"))
        assert (back["cash_fen"], back["shipping_fen"]) == (PAYABLE - 600, 0)

    def test_a_cancelled_order_is_free_again(self, door: Door, engine: Engine) -> None:
        door.place()
        assert door.ok("orders/o1/cancel")["state"] == "cancelled"
        assert rows(engine.database, "SELECT count(*) FROM ledger_transfer") == [(0,)]

    def test_the_quote_that_was_placed_is_kept(self, door: Door) -> None:
        door.place()
        door.put(
            "promotions/A-100-10", PROMOTIONS[0] | {"benefit": {"percent_off": {"percent": 9}}}
        )
        shown = door.get("orders/o1").json()
        assert shown["quote"]["payable"] == shown["payable"] == PAYABLE
        assert door.ok("quote", {"cart": CART})["payable"] != PAYABLE

    def test_nothing_to_pay_is_paid_with_a_notice_of_nothing(self, door: Door) -> None:
        free = [{"line": "G", "shop": "A", "item": "sample", "quantity": 1, "list_price": 0}]
        placed = door.place("gift", cart={"now": CART["now"], "lines": free})
        assert placed["payable"] == 0
        assert door.pay("gift", 0)["state"] == "paid"


def bundle(door: Door) -> None:
    """Two cups for 80.00, which go back together or not at all."""
    door.promote(
        {"id": "pair", "lane": "shop", "shop": "A", "refund": "bundle_only",
         "benefit": {"bundle_price": {"items": {"cup": 2}, "price": 8_000}}}
    )  # fmt: skip
    lines = [CART["lines"][0] | {"quantity": 2}]
    door.buy("o1", cart={"now": CART["now"], "lines": lines})


def returned(door: Door) -> None:
    door.buy()
    door.ok("orders/o1/refund", units("L1:1"))


Set = Callable[[Door], object]
REFUSALS: list[tuple[str, Set, str, Any, str | None]] = [
    ("order_not_found", lambda d: None, "orders/o1/pay", PAYMENT, None),
    ("order_exists", lambda d: d.place(), "orders", order_form(), None),
    ("order_in_wrong_state", lambda d: d.place(), "orders/o1/ship", None, None),
    (
        "price_changed", lambda d: None, "orders", order_form(expected_payable=16_000),
        "have 16100, need 16000",
    ),
    (
        "above_advertised", lambda d: None, "orders", order_form(advertised={"L1": 4_000}),
        "have 13562, need 12000",
    ),
    (
        "amount_differs", lambda d: d.place(), "orders/o1/pay", PAYMENT | {"amount": PAYABLE - 1},
        "have 16099, need 16100",
    ),
    ("unit_named_twice", lambda d: d.buy(), "orders/o1/refund", units("L1:1", "L1:1"), None),
    ("coupon_not_usable", lambda d: None, "orders", order_form(coupons=["c_1"]), "have 0, need 1"),
    ("nothing_to_refund", lambda d: d.buy(), "orders/o1/refund", units(), None),
    ("unit_not_in_order", lambda d: d.buy(), "orders/o1/refund", units("L1:4"), None),
    ("unit_returned_already", returned, "orders/o1/refund", units("L1:1"), None),
    (
        "bundle_returns_only_as_a_whole", bundle, "orders/o1/refund", units("L1:1"),
        "have 1, need 2",
    ),
]  # fmt: skip
OVER = "pay_deadline_over"
ELSEWHERE = {OVER, OrderRefusal.POINTS_WORTH_LESS, OrderRefusal.PIECES_DIFFER}
"""Below, in test_shared_programme.py and in test_order_companions.py."""


class TestRefusals:
    def test_the_table_knows_all_of_them(self) -> None:
        assert {row[0] for row in REFUSALS} | ELSEWHERE == {*OrderRefusal, *RefundRefusal}

    @pytest.mark.parametrize(
        ("code", "before", "path", "body", "figures"), REFUSALS, ids=[row[0] for row in REFUSALS]
    )
    def test_it_says_why_and_changes_nothing(
        self, door: Door, engine: Engine, code: str, before: Set, path: str, body: Any,
        figures: str | None,
    ) -> None:  # fmt: skip
        before(door)
        told, booked = len(engine.log.read(0, 100)), balances(engine)
        error = door.error(path, body)
        assert (error["status"], error["code"]) == (404 if "not_found" in code else 409, code)
        assert error["message"].startswith(f"Refused: {code.replace('_', ' ')}")
        assert figures is None or error["message"].endswith(f"({figures}).")
        assert (len(engine.log.read(0, 100)), balances(engine)) == (told, booked)

    def test_an_order_cannot_be_paid_from_the_instant_of_its_deadline(
        self, door: Door, clock: FixedClock
    ) -> None:
        door.place()
        door.place("o2")
        clock.advance(30 * MINUTE_US - 1)
        assert door.pay()["state"] == "paid"
        clock.advance(1)
        assert door.error("orders/o2/pay", PAYMENT)["code"] == OVER

    @pytest.mark.parametrize("step", STEPS)
    def test_an_order_of_another_merchant_is_not_there(
        self, door: Door, app: FastAPI, step: str
    ) -> None:
        door.place()
        other = Door(app, OTHER)
        error = other.error(f"orders/o1/{step}", BODIES.get(step))
        assert (error["status"], error["code"]) == (404, "order_not_found")
        assert other.get("orders/o1").status_code == 404
        assert door.get("orders/o1").json()["state"] == "placed"

    def test_two_merchants_may_have_orders_of_one_id(self, door: Door, app: FastAPI) -> None:
        other = Door(app, OTHER)
        door.place()
        assert other.place()["payable"] == 17_600
        assert other.ok("orders/o1/cancel")["state"] == "cancelled"
        assert door.get("orders/o1").json()["state"] == "placed"


class TestKeys:
    def test_the_same_key_is_the_same_answer(self, door: Door, engine: Engine) -> None:
        first = door.ok("orders", order_form(), key="k")
        assert door.ok("orders", order_form(), key="k") == first
        turned = json.dumps(order_form(), sort_keys=True, indent=2).encode()
        again = door.raw("orders", turned, Idempotency_Key="k")
        assert (again.status_code, again.json()) == (201, first)
        assert len(engine.log.read(0, 10)) == 1

    def test_every_step_remembers_its_answer(self, door: Door) -> None:
        door.place()
        for step in ("pay", "ship", "confirm", "refund"):
            told = [door.ok(f"orders/o1/{step}", BODIES.get(step), key="k") for _ in range(2)]
            assert told[0] == told[1]

    def test_a_refusal_is_remembered_as_well(self, door: Door) -> None:
        early = door.error("orders/o1/pay", PAYMENT, key="early")
        door.place()
        assert door.error("orders/o1/pay", PAYMENT, key="early") == early
        assert door.pay()["state"] == "paid"

    @pytest.mark.parametrize(
        ("path", "body", "other"),
        [
            ("orders", order_form("o9"), order_form("o9", touchpoint="jd.app")),
            ("orders", order_form("o9"), order_form("o9", identifiers={"taobao_id": "ben"})),
            ("orders/o1/pay", PAYMENT, PAYMENT | {"method": "wechat"}),
            ("orders/o1/pay", PAYMENT, PAYMENT | {"amount": 1}),
            ("orders/o2/refund", units("L1:1"), units("L1:2")),
        ],
    )
    def test_with_another_body_it_is_a_conflict(
        self, door: Door, path: str, body: Any, other: Any
    ) -> None:
        door.place()
        door.buy("o2")
        door.ok(path, body, key="k")
        error = door.error(path, other, key="k")
        assert (error["status"], error["code"]) == (422, Conflict.KEY_USED_FOR_ANOTHER_REQUEST)

    def test_for_another_order_it_is_a_conflict(self, door: Door) -> None:
        door.place()
        door.place("o2")
        door.ok("orders/o1/cancel", key="k")
        assert door.error("orders/o2/cancel", key="k")["code"] == "key_used_for_another_request"
        assert door.get("orders/o2").json()["state"] == "placed"

    def test_keys_of_two_merchants_do_not_meet(self, door: Door, app: FastAPI) -> None:
        other = Door(app, OTHER)
        assert door.ok("orders", order_form(), key="k")["payable"] == PAYABLE
        assert other.ok("orders", order_form(), key="k")["payable"] == 17_600

    @pytest.mark.parametrize("path", ["orders", *(f"orders/o1/{step}" for step in STEPS)])
    def test_a_key_is_mandatory_and_short(self, door: Door, path: str) -> None:
        for headers in ({}, {"Idempotency_Key": "k" * (KEY_MAX + 1)}, {"Idempotency_Key": ""}):
            error = error_of(door.raw(path, b"{}", **headers))
            assert (error["status"], error["field"]) == (422, "header.Idempotency-Key")

    def test_the_longest_key_is_good_and_a_phone_number_is_not(self, door: Door) -> None:
        assert door.ok("orders", order_form(), key="k" * KEY_MAX)["state"] == "placed"
        error = door.error("orders", order_form("o2"), key="13764021985")
        assert (error["status"], error["field"]) == (400, "idempotency_key")


class TestBodies:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"order": ""}, "order.order"),
            ({"order": "o" * 129}, "order.order"),
            ({"order": 1}, "order.order"),
            ({"identifiers": {}}, "order.identifiers"),
            ({"identifiers": {"taobao_id": ""}}, "order.identifiers[...]"),
            ({"identifiers": {"shoe size": "44"}}, "identifier"),
            ({"touchpoint": ""}, "order.touchpoint"),
            ({"cart": None}, "order.cart"),
            ({"cart": CART | {"lines": CART["lines"] * 2}}, "cart.lines[2]"),
            ({"coupons": "c_1"}, "order.coupons"),
            ({"coupons": ["c"] * 101}, "order.coupons"),
            ({"holds": [""]}, "order.holds[0]"),
            ({"expected_payable": -1}, "order.expected_payable"),
            ({"expected_payable": 161.0001}, "order.expected_payable"),
            ({"price": 1}, "order.price"),
        ],
    )
    def test_an_order_that_cannot_be_placed(
        self, door: Door, change: dict[str, Any], field: str
    ) -> None:
        error = door.error("orders", order_form(**change))
        assert (error["status"], error["code"]) == (400, "bad_input")
        assert error["field"].startswith(field)
        assert error["mend"]
        assert door.get("orders/o1").status_code == 404

    @pytest.mark.parametrize(
        ("step", "body", "field"),
        [
            ("pay", {}, "body.amount"),
            ("pay", PAYMENT | {"amount": -1}, "body.amount"),
            ("pay", PAYMENT | {"amount": 10**15 + 1}, "body.amount"),
            ("pay", PAYMENT | {"amount": "161.00"}, "body.amount"),
            ("pay", PAYMENT | {"method": ""}, "body.method"),
            ("pay", PAYMENT | {"order": "o2"}, "body.order"),
            ("pay", [], "body"),
            ("refund", {}, "body.units"),
            ("refund", {"units": [["L1", 1]]}, "body.units[0]"),
            ("refund", {"units": [{"line": "L1"}]}, "body.units[0].unit"),
            ("refund", {"units": [{"line": "L1", "unit": "1"}]}, "body.units[0].unit"),
            ("refund", {"units": [], "amount": 1}, "body.amount"),
        ],
    )
    def test_a_step_that_cannot_be_read(self, door: Door, step: str, body: Any, field: str) -> None:
        door.place()
        error = door.error(f"orders/o1/{step}", body)
        assert (error["status"], error["code"]) == (400, "bad_input")
        assert error["field"].replace("[...]", "[0]") == field
        assert door.get("orders/o1").json()["state"] == "placed"


class TestScopes:
    @pytest.mark.parametrize("path", ["orders", *(f"orders/o1/{step}" for step in STEPS)])
    def test_a_reader_changes_nothing(self, door: Door, app: FastAPI, path: str) -> None:
        door.place()
        body = BODIES.get(path.rpartition("/")[2], order_form("o2"))
        error = Door(app, SHOP, "orders:read").error(path, body)
        assert (error["status"], error["code"]) == (403, "missing_scope")
        assert door.get("orders/o1").json()["state"] == "placed"

    def test_a_writer_does_not_read(self, door: Door, app: FastAPI) -> None:
        door.place()
        writer = Door(app, SHOP, "orders:write")
        assert writer.ok("orders/o1/cancel")["state"] == "cancelled"
        assert writer.get("orders/o1").status_code == 403
        assert writer.error("quote", {"cart": CART})["code"] == "missing_scope"

    def test_nobody_gets_in_without_a_key(self, door: Door) -> None:
        door.place()
        for path in ("quote", "orders", "orders/o1/pay", "orders/o1/refund"):
            answer = door.raw(path, b"{}", Authorization="Bearer qk_none", Idempotency_Key="k")
            assert answer.status_code == 401


def test_a_phone_number_is_nowhere_in_the_database(door: Door, engine: Engine) -> None:
    """Not as it is, and not as the plain hash of what was asked, which is quickly reversed."""
    phone = "13764021985"
    form = order_form(identifiers={"phone": phone, "taobao_id": "canary-5512"})
    content = json.dumps(form).encode()
    answer = door.raw("orders", content, Idempotency_Key="k", Content_Type="application/json")
    assert answer.status_code == 201
    hashes = [sha256(content).hexdigest(), sha256(phone.encode()).hexdigest()]
    names = rows(engine.database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in names:
        text = " ".join(row for (row,) in rows(engine.database, f'SELECT t::text FROM "{table}" t'))
        for canary in (phone, phone.encode().hex(), "canary-5512", b"canary-5512".hex(), *hashes):
            assert canary not in text, table


def test_the_routes_stand_in_the_openapi_document(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    assert set(paths["/v1/quote"]) == {"post"}
    assert set(paths["/v1/orders"]) == {"post"}
    assert set(paths["/v1/orders/{order}"]) == {"get"}
    for step in STEPS:
        said = paths[f"/v1/orders/{{order}}/{step}"]["post"]
        (key,) = [one for one in said["parameters"] if one["name"] == "Idempotency-Key"]
        assert (key["in"], key["required"], key["schema"]["maxLength"]) == ("header", True, KEY_MAX)
        assert ("requestBody" in said) is (step in BODIES)


def balances(engine: Engine) -> list[tuple[Any, ...]]:
    statement = "SELECT t::text FROM ledger_transfer t ORDER BY 1"
    return rows(engine.database, statement)


@pytest.mark.parametrize("order", ["%00", "a%00b"])
def test_no_order_has_a_zero_byte(door: Door, order: str) -> None:
    """PostgreSQL has no such text: it is refused at the door, not by the database."""
    assert error_of(door.get(f"orders/{order}"))["status"] == 422
    for step in ("cancel", "ship", "confirm", "pay", "refund"):
        assert door.error(f"orders/{order}/{step}", {})["status"] == 422
    error = door.error("orders", order_form("a\0b"))
    assert (error["status"], error["field"]) == (400, "order")
    assert door.error("orders/o1/pay", {"amount": 1, "method": "a\0"})["status"] == 400
