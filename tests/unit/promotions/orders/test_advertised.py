"""Checkout against what was advertised (令56 Art 19), and what an order leaves in the history."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.promotions.quote_example import CART, OFFERS

from quanyu.errors import BadInput, Refused
from quanyu.promotions.orders.advertised import above_advertised
from quanyu.promotions.orders.trades import sold, units_of
from quanyu.promotions.pricing import Quote, decode_cart, decode_offers, evaluate

OFFERS_OF_EXAMPLE = decode_offers(json.dumps(OFFERS))
BY_ID = {offer.id: offer for offer in OFFERS_OF_EXAMPLE}
EXAMPLE = evaluate(decode_cart(json.dumps(CART)), OFFERS_OF_EXAMPLE)


def bought(list_price: int, *, quantity: int = 1) -> Quote:
    line = {"line": "L", "shop": "A", "item": "cup", "quantity": quantity, "list_price": list_price}
    cart = {"now": "2026-11-11T00:00:00+08:00", "lines": [line]}
    return evaluate(decode_cart(json.dumps(cart)), [])


@pytest.mark.parametrize(
    ("charged", "advertised", "refused"),
    [(10_900, 9_900, True), (9_901, 9_900, True), (9_900, 9_900, False), (8_900, 9_900, False)],
)
def test_ad_99_checkout_109(charged: int, advertised: int, refused: bool) -> None:
    found = above_advertised(bought(charged), {"L": advertised}, offers={})
    assert found == (Refused("above_advertised", charged, advertised) if refused else None)


def test_what_is_advertised_is_the_price_of_a_unit() -> None:
    three = bought(9_900, quantity=3)
    assert above_advertised(three, {"L": 9_900}, offers={}) is None
    assert above_advertised(three, {"L": 9_899}, offers={}) == Refused(
        "above_advertised", 29_700, 29_697
    )


def test_points_are_money() -> None:
    """Cash of the serum is 117.77, and 1.62 more was paid by points."""
    serum = EXAMPLE.lines[0]
    assert serum.cash == 11_777
    assert above_advertised(EXAMPLE, {serum.line: 11_939}, offers=BY_ID) is None
    found = above_advertised(EXAMPLE, {serum.line: 11_938}, offers=BY_ID)
    assert found == Refused("above_advertised", 11_939, 11_938)


def test_nothing_advertised_and_lines_that_are_not_there() -> None:
    assert above_advertised(EXAMPLE, {}, offers=BY_ID) is None
    with pytest.raises(BadInput, match=r"order\.advertised\.L9: name a line of the cart"):
        above_advertised(EXAMPLE, {"L9": 1}, offers=BY_ID)


def test_the_example_as_trades() -> None:
    """167.84 for two lipsticks is 83.92 each."""
    told = [(one.item, one.unit_fen, one.quantity) for one in sold(EXAMPLE)]
    assert sorted(fen for _, fen, _ in told) == [7_729, 8_392, 11_777]
    assert sum(fen * quantity for _, fen, quantity in told) == EXAMPLE.cash


def quote_of(prices: list[tuple[int, int]], off: int) -> Quote:
    lines = [
        {"line": f"L{n}", "shop": "A", "item": f"i{n}", "quantity": quantity, "list_price": fen}
        for n, (fen, quantity) in enumerate(prices)
    ]
    offers: list[dict[str, Any]] = [
        {"id": "off", "lane": "shop", "shop": "A", "benefit": {"amount_off": {"amount": off}}}
    ]
    cart = {"now": "2026-11-11T00:00:00+08:00", "lines": lines}
    return evaluate(decode_cart(json.dumps(cart)), decode_offers(json.dumps(offers)))


some_lines = st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 6)), min_size=1, max_size=4)


@given(some_lines, st.integers(1, 30_000))
def test_trades_of_an_order_sum_to_its_cash(prices: list[tuple[int, int]], off: int) -> None:
    quote = quote_of(prices, off)
    trades = sold(quote)
    assert sum(one.unit_fen * one.quantity for one in trades) == quote.cash
    assert sum(one.quantity for one in trades) == sum(quantity for _, quantity in prices)
    assert len({(one.line, one.unit_fen) for one in trades}) == len(trades)


@given(some_lines, st.integers(1, 30_000), st.data())
def test_whatever_goes_back_was_sold(
    prices: list[tuple[int, int]], off: int, data: st.DataObject
) -> None:
    quote = quote_of(prices, off)
    units = [(line.line, unit) for line in quote.lines for unit in range(1, line.quantity + 1)]
    gone = data.draw(st.lists(st.sampled_from(units), unique=True))
    whole = {(one.line, one.unit_fen): one.quantity for one in sold(quote)}
    for one in units_of(quote, gone):
        assert one.quantity <= whole[one.line, one.unit_fen]
    rest = units_of(quote, [unit for unit in units if unit not in gone])
    both = sum(one.unit_fen * one.quantity for one in (*rest, *units_of(quote, gone)))
    assert both == quote.cash
