"""Orders of a show line by line, and their sums. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from quanyu.promotions.pricing.quote import LineQuote
from quanyu.promotions.shows.ports import ItemSold, Sold, Totals


class SoldLine(NamedTuple):
    what: tuple[str, str]
    """(Shop, item)."""
    pieces: int
    sold_fen: int
    returned_fen: int


def lines_of(order: Sold) -> list[SoldLine]:
    return [_line(order, line) for line in order.terms.quote.lines]


def _line(order: Sold, line: LineQuote) -> SoldLine:
    back = [number for name, number in order.returned if name == line.line]
    returned_fen = sum(line.units[number - 1].cash for number in back)
    return SoldLine((line.shop, line.item), line.quantity, line.cash, returned_fen)


def totals_of(sold: Iterable[Sold]) -> Totals:
    """Out of the orders themselves: what the sums of the price history have to be."""
    paid = [one for one in sold if one.was_paid]
    trusted = [one for one in paid if not one.suspected]
    fen: Counter[tuple[str, str]] = Counter()
    back_fen: Counter[tuple[str, str]] = Counter()
    for line in (line for order in trusted for line in lines_of(order)):
        fen[line.what] += line.sold_fen
        back_fen[line.what] += line.returned_fen
    items = tuple(ItemSold(*what, fen[what], back_fen[what]) for what in sorted(fen))
    return Totals(items, len(paid) - len(trusted))
