"""Offers that are shown with a compared price pass only if it is true (令56 Art 16–17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from quanyu.clock import Clock, to_us
from quanyu.compliance.showing import PriceShown, Unlawful
from quanyu.compliance.verdict import Verdict
from quanyu.promotions.orders.ports import OfferCatalogue
from quanyu.promotions.pricing.amounts import Part
from quanyu.promotions.pricing.compared import Compared
from quanyu.promotions.pricing.offers import Offer

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)


class PriceTruth(Protocol[In]):
    def review_in(
        self,
        tx: In,
        merchant: str,
        *,
        shown: Sequence[PriceShown],
        at_us: int,
        reasons: Mapping[tuple[str, str], str],
    ) -> Verdict:
        """By what was paid before that moment; ``reasons`` by (shop, item)."""


def prices_of(offer: Offer) -> list[PriceShown]:
    """One per item of its scope; what an item costs with it is its own arithmetic."""
    compared = offer.compared
    if compared is None:
        return []
    whole = compared.reference
    costs = {item: whole - _off(offer, item=item, fen=whole) for item in offer.scope.items}
    return [shown(compared, item=item, price_fen=fen) for item, fen in costs.items()]


def _off(offer: Offer, *, item: str, fen: int) -> int:
    return offer.what[1].off_line(Part(item, 1, fen))


def shown(compared: Compared, *, item: str, price_fen: int) -> PriceShown:
    return PriceShown(
        shop=compared.shop, item=item, price_fen=price_fen, reference_fen=compared.reference,
        basis=compared.basis or None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparing(Generic[Tx]):
    truth: PriceTruth[Tx]
    clock: Clock

    def let_through(
        self, tx: Tx, merchant: str, *, prices: Sequence[PriceShown], compared: Compared,
        from_us: int | None,
    ) -> None:  # fmt: skip
        """As of now and as of its first moment, as far as that can be known. Raises Unlawful."""
        now_us = self.clock.now_us()
        reasons = {(one.shop, one.item): compared.reason for one in prices}
        for at_us in sorted({now_us, max(now_us, from_us or 0)}):
            verdict = self.truth.review_in(tx, merchant, shown=prices, at_us=at_us, reasons=reasons)
            if not verdict.may_be_shown:
                raise Unlawful("compared", verdict)


@dataclass(frozen=True, slots=True)
class TrueCatalogue(Generic[Tx]):
    """The port ``OfferCatalogue``: what is put into it was looked at first."""

    offers: OfferCatalogue[Tx]
    comparing: Comparing[Tx]

    def active(self, tx: Tx, merchant: str) -> Sequence[Offer]:
        return self.offers.active(tx, merchant)

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
