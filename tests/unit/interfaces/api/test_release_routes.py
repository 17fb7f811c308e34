"""Early access over HTTP: an order and a quote wait for the same moment."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.engine_ground import opened
from tests.orders_ground import ANN, CART, OTHER, SHOP, Door, error_of, order_form

from quanyu.clock import HOUR_US, FixedClock, format_iso
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database

TERMS = {"points_per_yuan": 1, "expiry": {"kind": "year_end"}}


@pytest.fixture
def app(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[FastAPI]:
    with opened(database, clock, data_dir) as engine:
        yield create_app(engine)


@pytest.fixture
def door(app: FastAPI) -> Door:
    return Door(app)


def release(clock: FixedClock, **change: Any) -> dict[str, Any]:
    """Cups in two hours, for members in one."""
    now_us = clock.now_us()
    said = {
        "item": "cup",
        "from": format_iso(now_us + 2 * HOUR_US),
        "early_from": format_iso(now_us + HOUR_US),
        "early_for": "member",
        **change,
    }
    return {name: value for name, value in said.items() if value is not None}


def cart(clock: FixedClock) -> dict[str, Any]:
    return CART | {"now": format_iso(clock.now_us())}


def refusal(door: Door, order: str, who: str, clock: FixedClock) -> str | None:
    """What an order and a quote say alike; None when it is placed."""
    body = {"cart": cart(clock), "identifiers": {"taobao_id": who}}
    quoted = door.post("quote", body)
    placed = door.post("orders", order_form(order, identifiers={"taobao_id": who}))
    assert quoted.is_success == placed.is_success
    if placed.is_success:
        return None
    said, asked = error_of(placed), error_of(quoted)
    assert said["status"] == 409
    assert (said["code"], said["message"]) == (asked["code"], asked["message"])
    return str(said["code"])


def test_members_buy_an_hour_earlier(door: Door, clock: FixedClock) -> None:
    door.put("points/programmes", {"name": "brand", "terms": TERMS})
    door.ok("points/members", {"programme": "brand", "identifier": ANN})
    assert door.put("releases/cups", release(clock)).status_code == 200
    assert refusal(door, "o1", "ann", clock) == "not_released_yet"
    assert refusal(door, "o1", "ben", clock) == "not_released_yet"
    clock.advance(HOUR_US)
    assert refusal(door, "o1", "ann", clock) is None
    assert refusal(door, "o2", "ben", clock) == "members_first"
    clock.advance(HOUR_US)
    assert refusal(door, "o2", "ben", clock) is None


def test_the_answer_says_now_and_from_when(door: Door, clock: FixedClock) -> None:
    door.put("releases/cups", release(clock))
    now_us = clock.now_us()
    said = door.error("orders", order_form(cart=cart(clock)))
    assert f"(have {now_us}, need {now_us + 2 * HOUR_US})" in said["message"]


def test_a_claim_does_not_make_a_member(door: Door, clock: FixedClock) -> None:
    door.put("releases/cups", release(clock))
    door.put("releases/teas", release(clock, item="tea", early_for="88vip"))
    clock.advance(HOUR_US)
    claims = cart(clock) | {"eligibility": ["member", "88vip"]}
    assert door.error("orders", order_form(cart=claims))["code"] == "members_first"
    door.ok_delete("releases/cups")
    assert door.ok("orders", order_form(cart=claims))["state"] == "placed"


def test_a_cart_that_says_another_time_is_placed_at_ours(door: Door, clock: FixedClock) -> None:
    door.put("releases/cups", release(clock))
    later = CART | {"now": "2027-01-01T00:00:00+08:00"}
    assert door.error("orders", order_form(cart=later))["code"] == "not_released_yet"
    assert door.ok("quote", {"cart": later})["payable"] > 0, "what it will cost may be asked"


def test_a_category_is_all_of_its_items(door: Door, clock: FixedClock) -> None:
    lines = [line | {"category": "杯"} for line in CART["lines"]]
    door.put("releases/new", release(clock, item=None, category="杯"))
    said = door.error("orders", order_form(cart=CART | {"lines": lines}))
    assert said["code"] == "not_released_yet"
    assert door.place()["state"] == "placed", "the same items without it"


def test_list_change_and_remove(door: Door, app: FastAPI, clock: FixedClock) -> None:
    assert door.get("releases").json() == []
    first = door.put("releases/cups", release(clock)).json()
    assert first == {"id": "cups", **release(clock)}
    changed = door.put("releases/cups", release(clock, early_from=None, early_for=None)).json()
    assert door.get("releases").json() == [changed]
    other = Door(app, OTHER)
    assert other.get("releases").json() == []
    assert other.place()["state"] == "placed", "it is of one merchant"
    assert door.ok_delete("releases/cups") == {"removed": "cups"}
    assert door.get("releases").json() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "release.from"),
        ({"from": "2026-06-18T12:00:00+08:00"}, "release.item"),
        ({"item": "cup", "from": "noon"}, "release.from"),
        ({"item": "cup", "from": "2026-06-18T12:00:00+08:00", "x": 1}, "release.x"),
        ([], "release"),
    ],
)
def test_a_bad_body_is_named(door: Door, body: Any, field: str) -> None:
    said = error_of(door.put("releases/cups", body))
    assert (said["status"], said["code"], said["field"]) == (400, "bad_input", field)


def test_what_is_not_there_and_who_may_not(app: FastAPI, door: Door, clock: FixedClock) -> None:
    reader = Door(app, SHOP, "offers:read")
    assert reader.put("releases/cups", release(clock)).status_code == 403
    assert reader.get("releases").status_code == 200
    assert error_of(door.delete("releases/none"))["status"] == 404
