"""The inside of an evaluation against enumerations that look at everything."""

import json
from itertools import product
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.promotions.pricing.inside import (
    EARLY,
    LATER,
    activity_of,
    cheapest_of_all,
    every_filling,
    excluding_of,
    laid_out,
    some_carts,
    some_offers,
)

from quanyu.promotions.pricing import decode_cart, decode_offers, evaluate
from quanyu.promotions.pricing.choosing import Chooser
from quanyu.promotions.pricing.filling import Filler, cheapest_payment
from quanyu.promotions.pricing.menus import MenuMaker
from quanyu.promotions.pricing.reach import Reach
from quanyu.promotions.pricing.slots import Purse

BOTH = {**EARLY, **LATER}


@settings(max_examples=150)
@given(cart=some_carts(), said=some_offers(LATER, 6))
def test_no_filling_is_cheaper_than_the_one_found(
    cart: dict[str, Any], said: list[dict[str, Any]]
) -> None:
    inside = laid_out(cart, said)
    activity = activity_of(inside.ground, ())
    filler = Filler(inside.slots)
    found = filler.fill(Purse(inside.ground, activity), ())
    assert found is not None
    assert filler.complete
    every = every_filling(inside, activity)
    assert found.payable == min(filled.payable for filled in every)


@settings(max_examples=100)
@given(cart=some_carts(), said=some_offers(LATER, 6))
def test_what_is_found_adds_up(cart: dict[str, Any], said: list[dict[str, Any]]) -> None:
    inside = laid_out(cart, said)
    purse = Purse(inside.ground, activity_of(inside.ground, ()))
    before = purse.payable
    found = Filler(inside.slots).fill(purse, ())
    assert found is not None
    assert purse.payable == before, "the purse that was given is not touched"
    assert before - sum(sum(one.offs) for one in found.taken) == found.payable
    assert found.payable == sum(found.left) + sum(found.shipping)
    assert min([*found.left, *found.shipping]) >= 0
    lanes = [one.option.offer.lane for one in found.taken]
    order = ["shop", "cross_shop", "red_packet", "points", "shipping", "payment"]
    assert lanes == sorted(lanes, key=order.index)


@settings(max_examples=100)
@given(cart=some_carts(), said=some_offers(LATER, 6), more=st.integers(-3, 3))
def test_a_filling_is_only_told_when_it_is_cheaper(
    cart: dict[str, Any], said: list[dict[str, Any]], more: int
) -> None:
    inside = laid_out(cart, said)
    activity = activity_of(inside.ground, ())
    best = min(filled.payable for filled in every_filling(inside, activity))
    found = Filler(inside.slots).fill(Purse(inside.ground, activity), (), below=best + more)
    assert (found is not None) is (more > 0)
    assert found is None or found.payable == best


@settings(max_examples=100)
@given(cart=some_carts(), said=some_offers(LATER, 6), data=st.data())
def test_lines_with_an_exclusive_offer_take_no_other_exclusive_one(
    cart: dict[str, Any], said: list[dict[str, Any]], data: st.DataObject
) -> None:
    inside = laid_out(cart, said)
    activity = activity_of(inside.ground, ())
    line = data.draw(st.integers(0, len(activity) - 1))
    excluding = (frozenset((line,)),)
    found = Filler(inside.slots).fill(Purse(inside.ground, activity), excluding)
    assert found is not None
    every = every_filling(inside, activity, excluding)
    assert found.payable == min(filled.payable for filled in every)
    assert not any(one.option.offer.exclusive and line in one.option.lines for one in found.taken)


@settings(max_examples=150)
@given(cart=some_carts(), said=some_offers(BOTH, 5))
def test_no_way_with_any_filling_is_cheaper(
    cart: dict[str, Any], said: list[dict[str, Any]]
) -> None:
    """Also where it pays to forgo a discount for a threshold."""
    inside = laid_out(cart, said)
    chosen = Chooser(inside.ground, inside.menus, slots=inside.slots).choose()
    assume(chosen.optimal)
    assert chosen.filled.payable == cheapest_of_all(inside)


