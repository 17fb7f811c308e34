"""Points of an order: spent when it is placed, earned when it is paid, both undone by a refund."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import NotFound, Refused
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.loyalty.desk import Order as Reference
from quanyu.promotions.loyalty.desk import PointsDesk
from quanyu.promotions.loyalty.ports import Member
from quanyu.promotions.loyalty.programmes import Line, Programme
from quanyu.promotions.loyalty.refusals import Reason
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.ports import Back, Companion

Tx = TypeVar("Tx")
Purses = tuple[Programme, Sequence[Member]]


@dataclass(frozen=True, slots=True)
class PointsAlong(Companion[Tx]):
    desk_for: Callable[[Gathering[Tx]], PointsDesk[Tx]]
    purses_of: Callable[[Tx, str, str, Identifier], Purses]
    """(merchant, programme, holder). Raises NotFound."""

    def place(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        points = order.terms.quote.points_spent
        if points == 0:
            return None
        purses = self._purses(tx, order)
        if purses is None:
            return Refused("not_a_member", 0, points)
        programme, members = purses
        outcome = self.desk_for(work).spend(
            tx, programme, members=members, order=_reference(order), points=points
        )
        return _refusal(outcome)

    def pay(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        purses = self._purses(tx, order)
        if purses is None:
            return None
        programme, members = purses
        flags = {line.line: tuple(line.flags) for line in order.terms.cart.lines}
        lines = [Line(line.cash, flags[line.line]) for line in order.terms.quote.lines]
        outcome = self.desk_for(work).earn(
            tx, programme, member=members[0], order=_reference(order), lines=lines
        )
        return _refusal(outcome)

    def cancel(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        purses = self._purses(tx, order)
        if purses is None or order.terms.quote.points_spent == 0:
            return None
        return _refusal(self.desk_for(work).give_back(tx, purses[0], order=_reference(order)))

    def refund(self, tx: Tx, order: Order, *, back: Back, work: Gathering[Tx]) -> Refused | None:
        purses = self._purses(tx, order)
        if purses is None:
            return None
        desk, reference = self.desk_for(work), _reference(order)
        outcomes: list[object] = []
        if back.refund.points:
            points = back.refund.points
            outcomes.append(desk.give_back(tx, purses[0], order=reference, points=points))
        goods_fen = back.refund.cash_fen - back.refund.shipping_fen
        if goods_fen:
            outcomes.append(desk.refund(tx, purses[0], order=reference, cash_fen=goods_fen))
        return next((one for one in map(_refusal, outcomes) if one is not None), None)

    def _purses(self, tx: Tx, order: Order) -> Purses | None:
        """None for a buyer who is no member: points are for members."""
        if not order.terms.programme:
            return None
        try:
            return self.purses_of(tx, order.merchant, order.terms.programme, order.holder)
        except NotFound:
            return None


def _reference(order: Order) -> Reference:
    flags = {flag for line in order.terms.cart.lines for flag in line.flags}
    return Reference(order.merchant, order.id, tuple(sorted(flags)))


def _refusal(outcome: object) -> Refused | None:
    """An order that earned nothing has nothing to take back."""
    if getattr(outcome, "reason", None) in (None, Reason.NOTHING_EARNED):
        return None
    have, need = getattr(outcome, "have", None), getattr(outcome, "need", None)
    return Refused(str(getattr(outcome, "reason", "")), have, need)
