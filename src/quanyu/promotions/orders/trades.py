"""What an order has paid per unit: the price history of its items. Pure."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from quanyu.promotions.pricing.quote import Quote
from quanyu.promotions.pricing.refunds import Unit


class Sold(msgspec.Struct, frozen=True, gc=False):
    """Units of one line that cost the same, net of everything that was taken off."""

    line: str
    shop: str
    item: str
    unit_fen: int
    quantity: int


def sold(quote: Quote) -> list[Sold]:
    units = [(line.line, unit) for line in quote.lines for unit in range(1, line.quantity + 1)]
    return units_of(quote, units)


def units_of(quote: Quote, units: Iterable[Unit]) -> list[Sold]:
    """Those units alone, in the order of the lines. Units count from 1."""
    lines = {line.line: line for line in quote.lines}
    counted = Counter((name, lines[name].units[unit - 1].cash) for name, unit in units)
    return [
        Sold(name, lines[name].shop, lines[name].item, fen, quantity)
        for (name, fen), quantity in sorted(counted.items())
    ]
