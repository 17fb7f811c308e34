"""Points and flash sales for drill A2: every command that may die."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from quanyu.clock import DAY_US, FixedClock, format_iso
from quanyu.events.requests import Request
from quanyu.promotions.flash_sales.sales import Held
from quanyu.promotions.loyalty.counter import PointsCounter
from quanyu.promotions.loyalty.desk import Order
from quanyu.promotions.loyalty.exchange import Offered
from quanyu.promotions.loyalty.programmes import Line
from quanyu.promotions.loyalty.service import Loyalty
from quanyu.storage.postgres.loyalty.entitlements import PostgresEntitlements

if TYPE_CHECKING:
    from quanyu.wiring import Engine

MALL, STARS = "mall", "stars"
ANN, BEN, CAT, DAN = (f"taobao_id:{name}" for name in ("ann", "ben", "cat", "dan"))
TERMS = {
    "points_per_yuan": 1,
    "expiry": {"kind": "days", "count": 30},
    "days_until_available": 7,
    "join_gift": 100,
    "transferable": True,
}
ITEM = {
    "name": "ride", "label": "打车券", "points": 30, "partner": "rides", "benefit": "ride_coupon",
    "pieces": 5, "compensation_fen": 300,
}  # fmt: skip


def asked(operation: str, key: str) -> Request:
    return Request("rides" if operation == "points.fulfil" else MALL, operation, key, b"drill")


def earlier(engine: "Engine", days: int) -> PointsCounter:
    """The counter as it stood so many days ago: what it gives is due now."""
    clock = FixedClock(engine.clock.now_us() - days * DAY_US)
    loyalty = Loyalty(replace(engine.loyalty.ports, clock=clock))
    return PointsCounter(loyalty, entitlements=PostgresEntitlements(), history=lambda tx, m: [])


def prepare_benefits(engine: "Engine") -> None:
    engine.loyalty.define(MALL, STARS, body=json.dumps(TERMS).encode())
    for who in (ANN, BEN, DAN):
        engine.loyalty.join(asked("points.join", who), STARS, identifier=who)
    grants = (("old", 40, DAN), ("new", 10, DAN), ("due", 10, ANN))
    for order, days, buyer in grants:
        counter, who = earlier(engine, days), (STARS, buyer)
        request = asked("points.earn", order)
        counter.earn(request, who, order=Order(MALL, order), lines=[Line(5_000)])
    engine.points.spend(
        asked("points.spend", "s0"), (STARS, ANN), order=Order(MALL, "s0"), points=9
    )
    engine.points.offer(MALL, STARS, offered=msgspec.convert(ITEM, type=Offered))
    for key in ("x0", "x1"):
        engine.points.exchange(asked("points.exchange", key), (STARS, BEN), item="ride")
    flash_sale(engine, "noon", 900)
    flash_sale(engine, "brief", 1)
    for name, who in (("noon", ANN), ("noon", BEN), ("brief", ANN)):
        reserve(engine, who, name)


def flash_sale(engine: "Engine", name: str, hold_seconds: int) -> None:
    now_us = engine.clock.now_us()
    sale = {
        "name": name, "item": "serum", "price_fen": 9_900, "pieces": 5,
        "starts": format_iso(now_us), "ends": format_iso(now_us + DAY_US),
        "hold_seconds": hold_seconds,
    }  # fmt: skip
    engine.flash_sales.create(MALL, json.dumps(sale).encode())


def reserve(engine: "Engine", who: str, name: str = "noon") -> Held:
    wanted = engine.flash_sales.asked(
        MALL, name, identifier=who, request=f"r-{who}", words=frozenset()
    )
    (held,) = engine.flash_sales.desk.write([wanted])
    assert isinstance(held, Held), held
    return held


def points_join(engine: "Engine") -> None:
    engine.loyalty.join(asked("points.join", CAT), STARS, identifier=CAT)


def points_earn(engine: "Engine") -> None:
    request = asked("points.earn", "e1")
    engine.points.earn(request, (STARS, BEN), order=Order(MALL, "e1"), lines=[Line(9_900)])


def points_spend(engine: "Engine") -> None:
    request = asked("points.spend", "s1")
    engine.points.spend(request, (STARS, ANN), order=Order(MALL, "s1"), points=120)


def points_cancel(engine: "Engine") -> None:
    engine.points.cancel(asked("points.cancel", "c1"), STARS, order=Order(MALL, "s0"))


def points_refund(engine: "Engine") -> None:
    request = asked("points.refund", "f1")
    engine.points.refund(request, STARS, order=Order(MALL, "due"), cash_fen=3_000)


def points_transfer(engine: "Engine") -> None:
    request = asked("points.transfer", "t1")
    engine.points.transfer(request, (STARS, ANN), to=BEN, points=33)


def points_freeze(engine: "Engine") -> None:
    engine.loyalty.freeze(asked("points.freeze", "z1"), STARS, identifier=BEN, frozen=True)


def points_sweep(engine: "Engine") -> None:
    while engine.loyalty.sweep():
        pass


def points_exchange(engine: "Engine") -> None:
    engine.points.exchange(asked("points.exchange", "x2"), (STARS, ANN), item="ride")


def points_fail(engine: "Engine") -> None:
    code = engine.points._code(asked("points.exchange", "x0"))
    engine.points.fulfil(asked("points.fulfil", "n1"), code, given=False)


def points_fulfil(engine: "Engine") -> None:
    code = engine.points._code(asked("points.exchange", "x1"))
    engine.points.fulfil(asked("points.fulfil", "n2"), code, given=True)


def flash_attempt(engine: "Engine") -> None:
    reserve(engine, CAT)


def flash_confirm(engine: "Engine") -> None:
    engine.flash_sales.confirm(MALL, reserve(engine, ANN).hold, order="o1")


def flash_release(engine: "Engine") -> None:
    engine.flash_sales.release(MALL, reserve(engine, BEN).hold)


def flash_expire(engine: "Engine") -> None:
    threading.Event().wait(1.1)
    engine.ledger_writer.expire()
    engine.flash_sales.expire()


def flash_close(engine: "Engine") -> None:
    engine.flash_sales.close(MALL, "noon")


COMMANDS: dict[str, Callable[["Engine"], None]] = {
    command.__name__: command
    for command in (
        points_join, points_earn, points_spend, points_cancel, points_refund, points_transfer,
        points_freeze, points_sweep, points_exchange, points_fail, points_fulfil, flash_attempt,
        flash_confirm, flash_release, flash_expire, flash_close,
    )
}  # fmt: skip
