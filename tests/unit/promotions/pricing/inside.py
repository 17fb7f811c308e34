"""The parts of an evaluation, laid out for tests that look inside."""

import json
from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

from hypothesis import strategies as st
from tests.unit.promotions.pricing.carts import NOW

from quanyu.promotions.pricing import OfferIndex, decode_cart, decode_offers
from quanyu.promotions.pricing.amounts import Part
from quanyu.promotions.pricing.filling import Filled, Taken
from quanyu.promotions.pricing.menus import Menu, MenuMaker, Way
from quanyu.promotions.pricing.slots import Ground, Option, Purse, Slot, ground_of, slots_of


class Inside(NamedTuple):
    ground: Ground
    menus: list[Menu]
    slots: list[Slot]


def laid_out(asked: dict[str, Any], said: Sequence[dict[str, Any]], both: bool = True) -> Inside:
    """As ``evaluate`` lays them out."""
    cart, index = decode_cart(json.dumps(asked)), OfferIndex(decode_offers(json.dumps(list(said))))
    lines = sorted(cart.lines, key=lambda line: line.line)
    matches = index.matches(lines, every=False)
    parts = [Part(line.item, line.quantity, line.quantity * line.list_price) for line in lines]
    ground = ground_of(cart, parts, shops=[line.shop for line in lines])
    lanes = [[m for m in matches if m[0].lane == lane] for lane in ("item", "member")]
    menus = MenuMaker(parts, both=both).menus(*lanes)
    return Inside(ground, menus, slots_of(ground, matches))


def activity_of(ground: Ground, ways: Sequence[Way]) -> list[int]:
    prices = [part.price for part in ground.parts]
    for way in ways:
        for off in way.offs:
            prices[off.line] -= off.amount
    return prices


def excluding_of(ways: Sequence[Way]) -> tuple[frozenset[int], ...]:
    return tuple(frozenset((off.line,)) for way in ways for off in way.offs if off.offer.exclusive)


def every_filling(
    inside: Inside, activity: list[int], excluding: tuple[frozenset[int], ...] = ()
) -> list[Filled]:
    """Naive: each option or none in each slot, in the order of the slots, all combinations."""
    found = []
    for picks in product(*([None, *slot.options] for slot in inside.slots)):
        taken = [option for option in picks if option is not None]
        if not _allowed(taken, excluding):
            continue
        purse = Purse(inside.ground, activity)
        told = [Taken(option, purse.take(option, purse.face(option))) for option in taken]
        found.append(Filled(purse.payable, tuple(told), purse.left, purse.shipping))
    return found


def _allowed(taken: Sequence[Option], excluding: tuple[frozenset[int], ...]) -> bool:
    alone = list(excluding)
    for option in taken:
        if option.offer.exclusive:
            if any(not others.isdisjoint(option.lines) for others in alone):
                return False
            alone.append(frozenset(option.lines))
    return True


def cheapest_of_all(inside: Inside) -> int:
    """Naive: every way of every menu with every filling."""
    best = None
    for ways in product(*(menu.ways for menu in inside.menus)):
        activity = activity_of(inside.ground, ways)
        fillings = every_filling(inside, activity, excluding_of(ways))
        least = min(filled.payable for filled in fillings)
        best = least if best is None else min(best, least)
    assert best is not None
    return best


def amount(fen: int, **more: Any) -> dict[str, Any]:
    return {"amount_off": {"amount": fen, **more}}


def percent(of: int, **more: Any) -> dict[str, Any]:
    return {"percent_off": {"percent": of, **more}}


thresholds = st.sampled_from([0, 1000, 2500, 5000, 7999, 12000])
faces = st.sampled_from([1, 300, 999, 2000, 6000])
amounts_off = st.builds(lambda fen, at: amount(fen, threshold=at), faces, thresholds)
percents_off = st.builds(percent, st.sampled_from([1, 5, 33, 50, 100]))
LATER: dict[str, Any] = {
    "shop": amounts_off
    | percents_off
    | st.just(amount(500, threshold=3000, repeat=True))
    | st.just({"tiers": {"tiers": [{"threshold": 2000, "amount": 150},
                                   {"threshold": 6000, "percent": 12}]}})
    | st.just({"n_for_m": {"n": 2, "m": 1}}),
    "cross_shop": amounts_off | st.just(amount(700, threshold=4000, repeat=True)),
    "red_packet": amounts_off | percents_off,
    "points": st.just({"points_rate": {"fen_per_point": 1, "max_percent": 50}}),
    "shipping": st.just({"free_shipping": {"threshold": 5000}}) | st.just(amount(200)),
    "payment": amounts_off | percents_off,
}  # fmt: skip
EARLY: dict[str, Any] = {
    "item": percents_off
    | st.just(amount(250))
    | st.just({"fixed_price": {"price": 777}})
    | st.just({"n_for_m": {"n": 2, "m": 1}})
    | st.just({"nth_percent_off": {"nth": 2, "percent": 50}})
    | st.just(amount(800, per="order", threshold=3000)),
    "member": st.just(percent(5)) | st.just({"fixed_price": {"price": 900}}),
}


@st.composite
def some_carts(draw: st.DrawFn, most: int = 3) -> dict[str, Any]:
    lines = [
        {
            "line": f"L{n}",
            "shop": draw(st.sampled_from("AB")),
            "item": draw(st.sampled_from("pq")),
            "quantity": draw(st.integers(1, 3)),
            "list_price": draw(st.sampled_from([0, 1, 999, 1000, 2600, 5100])),
            "flags": draw(st.sampled_from([[], ["cross_shop"]])),
        }
        for n in range(draw(st.integers(1, most)))
    ]
    shipping = [{"shop": "A", "amount": 600}] if draw(st.booleans()) else []
    points = draw(st.sampled_from([0, 100, 5000]))
    return {"now": NOW, "lines": lines, "shipping": shipping, "points_to_spend": points}


@st.composite
def some_offers(draw: st.DrawFn, lanes: dict[str, Any], most: int = 5) -> list[dict[str, Any]]:
    found = []
    for n in range(draw(st.integers(0, most))):
        lane = draw(st.sampled_from(list(lanes)))
        found.append({
            "id": f"{lane}{n}",
            "lane": lane,
            "benefit": draw(lanes[lane]),
            "kind": draw(st.sampled_from(["promotion", "coupon"])),
            "shop": draw(st.sampled_from([None, None, "A", "B"])),
            "exclusive": draw(st.integers(0, 3)) == 0,
            "overflow": draw(st.sampled_from(["forfeit", "respread"])),
        })  # fmt: skip
    return found
