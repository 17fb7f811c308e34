"""``GET /v1/settlement``: a merchant's own accounts, day by day, behind its own scope."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.engine_ground import opened
from tests.orders_ground import OTHER, PAYABLE, SHOP, Door, error_of, units

from quanyu.clock import DAY_US, HOUR_US, FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

TODAY, TOMORROW = "2026-03-10", "2026-03-11"


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


def report(door: Door, first: str = TODAY, last: str = TODAY) -> Any:
    answer = door.get("settlement", **{"from": first, "to": last})
    assert answer.status_code == 200, answer.text
    return answer.json()


def closings(found: Any) -> dict[str, int]:
    return {one["account"].split("/")[2]: one["closing"] for one in found["accounts"]}


def test_nobody_has_bought_anything(door: Door) -> None:
    door.place()
    assert report(door) == {
        "from": TODAY, "to": TODAY, "owner": SHOP, "accounts": [], "closing": 0,
    }  # fmt: skip


def test_a_paid_order_is_owed_with_the_platform_s_share(door: Door) -> None:
    door.buy()
    found = report(door)
    assert found["closing"] == PAYABLE + 500
    a = next(one for one in found["accounts"] if one["account"].endswith("/A/payable"))
    (day,) = a["days"]
    told = {entry["code"]: entry["in"] for entry in day["entries"]}
    assert set(told) == {"order.paid.cash", "order.paid.platform"}
    assert sum(told.values()) == a["closing"] == 14_000


def test_closings_are_the_settlement_of_the_quote(door: Door) -> None:
    door.buy()
    assert closings(report(door)) == door.get("orders/o1").json()["quote"]["settlement"]


def test_a_refund_on_the_next_day_stands_on_the_next_day(door: Door, clock: FixedClock) -> None:
    door.buy()
    clock.advance(12 * HOUR_US)
    door.ok("orders/o1/refund", units("L1:1", "L1:2", "L1:3", "L2:1"))
    assert report(door)["closing"] == PAYABLE + 500
    found = report(door, TODAY, TOMORROW)
    assert found["closing"] == 0
    assert [[day["day"] for day in one["days"]] for one in found["accounts"]] == [
        [TODAY, TOMORROW]
    ] * 2
    late = report(door, TOMORROW, TOMORROW)
    assert sum(one["opening"] for one in late["accounts"]) == PAYABLE + 500


def test_vouchers_are_owed_as_they_are_used(app: FastAPI, clock: FixedClock) -> None:
    door = Door(app)
    (one,) = door.buy_vouchers()
    assert report(door)["closing"] == 0
    clock.advance(DAY_US)
    door.ok("vouchers/use", {"code": one["code"], "store": "s1", "amount": 10_000})
    assert report(door, TOMORROW, TOMORROW)["closing"] == 4_950
    (account,) = report(door, TODAY, TOMORROW)["accounts"]
    told = {
        entry["code"]: entry["in"] - entry["out"]
        for day in account["days"]
        for entry in day["entries"]
    }
    assert told == {"order.paid.cash": 9_900, "voucher.sold": -9_900, "voucher.used": 4_950}


def test_another_merchant_sees_its_own(door: Door, app: FastAPI) -> None:
    door.buy("canary-order")
    other = Door(app, OTHER)
    assert report(other)["accounts"] == []
    other.buy()
    assert report(other)["closing"] == 17_600
    assert SHOP not in str(report(other))


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({}, 422, "from"),
        ({"from": TODAY}, 422, "to"),
        ({"from": TODAY, "to": "tomorrow"}, 400, "to"),
        ({"from": "2026-02-30", "to": TODAY}, 400, "from"),
        ({"from": TOMORROW, "to": TODAY}, 400, "to"),
        ({"from": "2024-01-01", "to": TODAY}, 400, "to"),
        ({"from": "2026-03-10T00:00", "to": TODAY}, 422, "from"),
    ],
)
def test_a_span_that_cannot_be(door: Door, query: dict[str, str], status: int, field: str) -> None:
    error = error_of(door.get("settlement", **query))
    assert (error["status"], error["code"], error["field"]) == (status, "bad_input", field)
    assert error["mend"]


@pytest.mark.parametrize("scope", ["orders:read", "ledger:read", "reports:read"])
def test_it_has_a_scope_of_its_own(door: Door, app: FastAPI, scope: str) -> None:
    span = {"from": TODAY, "to": TODAY}
    error = error_of(Door(app, SHOP, scope).get("settlement", **span))
    assert (error["status"], error["code"]) == (403, "missing_scope")
    assert Door(app, SHOP, "settlement:read").get("settlement", **span).status_code == 200


def test_the_route_stands_in_the_openapi_document(app: FastAPI) -> None:
    said = app.openapi()["paths"]["/v1/settlement"]["get"]
    assert {one["name"] for one in said["parameters"]} == {"from", "to"}
