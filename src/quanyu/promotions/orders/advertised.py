"""Checkout is never dearer than what the buyer was shown (令56 Art 19). Pure."""

from collections.abc import Mapping

from quanyu.errors import BadInput, Refused
from quanyu.promotions.orders.states import OrderRefusal
from quanyu.promotions.pricing.offers import Offer
from quanyu.promotions.pricing.quote import LineQuote, Quote


def above_advertised(
    quote: Quote, advertised: Mapping[str, int], *, offers: Mapping[str, Offer]
) -> Refused | None:
    """``advertised``: line → fen of one unit. Points that are spent count as money: the price does
    not fall because somebody pays with them. Raises BadInput for a line that is not there."""
    lines = {line.line: line for line in quote.lines}
    for name, unit_fen in advertised.items():
        if name not in lines:
            raise BadInput(f"order.advertised.{name[:80]}", "name a line of the cart")
        charged, most = _charged(lines[name], offers), unit_fen * lines[name].quantity
        if charged > most:
            return Refused(OrderRefusal.ABOVE_ADVERTISED, charged, most)
    return None


def _charged(line: LineQuote, offers: Mapping[str, Offer]) -> int:
    return line.cash + sum(
        one.amount for one in line.discounts if offers[one.offer].lane == "points"
    )
