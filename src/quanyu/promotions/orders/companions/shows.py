"""Orders of a live show: noted with it, for its board and the commission of its hosts."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from quanyu.errors import Refused
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.ports import Companion

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)


class Noting(Protocol[In]):
    def note(self, tx: In, merchant: str, *, show: str, order: str) -> None: ...


@dataclass(frozen=True, slots=True)
class ShowsAlong(Companion[Tx]):
    orders: Noting[Tx]

    def place(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> Refused | None:
        if order.terms.show:
            self.orders.note(tx, order.merchant, show=order.terms.show, order=order.id)
        return None
