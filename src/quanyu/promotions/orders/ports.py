"""Where orders are kept, which offers there are, and who goes along with an order."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.events.event import Event
from quanyu.ledger.accounts import Account
from quanyu.ledger.transfers import Transfer
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.states import OrderState
from quanyu.promotions.pricing.offers import Offer
from quanyu.promotions.pricing.refunds import Refund, Unit

Tx = TypeVar("Tx", contravariant=True)


class OrderStore(Protocol[Tx]):
    def add(self, tx: Tx, order: Order) -> bool:
        """False when the merchant has an order of that id."""

    def locked(self, tx: Tx, merchant: str, *, order: str) -> Order | None:
        """Nobody else changes it until commit."""

    def find(self, tx: Tx, merchant: str, *, order: str) -> Order | None: ...

    def move(self, tx: Tx, order: Order, *, to: OrderState, method: str = "") -> None:
        """From the state that ``order`` has; anything else is a bug."""

    def add_refund(self, tx: Tx, order: Order, *, units: Sequence[Unit], refund: Refund) -> None:
        """Notes the units and the money; the database holds Σ refunds ≤ paid and each unit once."""

    def due(self, tx: Tx, now_us: int, *, limit: int) -> list[tuple[str, str]]:
        """(Merchant, order) of unpaid orders whose deadline is over."""

    def forget(self, tx: Tx, merchant: str, *, holders: Sequence[Identifier]) -> int:
        """Puts a fresh pseudonym in the place of each holder."""


class OfferCatalogue(Protocol[Tx]):
    def active(self, tx: Tx, merchant: str) -> Sequence[Offer]:
        """Promotions that apply by themselves, now."""


class Consequences(msgspec.Struct):
    """What a step brings about in the ledger and the log, written once at its end."""

    chain: list[Transfer] = []
    accounts: list[Account] = []
    facts: list[Event] = []


class Companion(Protocol[Tx]):
    """Something that goes along with an order: coupons, points, reserved pieces, vouchers.

    Each method works in the transaction of the step and adds its consequences to ``so_far``; a
    Refused takes the whole step back.
    """

    def offers(
        self, tx: Tx, merchant: str, *, holder: Identifier, coupons: Sequence[str]
    ) -> Mapping[str, Offer] | Refused:
        """Coupon → its offer, of those that may be looked at."""

    def place(self, tx: Tx, order: Order, *, so_far: Consequences) -> Refused | None: ...

    def pay(self, tx: Tx, order: Order, *, so_far: Consequences) -> Refused | None: ...

    def cancel(self, tx: Tx, order: Order, *, so_far: Consequences) -> None: ...

    def refund(
        self, tx: Tx, order: Order, *, refund: Refund, so_far: Consequences
    ) -> Refused | None: ...
