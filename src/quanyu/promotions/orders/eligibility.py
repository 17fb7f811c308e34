"""What a buyer may claim. What we know is ours to say; the rest is the word of the caller, who is
the merchant's backend."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from quanyu.clock import Clock
from quanyu.content.shows.show import SHOW
from quanyu.customers.identity.anchors import Identifier
from quanyu.promotions.loyalty.ports import People
from quanyu.promotions.orders.buyer import Buyer
from quanyu.promotions.orders.order import OrderForm
from quanyu.promotions.orders.ports import History

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)
FIRST_ORDER, NEW_CUSTOMER, MEMBER = "first_order", "new_customer", "member"


def is_derived(name: str) -> bool:
    """``new_customer:A`` is new in shop A, ``member:gold`` has that tier, ``show:1`` is on air."""
    return name == FIRST_ORDER or name.partition(":")[0] in (NEW_CUSTOMER, MEMBER, SHOW)


def newness(shops: Collection[str], bought_in: Collection[str]) -> set[str]:
    """Of a person who has bought in these shops of the merchant, for a cart of ``shops``."""
    new = {shop for shop in shops if shop not in bought_in}
    names = {f"{NEW_CUSTOMER}:{shop}" for shop in new}
    if len(new) == len(set(shops)):
        names.add(NEW_CUSTOMER)
    return names if bought_in else names | {FIRST_ORDER}


def honest(claimed: Sequence[str], known: Collection[str]) -> frozenset[str]:
    """A claim of what we know is dropped when it is not true, and nobody needs to claim it."""
    return frozenset(known) | {name for name in claimed if not is_derived(name)}


def show_of(form: OrderForm, names: Collection[str]) -> str:
    """The show that the order came from, where that is true; else nothing."""
    return form.show if f"{SHOW}:{form.show}" in names else ""


class Standing(Protocol[In]):
    def __call__(self, tx: In, merchant: str, *, buyer: Buyer, programme: str) -> set[str]:
        """``member``, ``member:gold``. Raises NotFound for a programme that there is not."""


class OnAir(Protocol[In]):
    def __call__(self, tx: In, merchant: str, *, show: str, room: str) -> frozenset[str]:
        """``show:ID`` and its like, of a show that is live now in that room (touchpoint); empty of
        any other."""


@dataclass(frozen=True, slots=True)
class Eligibility(Generic[Tx]):
    history: History[Tx]
    people: People[Tx]
    standing: Standing[Tx]
    on_air: OnAir[Tx]
    clock: Clock

    def take_turn(self, tx: Tx, merchant: str, *, buyer: Buyer) -> None:
        """Until the transaction ends nobody else places an order of this person, so that the first
        one is one."""
        person = self._person(tx, merchant, buyer=buyer)
        self.history.take_turn(tx, merchant, identifiers=person)

    def names(
        self, tx: Tx, merchant: str, *, buyer: Buyer | None, form: OrderForm
    ) -> frozenset[str]:
        """Without a buyer nobody is asked about: then nothing that we would know is true."""
        known: set[str] = set()
        if buyer is not None:
            person = self._person(tx, merchant, buyer=buyer)
            now_us = self.clock.now_us()
            bought_in = self.history.shops_of(tx, merchant, identifiers=person, now_us=now_us)
            known = newness({line.shop for line in form.cart.lines}, bought_in)
            known |= self.standing(tx, merchant, buyer=buyer, programme=form.programme)
        if form.show:
            known |= self.on_air(tx, merchant, show=form.show, room=form.touchpoint)
        return honest(form.cart.eligibility, known)

    def _person(self, tx: Tx, merchant: str, *, buyer: Buyer) -> list[Identifier]:
        """All identifiers that are one person with one of those that the order names."""
        found = set(buyer.own)
        for one in buyer.own:
            found.update(self.people(tx, merchant, holder=one))
        return sorted(found)
