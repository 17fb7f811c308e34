"""Points of the ecosystem inside an order: the shops at which they are earned pay for them, and the
platform pays where they are spent. Pure."""

from collections.abc import Collection, Sequence

from quanyu.promotions.loyalty.programmes import Line, Terms, percent_of, value_fen
from quanyu.promotions.orders.order import Order
from quanyu.promotions.pricing.apportion import shared, units_of
from quanyu.promotions.pricing.refunds import Unit


def costs_of(terms: Terms, lines: Sequence[Line], *, points: int) -> tuple[int, ...]:
    """Fen per line for what an order has earned, in proportion to what each line has earned; they
    sum to what the points are worth."""
    weights = [line.cash_fen * percent_of(terms, line.flags) for line in lines]
    return tuple(shared(value_fen(terms, points), weights))


def owed(order: Order) -> dict[str, int]:
    """Shop → fen, for all that the order has earned."""
    return _by_shop(order, order.points_fen)


def given_back(order: Order, units: Collection[Unit]) -> dict[str, int]:
    """Shop → fen, for these units: by prefix, so that all units in any order sum to ``owed``."""
    lines = zip(order.terms.quote.lines, order.points_fen, strict=False)
    parts = [
        sum(
            part
            for number, part in enumerate(units_of(fen, line.quantity), 1)
            if (line.line, number) in units
        )
        for line, fen in lines
    ]
    return _by_shop(order, parts)


def paid_with_points(order: Order) -> int:
    """Fen that points took off."""
    lanes = {id: offer.lane for id, offer in order.terms.offers.items()}
    off = order.terms.quote.off.items()
    return sum(fen for offer, fen in off if lanes.get(offer) == "points")


def _by_shop(order: Order, parts: Sequence[int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line, fen in zip(order.terms.quote.lines, parts, strict=False):
        found[line.shop] = found.get(line.shop, 0) + fen
    return found
