"""Vouchers that an order sells: issued at payment, void when an unused one goes back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from quanyu.errors import Refused
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.ports import Back, Companion
from quanyu.promotions.vouchers.service import Sale, Vouchers

Tx = TypeVar("Tx")


@dataclass(frozen=True, slots=True)
class VouchersAlong(Companion[Tx]):
    vouchers_for: Callable[[Gathering[Tx]], Vouchers[Tx]]

    def pay(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        vouchers = self.vouchers_for(work)
        lines = order.terms.quote.lines
        products = vouchers.products(tx, order.merchant, items=[line.item for line in lines])
        for line in lines:
            if line.item in products:
                cash = tuple(unit.cash for unit in line.units)
                sale = Sale(order.id, order.holder, order.method, cash, line.line)
                vouchers.issue(tx, order.merchant, product=products[line.item], sale=sale)
        return None

    def refund(self, tx: Tx, order: Order, *, back: Back, work: Gathering[Tx]) -> Refused | None:
        vouchers = self.vouchers_for(work)
        for line, unit in back.units:
            refusal = vouchers.void(tx, order.merchant, voucher=f"{order.id}:{line}:{unit}")
            if refusal is not None:
                return refusal
        return None
