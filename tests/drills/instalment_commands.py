"""Instalments for drill A2: what begins, moves and ends a plan."""

import json
from typing import TYPE_CHECKING, Any

from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.promotions.instalments.answers import TermNotice
from quanyu.promotions.orders.answers import Notice
from quanyu.promotions.orders.order import decode_order
from quanyu.promotions.pricing import decode_offers

if TYPE_CHECKING:
    from quanyu.wiring import Engine

SHOP = "bikes"
FREE = {
    "id": "free", "lane": "payment",
    "benefit": {"instalment_free": {"terms": [3], "fee_bearer": "merchant"}},
}  # fmt: skip


def asked(operation: str, key: str) -> Request:
    return Request(SHOP, operation, key, b"drill")


def form(order: str) -> Any:
    line = {"line": "1", "shop": "main", "item": "bike", "quantity": 2, "list_price": 60_000}
    payment = {"method": "huabei", "instalments": 3}
    cart = {"now": "2026-03-10T12:00:00+08:00", "lines": [line], "payment": payment}
    who = {"taobao_id": "ann"}
    said = {"order": order, "identifiers": who, "touchpoint": "store", "cart": cart}
    return decode_order(json.dumps(said))


def done(outcome: object) -> None:
    assert not isinstance(outcome, Refused), outcome


def pay_order(engine: "Engine", order: str) -> None:
    notice = Notice(order, 120_000, "huabei")
    done(engine.orders.pay(asked("order.pay", order), notice))


def notice(engine: "Engine", told: TermNotice) -> None:
    done(engine.instalments.pay(told.request(SHOP, "drill"), told))


def prepare_instalments(engine: "Engine") -> None:
    (offer,) = decode_offers(json.dumps([FREE]))
    engine.promotions.put(SHOP, offer)
    for order in ("placed", "running"):
        done(engine.orders.place(asked("order.place", order), form(order)))
    pay_order(engine, "running")


def begin_plan(engine: "Engine") -> None:
    pay_order(engine, "placed")


def pay_term(engine: "Engine") -> None:
    notice(engine, TermNotice("running", 40_000, 1))


def settle_plan(engine: "Engine") -> None:
    notice(engine, TermNotice("running", 120_000))


def refund_plan(engine: "Engine") -> None:
    done(engine.orders.refund(asked("order.refund", "r"), "running", units=[("1", 2)]))


COMMANDS = {
    "begin_plan": begin_plan,
    "pay_term": pay_term,
    "settle_plan": settle_plan,
    "refund_plan": refund_plan,
}
