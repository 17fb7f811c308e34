"""Every benefit in every lane where it means something, against figures worked out by hand."""

from typing import Any

import pytest
from tests.unit.promotions.pricing.carts import cart, line, off, offer, quote, traced

AMOUNT, PERCENT = "amount_off", "percent_off"


@pytest.mark.parametrize(
    ("lines", "lane", "benefit", "expected"),
    [
        # lane item: on each unit unless said otherwise
        ([line("P", 1999)], "item", {PERCENT: {"percent": 20}}, {"P": 400}),
        ([line("P", 1999, 3)], "item", {PERCENT: {"percent": 20}}, {"P": 1200}),
        ([line("P", 1990, 3)], "item", {PERCENT: {"percent": 20, "cap": 1000}}, {"P": 1000}),
        ([line("P", 1000, 3)], "item", {AMOUNT: {"amount": 100}}, {"P": 300}),
        ([line("P", 80, 3)], "item", {AMOUNT: {"amount": 100}}, {"P": 240}),
        ([line("P", 1000, 3)], "item", {AMOUNT: {"amount": 100, "per": "line"}}, {"P": 100}),
        (
            [line("P", 1000), line("Q", 3000)],
            "item",
            {AMOUNT: {"amount": 100, "per": "order"}},
            {"P": 25, "Q": 75},
        ),
        ([line("P", 1000, 2)], "item", {"fixed_price": {"price": 900}}, {"P": 200}),
        ([line("P", 1000, 2)], "item", {"fixed_price": {"price": 1100}}, {}),
        ([line("P", 1000, 2)], "item", {"fixed_price": {"price": 0}}, {"P": 2000}),
        ([line("P", 1000, 3)], "item", {"n_for_m": {"n": 3, "m": 2}}, {"P": 1000}),
        ([line("P", 1000, 7)], "item", {"n_for_m": {"n": 3, "m": 2}}, {"P": 2000}),
        ([line("P", 1000, 2)], "item", {"n_for_m": {"n": 3, "m": 2}}, {}),
        ([line("P", 1000), line("Q", 700)], "item", {"n_for_m": {"n": 2, "m": 1}}, {"Q": 700}),
        (
            [line("P", 1000, 2), line("Q", 700, 2)],
            "item",
            {"n_for_m": {"n": 2, "m": 1}},
            {"Q": 1400},
        ),
        (
            [line("P", 1000, 3)],
            "item",
            {"nth_percent_off": {"nth": 2, "percent": 50}},
            {"P": 500},
        ),
        (
            [line("P", 1000, 4)],
            "item",
            {"nth_percent_off": {"nth": 2, "percent": 50}},
            {"P": 1000},
        ),
        (
            [line("P", 1000, 2), line("Q", 500)],
            "item",
            {"bundle_price": {"items": {"p": 1, "q": 1}, "price": 1200}},
            {"P": 200, "Q": 100},
        ),
        (
            [line("P", 1000, 2), line("Q", 500, 2)],
            "item",
            {"bundle_price": {"items": {"p": 1, "q": 1}, "price": 1200}},
            {"P": 400, "Q": 200},
        ),
        (
            [line("P", 1000), line("Q", 100)],
            "item",
            {"bundle_price": {"items": {"p": 1, "q": 1}, "price": 1200}},
            {},
        ),
        (
            [line("P", 1000, 3)],
            "item",
            {"tiers": {"tiers": [{"threshold": 2000, "amount": 100},
                                 {"threshold": 3000, "percent": 10}]}},
            {"P": 300},
        ),
        # lane member
        ([line("P", 1999)], "member", {PERCENT: {"percent": 5}}, {"P": 100}),
        ([line("P", 1000, 2)], "member", {"fixed_price": {"price": 950}}, {"P": 100}),
        ([line("P", 1000, 2)], "member", {AMOUNT: {"amount": 30}}, {"P": 60}),
        # lane shop: on the sum of the scope
        (
            [line("P", 20000), line("Q", 10000)],
            "shop",
            {AMOUNT: {"amount": 3000, "threshold": 30000}},
            {"P": 2000, "Q": 1000},
        ),
        ([line("P", 29999)], "shop", {AMOUNT: {"amount": 3000, "threshold": 30000}}, {}),
        (
            [line("P", 65000)],
            "shop",
            {AMOUNT: {"amount": 3000, "threshold": 30000, "repeat": True}},
            {"P": 6000},
        ),
        (
            [line("P", 165000)],
            "shop",
            {AMOUNT: {"amount": 3000, "threshold": 30000, "repeat": True, "cap": 9000}},
            {"P": 9000},
        ),
        ([line("P", 1999), line("Q", 1)], "shop", {PERCENT: {"percent": 10}}, {"P": 200}),
        (
            [line("P", 1000), line("Q", 3000)],
            "shop",
            {AMOUNT: {"amount": 100, "per": "line"}},
            {"P": 100, "Q": 100},
        ),
        (
            [line("P", 1000, 2), line("Q", 3000)],
            "shop",
            {AMOUNT: {"amount": 100, "per": "unit"}},
            {"P": 200, "Q": 100},
        ),
        (
            [line("P", 6000)],
            "shop",
            {"tiers": {"tiers": [{"threshold": 3000, "amount": 300},
                                 {"threshold": 5000, "amount": 800}]}},
            {"P": 800},
        ),
        ([line("P", 1000, 3)], "shop", {"n_for_m": {"n": 3, "m": 2}}, {"P": 1000}),
        (
            [line("P", 1000, 2)],
            "shop",
            {"nth_percent_off": {"nth": 2, "percent": 50}},
            {"P": 500},
        ),
        (
            [line("P", 1000), line("Q", 500)],
            "shop",
            {"bundle_price": {"items": {"p": 1, "q": 1}, "price": 1200}},
            {"P": 200, "Q": 100},
        ),
        # lane cross_shop: flagged lines of all shops
        (
            [line("P", 20000, flags=["cross_shop"]), line("Q", 20000, shop="B"),
             line("R", 10000, shop="B", flags=["cross_shop"])],
            "cross_shop",
            {AMOUNT: {"amount": 3000, "threshold": 30000}},
            {"P": 2000, "R": 1000},
        ),
        # red packets go by what is left
        ([line("P", 3000), line("Q", 1000)], "red_packet", {AMOUNT: {"amount": 400}},
         {"P": 300, "Q": 100}),
        ([line("P", 300)], "red_packet", {AMOUNT: {"amount": 400}}, {"P": 300}),
        # the payment lane
        ([line("P", 3000), line("Q", 1000)], "payment", {AMOUNT: {"amount": 400}},
         {"P": 300, "Q": 100}),
        ([line("P", 4000)], "payment", {PERCENT: {"percent": 5, "cap": 150}}, {"P": 150}),
    ],
)  # fmt: skip
def test_by_hand(
    lines: list[dict[str, Any]], lane: str, benefit: dict[str, Any], *, expected: dict[str, int]
) -> None:
    found = quote(cart(*lines), offer("o", lane, benefit))
    assert off(found).get("o", {}) == expected
    assert found.optimal
    listed = sum(one["list_price"] * one["quantity"] for one in lines)
    assert found.payable == listed - sum(expected.values())


