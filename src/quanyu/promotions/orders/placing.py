"""From what a buyer places to an order with its price."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Generic, TypeVar

import msgspec

from quanyu.clock import MINUTE_US, Clock, china_datetime
from quanyu.errors import Refused
from quanyu.promotions.orders.advertised import above_advertised
from quanyu.promotions.orders.buyer import Buyer
from quanyu.promotions.orders.eligibility import Eligibility, show_of
from quanyu.promotions.orders.order import Order, OrderForm, Terms
from quanyu.promotions.orders.ports import Companion, OfferCatalogue
from quanyu.promotions.orders.states import OrderRefusal, OrderState
from quanyu.promotions.pricing import Offer, Quote, evaluate
from quanyu.promotions.pricing.instalments import DEFAULT_RATES, plan_of
from quanyu.promotions.pricing.instalments import Terms as Instalments
from quanyu.promotions.releases.gate import Gate

Tx = TypeVar("Tx")
PAY_WITHIN_US = 30 * MINUTE_US


@dataclass(frozen=True, slots=True)
class Placing(Generic[Tx]):
    offers: OfferCatalogue[Tx]
    companions: Sequence[Companion[Tx]]
    buyer_of: Callable[[str, Mapping[str, str]], Buyer]
    """(merchant, identifiers) → tokens. Raises BadInput."""
    eligibility: Eligibility[Tx]
    releases: Gate[Tx]
    clock: Clock
    instalment_rates: Mapping[Instalments, int] = field(default_factory=lambda: DEFAULT_RATES)
    """Basis points by number of terms; terms left out are not offered."""

    def order(self, tx: Tx, merchant: str, *, form: OrderForm) -> Order | Refused:
        """The time is ours: a cart that is placed does not choose its own ``now``."""
        now_us = self.clock.now_us()
        cart = msgspec.structs.replace(form.cart, now=china_datetime(now_us))
        form = msgspec.structs.replace(form, cart=cart)
        buyer = self.buyer_of(merchant, form.identifiers)
        self.eligibility.take_turn(tx, merchant, buyer=buyer)
        terms = self._terms(tx, merchant, form=form, buyer=buyer)
        if isinstance(terms, Refused):
            return terms
        expected, costs = form.expected_payable, terms.quote.payable
        if expected is not None and expected != costs:
            return Refused(OrderRefusal.PRICE_CHANGED, costs, expected)
        dearer = above_advertised(terms.quote, form.advertised, offers=terms.offers)
        if dearer is not None:
            return dearer
        return Order(
            form.order,
            merchant,
            buyer.own[0],
            form.touchpoint,
            terms,
            OrderState.PLACED,
            now_us,
            now_us + PAY_WITHIN_US,
            buyer=buyer,
        )

    def terms(self, tx: Tx, merchant: str, *, form: OrderForm) -> Terms | Refused:
        """At the time that the cart says. A form without identifiers is nobody's."""
        buyer = self.buyer_of(merchant, form.identifiers) if form.identifiers else None
        return self._terms(tx, merchant, form=form, buyer=buyer)

    def _terms(
        self, tx: Tx, merchant: str, *, form: OrderForm, buyer: Buyer | None
    ) -> Terms | Refused:
        """Promotions that are active, and the coupons that the buyer names."""
        names = self.eligibility.names(tx, merchant, buyer=buyer, form=form)
        waits = self.releases.refusal(tx, merchant, cart=form.cart, eligibility=names)
        if waits is not None:
            return waits
        brought = self._brought(tx, merchant, form=form, buyer=buyer)
        if isinstance(brought, Refused):
            return brought
        held = [msgspec.structs.replace(offer, id=id) for id, offer in brought.items()]
        offers = {offer.id: offer for offer in (*self.offers.active(tx, merchant), *held)}
        asked_for = {name for offer in offers.values() for name in offer.requires}
        cart = msgspec.structs.replace(form.cart, eligibility=sorted(names & asked_for))
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
            show_of(form, names),
        )

    def _rate(self, quote: Quote) -> int | Refused | None:
        """What the instalments of the quote cost; None when it has none."""
        for told in quote.instalments:
            plan = plan_of(quote.payable, told.terms, rates=self.instalment_rates)
            return plan if isinstance(plan, Refused) else self.instalment_rates[told.terms]
        return None

    def _brought(
        self, tx: Tx, merchant: str, *, form: OrderForm, buyer: Buyer | None
    ) -> dict[str, Offer] | Refused:
        """Offers of the coupons and reserved pieces that the form names."""
        found: dict[str, Offer] = {}
        holders = () if buyer is None else buyer.own[:1]
        for companion, holder in product(self.companions, holders):
            more = companion.offers(tx, merchant, holder=holder, form=form)
            if isinstance(more, Refused):
                return more
            found |= more
        missing = [coupon for coupon in form.coupons if coupon not in found]
        return Refused(OrderRefusal.COUPON_NOT_USABLE, 0, len(missing)) if missing else found
