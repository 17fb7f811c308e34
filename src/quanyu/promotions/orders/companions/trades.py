"""The price history of an order: written when it is paid, taken back with what goes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from quanyu.clock import Clock
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.ports import Back, Companion
from quanyu.promotions.orders.trades import Sold, sold, units_of

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)


class TradeStore(Protocol[In]):
    def add(self, tx: In, order: Order, *, sold: Sequence[Sold], paid_us: int) -> None: ...

    def take_back(self, tx: In, order: Order, *, back: Sequence[Sold]) -> None: ...


@dataclass(frozen=True, slots=True)
class TradesAlong(Companion[Tx]):
    store: TradeStore[Tx]
    clock: Clock

    def pay(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> None:
        self.store.add(tx, order, sold=sold(order.terms.quote), paid_us=self.clock.now_us())

    def refund(self, tx: Tx, order: Order, *, back: Back, work: Gathering[Tx]) -> None:
        self.store.take_back(tx, order, back=units_of(order.terms.quote, back.units))
