"""Orders and vouchers for drill A2: every step that may die."""

import json
from typing import TYPE_CHECKING, Any

from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.orders.answers import Notice
from quanyu.promotions.orders.order import decode_order
from quanyu.promotions.orders.states import Step
from quanyu.promotions.vouchers.voucher import Visit, VoucherProduct

if TYPE_CHECKING:
    from quanyu.wiring import Engine

SHOP, WHO = "deli", {"taobao_id": "ann"}
STARS = "platform/stars"
TERMS = {"points_per_yuan": 1, "expiry": {"kind": "days", "count": 30}}
PRODUCT = VoucherProduct("pot-200", "main", 20_000, 90)


def asked(operation: str, key: str) -> Request:
    return Request(SHOP, operation, key, b"drill")


def form(order: str, programme: str = "") -> Any:
    line = {"line": "1", "shop": "main", "item": "pot-200", "quantity": 3, "list_price": 9_900}
    cart = {"now": "2026-03-10T12:00:00+08:00", "lines": [line]}
    said = {"order": order, "identifiers": WHO, "touchpoint": "store", "cart": cart}
    said["programme"] = programme
    return decode_order(json.dumps(said))


def done(outcome: object) -> None:
    assert not isinstance(outcome, Refused), outcome


def place(engine: "Engine", order: str = "new", programme: str = "") -> None:
    done(engine.orders.place(asked("order.place", order), form(order, programme)))


def pay(engine: "Engine", order: str = "open") -> None:
    notice = Notice(order, 29_700, "alipay")
    done(engine.orders.pay(asked("order.pay", order), notice))


def prepare_orders(engine: "Engine") -> None:
    engine.vouchers.define(SHOP, PRODUCT)
    engine.loyalty.define(PLATFORM, "stars", body=json.dumps(TERMS).encode())
    engine.loyalty.join(asked("points.join", "ann"), STARS, identifier="taobao_id:ann")
    for order in ("open", "open too", "paid"):
        place(engine, order)
    for order in ("shared", "shared and paid"):
        place(engine, order, STARS)
    pay(engine, "paid")
    pay(engine, "shared and paid")
    done(use(engine, "scanned before", 1))


def cancel_order(engine: "Engine") -> None:
    done(engine.orders.cancel(asked("order.cancel", "c"), "open too"))


def ship_order(engine: "Engine") -> None:
    done(engine.orders.advance(asked("order.ship", "s"), "paid", step=Step.SHIP))


def refund_order(engine: "Engine") -> None:
    done(engine.orders.refund(asked("order.refund", "r"), "paid", units=[("1", 3)]))


def pay_shared_order(engine: "Engine") -> None:
    pay(engine, "shared")


def refund_shared_order(engine: "Engine") -> None:
    request = asked("order.refund", "shared")
    done(engine.orders.refund(request, "shared and paid", units=[("1", 2)]))


def use(engine: "Engine", key: str, unit: int) -> object:
    holder = engine.buyer(SHOP, WHO).own[0]
    codes = {one.id: code for one, code in engine.vouchers.held_by(SHOP, [holder])}
    visit = Visit("s1", 5_000, engine.clock.now_us())
    return engine.vouchers.use(asked("voucher.use", key), codes[f"paid:1:{unit}"], visit=visit)


def use_voucher(engine: "Engine") -> None:
    done(use(engine, "u", 2))


def undo_voucher(engine: "Engine") -> None:
    scan = f"use_{asked('voucher.use', 'scanned before').id}"
    done(engine.vouchers.undo(asked("voucher.undo", "n"), scan))


def refund_voucher(engine: "Engine") -> None:
    done(engine.vouchers.refund(asked("voucher.refund", "b"), "paid:1:1"))


COMMANDS = {
    "place_order": place,
    "pay_order": pay,
    "cancel_order": cancel_order,
    "ship_order": ship_order,
    "refund_order": refund_order,
    "pay_shared_order": pay_shared_order,
    "refund_shared_order": refund_shared_order,
    "use_voucher": use_voucher,
    "undo_voucher": undo_voucher,
    "refund_voucher": refund_voucher,
}
