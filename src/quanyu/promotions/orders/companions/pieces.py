"""Pieces that flash sales have reserved: their price, sold at payment, free again otherwise."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.flash_sales.sales import Held
from quanyu.promotions.flash_sales.service import FlashDesk
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.orders.order import Order, OrderForm
from quanyu.promotions.orders.ports import Companion
from quanyu.promotions.pricing.benefits import BenefitForm, FixedPrice
from quanyu.promotions.pricing.offers import Offer, Scope

Tx = TypeVar("Tx")


@dataclass(frozen=True, slots=True)
class PiecesAlong(Companion[Tx]):
    desk_for: Callable[[Gathering[Tx]], FlashDesk[Tx]]
    held: Callable[[Tx, str, Identifier, str], Held | None]
    """(merchant, holder, hold) → a piece that this person still holds."""

    def offers(
        self, tx: Tx, merchant: str, *, holder: Identifier, form: OrderForm
    ) -> Mapping[str, Offer] | Refused:
        """The price of the sale for the item, when every unit in the cart is reserved."""
        pieces: Counter[str] = Counter()
        found: dict[str, Offer] = {}
        for hold in form.holds:
            piece = self.held(tx, merchant, holder, hold)
            if piece is None:
                return Refused("piece_not_held")
            pieces[piece.item] += 1
            found[f"flash:{piece.item}"] = _priced(piece)
        for line in form.cart.lines:
            if line.item in pieces:
                pieces[line.item] -= line.quantity
        short = [item for item, left in pieces.items() if left]
        return Refused("pieces_differ_from_cart", need=len(form.holds)) if short else found

    def place(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        """A piece waits for one order: another one can neither buy it nor let it go."""
        desk = self.desk_for(work)
        for hold in sorted(order.terms.holds):
            outcome = desk.claim(tx, order.merchant, hold=hold, order=order.id, holder=order.holder)
            if not isinstance(outcome, Held):
                return outcome
        return None

    def pay(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        desk = self.desk_for(work)
        for hold in order.terms.holds:
            outcome = desk.confirm(tx, order.merchant, hold=hold, order=order.id)
            if not isinstance(outcome, Held):
                return Refused(str(outcome.reason), outcome.have, outcome.need)
        return None

    def cancel(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        """A hold that has run out by itself needs no release."""
        desk = self.desk_for(work)
        for hold in order.terms.holds:
            desk.release(tx, order.merchant, hold=hold, order=order.id)
        return None


def _priced(piece: Held) -> Offer:
    """秒杀 excludes other offers that say so too."""
    benefit = BenefitForm(fixed_price=FixedPrice(piece.price_fen))
    return Offer(
        id=f"flash:{piece.item}", lane="item", benefit=benefit, exclusive=True,
        scope=Scope(items=(piece.item,)),
    )  # fmt: skip
