"""Points of an order: spent when it is placed, earned when it is paid, both undone by a refund."""

from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from quanyu.errors import Refused
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.loyalty.answers import IssueOffer
from quanyu.promotions.loyalty.desk import Order as Reference
from quanyu.promotions.loyalty.desk import PointsDesk
from quanyu.promotions.loyalty.programmes import Line
from quanyu.promotions.loyalty.refusals import Reason
from quanyu.promotions.loyalty.service import Loyalty, Whose
from quanyu.promotions.orders.companions.sharing import Sharing
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.ports import Back, Companion

Tx = TypeVar("Tx")


class CarryOut(Protocol[Tx]):
    def __call__(self, tx: Tx, order: Order, *, effect: IssueOffer, work: Gathering[Tx]) -> None:
        """Issues an offer that an order has earned, such as a red packet for "no cutlery"."""


@dataclass(frozen=True, slots=True)
class PointsAlong(Companion[Tx]):
    loyalty: Loyalty[Tx]
    carry_out: CarryOut[Tx]
    sharing: Sharing[Tx]

    def place(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        points = order.terms.quote.points_spent
        if points == 0:
            return None
        programme, members = self._whose(tx, order)
        if programme is None or not members:
            return Refused(Reason.NOT_ENOUGH_POINTS, 0, points)
        if (refusal := self.sharing.refusal(order, programme)) is not None:
            return refusal
        outcome = self._desk(work).spend(
            tx, programme, members=members, order=reference(order), points=points
        )
        return outcome if isinstance(outcome, Refused) else None

    def pay(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        programme, members = self._whose(tx, order)
        if programme is None or not members:
            return None
        lines = cash_of(order)
        outcome = self._desk(work).earn(
            tx, programme, member=members[0], order=reference(order), lines=lines
        )
        if isinstance(outcome, Refused):
            return outcome
        for effect in outcome.effects:
            self.carry_out(tx, order, effect=effect, work=work)
        self.sharing.earned(tx, order, by=(programme, lines, outcome.points), work=work)
        return None

    def cancel(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        programme, _ = self._whose(tx, order)
        if programme is None or order.terms.quote.points_spent == 0:
            return None
        outcome = self._desk(work).give_back(tx, programme, order=reference(order))
        return outcome if isinstance(outcome, Refused) else None

    def refund(self, tx: Tx, order: Order, *, back: Back, work: Gathering[Tx]) -> Refused | None:
        """Goods count, shipping has earned nothing."""
        self.sharing.taken_back(tx, order, back=back, work=work)
        programme, _ = self._whose(tx, order)
        if programme is None:
            return None
        desk, points = self._desk(work), back.refund.points
        if points:
            given = desk.give_back(tx, programme, order=reference(order), points=points)
            if isinstance(given, Refused):
                return given
        cash_fen = back.refund.cash_fen - back.refund.shipping_fen
        if cash_fen > 0:
            taken = desk.refund(tx, programme, order=reference(order), cash_fen=cash_fen)
            if isinstance(taken, Refused) and taken.reason != Reason.NOTHING_EARNED:
                return taken
        return None

    def _whose(self, tx: Tx, order: Order) -> Whose:
        name, known_to = order.terms.programme, order.buyer.known_to
        return self.loyalty.whose(tx, order.merchant, name=name, known_to=known_to)

    def _desk(self, work: Gathering[Tx]) -> PointsDesk[Tx]:
        return PointsDesk(replace(self.loyalty.ports, book=work, facts=work))


def reference(order: Order) -> Reference:
    """A cart has no flags of its own: one line that says "no cutlery" says it for the order."""
    flags = {flag for line in order.terms.cart.lines for flag in line.flags}
    return Reference(order.merchant, order.id, tuple(sorted(flags)))


def cash_of(order: Order) -> list[Line]:
    flags = {line.line: tuple(line.flags) for line in order.terms.cart.lines}
    return [Line(line.cash, flags[line.line]) for line in order.terms.quote.lines]
