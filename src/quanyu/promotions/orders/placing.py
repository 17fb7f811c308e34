"""From what a buyer places to an order with its price."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

from quanyu.clock import MINUTE_US, Clock, china_datetime
from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.orders.order import Order, OrderForm, Terms
from quanyu.promotions.orders.ports import Companion, OfferCatalogue
from quanyu.promotions.orders.states import OrderRefusal, OrderState
from quanyu.promotions.pricing import Offer, Quote, evaluate
from quanyu.promotions.pricing.instalments import DEFAULT_RATES, plan_of
from quanyu.promotions.pricing.instalments import Terms as Instalments

Tx = TypeVar("Tx")
PAY_WITHIN_US = 30 * MINUTE_US


@dataclass(frozen=True, slots=True)
class Placing(Generic[Tx]):
    offers: OfferCatalogue[Tx]
    companions: Sequence[Companion[Tx]]
    holder_of: Callable[[str, Mapping[str, str]], Identifier]
    """(merchant, identifiers) → the strongest one, as a token. Raises BadInput."""
    clock: Clock
    instalment_rates: Mapping[Instalments, int] = field(default_factory=lambda: DEFAULT_RATES)
    """Basis points by number of terms; terms left out are not offered."""

    def order(self, tx: Tx, merchant: str, *, form: OrderForm) -> Order | Refused:
        terms = self.terms(tx, merchant, form=form)
        if isinstance(terms, Refused):
            return terms
        expected, costs = form.expected_payable, terms.quote.payable
        if expected is not None and expected != costs:
            return Refused(OrderRefusal.PRICE_CHANGED, costs, expected)
        now_us = self.clock.now_us()
        return Order(
            form.order,
            merchant,
            self.holder_of(merchant, form.identifiers),
            form.touchpoint,
            terms,
            OrderState.PLACED,
            now_us,
            now_us + PAY_WITHIN_US,
        )

    def terms(self, tx: Tx, merchant: str, *, form: OrderForm) -> Terms | Refused:
        """Promotions that are active, and the coupons that the buyer names. The time is ours: a
        cart does not choose its own ``now``."""
        brought = self._brought(tx, merchant, form=form)
        if isinstance(brought, Refused):
            return brought
        cart = msgspec.structs.replace(form.cart, now=china_datetime(self.clock.now_us()))
        held = [msgspec.structs.replace(offer, id=id) for id, offer in brought.items()]
        offers = {offer.id: offer for offer in (*self.offers.active(tx, merchant), *held)}
        quote = evaluate(cart, list(offers.values()))
        rate = self._rate(quote)
        if isinstance(rate, Refused):
            return rate
        applied = {trace.offer for trace in quote.trace if trace.status == "applied"}
        return Terms(
            cart,
            quote,
            {id: offer for id, offer in offers.items() if id in applied},
            {id: offer.id for id, offer in brought.items() if id in applied and id in form.coupons},
            form.holds,
            form.programme,
            rate,
        )

    def _rate(self, quote: Quote) -> int | Refused | None:
        """What the instalments of the quote cost; None when it has none."""
        for told in quote.instalments:
            plan = plan_of(quote.payable, told.terms, rates=self.instalment_rates)
            return plan if isinstance(plan, Refused) else self.instalment_rates[told.terms]
        return None

    def _brought(self, tx: Tx, merchant: str, *, form: OrderForm) -> dict[str, Offer] | Refused:
        """Offers of the coupons and reserved pieces that the form names."""
        holder = self.holder_of(merchant, form.identifiers)
        found: dict[str, Offer] = {}
        for companion in self.companions:
            more = companion.offers(tx, merchant, holder=holder, form=form)
            if isinstance(more, Refused):
                return more
            found |= more
        missing = [coupon for coupon in form.coupons if coupon not in found]
        return Refused(OrderRefusal.COUPON_NOT_USABLE, 0, len(missing)) if missing else found
