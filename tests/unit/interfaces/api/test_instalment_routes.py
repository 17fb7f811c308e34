"""Instalments over HTTP: a preview, the plan of a paid order, and its end in several ways."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.engine_ground import opened
from tests.instalments_ground import FREE, cart
from tests.orders_ground import OTHER, PAYABLE, PROMOTIONS, SHOP, Door, error_of, units

from quanyu.clock import DAY_US, FixedClock
from quanyu.events.requests import KEY_MAX
from quanyu.interfaces.api.application import create_app
from quanyu.promotions.instalments.states import PlanRefusal
from quanyu.promotions.pricing.instalments import InstalmentRefusal
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

PLAN = "orders/o1/instalments"


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
    made.promote(*PROMOTIONS, *FREE)
    return made


def buy(door: Door, terms: int = 3, order: str = "o1") -> Any:
    door.buy(order, cart=cart(terms))
    return plan(door, order)


def plan(door: Door, order: str = "o1") -> Any:
    answer = door.get(f"orders/{order}/instalments")
    assert answer.status_code == 200, answer.text
    return answer.json()


def pay(door: Door, term: int, amount: int, *, key: str | None = None) -> Any:
    return door.ok(f"{PLAN}/terms", {"term": term, "amount": amount}, key=key)


class TestPreview:
    def test_what_terms_would_cost(self, door: Door) -> None:
        said = {"amount": 36_890, "terms": 12, "bearer": "merchant", "paid_on": "2026-01-31"}
        found = door.ok("instalments/quote", said)
        schedule = found.pop("schedule")
        assert found == {
            "financed": 36_890, "bearer": "merchant", "fee": 2_435, "borne": 2_435, "due": 36_890,
        }  # fmt: skip
        assert schedule[0] == {
            "term": 1, "due_on": "2026-02-28", "principal": 3_074, "fee": 0, "due": 3_074,
        }  # fmt: skip
        assert sum(one["due"] for one in schedule) == 36_890

    def test_nothing_is_stored_and_no_key_is_asked_for(self, door: Door) -> None:
        said = b'{"amount": 10000, "terms": 3}'
        first, again = door.raw("instalments/quote", said), door.raw("instalments/quote", said)
        assert first.json() == again.json()
        assert first.json()["due"] == 10_180

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"terms": 5}, "terms"),
            ({"terms": "3"}, "body.terms"),
            ({"amount": -1}, "body.amount"),
            ({"amount": 1.5}, "body.amount"),
            ({"amount": 10**15 + 1}, "body.amount"),
            ({"bearer": "bank"}, "body.bearer"),
            ({"paid_on": "2026-02-30"}, "body.paid_on"),
            ({"paid_on": "9999-12-31"}, "paid_on"),
            ({"rate": 1}, "body.rate"),
        ],
    )
    def test_a_body_that_cannot_be(self, door: Door, change: dict[str, Any], field: str) -> None:
        error = door.error("instalments/quote", {"amount": 100, "terms": 3} | change)
        assert (error["status"], error["code"], error["field"]) == (400, "bad_input", field)
        assert error["mend"]

    def test_less_than_a_fen_per_term(self, door: Door) -> None:
        error = door.error("instalments/quote", {"amount": 5, "terms": 6})
        assert (error["status"], error["code"]) == (409, "less_than_a_fen_per_term")
        assert error["message"].endswith("(have 5, need 6).")
        assert error["mend"] == "choose fewer terms"


class TestLife:
    def test_term_by_term(self, door: Door) -> None:
        told = buy(door)
        assert (told["state"], told["bearer"], told["owed"]) == ("active", "buyer", PAYABLE + 290)
        assert told["schedule"][0] == {
            "term": 1, "due_on": "2026-04-10", "principal": 5_366, "fee": 96, "due": 5_462,
            "status": "due",
        }  # fmt: skip
        for number, one in enumerate(told["schedule"], 1):
            answer = pay(door, number, one["due"])
        assert answer == {
            "order": "o1", "state": "done", "terms_paid": 3, "amount": 5_464, "owed": 0,
            "fee_back": 0,
        }  # fmt: skip
        assert {one["status"] for one in plan(door)["schedule"]} == {"paid"}

    def test_settled_early(self, door: Door) -> None:
        told = buy(door, 12)
        answer = door.ok(f"{PLAN}/settle", {"amount": told["settle_now"]})
        assert (answer["state"], answer["owed"], answer["fee_back"]) == ("settled", 0, 1063 - 88)
        assert (plan(door)["settle_now"], plan(door)["fee_now"]) == (None, 88)

    def test_a_refund_of_the_order_is_one_of_the_plan(self, door: Door) -> None:
        buy(door, 6)
        back = door.ok("orders/o1/refund", units("L2:1"))["cash_fen"]
        told = plan(door)
        assert (told["financed"], told["financed_now"]) == (PAYABLE, PAYABLE - back)
        assert told["borne"] == {"platform": told["fee_now"]}
        door.ok("orders/o1/refund", units("L1:1", "L1:2", "L1:3"))
        assert (plan(door)["state"], plan(door)["borne"]) == ("cancelled", {})

    def test_days_go_by(self, door: Door, clock: FixedClock) -> None:
        early = buy(door)["settle_now"]
        clock.advance(40 * DAY_US)
        told = plan(door)
        assert [one["status"] for one in told["schedule"]] == ["overdue", "due", "due"]
        assert told["settle_now"] == early + 97

    def test_the_order_tells_its_quote_as_before(self, door: Door) -> None:
        buy(door, 12)
        (told,) = door.get("orders/o1").json()["quote"]["instalments"]
        assert told["schedule"] == [one["principal"] for one in plan(door)["schedule"]]


Before = Callable[[Door], tuple[str, dict[str, Any]]]


def after_all(door: Door) -> tuple[str, dict[str, Any]]:
    door.ok("orders/o1/refund", units("L1:1", "L1:2", "L1:3", "L2:1"))
    return f"{PLAN}/settle", {"amount": 1}


def after_one(door: Door) -> tuple[str, dict[str, Any]]:
    pay(door, 1, 5_462)
    return f"{PLAN}/terms", {"term": 1, "amount": 5_462}


REFUSALS: dict[str, tuple[Before, str]] = {
    "order_without_instalments": (lambda d: ("orders/none/instalments/settle", {"amount": 1}), ""),
    "term_paid_already": (after_one, "have 1, need 1"),
    "term_out_of_order": (
        lambda d: (f"{PLAN}/terms", {"term": 2, "amount": 5_464}), "have 2, need 1",
    ),
    "amount_differs": (
        lambda d: (f"{PLAN}/terms", {"term": 1, "amount": 1}), "have 1, need 5462",
    ),
    "no_such_term": (lambda d: (f"{PLAN}/terms", {"term": 4, "amount": 1}), "have 4, need 3"),
    "nothing_is_owed": (after_all, ""),
    "less_than_a_fen_per_term": (
        lambda d: ("instalments/quote", {"amount": 1, "terms": 3}), "have 1, need 3",
    ),
}  # fmt: skip
ELSEWHERE = {"terms_not_offered", "more_than_was_financed"}
"""By other settings; and by nobody, since an order never refunds more than was paid."""


class TestRefusals:
    def test_the_table_knows_all_of_them(self) -> None:
        assert {*REFUSALS} | ELSEWHERE == {*PlanRefusal} | {*InstalmentRefusal}

    @pytest.mark.parametrize("reason", REFUSALS)
    def test_it_says_why_and_changes_nothing(self, door: Door, engine: Engine, reason: str) -> None:
        buy(door)
        before, figures = REFUSALS[reason]
        path, body = before(door)
        state = plan(door), len(engine.log.read(0, 100))
        error = door.error(path, body)
        status = 404 if reason == "order_without_instalments" else 409
        assert (error["status"], error["code"]) == (status, reason)
        said = reason.replace("_", " ") + (f" ({figures})" if figures else "")
        assert error["message"] == f"Refused: {said}."
        assert error["mend"]
        assert (plan(door), len(engine.log.read(0, 100))) == state

    def test_an_order_that_was_paid_at_once(self, door: Door) -> None:
        door.buy("o1")
        assert error_of(door.get(PLAN))["status"] == 404
        error = door.error(f"{PLAN}/terms", {"term": 1, "amount": 1})
        assert (error["status"], error["code"]) == (404, "order_without_instalments")

    def test_another_merchant_finds_nothing(self, door: Door, app: FastAPI) -> None:
        buy(door)
        other = Door(app, OTHER)
        assert error_of(other.get(PLAN))["status"] == 404
        for path in ("terms", "settle"):
            body = {"term": 1, "amount": 5_462} if path == "terms" else {"amount": PAYABLE}
            assert other.error(f"{PLAN}/{path}", body)["code"] == "order_without_instalments"

    @pytest.mark.parametrize("order", ["%00", "%2F", "a" * 300, "。"])
    def test_orders_that_cannot_be(self, door: Door, order: str) -> None:
        assert error_of(door.get(f"orders/{order}/instalments"))["status"] in (404, 422)
        error = door.error(f"orders/{order}/instalments/settle", {"amount": 1})
        assert error["status"] in (404, 422)


class TestKeys:
    def test_a_repeated_notice_is_one_payment(self, door: Door, engine: Engine) -> None:
        buy(door)
        told = [pay(door, 1, 5_462, key="notice 1") for _ in range(3)]
        assert told[0] == told[1] == told[2]
        assert plan(door)["terms_paid"] == 1
        kinds = [one.event.kind for one in engine.log.read(0, 100)]
        assert kinds.count("instalment_paid") == 1

    def test_another_notice_under_the_key_is_a_conflict(self, door: Door) -> None:
        buy(door)
        pay(door, 1, 5_462, key="n")
        for body in ({"term": 2, "amount": 5_464}, {"term": 1, "amount": 5_463}):
            error = door.error(f"{PLAN}/terms", body, key="n")
            assert (error["status"], error["code"]) == (422, "key_used_for_another_request")

    @pytest.mark.parametrize("path", ["terms", "settle"])
    def test_a_key_is_mandatory_and_short(self, door: Door, path: str) -> None:
        for headers in ({}, {"Idempotency_Key": "k" * (KEY_MAX + 1)}):
            error = error_of(door.raw(f"{PLAN}/{path}", b"{}", **headers))
            assert (error["status"], error["field"]) == (422, "header.Idempotency-Key")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("terms", {"term": 0, "amount": 1}, "body.term"),
        ("terms", {"term": 1_001, "amount": 1}, "body.term"),
        ("terms", {"term": 1}, "body.amount"),
        ("terms", {"amount": 1}, "body.term"),
        ("terms", {"term": 1, "amount": -1}, "body.amount"),
        ("terms", {"term": 1, "amount": 1, "paid": True}, "body.paid"),
        ("settle", {}, "body.amount"),
        ("settle", {"amount": "all"}, "body.amount"),
        ("settle", {"amount": 1, "term": 1}, "body.term"),
    ],
)
def test_a_notice_that_cannot_be(
    door: Door, path: str, body: dict[str, Any], *, field: str
) -> None:
    before = buy(door)
    error = door.error(f"{PLAN}/{path}", body)
    assert (error["status"], error["code"], error["field"]) == (400, "bad_input", field)
    assert plan(door) == before


def test_scopes(door: Door, app: FastAPI) -> None:
    due = buy(door)["schedule"][0]["due"]
    reader, writer = Door(app, SHOP, "orders:read"), Door(app, SHOP, "orders:write")
    assert plan(reader)["state"] == "active"
    assert reader.ok("instalments/quote", {"amount": 100, "terms": 3})["due"] == 102
    for path, body in (("terms", {"term": 1, "amount": due}), ("settle", {"amount": 1})):
        assert reader.error(f"{PLAN}/{path}", body)["code"] == "missing_scope"
    assert error_of(writer.get(PLAN))["code"] == "missing_scope"
    assert writer.error("instalments/quote", {})["code"] == "missing_scope"
    assert pay(writer, 1, due)["terms_paid"] == 1


def test_the_routes_stand_in_the_openapi_document(app: FastAPI) -> None:
    paths = {path: set(said) for path, said in app.openapi()["paths"].items()}
    found = {path: said for path, said in paths.items() if "instalments" in path}
    assert found == {
        "/v1/instalments/quote": {"post"},
        "/v1/orders/{order}/instalments": {"get"},
        "/v1/orders/{order}/instalments/terms": {"post"},
        "/v1/orders/{order}/instalments/settle": {"post"},
    }