@settings(max_examples=100)
@given(cart=some_carts(), said=some_offers(BOTH, 5))
def test_small_carts_are_always_decided_exactly(
    cart: dict[str, Any], said: list[dict[str, Any]]
) -> None:
    found = evaluate(decode_cart(json.dumps(cart)), decode_offers(json.dumps(said)))
    assert found.optimal


@settings(max_examples=150)
@given(cart=some_carts(), said=some_offers(BOTH, 6))
def test_no_sum_worth_forgoing_is_overlooked(
    cart: dict[str, Any], said: list[dict[str, Any]]
) -> None:
    """Every way that is cheaper than the cheapest beginning forgoes a sum within the ranges."""
    inside = laid_out(cart, said)
    firsts = [menu.ways[0] for menu in inside.menus]
    activity = activity_of(inside.ground, firsts)
    start = min(f.payable for f in every_filling(inside, activity, excluding_of(firsts)))
    most = sum(menu.ways[-1].price - menu.ways[0].price for menu in inside.menus)
    reach = Reach(
        inside.slots,
        Purse(inside.ground, activity),
        shifting=[part.price - a for part, a in zip(inside.ground.parts, activity, strict=True)],
        forgo_max=most,
    )
    ranges = reach.worth_forgoing(start, most)
    assert ranges == sorted(ranges)
    assert all(0 <= first <= last <= most for first, last in ranges)
    for ways in product(*(menu.ways for menu in inside.menus)):
        priced = every_filling(inside, activity_of(inside.ground, ways), excluding_of(ways))
        if min(filled.payable for filled in priced) < start:
            forgone = sum(a.price - b.price for a, b in zip(ways, firsts, strict=True))
            assert any(first <= forgone <= last for first, last in ranges)


@settings(max_examples=100)
@given(cart=some_carts(), said=some_offers({**LATER, "item": EARLY["member"]}, 6))
def test_the_bound_over_watched_tracks_is_never_above_a_payable(
    cart: dict[str, Any], said: list[dict[str, Any]]
) -> None:
    """With single-line menus: what each option's base rose by is exactly known."""
    inside = laid_out(cart, said)
    firsts = [menu.ways[0] for menu in inside.menus]
    activity = activity_of(inside.ground, firsts)
    most = sum(menu.ways[-1].price - menu.ways[0].price for menu in inside.menus)
    purse = Purse(inside.ground, activity)
    reach = Reach(inside.slots, purse, shifting=[0] * len(activity), forgo_max=most)
    watched = reach.watched(most)
    tracks = [track for some in watched.slots for track in some]
    for ways in product(*(menu.ways for menu in inside.menus)):
        dearer = activity_of(inside.ground, ways)
        rise = [b - a for a, b in zip(activity, dearer, strict=True)]
        rises = [sum(rise[line] for line in track.lines) for track in tracks]
        forgone = sum(rise)
        least = reach.least_with(watched, rises, forgone=range(forgone, forgone))
        priced = every_filling(inside, dearer, excluding_of(ways))
        assert least <= min(filled.payable for filled in priced)


