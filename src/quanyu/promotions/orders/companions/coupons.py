"""Coupons of an order: locked when it is placed, used when it is paid, back when it is not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.coupons.coupon import AnyCommand, Coupon, Issue, OnCoupon, Outcome
from quanyu.promotions.coupons.states import Verb
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.offers.answers import Offer as Batch
from quanyu.promotions.orders.order import Order, OrderForm
from quanyu.promotions.orders.ports import Back, Companion
from quanyu.promotions.pricing.offers import Offer

Tx = TypeVar("Tx")
Held = Sequence[tuple[Coupon, Batch]]


@dataclass(frozen=True, slots=True)
class CouponsAlong(Companion[Tx]):
    apply: Callable[[Tx, Gathering[Tx], Sequence[AnyCommand]], list[Outcome]]
    """Steps in the transaction of the order; what they post and tell is gathered."""
    held: Callable[[Tx, str, Identifier, Sequence[str]], Held]
    """(merchant, holder, ids) → those of the person that are there, with their batch."""

    def offers(
        self, tx: Tx, merchant: str, *, holder: Identifier, form: OrderForm
    ) -> Mapping[str, Offer]:
        found = self.held(tx, merchant, holder, form.coupons) if form.coupons else ()
        return {coupon.id: batch.template.priced for coupon, batch in found}

    def place(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        ttl_us = order.deadline_us - order.placed_us
        return self._each(
            tx, order, work,
            steps=[self._step(order, Verb.LOCK, id, ttl_us=ttl_us) for id in order.terms.coupons],
        )  # fmt: skip

    def pay(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        """Used for what they took off; and what is given after paying is issued. A batch that has
        run out does not hold up a payment."""
        spent = order.terms.quote.off
        refusal = self._each(
            tx, order, work,
            steps=[
                self._step(order, Verb.USE, id, amount_fen=spent.get(id, 0))
                for id in order.terms.coupons
            ],
        )  # fmt: skip
        templates = [one.coupon for one in order.terms.quote.after if one.coupon]
        if refusal is None and templates:
            self.apply(tx, work, [self._issue(order, template) for template in templates])
        return refusal

    def cancel(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        """A lock that has lapsed by itself needs no undoing."""
        steps = [self._step(order, Verb.UNLOCK, id) for id in order.terms.coupons]
        if steps:
            self.apply(tx, work, steps)
        return None

    def refund(self, tx: Tx, order: Order, *, back: Back, work: Gathering[Tx]) -> Refused | None:
        """A coupon past its expiry does not come back, and does not hold up the money."""
        mine = [id for id in back.refund.coupons if id in order.terms.coupons]
        if mine:
            self.apply(tx, work, [self._step(order, Verb.RETURN, id) for id in mine])
        return None

    def _each(
        self, tx: Tx, order: Order, work: Gathering[Tx], *, steps: Sequence[OnCoupon]
    ) -> Refused | None:
        """All of them, or the first refusal."""
        outcomes = self.apply(tx, work, steps) if steps else ()
        return next((one for one in outcomes if isinstance(one, Refused)), None)

    def _step(
        self, order: Order, verb: Verb, id: str, *, ttl_us: int = 0, amount_fen: int | None = None
    ) -> OnCoupon:
        return OnCoupon(
            merchant=order.merchant, request=f"order:{order.id}:{verb}:{id}",
            touchpoint=order.touchpoint, verb=verb, coupon=id, holder=order.holder,
            order=order.id, amount_fen=amount_fen, ttl_us=ttl_us,
        )  # fmt: skip

    def _issue(self, order: Order, template: str) -> Issue:
        return Issue(
            merchant=order.merchant, request=f"order:{order.id}:after:{template}",
            touchpoint=order.touchpoint, offer=template, holder=order.holder,
        )  # fmt: skip
