"""What an order owes and is owed for points of the ecosystem."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from msgspec.structs import replace

from quanyu.errors import Refused
from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.loyalty.programmes import Line, Programme, value_fen
from quanyu.promotions.orders import postings
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.ports import Back, OrderStore
from quanyu.promotions.orders.shared_points import costs_of, paid_with_points
from quanyu.promotions.orders.states import OrderRefusal

Tx = TypeVar("Tx")


@dataclass(frozen=True, slots=True)
class Sharing(Generic[Tx]):
    """A merchant's own points are its own matter; those of the ecosystem are settled."""

    orders: OrderStore[Tx]

    def refusal(self, order: Order, programme: Programme) -> Refused | None:
        """The platform bears what its points take off, and no more than it says they are worth."""
        worth_fen = value_fen(programme.terms, order.terms.quote.points_spent)
        off_fen = paid_with_points(order)
        if programme.owner != PLATFORM or off_fen <= worth_fen:
            return None
        return Refused(OrderRefusal.POINTS_WORTH_LESS, worth_fen, off_fen)

    def earned(
        self, tx: Tx, order: Order, *, by: tuple[Programme, list[Line], int], work: Gathering[Tx]
    ) -> None:
        """``by``: programme, lines, points. The shops pay for them."""
        programme, lines, points = by
        costs = costs_of(programme.terms, lines, points=points)
        if programme.owner == PLATFORM and any(costs):
            charged = replace(order, points_fen=costs)
            self.orders.charge(tx, charged)
            postings.points_earned(charged).into(work, tx)

    def taken_back(self, tx: Tx, order: Order, *, back: Back, work: Gathering[Tx]) -> None:
        """In proportion to the units, whatever the person still has of the points."""
        postings.points_taken_back(order, back.units, key=back.key).into(work, tx)
