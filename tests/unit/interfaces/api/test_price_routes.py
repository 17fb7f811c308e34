"""Prices over HTTP: asked about, published, advertised. One engine for all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.engine_ground import opened
from tests.orders_ground import Door, error_of, order_form

from quanyu.clock import DAY_US, HOUR_US, FixedClock, format_iso
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database

TRADES = [
    {"paid_at": "2026-11-05T10:00:00+08:00", "amount": 20_000, "quantity": 2},
    {"paid_at": "2026-11-06T10:00:00+08:00", "amount": 9_000},
    {"paid_at": "2026-11-07T10:00:00+08:00", "amount": 5_000, "refunded": True},
    {"paid_at": "2026-11-07T10:00:00+08:00", "amount": 5_000, "flagged": True},
]
ASKED = {"shop": "A", "item": "cup", "reference": 12_000, "on": "2026-11-11", "trades": TRADES}
SALE: dict[str, Any] = {
    "name": "noon", "item": "cup", "price_fen": 3_000, "pieces": 5,
    "starts": "2026-03-01T00:00:00+08:00", "ends": "2027-03-01T00:00:00+08:00",
}  # fmt: skip
OFFER: dict[str, Any] = {
    "lane": "item", "scope": {"items": ["cup"]}, "benefit": {"fixed_price": {"price": 4_000}},
}  # fmt: skip


@pytest.fixture
def app(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[FastAPI]:
    with opened(database, clock, data_dir) as engine:
        yield create_app(engine)


def test_a_price_that_is_asked_about(app: FastAPI) -> None:
    door = Door(app, scope="compliance:read")
    found = door.ok("compliance/price", ASKED)
    assert found.pop("hits")[0]["article"] == "《明码标价和禁止价格欺诈规定》第十六条"
    assert found == {
        "verdict": "block", "max_reference": 9_000, "basis": "lowest_of_7_days",
        "trades_counted": 2,
        "window": {"from": "2026-11-04T00:00:00+08:00", "to": "2026-11-11T00:00:00+08:00"},
    }  # fmt: skip
    lawful = {**ASKED, "reference": 9_000, "price": 7_200, "discount": "8"}
    assert door.ok("compliance/price", lawful)["verdict"] == "pass"
    for change, field in BAD:
        error = door.error("compliance/price", {**ASKED, **change})
        assert (error["status"], error["code"]) == (400, "bad_input"), change
        assert field in error["field"], (change, error)
    stranger = Door(app, scope="orders:read")
    assert stranger.error("compliance/price", ASKED)["status"] == 403
    assert error_of(stranger.get("prices/A/cup"))["status"] == 403


BAD: list[tuple[dict[str, Any], str]] = [
    ({"reference": 0}, "reference"),
    ({"reference": "12000"}, "body.reference"),
    ({"on": "tomorrow"}, "body.on"),
    ({"on": "2019-01-01"}, "on"),
    ({"discount": "x"}, "discount"),
    ({"shop": ""}, "body.shop"),
    ({"trades": [{"paid_at": "2026-11-05T10:00:00", "amount": 1}]}, "body.trades[0].paid_at"),
    ({"trades": [{"paid_at": "2026-11-05T10:00:00Z", "amount": -1}]}, "body.trades[0].amount"),
    ({"trades": [{"paid_at": "2026-11-05T10:00:00Z", "amount": 1, "x": 1}]}, "body.trades[0]"),
    ({"none": 1}, "body.none"),
]


def test_the_history_of_the_engine(app: FastAPI, clock: FixedClock) -> None:
    door = Door(app)
    door.buy("o1")
    clock.advance(HOUR_US)
    found = door.get("prices/A/cup").json()
    assert found["at"] == format_iso(clock.now_us())
    assert (found["max_reference"], found["trades_counted"]) == (5_000, 1)
    (day,) = found["days"]
    assert day == {
        "day": "2026-03-10", "lowest": 5_000, "highest": 5_000, "pieces": 3, "not_counted": 0,
    }  # fmt: skip
    door.ok("orders/o1/refund", {"units": [{"line": "L1", "unit": 1}]})
    (day,) = door.get("prices/A/cup").json()["days"]
    assert (day["pieces"], day["not_counted"]) == (2, 1)
    ask = {"shop": "A", "item": "cup", "reference": 5_001}
    assert door.ok("compliance/price", ask)["verdict"] == "block"
    assert door.ok("compliance/price", {**ask, "reference": 5_000})["verdict"] == "pass"
    nothing = door.get("prices/A/pot").json()
    assert (nothing["basis"], nothing["max_reference"]) == ("never_traded", None)
    assert nothing["days"] == []
    assert error_of(door.get("prices/A/cup", on="x"))["field"] == "on"
    early = door.get("prices/A/cup", on="2026-03-01").json()
    assert early["max_reference"] is None


def test_offers_and_sales_with_a_compared_price(app: FastAPI, clock: FixedClock) -> None:
    door = Door(app)
    door.buy("o1")
    clock.advance(HOUR_US)
    high, true = ({"shop": "A", "reference": fen} for fen in (5_001, 5_000))
    refused = error_of(door.put("promotions/p", {**OFFER, "compared": high}))
    assert refused["field"] == "compared.prices[0].reference"
    assert "第十六条" in refused["message"]
    assert door.get("promotions").json() == []
    assert door.put("promotions/p", {**OFFER, "compared": true}).json()["compared"] == true

    error = door.error("flash-sales", {"sale": {**SALE, "compared": high}})
    assert "第十六条" in error["message"]
    assert door.get("flash-sales/noon").status_code == 404
    made = door.ok("flash-sales", {"sale": {**SALE, "compared": true}})
    assert made["compared"] == true
    assert "compared" not in door.ok("flash-sales", {"sale": {**SALE, "name": "plain"}})
    clock.advance(DAY_US)


def test_checkout_is_at_most_what_was_advertised(app: FastAPI) -> None:
    door = Door(app)
    refused = door.error("orders", _order("o1", {"L1": 4_999}))
    assert (refused["status"], refused["code"]) == (409, "above_advertised")
    assert "have 15000, need 14997" in refused["message"]
    unknown = door.error("orders", _order("o1", {"L9": 1}))
    assert (unknown["status"], unknown["field"]) == (400, "order.advertised.L9")
    assert door.ok("orders", _order("o1", {"L1": 5_000, "L2": 2_500}))["state"] == "placed"


def _order(order: str, advertised: dict[str, int]) -> dict[str, Any]:
    return order_form(order, advertised=advertised)
