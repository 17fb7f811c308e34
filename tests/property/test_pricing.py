"""What must hold of every quote, over random carts and offers of every lane."""

import json
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.promotions.quote_example import CART, OFFERS

from quanyu.errors import Refused
from quanyu.promotions.pricing import Offer, OfferIndex, Quote, decode_cart, decode_offers, evaluate
from quanyu.promotions.pricing.apportion import capped, shared, units_of
from quanyu.promotions.pricing.refunds import Paid, Refund, refund, units_in

SHOPS, ITEMS, CATEGORIES = ("A", "B"), ("i1", "i2", "i3"), ("c1", "c2")
thresholds = st.sampled_from([0, 2000, 3000, 5000, 8000, 10000])


def amounts(*choices: int) -> Any:
    return st.sampled_from(choices)


def minus(**more: Any) -> Any:
    fields = {"amount": amounts(100, 500, 2000), **more}
    return st.fixed_dictionaries({"amount_off": st.fixed_dictionaries(fields)})


percents = st.fixed_dictionaries(
    {"percent_off": st.fixed_dictionaries({"percent": amounts(5, 20, 50)})}
)
tiers = st.just({"tiers": {"tiers": [
    {"threshold": 2000, "amount": 100}, {"threshold": 5000, "percent": 10},
]}})  # fmt: skip
picks = st.sampled_from([
    {"n_for_m": {"n": 2, "m": 1}},
    {"n_for_m": {"n": 3, "m": 2}},
    {"nth_percent_off": {"nth": 2, "percent": 50}},
    {"bundle_price": {"items": {"i1": 1, "i2": 1}, "price": 1500}},
])  # fmt: skip
BENEFITS: dict[str, Any] = {
    "item": percents | minus() | tiers | picks | st.just({"fixed_price": {"price": 900}}),
    "member": percents | st.just({"fixed_price": {"price": 950}}),
    "shop": percents | minus(threshold=thresholds) | tiers | picks,
    "cross_shop": percents | minus(threshold=st.just(3000), repeat=st.booleans()),
    "red_packet": minus(threshold=thresholds),
    "points": st.just({"points_rate": {"points_per_yuan": 100, "fen_per_point": 1}}),
    "shipping": minus() | st.just({"free_shipping": {"threshold": 5000}}),
    "payment": percents | minus(threshold=thresholds),
}
lines = st.fixed_dictionaries({
    "shop": st.sampled_from(SHOPS),
    "item": st.sampled_from(ITEMS),
    "category": st.sampled_from(CATEGORIES),
    "quantity": st.integers(1, 3),
    "list_price": amounts(1, 1000, 1999, 5000, 12345),
    "flags": st.sampled_from([[], ["cross_shop"]]),
})  # fmt: skip
scopes = st.sampled_from(
    [{}, *({"items": [i]} for i in ITEMS), *({"categories": [c]} for c in CATEGORIES)]
)


@st.composite
def carts(draw: st.DrawFn) -> dict[str, Any]:
    drawn = draw(st.lists(lines, min_size=1, max_size=3))
    return {
        "now": "2026-11-11T20:00:00+08:00",
        "lines": [{"line": f"L{n}", **one} for n, one in enumerate(drawn)],
        "shipping": [
            {"shop": shop, "amount": 600} for shop in draw(st.sets(st.sampled_from(SHOPS)))
        ],
        "points_to_spend": draw(amounts(0, 300)),
        "eligibility": ["88vip"],
    }


@st.composite
def offers(draw: st.DrawFn, most: int = 6) -> list[dict[str, Any]]:
    found = []
    for n in range(draw(st.integers(0, most))):
        lane = draw(st.sampled_from(list(BENEFITS)))
        found.append({
            "id": f"o{n}",
            "lane": lane,
            "benefit": draw(BENEFITS[lane]),
            "kind": draw(st.sampled_from(["promotion", "coupon"])),
            "shop": draw(st.sampled_from([None, *SHOPS])),
            "scope": draw(scopes),
            "exclusive": draw(st.booleans()) and draw(st.booleans()),
            "overflow": draw(st.sampled_from(["forfeit", "respread"])),
            "funders": draw(st.sampled_from([{"merchant": 100}, {"platform": 33, "merchant": 67}])),
            "refund": draw(st.sampled_from(["keep", "keep", "retest"])),
        })  # fmt: skip
    return found


def priced(cart: dict[str, Any], said: Sequence[dict[str, Any]]) -> Quote:
    return evaluate(decode_cart(json.dumps(cart)), decode_offers(json.dumps(list(said))))


