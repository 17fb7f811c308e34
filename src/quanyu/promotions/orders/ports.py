"""Where orders are kept, which offers there are, and who goes along with an order."""

from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.orders.order import Order, OrderForm
from quanyu.promotions.orders.states import OrderState
from quanyu.promotions.pricing.offers import Offer
from quanyu.promotions.pricing.refunds import Refund, Unit

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)


class OrderStore(Protocol[In]):
    def add(self, tx: In, order: Order) -> bool:
        """False when the merchant has an order of that id."""

    def locked(self, tx: In, merchant: str, *, order: str) -> Order | None:
        """Nobody else changes it until commit."""

    def find(self, tx: In, merchant: str, *, order: str) -> Order | None: ...

    def move(self, tx: In, order: Order, *, to: OrderState, method: str = "") -> None:
        """From the state that ``order`` has; anything else is a bug."""

    def charge(self, tx: In, order: Order) -> None:
        """Notes ``points_fen`` of an order that was just paid, once."""

    def add_refund(self, tx: In, order: Order, *, units: Sequence[Unit], refund: Refund) -> None:
        """Notes the units and the money; the database holds Σ refunds ≤ paid and each unit once."""

    def due(self, tx: In, now_us: int, *, limit: int) -> list[tuple[str, str]]:
        """(Merchant, order) of unpaid orders whose deadline is over."""

    def forget(self, tx: In, merchant: str, *, holders: Sequence[Identifier]) -> int:
        """Puts a fresh pseudonym in the place of each holder. PLATFORM forgets its own tokens in
        the orders of everybody."""


class History(Protocol[In]):
    """What people have bought."""

    def take_turn(self, tx: In, merchant: str, *, identifiers: Sequence[Identifier]) -> None:
        """Who comes with one of these identifiers waits until this transaction has ended."""

    def shops_of(
        self, tx: In, merchant: str, *, identifiers: Sequence[Identifier], now_us: int
    ) -> frozenset[str]:
        """Shops of orders that name one of these, and were paid or still may be."""


class OfferCatalogue(Protocol[In]):
    """Promotions that apply by themselves."""

    def active(self, tx: In, merchant: str) -> Sequence[Offer]:
        """Those that apply."""

    def all(self, tx: In, merchant: str) -> Sequence[Offer]:
        """Those that the gate withholds as well."""

    def put(self, tx: In, merchant: str, *, offer: Offer) -> None:
        """New or changed; orders that were placed keep what they were placed under."""

    def remove(self, tx: In, merchant: str, *, offer: str) -> bool: ...


class Back(msgspec.Struct, frozen=True):
    """A refund that is on its way: what comes back, for which units, under which request."""

    units: Sequence[Unit]
    refund: Refund
    key: str


class Companion(Generic[Tx]):
    """Something that goes along with an order: coupons, points, reserved pieces, vouchers.

    Each method works in the transaction of the step; what it posts and tells goes into ``work``,
    which is written once at the end. A Refused takes the whole step back.
    """

    def offers(
        self, tx: Tx, merchant: str, *, holder: Identifier, form: OrderForm
    ) -> Mapping[str, Offer] | Refused:
        """What the form brings along: an id that the form names → its offer."""
        return {}

    def place(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        return None

    def pay(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        return None

    def cancel(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        return None

    def refund(self, tx: Tx, order: Order, *, back: Back, work: Gathering[Tx]) -> Refused | None:
        return None
