"""Orders of a show for tests: priced by pricing itself, some paid, some returned."""

from collections.abc import Collection
from datetime import datetime

from tests.unit.content.shows.plans import STARTS

from quanyu.promotions.orders.order import Terms
from quanyu.promotions.orders.states import OrderState
from quanyu.promotions.pricing import Cart, Line, evaluate
from quanyu.promotions.shows.ports import Sold

Bought = tuple[str, str, int, int]
"""(Shop, item, quantity, fen per unit)"""


def sold(
    id: str,
    *bought: Bought,
    state: OrderState = OrderState.PAID,
    returned: Collection[tuple[str, int]] = (),
    suspected: bool = False,
) -> Sold:
    """Lines are called L1, L2, …"""
    lines = [
        Line(f"L{n}", shop, item, quantity, list_fen)
        for n, (shop, item, quantity, list_fen) in enumerate(bought, 1)
    ]
    cart = Cart(datetime.fromisoformat(STARTS), lines)
    terms = Terms(cart, evaluate(cart, []), {}, {"c1": "drop-20"} if id == "o1" else {})
    return Sold(id, state, terms, frozenset(returned), suspected)
