"""Promotions whose compared prices were looked at before they were stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from quanyu.clock import to_us
from quanyu.promotions.comparing import Comparing
from quanyu.promotions.orders.ports import OfferCatalogue
from quanyu.promotions.pricing.compared_prices import prices_of
from quanyu.promotions.pricing.offers import Offer

Tx = TypeVar("Tx")


@dataclass(frozen=True, slots=True)
class TrueCatalogue(Generic[Tx]):
    """The port ``OfferCatalogue``: what is put into it was looked at first."""

    offers: OfferCatalogue[Tx]
    comparing: Comparing[Tx]

    def active(self, tx: Tx, merchant: str) -> Sequence[Offer]:
        return self.offers.active(tx, merchant)

    def all(self, tx: Tx, merchant: str) -> Sequence[Offer]:
        return self.offers.all(tx, merchant)

    def put(self, tx: Tx, merchant: str, *, offer: Offer) -> None:
        """Raises Unlawful."""
        if offer.compared is not None:
            since = None if offer.window is None else offer.window.since
            self.comparing.let_through(
                tx, merchant, prices=prices_of(offer), compared=offer.compared,
                from_us=None if since is None else to_us(since),
            )  # fmt: skip
        self.offers.put(tx, merchant, offer=offer)

    def remove(self, tx: Tx, merchant: str, *, offer: str) -> bool:
        return self.offers.remove(tx, merchant, offer=offer)