def test_lane_2_comes_on_top_of_lane_1_or_the_better_counts() -> None:
    asked = cart(line("P", 10000))
    offers = (
        offer("sale", "item", {"percent_off": {"percent": 20}}),
        offer("vip", "member", {"percent_off": {"percent": 5}}),
    )
    assert quote(asked, *offers).payable == 7600
    better = quote(asked, *offers, member="better_of_both")
    assert better.payable == 8000
    assert traced(better)["vip"].by == "sale"


def test_thresholds_of_lanes_3_and_4_are_both_held_against_the_activity_price() -> None:
    """平行门槛: 400.00 reach 300.00 in the shop and again across shops."""
    found = quote(
        cart(line("P", 50000, flags=["cross_shop"])),
        offer("sale", "item", {"percent_off": {"percent": 20}}),
        offer("shop", "shop", {"amount_off": {"amount": 15000, "threshold": 40000}}),
        offer("cross", "cross_shop", {"amount_off": {"amount": 5000, "threshold": 40000}}),
    )
    assert (found.lines[0].activity, found.payable) == (40000, 20000)


def test_in_the_shop_a_promotion_and_a_coupon_add_up_and_two_coupons_do_not() -> None:
    found = quote(
        cart(line("P", 10000)),
        offer("promo", "shop", {"amount_off": {"amount": 100}}),
        offer("small", "shop", {"amount_off": {"amount": 200}}, kind="coupon"),
        offer("large", "shop", {"amount_off": {"amount": 300}}, kind="coupon"),
    )
    assert found.payable == 10000 - 100 - 300
    assert (traced(found)["small"].status, traced(found)["small"].by) == ("beaten_by", "large")