@settings(max_examples=300)
@given(cart=carts(), said=offers())
def test_every_fen_is_somewhere(cart: dict[str, Any], said: list[dict[str, Any]]) -> None:
    """Σ discounts = what came off; nothing is negative; units, funders and settlement add up."""
    found = priced(cart, said)
    for one in found.lines:
        assert one.cash >= 0
        assert one.list - sum(discount.amount for discount in one.discounts) == one.cash
        assert sum(unit.cash for unit in one.units) == one.cash
        assert all(unit.cash >= 0 for unit in one.units)
        assert one.cash <= one.activity <= one.list
    for priced_one in (*found.lines, *found.shipments):
        for discount in priced_one.discounts:
            assert discount.amount > 0
            assert sum(discount.funders.values()) == discount.amount
    assert found.cash == sum(one.cash for one in found.lines)
    assert found.payable == found.cash + found.shipping
    assert sum(found.settlement.values()) == found.payable + found.funded["platform"]
    taken = sum(trace.amount or 0 for trace in found.trace if trace.status == "applied")
    whole = sum(one.list for one in found.lines) + sum(one.amount for one in found.shipments)
    assert whole - taken == found.payable
    assert {trace.offer for trace in found.trace} == {one["id"] for one in said}


@settings(max_examples=150)
@given(cart=carts(), said=offers(), data=st.data())
def test_the_order_of_lines_and_offers_changes_nothing(
    cart: dict[str, Any], said: list[dict[str, Any]], data: st.DataObject
) -> None:
    mixed = {**cart, "lines": data.draw(st.permutations(cart["lines"]))}
    assert priced(mixed, data.draw(st.permutations(said))) == priced(cart, said)


@settings(max_examples=150)
@given(cart=carts(), said=offers(5))
def test_no_choice_of_offers_is_cheaper_than_all_of_them(
    cart: dict[str, Any], said: list[dict[str, Any]]
) -> None:
    """Brute force over every subset: leaving an offer out never helps."""
    best = priced(cart, said)
    assert best.optimal
    for size in range(len(said)):
        for some in combinations(said, size):
            assert priced(cart, some).payable >= best.payable, [one["id"] for one in some]


@settings(max_examples=100)
@given(cart=carts(), said=offers())
def test_an_offer_that_does_not_apply_may_as_well_not_be_there(
    cart: dict[str, Any], said: list[dict[str, Any]]
) -> None:
    found = priced(cart, said)
    applied = {trace.offer for trace in found.trace if trace.status == "applied"}
    without = priced(cart, [one for one in said if one["id"] in applied])
    assert without.payable == found.payable


@settings(max_examples=100)
@given(cart=carts(), said=offers(), more=st.lists(st.sampled_from(["vip:9", "city:sh"])))
def test_the_price_does_not_depend_on_who_buys(
    cart: dict[str, Any], said: list[dict[str, Any]], more: list[str]
) -> None:
    """Metamorphic: whatever else is true of the buyer, with the published conditions fixed."""
    other = {**cart, "eligibility": [*cart["eligibility"], *more]}
    assert priced(other, said) == priced(cart, said)


@settings(max_examples=100)
@given(cart=carts(), said=offers())
def test_an_index_prices_as_a_list_does(cart: dict[str, Any], said: list[dict[str, Any]]) -> None:
    asked, listed = decode_cart(json.dumps(cart)), decode_offers(json.dumps(said))
    by_index = evaluate(asked, OfferIndex(listed))
    plain = evaluate(asked, listed)
    assert msgspec.structs.replace(by_index, trace=[]) == msgspec.structs.replace(plain, trace=[])


@settings(max_examples=60)
@given(cart=carts(), cap=st.integers(1, 3000), more=st.integers(1, 3000))
def test_a_higher_cap_never_costs_more(cart: dict[str, Any], cap: int, more: int) -> None:
    def capped_at(fen: int) -> int:
        benefit = {"percent_off": {"percent": 20, "cap": fen}}
        return priced(cart, [{"id": "o", "lane": "shop", "benefit": benefit}]).payable

    assert capped_at(cap + more) <= capped_at(cap)


@settings(max_examples=200)
@given(cart=carts(), said=offers(), data=st.data())
def test_whatever_goes_back_in_whatever_order_sums_to_what_was_paid(
    cart: dict[str, Any], said: list[dict[str, Any]], data: st.DataObject
) -> None:
    listed: list[Offer] = decode_offers(json.dumps(said))
    quote = evaluate(decode_cart(json.dumps(cart)), listed)
    paid = Paid(quote, {offer.id: offer for offer in listed})
    points = 0
    left = data.draw(st.permutations(sorted(units_in(quote))))
    while left:
        size = data.draw(st.integers(1, len(left)))
        back = refund(paid, left[:size])
        assert isinstance(back, Refund)
        assert back.cash_fen >= 0
        assert sum(shop.cash_fen for shop in back.shops.values()) == back.cash_fen
        points += back.points
        paid = Paid(
            quote, paid.offers, paid.returned | set(left[:size]), paid.refunded_fen + back.cash_fen,
            paid.shipping_refunded_fen + back.shipping_fen,
        )  # fmt: skip
        assert paid.refunded_fen <= quote.payable
        assert back.complete is (size == len(left))
        left = left[size:]
    assert points == quote.points_spent
    shipped = [one.shop for one in quote.shipments]
    bought = {one.shop for one in quote.lines}
    kept = sum(one.cash for one in quote.shipments if one.shop not in bought)
    assert paid.refunded_fen == quote.payable - kept or not shipped


