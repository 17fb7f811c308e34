"""Prices as an offer shows them: what each item costs with it, beside what it is compared with."""

from quanyu.compliance.showing import PriceShown
from quanyu.promotions.pricing.amounts import Part
from quanyu.promotions.pricing.compared import Compared
from quanyu.promotions.pricing.offers import Offer


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