def test_a_platform_offer_in_the_shop_lane_looks_at_each_shop() -> None:
    found = quote(
        cart(line("P", 10000), line("Q", 20000, shop="B")),
        offer("each", "shop", {"amount_off": {"amount": 500, "threshold": 15000}}),
    )
    assert off(found) == {"each": {"Q": 500}}


def test_red_packets_all_apply_what_ends_first_first() -> None:
    found = quote(
        cart(line("P", 1000)),
        offer("late", "red_packet", {"amount_off": {"amount": 700}}, kind="coupon",
              expires="2026-12-31T00:00:00+08:00"),
        offer("soon", "red_packet", {"amount_off": {"amount": 600}}, kind="coupon",
              expires="2026-11-12T00:00:00+08:00"),
    )  # fmt: skip
    assert off(found) == {"soon": {"P": 600}, "late": {"P": 400}}
    assert found.payable == 0


def test_points_pay_at_most_their_share_of_a_line() -> None:
    rate = {"points_rate": {"points_per_yuan": 100, "fen_per_point": 1, "max_percent": 10}}
    found = quote(cart(line("P", 1000), points_to_spend=500), offer("points", "points", rate))
    assert (found.payable, found.points_spent) == (900, 100)


def test_half_a_point_cannot_be_spent() -> None:
    rate = {"points_rate": {"fen_per_point": 3}}
    found = quote(cart(line("P", 100), points_to_spend=99), offer("points", "points", rate))
    assert (found.payable, found.points_spent) == (0, 34)


@pytest.mark.parametrize(
    ("benefit", "shipping"),
    [
        ({"free_shipping": {}}, 0),
        ({"free_shipping": {"threshold": 10000}}, 0),
        ({"free_shipping": {"threshold": 10001}}, 600),
        ({"amount_off": {"amount": 400}}, 200),
        ({"amount_off": {"amount": 4000}}, 0),
        ({"percent_off": {"percent": 50}}, 300),
    ],
)
def test_shipping(benefit: dict[str, Any], shipping: int) -> None:
    asked = cart(line("P", 10000), shipping=[{"shop": "A", "amount": 600}])
    found = quote(asked, offer("ship", "shipping", benefit, funders={"platform": 100}))
    assert (found.cash, found.shipping, found.payable) == (10000, shipping, 10000 + shipping)
    assert found.settlement == {"A": 10600}
    assert found.funded["platform"] == 600 - shipping


def test_the_best_shipping_offer_of_each_shipment() -> None:
    asked = cart(
        line("P", 100), line("Q", 100, shop="B"),
        shipping=[{"shop": "A", "amount": 600}, {"shop": "B", "amount": 900}],
    )  # fmt: skip
    found = quote(
        asked,
        offer("free-a", "shipping", {"free_shipping": {}}, shop="A"),
        offer("minus-5", "shipping", {"amount_off": {"amount": 500}}),
    )
    assert {one.shop: one.cash for one in found.shipments} == {"A": 0, "B": 400}


def test_gifts_are_always_reported() -> None:
    found = quote(
        cart(line("P", 30000)),
        offer("sample", "shop", {"gift": {"item": "mini", "quantity": 2, "threshold": 30000}}),
        offer("bag", "shop", {"gift": {"item": "bag", "quantity": 1, "threshold": 30001}}),
        offer("minus", "shop", {"amount_off": {"amount": 100}}),
    )
    assert [(one.offer, one.item, one.quantity) for one in found.gifts] == [("sample", "mini", 2)]
    assert traced(found)["bag"].short_by == 1
    assert traced(found)["minus"].status == "applied"


def test_what_comes_after_paying() -> None:
    """Points on cash, rounded down once; green lines count double; a coupon for the next time."""
    found = quote(
        cart(line("P", 1050), line("G", 2050, flags=["green"])),
        offer("earn", "after", {"points_rate": {"points_per_yuan": 1}}),
        offer("green", "after", {"points_multiplier": {"factor": 2}}, scope={"flags": ["green"]}),
        offer("again", "after", {"issue_coupon": {"template": "t1"}}),
    )
    told = [(one.offer, one.points, one.coupon) for one in found.after]
    assert told == [("again", None, "t1"), ("earn", 31, None), ("green", 20, None)]


