"""Coupons of an order: locked when it is placed, used when it is paid, back when it is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.coupons.coupon import AnyCommand, Coupon, Issue, OnCoupon, Outcome
from quanyu.promotions.coupons.states import Verb
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.loyalty.answers import IssueOffer
from quanyu.promotions.offers.answers import Offer as Batch
from quanyu.promotions.orders.order import Order, OrderForm
from quanyu.promotions.orders.ports import Back, Companion
from quanyu.promotions.pricing.offers import Offer

Tx = TypeVar("Tx")
Held = Sequence[tuple[Coupon, Batch]]


class CouponDesk(Protocol[Tx]):
    def apply(
        self, tx: Tx, gathering: Gathering[Tx], *, commands: Sequence[AnyCommand]
    ) -> list[Outcome]:
        """Steps in the transaction of the order; what they post and tell is gathered."""

    def held(self, tx: Tx, merchant: str, *, holder: Identifier, ids: Sequence[str]) -> Held:
        """Those of the person that can be used now, with their batch."""


@dataclass(frozen=True, slots=True)
class CouponsAlong(Companion[Tx]):
    desk: CouponDesk[Tx]

    def offers(
        self, tx: Tx, merchant: str, *, holder: Identifier, form: OrderForm
    ) -> Mapping[str, Offer]:
        found = (
            self.desk.held(tx, merchant, holder=holder, ids=form.coupons) if form.coupons else ()
        )
        return {coupon.id: batch.template.priced_at(coupon.face_fen) for coupon, batch in found}

    def place(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        ttl_us = order.deadline_us - order.placed_us
        steps = [self._step(order, Verb.LOCK, id=id, ttl_us=ttl_us) for id in order.terms.coupons]
        return self._each(tx, work, steps=steps)

    def pay(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        """Used for what they took off; and what is given after paying is issued. A batch that has
        run out does not hold up a payment."""
        off = order.terms.quote.off
        steps = [
            self._step(order, Verb.USE, id=id, amount_fen=off.get(id, 0))
            for id in order.terms.coupons
        ]
        refusal = self._each(tx, work, steps=steps)
        templates = [one.coupon for one in order.terms.quote.after if one.coupon]
        if refusal is None and templates:
            issues = [self._issue(order, template) for template in templates]
            self.desk.apply(tx, work, commands=issues)
        return refusal

    def cancel(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        """A lock that has lapsed by itself needs no undoing."""
        steps = [self._step(order, Verb.UNLOCK, id=id) for id in order.terms.coupons]
        if steps:
            self.desk.apply(tx, work, commands=steps)
        return None

    def refund(self, tx: Tx, order: Order, *, back: Back, work: Gathering[Tx]) -> Refused | None:
        """A coupon past its expiry does not come back, and does not hold up the money.

        Of a red packet each part that goes back is a piece of its own; what is left of it in the
        end comes back as any coupon does.
        """
        whole, parts = back.refund.coupons, back.refund.red_packets
        steps: list[OnCoupon] = []
        for id in order.terms.coupons:
            if id in whole:
                steps.append(self._step(order, Verb.RETURN, id=id))
            elif id in parts:
                step = self._step(order, Verb.GIVE_BACK, id=id, amount_fen=parts[id])
                steps.append(msgspec.structs.replace(step, request=f"{step.request}:{back.key}"))
        if steps:
            self.desk.apply(tx, work, commands=steps)
        return None

    def issue(self, tx: Tx, order: Order, *, effect: IssueOffer, work: Gathering[Tx]) -> None:
        """What an order has earned besides points. A batch that has run out holds up nobody."""
        self.desk.apply(tx, work, commands=[self._issue(order, effect.offer)])

    def _each(self, tx: Tx, work: Gathering[Tx], *, steps: Sequence[OnCoupon]) -> Refused | None:
        """All of them, or the first refusal."""
        told = self.desk.apply(tx, work, commands=steps) if steps else []
        return next((one for one in told if isinstance(one, Refused)), None)

    def _step(
        self,
        order: Order,
        verb: Verb,
        *,
        id: str,
        ttl_us: int = 0,
        amount_fen: int | None = None,
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
