"""Orders in instalments on a real engine: two shops, 12 terms free at the shops' cost, 6 at the
platform's, 3 at the buyer's own."""

import json
from itertools import count
from typing import Any

from tests.orders_ground import CART, PROMOTIONS, SHOP

from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.promotions.instalments.agreement import Agreement
from quanyu.promotions.instalments.answers import Paid, TermNotice
from quanyu.promotions.orders.answers import Done, Notice
from quanyu.promotions.orders.order import OrderForm, decode_order
from quanyu.promotions.pricing import decode_offers
from quanyu.promotions.pricing.refunds import Refund
from quanyu.wiring import Engine

FREE: list[dict[str, Any]] = [
    {"id": "free-12", "lane": "payment",
     "benefit": {"instalment_free": {"terms": [12], "fee_bearer": "merchant"}}},
    {"id": "free-6", "lane": "payment",
     "benefit": {"instalment_free": {"terms": [6], "fee_bearer": "platform"}}},
]  # fmt: skip
BEARER = {3: "buyer", 6: "platform", 12: "merchant"}
UNITS = [("L1", 1), ("L1", 2), ("L1", 3), ("L2", 1)]
A, B, PLATFORM = f"party/{SHOP}/A/payable", f"party/{SHOP}/B/payable", "party/platform/payable"
FEES, CLEARING = f"financier/huabei/{SHOP}/fees", "clearing/huabei"


def cart(terms: int, **change: Any) -> dict[str, Any]:
    return {**CART, "payment": {"method": "huabei", "instalments": terms}, **change}


def form(order: str, terms: int, **change: Any) -> OrderForm:
    said = {
        "order": order,
        "identifiers": {"taobao_id": "ann"},
        "touchpoint": "taobao.detail",
        "cart": cart(terms, **change),
    }
    return decode_order(json.dumps(said))


class Lender:
    """An engine, a buyer who pays by terms, and the financier's notices."""

    def __init__(self, engine: Engine, merchant: str = SHOP, *, key: str = "key") -> None:
        self.engine = engine
        self.merchant = merchant
        self._keys = (f"{key} {n}" for n in count(1))
        for offer in decode_offers(json.dumps([*PROMOTIONS, *FREE])):
            engine.promotions.put(merchant, offer)

    def asked(self, operation: str, content: bytes = b"") -> Request:
        return Request(self.merchant, operation, next(self._keys), content)

    def place(self, order: str = "o1", terms: int = 12, **change: Any) -> Done | Refused:
        return self.engine.orders.place(self.asked("order.place"), form(order, terms, **change))

    def pay_order(self, order: str = "o1") -> Done | Refused:
        payable = self.engine.orders.find(self.merchant, order).payable_fen
        notice = Notice(order, payable, "huabei")
        return self.engine.orders.pay(self.asked("order.pay"), notice)

    def buy(self, order: str = "o1", terms: int = 12, **change: Any) -> Agreement:
        for done in (self.place(order, terms, **change), self.pay_order(order)):
            assert isinstance(done, Done), done
        return self.plan(order)

    def plan(self, order: str = "o1") -> Agreement:
        return self.engine.instalments.find(self.merchant, order)

    def told(self, order: str = "o1") -> dict[str, Any]:
        return self.plan(order).as_json(self.engine.clock.now_us())

    def pay(
        self, term: int | None, amount: int | None = None, *, order: str = "o1"
    ) -> Paid | Refused:
        """A term, or with None all that is left; what is due unless said."""
        if amount is None:
            told = self.told(order)
            amount = told["settle_now"] if term is None else told["schedule"][term - 1]["due"]
        notice = TermNotice(order, amount or 0, term)
        ask = notice.request(self.merchant, next(self._keys))
        return self.engine.instalments.pay(ask, notice)

    def paid(self, *terms: int | None, order: str = "o1") -> Agreement:
        for term in terms:
            done = self.pay(term, order=order)
            assert isinstance(done, Paid), done
        return self.plan(order)

    def refund(self, *units: tuple[str, int], order: str = "o1") -> Refund:
        ask = self.asked("order.refund", str(units).encode())
        back = self.engine.orders.refund(ask, order, units=units)
        assert isinstance(back, Refund), back
        return back

    def balance(self, account: str) -> int:
        with self.engine.database.transaction() as tx:
            found = self.engine.book.balances(tx, [account])
        return found[account].posted if account in found else 0

    def balances(self) -> dict[str, int]:
        names = {"A": A, "B": B, "platform": PLATFORM, "fees": FEES, "clearing": CLEARING}
        return {short: self.balance(name) for short, name in names.items()}

    def facts(self) -> list[tuple[str, int | None]]:
        return [(one.event.kind, one.event.amount_fen) for one in self.engine.log.read(0, 200)]


def principals(agreement: Agreement) -> list[int]:
    return [term.principal_fen for term in agreement.plan.terms]


def fees(agreement: Agreement) -> list[int]:
    return [term.fee_fen for term in agreement.plan.terms]
