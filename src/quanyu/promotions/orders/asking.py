"""Requests of orders, spelled alike by every door: one key is one intent through any of them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from quanyu.customers.identity.identifiers import read_identifier
from quanyu.events.requests import Request
from quanyu.ids import Tokeniser
from quanyu.promotions.orders.answers import Notice
from quanyu.promotions.orders.order import OrderForm
from quanyu.promotions.orders.states import Step
from quanyu.promotions.pricing.refunds import Unit


class Asking(msgspec.Struct, frozen=True):
    """One intent of a merchant. Every method raises BadInput for a key that cannot be."""

    merchant: str
    key: str

    def place(self, form: OrderForm, *, tokeniser: Tokeniser) -> Request:
        """People go into the kept content as tokens: a plain hash of a phone number would be
        reversed in minutes."""
        plain = [read_identifier(f"{kind}:{value}") for kind, value in form.identifiers.items()]
        content = msgspec.to_builtins(form)
        if not form.advertised:
            del content["advertised"]
        content["identifiers"] = {
            kind: tokeniser.token(kind, value).hex() for kind, value in sorted(plain)
        }
        if not form.show:
            del content["show"]
        return self._of("order.place", content)

    def pay(self, notice: Notice) -> Request:
        return self._of("order.pay", [notice.order, notice.amount, notice.method])

    def step(self, step: Step, order: str) -> Request:
        """CANCEL, SHIP or CONFIRM."""
        return self._of(f"order.{step}", [order])

    def refund(self, order: str, units: Sequence[Unit]) -> Request:
        return self._of("order.refund", [order, units])

    def _of(self, operation: str, content: Any) -> Request:
        return Request(self.merchant, operation, self.key, msgspec.json.encode(content))
