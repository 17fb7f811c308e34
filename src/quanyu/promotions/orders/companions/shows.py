"""Orders of a live show: noted with it, for its board and the commission of its hosts."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from quanyu.promotions.gathering import Gathering
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.ports import Back, Companion

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)


class Noting(Protocol[In]):
    def note(self, tx: In, merchant: str, *, show: str, order: str) -> None: ...


class Following(Protocol[Tx]):
    def follow(self, tx: Tx, merchant: str, *, show: str, work: Gathering[Tx]) -> None:
        """The trades of the show are others than before."""


@dataclass(frozen=True, slots=True)
class ShowsAlong(Companion[Tx]):
    """Behind the trades: what hosts have earned is counted from them."""

    orders: Noting[Tx]
    commissions: Following[Tx]

    def place(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> None:
        if order.terms.show:
            self.orders.note(tx, order.merchant, show=order.terms.show, order=order.id)

    def pay(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> None:
        self._follow(tx, order, work=work)

    def refund(self, tx: Tx, order: Order, *, back: Back, work: Gathering[Tx]) -> None:
        self._follow(tx, order, work=work)

    def _follow(self, tx: Tx, order: Order, *, work: Gathering[Tx]) -> None:
        show = order.terms.show
        if show:
            self.commissions.follow(tx, order.merchant, show=show, work=work)
