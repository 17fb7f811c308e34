"""What stands between a cart and items that cannot be bought yet."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from quanyu.errors import Refused
from quanyu.promotions.pricing.cart import Cart
from quanyu.promotions.releases.ports import ReleaseStore
from quanyu.promotions.releases.release import not_yet

Tx = TypeVar("Tx")


@dataclass(frozen=True, slots=True)
class Gate(Generic[Tx]):
    store: ReleaseStore[Tx]

    def refusal(
        self, tx: Tx, merchant: str, *, cart: Cart, eligibility: Collection[str]
    ) -> Refused | None:
        """At the time of the cart, for a buyer who meets these conditions."""
        items = {line.item for line in cart.lines}
        categories = {line.category for line in cart.lines if line.category}
        found = self.store.covering(tx, merchant, items=items, categories=categories)
        return not_yet(found, eligibility, now_us=cart.now_us)
