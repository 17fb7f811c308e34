"""Pieces that flash sales have reserved go along with an order (the port ``Companion``)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.events.recording import Facts
from quanyu.promotions.flash_sales.service import FlashDesk, Ports
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.ports import Consequences
from quanyu.promotions.pricing.offers import Offer
from quanyu.promotions.pricing.refunds import Refund

Tx = TypeVar("Tx")


class FlashCompanion(Generic[Tx]):
    """Claimed when the order is placed, sold when it is paid, free when it is cancelled. A piece
    that was paid stays sold, whatever is refunded: putting it back on sale is the merchant's."""

    def __init__(self, ports: Ports[Tx], *, facts: Facts[Tx]) -> None:
        self._ports = ports
        self._facts = facts

    def offers(
        self, tx: Tx, merchant: str, *, holder: Identifier, coupons: Sequence[str]
    ) -> Mapping[str, Offer] | Refused:
        return {}

    def place(self, tx: Tx, order: Order, *, so_far: Consequences) -> Refused | None:
        desk, _ = self._desk()
        merchant, holder = order.merchant, order.holder
        for hold in sorted(order.terms.holds):
            done = desk.claim(tx, merchant, hold=hold, order=order.id, holder=holder)
            if isinstance(done, Refused):
                return done
        return None

    def pay(self, tx: Tx, order: Order, *, so_far: Consequences) -> Refused | None:
        desk, gathering = self._desk()
        for hold in sorted(order.terms.holds):
            done = desk.confirm(tx, order.merchant, hold=hold, order=order.id)
            if isinstance(done, Refused):
                return done
        so_far.chain += gathering.drain()[0]
        return None

    def cancel(self, tx: Tx, order: Order, *, so_far: Consequences) -> None:
        """A hold whose time is over has gone back by itself."""
        desk, gathering = self._desk()
        for hold in sorted(order.terms.holds):
            desk.release(tx, order.merchant, hold=hold, order=order.id)
        so_far.chain += gathering.drain()[0]

    def refund(
        self, tx: Tx, order: Order, *, refund: Refund, so_far: Consequences
    ) -> Refused | None:
        return None

    def _desk(self) -> tuple[FlashDesk[Tx], Gathering[Tx]]:
        gathering = Gathering(self._ports.book, self._facts)
        return FlashDesk(replace(self._ports, book=gathering)), gathering
