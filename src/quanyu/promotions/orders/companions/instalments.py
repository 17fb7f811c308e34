"""Instalments of an order: the plan begins when it is paid, and shrinks when units go back."""

from dataclasses import dataclass
from typing import TypeVar

from quanyu.errors import Refused
from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.instalments.agreement import Financed, begun
from quanyu.promotions.instalments.answers import GoingBack
from quanyu.promotions.instalments.service import Instalments
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.ports import Back, Companion
from quanyu.promotions.orders.postings import cash_of

Tx = TypeVar("Tx")


@dataclass(frozen=True, slots=True)
class InstalmentsAlong(Companion[Tx]):
    desk: Instalments[Tx]

    def pay(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        """At the rate that the order was placed at."""
        plan, rate = order.terms.plan, order.terms.instalment_rate
        if plan is None or rate is None:
            return None
        financed = Financed(
            order.merchant, order.id, order.holder, order.touchpoint, order.method, rate
        )
        shops = {shop: cash_of(order, shop) for shop in order.terms.quote.settlement}
        shares = {"merchant": shops, "platform": {PLATFORM: order.payable_fen}, "buyer": {}}
        now_us, cash_fen = self.desk.clock.now_us(), shares[plan.bearer]
        agreement = begun(financed, plan, now_us=now_us, cash_fen=cash_fen)
        self.desk.begin(tx, agreement, work=work)
        return None

    def refund(self, tx: Tx, order: Order, *, back: Back, work: Gathering[Tx]) -> Refused | None:
        shops = {shop: one.cash_fen for shop, one in back.refund.shops.items()}
        going = GoingBack(order.id, back.refund.cash_fen, shops, back.key)
        return self.desk.give_back(tx, order.merchant, back=going, work=work)
