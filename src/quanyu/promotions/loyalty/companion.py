"""Points and reserved pieces go along with an order (the port ``Companion`` of orders)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.loyalty.answers import IssueOffer
from quanyu.promotions.loyalty.desk import Order as Reference
from quanyu.promotions.loyalty.desk import PointsDesk
from quanyu.promotions.loyalty.programmes import Line
from quanyu.promotions.loyalty.refusals import Reason
from quanyu.promotions.loyalty.service import Loyalty, Whose
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.ports import Consequences
from quanyu.promotions.pricing.offers import Offer
from quanyu.promotions.pricing.refunds import Refund

Tx = TypeVar("Tx")
CarryOut = Callable[[Tx, Order, IssueOffer, Consequences], None]
"""Issues an offer that an order has earned, such as a red packet for "no cutlery"."""


class PointsCompanion(Generic[Tx]):
    """Spent when the order is placed, given back when it is cancelled, earned when it is paid.

    ``programme`` of an order names one of the merchant's own: the ecosystem's knows people under
    tokens of its own, which an order does not carry.
    """

    def __init__(self, loyalty: Loyalty[Tx], *, carry_out: CarryOut[Tx] | None = None) -> None:
        self._loyalty = loyalty
        self._carry_out = carry_out

    def offers(
        self, tx: Tx, merchant: str, *, holder: Identifier, coupons: Sequence[str]
    ) -> Mapping[str, Offer] | Refused:
        return {}

    def place(self, tx: Tx, order: Order, *, so_far: Consequences) -> Refused | None:
        points = order.terms.quote.points_spent
        if not points:
            return None
        programme, members = self._whose(tx, order)
        if programme is None or not members:
            return Refused(Reason.NOT_ENOUGH_POINTS, 0, points)
        desk, gathering = self._desk()
        done = desk.spend(tx, programme, members=members, order=reference(order), points=points)
        return _taken(done, gathering, so_far=so_far)

    def pay(self, tx: Tx, order: Order, *, so_far: Consequences) -> Refused | None:
        programme, members = self._whose(tx, order)
        if programme is None or not members:
            return None
        desk, gathering = self._desk()
        done = desk.earn(
            tx, programme, member=members[0], order=reference(order), lines=cash_of(order)
        )
        if self._carry_out is not None and not isinstance(done, Refused):
            for effect in done.effects:
                self._carry_out(tx, order, effect, so_far)
        return _taken(done, gathering, so_far=so_far)

    def cancel(self, tx: Tx, order: Order, *, so_far: Consequences) -> None:
        programme, _ = self._whose(tx, order)
        if programme is not None and order.terms.quote.points_spent:
            desk, gathering = self._desk()
            _taken(desk.give_back(tx, programme, order=reference(order)), gathering, so_far=so_far)

    def refund(
        self, tx: Tx, order: Order, *, refund: Refund, so_far: Consequences
    ) -> Refused | None:
        """Goods count, shipping has earned nothing."""
        programme, _ = self._whose(tx, order)
        if programme is None:
            return None
        desk, gathering = self._desk()
        cash_fen = refund.cash_fen - refund.shipping_fen
        if refund.points:
            back = desk.give_back(tx, programme, order=reference(order), points=refund.points)
            refused = _taken(back, gathering, so_far=so_far)
            if refused is not None:
                return refused
        if cash_fen > 0:
            done = desk.refund(tx, programme, order=reference(order), cash_fen=cash_fen)
            if done != Refused(Reason.NOTHING_EARNED):
                return _taken(done, gathering, so_far=so_far)
        return None

    def _whose(self, tx: Tx, order: Order) -> Whose:
        name, holder = order.terms.programme, order.holder
        return self._loyalty.own(tx, order.merchant, name=name, holder=holder)

    def _desk(self) -> tuple[PointsDesk[Tx], Gathering[Tx]]:
        ports = self._loyalty.ports
        gathering = Gathering(ports.book, ports.facts)
        return PointsDesk(replace(ports, book=gathering, facts=gathering)), gathering


def reference(order: Order) -> Reference:
    """A cart has no flags of its own: one line that says "no cutlery" says it for the order."""
    flags = {flag for line in order.terms.cart.lines for flag in line.flags}
    return Reference(order.merchant, order.id, tuple(sorted(flags)))


def cash_of(order: Order) -> list[Line]:
    flags = {line.line: tuple(line.flags) for line in order.terms.cart.lines}
    return [Line(line.cash, flags[line.line]) for line in order.terms.quote.lines]


def _taken(done: object, gathering: Gathering[Tx], *, so_far: Consequences) -> Refused | None:
    if isinstance(done, Refused):
        return done
    chain, told = gathering.drain()
    so_far.chain += chain
    so_far.facts += told
    return None