@settings(max_examples=100)
@given(
    cart=some_carts(),
    said=some_offers({"payment": LATER["payment"]}, 4),
    least=st.integers(0, 20_000),
    width=st.integers(0, 5_000),
)
def test_no_payable_of_a_range_costs_less_than_its_bound(
    cart: dict[str, Any], said: list[dict[str, Any]], least: int, width: int
) -> None:
    inside = laid_out(cart, said)
    options = [option for slot in inside.slots for option in slot.options]
    bound = cheapest_payment(options, least, most=least + width)
    for payable in {least, least + 1, least + width // 2, least + width}:
        if payable > least + width:
            continue
        one = inside.ground._replace(shipping=[0] * len(inside.ground.shipping))
        count = len(one.parts)
        purse = Purse(one, [payable] + [0] * (count - 1))
        after = [payable, *(payable - min(payable, purse.face(option)) for option in options)]
        assert bound <= min(after)


@settings(max_examples=150)
@given(cart=some_carts(), said=some_offers(EARLY, 5), both=st.booleans())
def test_menus_have_every_line_once_and_the_cheapest_first(
    cart: dict[str, Any], said: list[dict[str, Any]], *, both: bool
) -> None:
    inside = laid_out(cart, said, both)
    lines = sorted(line for menu in inside.menus for line in menu.lines)
    assert lines == list(range(len(inside.ground.parts)))
    for menu in inside.menus:
        prices = [way.price for way in menu.ways]
        assert prices == sorted(prices)
        listed = sum(inside.ground.parts[line].price for line in menu.lines)
        assert listed in prices, "taking nothing is among the ways"
        for way in menu.ways:
            assert {off.line for off in way.offs} <= set(menu.lines)
            assert way.price == listed - sum(off.amount for off in way.offs) >= 0


@settings(max_examples=150)
@given(cart=some_carts(), said=some_offers(EARLY, 5), both=st.booleans())
def test_a_line_takes_one_offer_of_each_lane(
    cart: dict[str, Any], said: list[dict[str, Any]], *, both: bool
) -> None:
    for menu in laid_out(cart, said, both).menus:
        for way in menu.ways:
            for line in menu.lines:
                lanes = [off.offer.lane for off in way.offs if off.line == line]
                assert len(lanes) == len(set(lanes))
                assert both or len(lanes) <= 1
                exclusive = [o for o in way.offs if o.line == line and o.offer.exclusive]
                assert len(exclusive) <= 1


@settings(max_examples=150)
@given(cart=some_carts(), said=some_offers(EARLY, 4))
def test_ways_of_a_menu_differ_in_what_they_leave(
    cart: dict[str, Any], said: list[dict[str, Any]]
) -> None:
    for menu in laid_out(cart, said).menus:
        left = [
            (
                tuple(sum(o.amount for o in way.offs if o.line == line) for line in menu.lines),
                frozenset(o.line for o in way.offs if o.offer.exclusive),
            )
            for way in menu.ways
        ]
        assert len(left) == len(set(left))


@settings(max_examples=100)
@given(cart=some_carts(), said=some_offers({"item": EARLY["member"] | st.just(
    {"percent_off": {"percent": 30}})}, 5))  # fmt: skip
def test_lines_without_a_spanning_offer_are_decided_alone(
    cart: dict[str, Any], said: list[dict[str, Any]]
) -> None:
    inside = laid_out(cart, said)
    assert all(len(menu.lines) == 1 and menu.complete for menu in inside.menus)
    cheapest = [menu.ways[0].price for menu in inside.menus]
    alone = [laid_out({**cart, "lines": [line]}, said) for line in cart["lines"]]
    assert sorted(cheapest) == sorted(one.menus[0].ways[0].price for one in alone)


@settings(max_examples=100)
@given(cart=some_carts(4), said=some_offers({"item": EARLY["item"]}, 3))
def test_a_good_way_is_never_worse_than_no_spanning_offer_at_all(
    cart: dict[str, Any], said: list[dict[str, Any]]
) -> None:
    """Held against the exact menus of the same lines when there are few ways, and against single
    offers always."""
    inside = laid_out(cart, said)
    picked = [one for one in said if not _spans(one)]
    without = laid_out(cart, picked)
    best = sum(menu.ways[0].price for menu in inside.menus)
    assert best <= sum(menu.ways[0].price for menu in without.menus)
    assert MenuMaker(inside.ground.parts, both=True).menus([], []) != []


def _spans(one: dict[str, Any]) -> bool:
    name, benefit = next(iter(one["benefit"].items()))
    return name in ("n_for_m", "nth_percent_off", "bundle_price") or benefit.get("per") == "order"
