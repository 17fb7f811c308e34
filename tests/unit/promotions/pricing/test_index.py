"""Which offers the lines of a cart find, held against a naive look at every pair."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.promotions.pricing.carts import cart, line, offer
from tests.unit.promotions.pricing.inside import amount, percent

from quanyu.promotions.pricing import Line, OfferIndex, decode_cart, decode_offers
from quanyu.promotions.pricing.index import Prepared

LINES = [
    line("P", 100, shop="A", flags=["cross_shop", "green", "green"]),
    line("Q", 100, shop="B", category="d"),
    line("R", 100, shop="A", category="d", flags=["green"]),
]


def found(said: dict[str, Any], *, every: bool = False) -> list[str] | None:
    """Names of the lines; None when the offer is not there."""
    lines = decode_cart(json.dumps(cart(*LINES))).lines
    matches = OfferIndex(decode_offers(json.dumps([said]))).matches(lines, every=every)
    return [lines[place].line for place in matches[0][1]] if matches else None


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (offer("o", "shop", amount(1)), ["P", "Q", "R"]),
        (offer("o", "shop", amount(1), shop="A"), ["P", "R"]),
        (offer("o", "shop", amount(1), shop="C"), None),
        (offer("o", "cross_shop", amount(1)), ["P"]),
        (offer("o", "cross_shop", amount(1), scope={"flags": ["green"]}), ["P", "R"]),
        (offer("o", "item", amount(1), scope={"items": ["q", "p"]}), ["P", "Q"]),
        (offer("o", "item", amount(1), scope={"items": ["q", "p"]}, shop="B"), ["Q"]),
        (offer("o", "item", amount(1), scope={"items": ["q", "p"]}, shop="C"), None),
        (offer("o", "item", amount(1), scope={"items": ["r"], "categories": ["d"]}), ["Q", "R"]),
        (offer("o", "item", amount(1), scope={"items": ["p"], "flags": ["green"]}), ["P", "R"]),
        (offer("o", "item", amount(1), scope={"items": ["x"]}), None),
        (offer("o", "item", {"bundle_price": {"items": {"r": 1, "q": 1}, "price": 1}}), ["Q", "R"]),
    ],
)
def test_the_lines_of_a_scope(said: dict[str, Any], names: list[str] | None) -> None:
    assert found(said) == names
    assert found(said, every=True) == (names or [])


shops = st.sampled_from(["A", "B"])
words = st.lists(st.sampled_from(["p", "q", "cross_shop"]), max_size=3, unique=True)


@st.composite
def lines_and_offers(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    lines = [
        line(f"L{n}", 100, shop=draw(shops), item=draw(st.sampled_from("pq")),
             category=draw(st.sampled_from("pq")), flags=draw(words))
        for n in range(draw(st.integers(1, 5)))
    ]  # fmt: skip
    offers = [
        offer(f"o{n}", draw(st.sampled_from(["item", "shop", "cross_shop"])), percent(1),
              shop=draw(st.none() | shops),
              scope={"items": draw(words), "categories": draw(words), "flags": draw(words)})
        for n in range(draw(st.integers(0, 5)))
    ]  # fmt: skip
    return lines, offers


@settings(max_examples=150)
@given(drawn=lines_and_offers())
def test_the_index_finds_what_a_look_at_every_pair_finds(
    drawn: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    lines = decode_cart(json.dumps(cart(*drawn[0]))).lines
    index = OfferIndex(decode_offers(json.dumps(drawn[1])))
    naive = {one.id: _in_scope(one, lines) for one in index.prepared}
    every = {one.id: places for one, places in index.matches(lines, every=True)}
    assert every == naive
    some = {one.id: places for one, places in index.matches(lines, every=False)}
    assert some == {id: places for id, places in naive.items() if places}
    assert list(every) == sorted(every)


def _in_scope(one: Prepared, lines: Sequence[Line]) -> tuple[int, ...]:
    scope = one.offer.scope
    flags = scope.flags
    everything = not (scope.items or scope.categories or flags)
    if everything and one.lane == "cross_shop":
        flags, everything = ["cross_shop"], False
    return tuple(
        place
        for place, asked in enumerate(lines)
        if one.shop in (None, asked.shop)
        and (
            everything
            or asked.item in scope.items
            or asked.category in scope.categories
            or not set(flags).isdisjoint(asked.flags)
        )
    )
