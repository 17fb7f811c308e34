"""Pieces that flash sales have reserved: their price, sold at payment, free again otherwise."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.flash_sales.ports import Ports
from quanyu.promotions.flash_sales.sales import Held
from quanyu.promotions.flash_sales.service import FlashDesk
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.orders.order import Order, OrderForm
from quanyu.promotions.orders.ports import Companion
from quanyu.promotions.orders.states import OrderRefusal
from quanyu.promotions.pricing.benefits import BenefitForm, FixedPrice
from quanyu.promotions.pricing.offers import Offer, Scope

Tx = TypeVar("Tx")


@dataclass(frozen=True, slots=True)
class PiecesAlong(Companion[Tx]):
    """Claimed when the order is placed, sold when it is paid, free when it is cancelled. A piece
    that was paid stays sold, whatever is refunded: putting it back on sale is the merchant's."""

    ports: Ports[Tx]

    def offers(
        self, tx: Tx, merchant: str, *, holder: Identifier, form: OrderForm
    ) -> Mapping[str, Offer] | Refused:
        """The price of the sale for the item, when just the units in the cart are reserved."""
        desk, pieces = FlashDesk(self.ports), Counter[str]()
        found: dict[str, Offer] = {}
        for hold in sorted(set(form.holds)):
            piece = desk.held(tx, merchant, hold=hold, order=form.order, holder=holder)
            if not isinstance(piece, Held):
                return piece
            pieces[piece.item] += 1
            found[f"flash:{piece.item}"] = _priced(piece)
        for line in form.cart.lines:
            if line.item in pieces:
                pieces[line.item] -= line.quantity
        differ = any(pieces.values())
        return Refused(OrderRefusal.PIECES_DIFFER, need=len(form.holds)) if differ else found

    def place(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        desk, holder = self._desk(work), order.holder
        for hold in sorted(set(order.terms.holds)):
            done = desk.claim(tx, order.merchant, hold=hold, order=order.id, holder=holder)
            if isinstance(done, Refused):
                return done
        return None

    def pay(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        desk = self._desk(work)
        for hold in sorted(set(order.terms.holds)):
            done = desk.confirm(tx, order.merchant, hold=hold, order=order.id)
            if isinstance(done, Refused):
                return done
        return None

    def cancel(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        """A hold whose time is over has gone back by itself."""
        desk = self._desk(work)
        for hold in sorted(set(order.terms.holds)):
            desk.release(tx, order.merchant, hold=hold, order=order.id)
        return None

    def _desk(self, work: Gathering[Tx]) -> FlashDesk[Tx]:
        return FlashDesk(replace(self.ports, book=work))


def _priced(piece: Held) -> Offer:
    """秒杀 excludes other offers that say so too."""
    benefit = BenefitForm(fixed_price=FixedPrice(piece.price_fen))
    return Offer(
        id=f"flash:{piece.item}", lane="item", benefit=benefit, exclusive=True,
        scope=Scope(items=(piece.item,)),
    )  # fmt: skip