@pytest.mark.parametrize(
    ("terms", "free", "bearer", "schedule"),
    [
        (3, [3, 6], "merchant", [3333, 3333, 3334]),
        (6, [3, 6], "merchant", [1666, 1667, 1667, 1666, 1667, 1667]),
        (12, [3, 6], "buyer", None),
        (0, [3, 6], None, None),
    ],
)
def test_instalments(
    terms: int, free: list[int], bearer: str | None, *, schedule: list[int] | None
) -> None:
    asked = cart(line("P", 10000), payment={"method": "huabei", "instalments": terms})
    found = quote(asked, offer("free", "payment", {"instalment_free": {"terms": free}}))
    if bearer is None:
        assert found.instalments == []
        return
    (plan,) = found.instalments
    assert (plan.terms, plan.fee_bearer, sum(plan.schedule)) == (terms, bearer, 10000)
    assert schedule is None or plan.schedule == schedule


@pytest.mark.parametrize(
    ("overflow", "second"), [("forfeit", {"P": 10, "Q": 450}), ("respread", {"P": 10, "Q": 490})]
)
def test_overflow_is_lost_or_spread_again(overflow: str, second: dict[str, int]) -> None:
    """Of 5.00 over lines of 1.00 and 9.00, P's share is 0.50, and only 0.10 are left of it."""
    first = {"amount_off": {"amount": 90, "per": "line"}}
    found = quote(
        cart(line("P", 100), line("Q", 900)),
        offer("a", "shop", first, scope={"items": ["p"]}),
        offer("b", "shop", {"amount_off": {"amount": 500}}, kind="coupon", overflow=overflow),
    )
    assert off(found) == {"a": {"P": 90}, "b": second}


def test_two_exclusive_offers_are_not_combined_and_the_better_one_stays() -> None:
    asked = cart(line("P", 10000))
    both = (
        offer("flash", "item", {"percent_off": {"percent": 20}}, exclusive=True),
        offer("shop", "shop", {"amount_off": {"amount": 3000}}, exclusive=True),
    )
    found = quote(asked, *both)
    assert found.payable == 7000
    told = traced(found)["flash"]
    assert (told.status, told.code, told.by) == ("failed", "excluded_by", "shop")
    one = {**both[0], "exclusive": False}
    assert quote(asked, one, both[1]).payable == 5000, "only if both say so"


def test_exclusive_offers_on_different_lines_do_not_meet() -> None:
    half = {"percent_off": {"percent": 50}}
    found = quote(
        cart(line("P", 1000), line("Q", 1000)),
        offer("p", "item", half, exclusive=True, scope={"items": ["p"]}),
        offer("q", "item", half, exclusive=True, scope={"items": ["q"]}),
    )
    assert found.payable == 1000


def test_it_can_pay_to_forgo_a_small_discount() -> None:
    """With 1.00 off, 299.00 miss the threshold of 300.00; without it, 30.00 come off."""
    found = quote(
        cart(line("P", 30000)),
        offer("small", "item", {"amount_off": {"amount": 100}}),
        offer("shop", "shop", {"amount_off": {"amount": 3000, "threshold": 30000}}),
    )
    assert (found.payable, found.lines[0].activity) == (27000, 30000)
    assert traced(found)["small"].by == "shop"


def test_a_line_keeps_its_units_to_the_fen() -> None:
    found = quote(cart(line("P", 1000, 3)), offer("o", "shop", {"amount_off": {"amount": 100}}))
    assert [unit.cash for unit in found.lines[0].units] == [966, 967, 967]


@pytest.mark.parametrize(
    ("funders", "platform"),
    [({"merchant": 100}, 0), ({"platform": 100}, 333), ({"platform": 33, "merchant": 67}, 110)],
)
def test_who_bears_it(funders: dict[str, int], platform: int) -> None:
    lines = (line("P", 1000), line("Q", 2000, shop="B"))
    found = quote(cart(*lines), offer("o", "red_packet", {"amount_off": {"amount": 333}},
                                      funders=funders))  # fmt: skip
    assert found.funded["platform"] == platform
    assert sum(found.funded["merchant"].values()) == 333 - platform
    assert sum(found.settlement.values()) == found.payable + platform
