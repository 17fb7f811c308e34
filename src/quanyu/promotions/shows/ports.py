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


class ShowOrders(Protocol[In]):
    def note(self, tx: In, merchant: str, *, show: str, order: str) -> None:
        """It was placed while the show was on air; once per order."""

    def of_show(self, tx: In, merchant: str, *, show: str) -> Sequence[Sold]:
        """In the order in which they were placed."""


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
