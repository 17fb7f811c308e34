"""What a live show has sold, and how it was looked at. Engines live in ``storage``."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from quanyu.promotions.orders.order import Terms
from quanyu.promotions.orders.states import OrderState
from quanyu.promotions.pricing.refunds import Unit

In = TypeVar("In", contravariant=True)


class Sold(msgspec.Struct, frozen=True):
    """An order that came out of a show."""

    order: str
    state: OrderState
    terms: Terms
    returned: frozenset[Unit] = frozenset()
    suspected: bool = False
    """It looks like a fake trade, and nobody has cleared it."""

    @property
    def was_paid(self) -> bool:
        return self.state not in (OrderState.PLACED, OrderState.CANCELLED)


class ItemSold(msgspec.Struct, frozen=True):
    """Of paid orders, those that look like fake trades left out."""

    shop: str
    item: str
    sold_fen: int
    """Cash for the goods, net of everything that was taken off."""
    returned_fen: int
    """Of that, for units that have come back."""


class Totals(msgspec.Struct, frozen=True):
    items: tuple[ItemSold, ...] = ()
    withheld_orders: int = 0
    """Paid orders that look like fake trades."""


class Due(msgspec.Struct, frozen=True):
    """What a shop owes a host of a show."""

    shop: str
    host: str
    amount_fen: int


class Booked(msgspec.Struct, frozen=True):
    """What the ledger says of a closed show."""

    due: tuple[Due, ...] = ()
    steps: int = 0
    """How often it was booked: what is due changes with payments and returns after the close."""
    at_us: int = 0


class ShowOrders(Protocol[In]):
    def note(self, tx: In, merchant: str, *, show: str, order: str) -> None:
        """It was placed while the show was on air; once per order."""

    def of_show(self, tx: In, merchant: str, *, show: str) -> Sequence[Sold]:
        """In the order in which they were placed."""

    def totals(self, tx: In, merchant: str, *, show: str) -> Totals:
        """By shop and item, those that no slot shows as well."""


class CommissionBook(Protocol[In]):
    """What was booked of each closed show."""

    def begin(self, tx: In, merchant: str, *, show: str) -> Booked:
        """It is closed now; once per show."""

    def locked(self, tx: In, merchant: str, *, show: str) -> Booked | None:
        """None: not closed, and it will not be until commit. Else nobody else books it."""

    def find(self, tx: In, merchant: str, *, show: str) -> Booked | None: ...

    def put(self, tx: In, merchant: str, *, show: str, booked: Booked) -> None: ...

    def stale(self, tx: In) -> Sequence[tuple[str, str]]:
        """(Merchant, show) where somebody has said another word about an order since."""


class Looked(msgspec.Struct, frozen=True):
    """Counted from events whose content is the show, and from nothing else."""

    viewers: int = 0
    """Distinct people."""
    impressions: int = 0
    clicks: int = 0
    clicks_of: Mapping[str, int] = {}
    """By item."""


class Attention(Protocol):
    def __call__(self, merchant: str, *, show: str, since_us: int) -> Looked: ...