def test_a_stored_quote_comes_back_as_it_was() -> None:
    quote = evaluate(decode_cart(json.dumps(CART)), decode_offers(json.dumps(OFFERS)))
    stored = msgspec.json.decode(msgspec.json.encode(quote), type=Quote)
    paid = Paid(stored, {one.id: one for one in decode_offers(json.dumps(OFFERS))})
    back = refund(paid, [("A2", 1)])
    assert isinstance(back, Refund)
    assert (back.cash_fen, back.points, back.platform["cross-300-50"]) == (8392, 115, 477)


def test_a_discount_that_is_tested_again() -> None:
    """满100减20 on two of 60.00: with one gone, the other costs its 60.00."""
    offer = {"id": "o", "lane": "shop", "refund": "retest",
             "benefit": {"amount_off": {"amount": 2000, "threshold": 10000}}}  # fmt: skip
    cart = {"now": "2026-11-11T20:00:00+08:00", "lines": [
        {"line": "L", "shop": "A", "item": "i", "quantity": 2, "list_price": 6000}]}  # fmt: skip
    listed = decode_offers(json.dumps([offer]))
    quote = evaluate(decode_cart(json.dumps(cart)), listed)
    paid = Paid(quote, {"o": listed[0]})
    first = refund(paid, [("L", 1)])
    assert isinstance(first, Refund)
    assert first.cash_fen == 4000
    second = refund(Paid(quote, paid.offers, frozenset({("L", 1)}), 4000), [("L", 2)])
    assert isinstance(second, Refund)
    assert second.cash_fen == 6000


def test_a_bundle_goes_back_as_a_whole() -> None:
    offer = {"id": "o", "lane": "item", "refund": "bundle_only",
             "benefit": {"bundle_price": {"items": {"p": 1, "q": 1}, "price": 100}}}  # fmt: skip
    lines_of = [{"line": n.upper(), "shop": "A", "item": n, "quantity": 1, "list_price": 100}
                for n in ("p", "q")]  # fmt: skip
    cart = {"now": "2026-11-11T20:00:00+08:00", "lines": lines_of}
    listed = decode_offers(json.dumps([offer]))
    paid = Paid(evaluate(decode_cart(json.dumps(cart)), listed), {"o": listed[0]})
    assert refund(paid, [("P", 1)]) == Refused("bundle_returns_only_as_a_whole", 1, 2)
    assert isinstance(refund(paid, [("P", 1), ("Q", 1)]), Refund)


def test_a_coupon_comes_back_only_while_nothing_was_sent() -> None:
    listed = decode_offers(json.dumps(OFFERS))
    quote = evaluate(decode_cart(json.dumps(CART)), listed)
    whole = sorted(units_in(quote))
    for shipped, coupons in ((False, ["red-10", "shopA-coupon-200-20"]), (True, [])):
        paid = Paid(quote, {one.id: one for one in listed}, shipped=shipped)
        back = refund(paid, whole)
        assert isinstance(back, Refund)
        assert list(back.coupons) == coupons
        assert back.cash_fen == quote.payable - (600 if shipped else 0)


weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=12)


@given(total=st.integers(0, 10**9), parts=weights)
def test_shares_sum_to_the_whole_and_are_off_by_less_than_a_fen(
    total: int, parts: list[int]
) -> None:
    shares = shared(total, parts)
    assert sum(shares) == (total if sum(parts) else 0)
    whole = sum(parts)
    assert (
        all(
            abs(share * whole - total * part) < whole
            for share, part in zip(shares, parts, strict=True)
        )
        or not whole
    )


@given(total=st.integers(0, 10**6), parts=weights, respread=st.booleans(), data=st.data())
def test_no_share_is_above_its_cap(
    total: int, parts: list[int], *, respread: bool, data: st.DataObject
) -> None:
    caps = [data.draw(st.integers(0, 10**6)) for _ in parts]
    shares = capped(total, parts, caps=caps, respread=respread)
    assert all(0 <= share <= cap for share, cap in zip(shares, caps, strict=True))
    assert sum(shares) <= total
    room = sum(cap for cap, part in zip(caps, parts, strict=True) if part)
    if respread and any(parts):
        assert sum(shares) == min(total, room)


@pytest.mark.parametrize(
    ("total", "parts", "shares"),
    [
        (3000, [16000, 22800], [1237, 1763]),
        (5000, [16000, 22800, 8990], [1674, 2385, 941]),
        (1000, [12264, 17477, 8049], [325, 462, 213]),
        (2, [1, 1, 1], [1, 1, 0]),
        (1, [1, 2], [0, 1]),
        (10, [0, 0], [0, 0]),
        (0, [5], [0]),
    ],
)
def test_shares_by_hand(total: int, parts: list[int], shares: list[int]) -> None:
    assert shared(total, parts) == shares


@given(total=st.integers(0, 10**9), quantity=st.integers(1, 200))
def test_units_sum_to_their_line(total: int, quantity: int) -> None:
    units = units_of(total, quantity)
    assert (len(units), sum(units)) == (quantity, total)
    assert max(units) - min(units) <= 1
