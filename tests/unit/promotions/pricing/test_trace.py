"""Why an offer applies or not: every status and code, with have, need and what is short."""

from typing import Any

import pytest
from tests.unit.promotions.pricing.carts import cart, line, offer, quote, traced

from quanyu.promotions.pricing import OfferIndex, decode_cart, decode_offers, evaluate

MINUS = {"amount_off": {"amount": 100}}
SHOP_300 = {"amount_off": {"amount": 3000, "threshold": 30000}}
P = cart(line("P", 20000))


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (offer("o", "shop", MINUS, requires=["88vip"]), "not_eligible"),
        (offer("o", "shop", MINUS, window={"to": "2026-11-11T20:00:00+08:00"}), "out_of_window"),
        (offer("o", "shop", MINUS, window={"from": "2026-11-11T20:00:01+08:00"}), "out_of_window"),
        (offer("o", "shop", MINUS, window={"hours": "08:00-20:00"}), "out_of_window"),
        (offer("o", "shop", MINUS, window={"weekdays": [1, 2]}), "out_of_window"),
        (offer("o", "shop", MINUS, expires="2026-11-11T12:00:00+00:00"), "out_of_window"),
        (offer("o", "shop", MINUS, shop="B"), "not_in_scope"),
        (offer("o", "shop", MINUS, scope={"items": ["q"]}), "not_in_scope"),
        (offer("o", "shop", MINUS, scope={"categories": ["d"]}), "not_in_scope"),
        (offer("o", "cross_shop", MINUS), "not_in_scope"),
        (offer("o", "shipping", {"free_shipping": {}}), "not_in_scope"),
        (offer("o", "payment", {"instalment_free": {"terms": [3]}}), "not_in_scope"),
        (offer("o", "shop", SHOP_300), "below_threshold"),
        (offer("o", "item", {"n_for_m": {"n": 2, "m": 1}}), "below_threshold"),
        (offer("o", "item", {"nth_percent_off": {"nth": 2, "percent": 50}}), "below_threshold"),
        (
            offer("o", "item", {"bundle_price": {"items": {"p": 1, "q": 1}, "price": 1}}),
            "below_threshold",
        ),
        (offer("o", "item", {"fixed_price": {"price": 20000}}), "no_remainder"),
        (
            offer("o", "points", {"points_rate": {"points_per_yuan": 100, "fen_per_point": 1}}),
            "no_remainder",
        ),
    ],
)  # fmt: skip
def test_failed(one: dict[str, Any], code: str) -> None:
    told = traced(quote(P, one))["o"]
    assert (told.status, told.code) == ("failed", code)


@pytest.mark.parametrize(
    ("one", "have", "need"),
    [
        (offer("o", "shop", SHOP_300), 20000, 30000),
        (offer("o", "item", {"n_for_m": {"n": 3, "m": 2}}), 1, 3),
        (offer("o", "item", {"bundle_price": {"items": {"p": 2, "q": 1}, "price": 1}}), 1, 3),
        (offer("o", "shop", {"gift": {"item": "g", "threshold": 25000}}), 20000, 25000),
    ],
)
def test_have_and_need(one: dict[str, Any], have: int, need: int) -> None:
    told = traced(quote(P, one))["o"]
    assert (told.have, told.need) == (have, need)


def test_twelve_yuan_thirty_short_of_the_next_tier() -> None:
    asked = cart(line("P", 28770))
    told = traced(quote(asked, offer("o", "shop", SHOP_300)))["o"]
    assert told.short_by == 1230
    every = {"amount_off": {"amount": 5000, "threshold": 30000, "repeat": True}}
    applied = traced(quote(cart(line("P", 58770)), offer("o", "shop", every)))["o"]
    assert (applied.status, applied.amount, applied.short_by) == ("applied", 5000, 1230)
    tiers = {"tiers": {"tiers": [{"threshold": 100, "amount": 1},
                                 {"threshold": 30000, "amount": 3}]}}  # fmt: skip
    assert traced(quote(asked, offer("o", "shop", tiers)))["o"].short_by == 1230
    top = traced(quote(cart(line("P", 30000)), offer("o", "shop", tiers)))["o"]
    assert top.short_by is None


def test_beaten_by() -> None:
    found = quote(
        P,
        offer("a", "item", {"percent_off": {"percent": 10}}),
        offer("b", "item", {"percent_off": {"percent": 20}}),
        offer("c", "cross_shop", {"amount_off": {"amount": 5}}, scope={"items": ["p"]}),
        offer("d", "cross_shop", {"amount_off": {"amount": 6}}, scope={"items": ["p"]}),
    )
    told = {name: (one.status, one.by) for name, one in traced(found).items()}
    assert told["a"] == ("beaten_by", "b")
    assert told["c"] == ("beaten_by", "d")


def test_nothing_left_to_take() -> None:
    found = quote(
        cart(line("P", 1000)),
        offer("all", "shop", {"amount_off": {"amount": 1000}}),
        offer("more", "red_packet", {"amount_off": {"amount": 100}}),
    )
    told = traced(found)["more"]
    assert (told.status, told.code) == ("failed", "no_remainder")
    assert found.payable == 0


def test_of_equal_ones_the_ties_decide() -> None:
    """Larger face, higher threshold, earlier expiry, earlier receipt, smaller id."""
    pair = cart(line("P", 20000))
    kind: dict[str, Any] = {"kind": "coupon"}
    early, late = "2026-11-12T00:00:00+08:00", "2026-12-01T00:00:00+08:00"
    ties = [
        (offer("b", "shop", {"amount_off": {"amount": 500, "cap": 500}}, **kind),
         offer("a", "shop", {"percent_off": {"percent": 50, "cap": 500}}, **kind)),
        (offer("b", "shop", {"amount_off": {"amount": 500, "threshold": 200}}, **kind),
         offer("a", "shop", {"amount_off": {"amount": 500, "threshold": 100}}, **kind)),
        (offer("b", "shop", MINUS, expires=early, **kind),
         offer("a", "shop", MINUS, expires=late, **kind)),
        (offer("b", "shop", MINUS, received="2026-11-01T00:00:00+08:00", **kind),
         offer("a", "shop", MINUS, received="2026-11-02T00:00:00+08:00", **kind)),
        (offer("a", "shop", MINUS, **kind), offer("b", "shop", MINUS, **kind)),
    ]  # fmt: skip
    for winner, loser in ties:
        for order in ((winner, loser), (loser, winner)):
            told = traced(quote(pair, *order))
            assert told[winner["id"]].status == "applied"
            assert told[loser["id"]].by == winner["id"]


def test_an_index_traces_what_its_lines_find() -> None:
    import json

    offers = [offer(f"o{n}", "item", MINUS, scope={"items": [f"i{n}"]}) for n in range(50)]
    mine = offer("mine", "item", MINUS, scope={"items": ["p"]})
    index = OfferIndex(decode_offers(json.dumps([*offers, mine])))
    asked = decode_cart(json.dumps(P))
    assert [one.offer for one in evaluate(asked, index).trace] == ["mine"]
    every = evaluate(asked, decode_offers(json.dumps([*offers, mine])))
    assert len(every.trace) == 51
    assert every.payable == evaluate(asked, index).payable


@pytest.mark.parametrize(
    ("window", "applies"),
    [
        ({"hours": "18:00-22:00"}, True),
        ({"hours": ["08:00-09:00", "20:00-20:01"]}, True),
        ({"hours": "22:00-20:30"}, True),
        ({"hours": "20:01-08:00"}, False),
        ({"weekdays": [3]}, True),
        ({"from": "2026-11-11T20:00:00+08:00", "to": "2026-11-11T20:00:01+08:00"}, True),
        ({"from": "2026-11-11T12:00:00+00:00"}, True),
    ],
)
def test_windows_are_open_from_and_up_to(window: dict[str, Any], applies: bool) -> None:
    told = traced(quote(P, offer("o", "shop", MINUS, window=window)))["o"]
    assert (told.status == "applied") is applies


def test_paying_in_a_way_is_a_published_condition() -> None:
    one = offer("o", "payment", MINUS, requires=["payment:huabei"])
    paid = {**P, "payment": {"method": "huabei"}}
    assert traced(quote(paid, one))["o"].status == "applied"
    assert traced(quote(P, one))["o"].code == "not_eligible"
