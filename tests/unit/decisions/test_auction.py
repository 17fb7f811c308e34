"""The auction of ad slots: prices to the fen, every edge, and the rule written twice."""

import json
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quanyu.decisions.auction import (
    BID_MAX,
    QUALITY_UNIT,
    Auction,
    Bid,
    Candidates,
    Outcome,
    award,
    click_bid_fen,
    decode_auction,
    ecpm_fen,
    impression_price_millifen,
    quality_of,
    run_auction,
)
from quanyu.errors import BadInput


def bid(ad: str, fen: int, pctr: float = 0.05, **more: Any) -> dict[str, Any]:
    return {"ad": ad, "bid": fen, "pctr": pctr, **more}


def auction(*bids: dict[str, Any], slots: int = 2, **more: Any) -> Outcome:
    return run_auction({"slots": slots, "bids": list(bids), **more})


def prices(found: Outcome) -> list[tuple[str, int]]:
    return [(one.ad, one.price) for one in found.slots]


def reasons(found: Outcome) -> dict[str, str]:
    return {one.ad: one.reason for one in found.losers}


# The price


def test_a_winner_pays_what_the_next_one_would_make_it_pay_and_a_tick() -> None:
    found = auction(bid("a", 100, 0.05), bid("b", 80, 0.04), bid("c", 50, 0.02))
    assert prices(found) == [("a", 64 + 1), ("b", 25 + 1)]
    assert [one.score for one in found.slots] == [5.0, 3.2]
    assert reasons(found) == {"c": "outranked"}


def test_a_fraction_of_a_fen_is_rounded_up() -> None:
    found = auction(bid("a", 100, 0.03), bid("b", 100, 0.02), slots=1)
    assert prices(found) == [("a", 67 + 1)]


def test_decimals_that_floats_cannot_hold_cost_no_extra_fen() -> None:
    """0.07 · 30 ÷ 0.03 is 70 and not 70.00000000000001, which would round up to 71."""
    found = auction(bid("a", 100, 0.03), bid("b", 30, 0.07), slots=1)
    assert prices(found) == [("a", 70 + 1)]


def test_relevance_makes_a_click_cheaper() -> None:
    same = bid("b", 50, 0.05, relevance=0.5)
    dear = auction(bid("a", 100, 0.05, relevance=0.5), same, slots=1)
    cheap = auction(bid("a", 100, 0.05, relevance=1.0), same, slots=1)
    assert prices(dear) == [("a", 51)]
    assert prices(cheap) == [("a", 26)]


@pytest.mark.parametrize(
    ("bids", "reserve", "expected"),
    [
        pytest.param([bid("a", 100)], 20, [("a", 20)], id="alone, it pays the reserve"),
        pytest.param([bid("a", 20)], 20, [("a", 20)], id="the reserve is met at the reserve"),
        pytest.param([bid("a", 19)], 20, [], id="one fen below it is not"),
        pytest.param([bid("a", 100)], 0, [("a", 0)], id="no reserve, nobody else: free"),
        pytest.param([bid("a", 0)], 0, [], id="no bid is no bid, even without reserve"),
        pytest.param([bid("a", 100), bid("b", 10)], 20, [("a", 20)], id="who misses it is nobody"),
        pytest.param(
            [bid("a", 100), bid("b", 20)], 20, [("a", 21), ("b", 20)], id="behind at the reserve"
        ),
        pytest.param(
            [bid("a", 100, 0.9), bid("b", 20, 0.01)], 20, [("a", 21), ("b", 20)],
            id="quality does not press a price under the reserve",
        ),
        pytest.param([bid("b", 50), bid("a", 50)], 1, [("a", 50), ("b", 1)], id="equal: by id"),
        pytest.param([], 1, [], id="nobody"),
        pytest.param([bid("a", 100, 0.0)], 1, [], id="never clicked"),
        pytest.param([bid("a", 100, relevance=0)], 1, [], id="not relevant"),
        pytest.param([bid("a", 100, 1e-12)], 1, [], id="less than counts"),
    ],
)  # fmt: skip
def test_edges(bids: list[dict[str, Any]], reserve: int, expected: list[tuple[str, int]]) -> None:
    assert prices(auction(*bids, reserve=reserve)) == expected


def test_every_loser_has_its_reason_and_what_it_would_have_needed() -> None:
    found = auction(
        bid("won", 100), bid("zero", 0), bid("low", 9), bid("poor", 90, 0.0), bid("late", 40),
        slots=1, reserve=10,
    )  # fmt: skip
    assert reasons(found) == {
        "late": "outranked", "low": "below_reserve", "poor": "no_quality", "zero": "no_bid",
    }  # fmt: skip
    assert {one.ad: one.need for one in found.losers} == {
        "late": 100, "low": 100, "poor": None, "zero": 101,
    }  # fmt: skip
    assert [one.ad for one in found.losers] == ["late", "low", "poor", "zero"]


def test_an_empty_slot_needs_the_reserve_only() -> None:
    found = auction(bid("a", 100), bid("b", 3), reserve=10)
    assert [(one.ad, one.need) for one in found.losers] == [("b", 10)]


# One slot per advertiser


def test_one_slot_per_advertiser_where_asked() -> None:
    bids = [bid("a1", 100, advertiser="A"), bid("a2", 90, advertiser="A"),
            bid("b1", 50, advertiser="B"), bid("c1", 40, advertiser="C")]  # fmt: skip
    alike = auction(*bids)
    assert prices(alike) == [("a1", 91), ("a2", 51)]
    one_each = auction(*bids, one_per_advertiser=True)
    assert prices(one_each) == [("a1", 51), ("b1", 41)]
    assert reasons(one_each) == {"a2": "own_ad_ahead", "c1": "outranked"}


def test_an_advertiser_does_not_raise_its_own_price() -> None:
    alone = [bid("a1", 100, advertiser="A"), bid("a2", 99, advertiser="A")]
    found = auction(*alone, one_per_advertiser=True, reserve=5)
    assert prices(found) == [("a1", 5)]


def test_one_per_advertiser_asks_whose_every_ad_is() -> None:
    with pytest.raises(BadInput) as caught:
        auction(bid("a", 1, advertiser="A"), bid("b", 1), one_per_advertiser=True)
    assert caught.value.field == "auction.bids[1].advertiser"


# Positions


def test_the_place_shows_in_what_is_expected_and_not_in_the_price() -> None:
    bids = (bid("a", 100, 0.05), bid("b", 80, 0.04))
    plain, placed = auction(*bids, reserve=10), auction(*bids, reserve=10, position_ctr=[0.2, 0.1])
    assert prices(plain) == prices(placed) == [("a", 65), ("b", 10)]
    assert [one.ecpm for one in plain.slots] == [3250.0, 400.0]
    assert [one.ecpm for one in placed.slots] == [3250.0, 200.0]


def test_alpha_moves_the_weight_between_bid_and_click_rate() -> None:
    bids = (bid("liked", 50, 0.09), bid("rich", 100, 0.04))
    assert auction(*bids, slots=1, alpha=1.0).slots[0].ad == "liked"
    assert auction(*bids, slots=1, alpha=0.5).slots[0].ad == "rich"
    assert auction(*bids, slots=1, alpha=0).slots[0].score == 100.0


# What is refused


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"slots": 0}, "auction.slots"),
        ({"slots": 51}, "auction.slots"),
        ({"slots": 1.5}, "auction.slots"),
        ({"reserve": -1}, "auction.reserve"),
        ({"alpha": -0.1}, "auction.alpha"),
        ({"alpha": float("nan")}, "auction.alpha"),
        ({"position_ctr": [0.1]}, "auction.position_ctr"),
        ({"position_ctr": [0.1, 0.2]}, "auction.position_ctr[1]"),
        ({"position_ctr": [0.1, 0.0]}, "auction.position_ctr[1]"),
        ({"position_ctr": [1.1, 0.1]}, "auction.position_ctr[0]"),
        ({"position_ctr": [float("nan"), 0.1]}, "auction.position_ctr[0]"),
        ({"bids": [bid("a", -1)]}, "auction.bids[0].bid"),
        ({"bids": [bid("a", BID_MAX + 1)]}, "auction.bids[0].bid"),
        ({"bids": [bid("a", 10**30)]}, "auction.bids[0].bid"),
        ({"bids": [{"ad": "a", "bid": 1.5, "pctr": 0.1}]}, "auction.bids[0].bid"),
        ({"bids": [{"ad": "a", "bid": "9", "pctr": 0.1}]}, "auction.bids[0].bid"),
        ({"bids": [bid("", 1)]}, "auction.bids[0].ad"),
        ({"bids": [bid("a", 1), bid("a", 2)]}, "auction.bids[1].ad"),
        ({"bids": [bid("a", 1), bid("b", 1, -0.1)]}, "auction.bids[1].pctr"),
        ({"bids": [bid("a", 1, 1.0001)]}, "auction.bids[0].pctr"),
        ({"bids": [bid("a", 1, float("nan"))]}, "auction.bids[0].pctr"),
        ({"bids": [bid("a", 1, float("inf"))]}, "auction.bids[0].pctr"),
        ({"bids": [bid("a", 1, relevance=-1)]}, "auction.bids[0].relevance"),
        ({"bids": [bid("a", 1, relevance=11)]}, "auction.bids[0].relevance"),
        ({"bids": [{"ad": "a", "bid": 1}]}, "auction.bids[0].pctr"),
        ({"bids": [bid("a", 1, budget=5)]}, "auction.bids[0].budget"),
        ({"bid": []}, "auction.bid"),
        ({"bids": None}, "auction.bids"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_field(said: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        run_auction({"slots": 2, "bids": [], **said})
    assert caught.value.field == field


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", "null",
        '{"slots": 1, "slots": 2, "bids": []}',
        '{"slots": 1, "bids": [{"ad": "a", "bid": 1, "pctr": NaN}]}',
    ],
)  # fmt: skip
def test_a_document_that_is_no_auction_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        decode_auction(text)


def test_columns_are_checked_as_well() -> None:
    good = np.array([0.1, 0.1])
    with pytest.raises(BadInput, match=r"bids\[1\].bid"):
        award(
            Candidates(ads=["a", "b"], bid_fen=np.array([1, -1]), pctr=good, relevance=good),
            slots=1, reserve_fen=1,
        )  # fmt: skip
    with pytest.raises(BadInput, match=r"bids\[0\].pctr"):
        quality_of(np.array([np.nan, 0.1]), good)


def test_the_public_form_makes_the_round() -> None:
    text = json.dumps({"slots": 1, "reserve": 5, "bids": [bid("a", 9), bid("b", 8)]})
    document = run_auction(decode_auction(text)).as_json()
    assert document["slots"] == [
        {"position": 1, "ad": "a", "price": 9, "score": 0.45, "ecpm": 450.0}
    ]
    assert document["losers"] == [{"ad": "b", "reason": "outranked", "score": 0.4, "need": 10}]
    assert json.loads(json.dumps(document)) == document


# Properties

BIDS = st.integers(0, 300) | st.integers(0, BID_MAX)
SHARES = st.sampled_from([0.0, 0.01, 0.02, 0.05, 1.0]) | st.floats(0, 1)


@st.composite
def auctions(draw: st.DrawFn) -> Auction:
    count = draw(st.integers(0, 12))
    bids = tuple(
        Bid(
            ad=f"ad{number}",
            bid=draw(BIDS),
            pctr=draw(SHARES),
            relevance=draw(SHARES),
            advertiser=draw(st.sampled_from("ABC")),
        )
        for number in draw(st.permutations(range(count)))
    )
    return Auction(
        slots=draw(st.integers(1, 6)),
        reserve=draw(st.integers(0, 60)),
        bids=bids,
        alpha=draw(st.sampled_from([1.0, 0.5, 1.7])),
        one_per_advertiser=draw(st.booleans()),
    )


def quality(one: Bid, alpha: float) -> int:
    return round(one.pctr**alpha * one.relevance * QUALITY_UNIT)


def written_down(asked: Auction) -> list[tuple[str, int]]:
    """The rule of docs/auction.md in fractions and plain lists."""
    taking_part = [
        one for one in asked.bids if one.bid >= max(1, asked.reserve) and quality(one, asked.alpha)
    ]
    taking_part.sort(key=lambda one: (-one.bid * quality(one, asked.alpha), one.ad))
    if asked.one_per_advertiser:
        first = {one.advertiser: one.ad for one in reversed(taking_part)}
        taking_part = [one for one in taking_part if first[one.advertiser] == one.ad]
    found = []
    for place, one in enumerate(taking_part[: asked.slots]):
        price = asked.reserve
        if place + 1 < len(taking_part):
            behind = taking_part[place + 1]
            ratio = Fraction(behind.bid * quality(behind, asked.alpha), quality(one, asked.alpha))
            price = max(asked.reserve, ratio.__ceil__()) + 1
        found.append((one.ad, min(price, one.bid)))
    return found


@settings(max_examples=150)
@given(auctions())
def test_columns_say_what_the_rule_says(asked: Auction) -> None:
    assert prices(run_auction(asked)) == written_down(asked)


@settings(max_examples=60)
@given(auctions())
def test_a_price_lies_between_reserve_and_bid_and_keeps_the_place(asked: Auction) -> None:
    found = run_auction(asked)
    named = {one.ad: one for one in asked.bids}
    assert {one.ad for one in (*found.slots, *found.losers)} == set(named)
    assert len(found.slots) + len(found.losers) == len(asked.bids)
    for place, slot in enumerate(found.slots):
        own = named[slot.ad]
        assert asked.reserve <= slot.price <= own.bid
        at_price = slot.price * quality(own, asked.alpha)
        for later in found.slots[place + 1 :]:
            behind = named[later.ad]
            assert at_price >= behind.bid * quality(behind, asked.alpha)


@settings(max_examples=60)
@given(auctions(), st.randoms(use_true_random=False))
def test_the_order_of_the_bids_changes_nothing(asked: Auction, chance: random.Random) -> None:
    bids = list(asked.bids)
    chance.shuffle(bids)
    shuffled = Auction(
        slots=asked.slots, reserve=asked.reserve, bids=tuple(bids), alpha=asked.alpha,
        one_per_advertiser=asked.one_per_advertiser,
    )  # fmt: skip
    assert run_auction(shuffled) == run_auction(asked)


def place_of(found: Outcome, ad: str) -> int:
    return next((one.position for one in found.slots if one.ad == ad), 99)


def with_bid(asked: Auction, ad: str, fen: int) -> Outcome:
    bids = [
        Bid(ad=one.ad, bid=fen if one.ad == ad else one.bid, pctr=one.pctr,
            relevance=one.relevance, advertiser=one.advertiser)
        for one in asked.bids
    ]  # fmt: skip
    return run_auction(
        Auction(slots=asked.slots, reserve=asked.reserve, bids=tuple(bids), alpha=asked.alpha,
                one_per_advertiser=asked.one_per_advertiser)
    )  # fmt: skip


@settings(max_examples=60)
@given(auctions(), st.integers(1, 1000), st.integers(0, 11))
def test_a_larger_bid_never_gives_a_later_place(asked: Auction, more: int, which: int) -> None:
    assume(which < len(asked.bids))
    own = asked.bids[which]
    assume(own.bid + more <= BID_MAX)
    before = place_of(run_auction(asked), own.ad)
    assert place_of(with_bid(asked, own.ad, own.bid + more), own.ad) <= before


@settings(max_examples=60)
@given(auctions())
def test_what_a_loser_needed_wins_and_a_fen_less_does_not(asked: Auction) -> None:
    for one in run_auction(asked).losers:
        if one.need is None or one.need > BID_MAX:
            continue
        assert place_of(with_bid(asked, one.ad, one.need), one.ad) <= asked.slots
        assert place_of(with_bid(asked, one.ad, one.need - 1), one.ad) == 99


@settings(max_examples=60)
@given(auctions())
def test_the_own_price_holds_the_place_and_less_than_it_by_two_does_not(asked: Auction) -> None:
    """Local envy-freeness from above: nobody pays more than a tick over what the place takes."""
    assume(not asked.one_per_advertiser)
    for slot in run_auction(asked).slots:
        assert place_of(with_bid(asked, slot.ad, slot.price), slot.ad) <= slot.position or (
            slot.price == 0
        )
        if slot.price - 2 >= max(1, asked.reserve):
            assert place_of(with_bid(asked, slot.ad, slot.price - 2), slot.ad) > slot.position


def test_a_thousand_candidates_say_what_the_rule_says() -> None:
    chance = random.Random(11)
    bids = tuple(
        Bid(ad=f"ad{n}", bid=chance.randint(0, 60), pctr=chance.choice([0.01, 0.02, 0.05]),
            relevance=chance.choice([0.5, 1.0]))
        for n in range(1000)
    )  # fmt: skip
    asked = Auction(slots=20, reserve=7, bids=bids)
    assert prices(run_auction(asked)) == written_down(asked)


# What impressions and conversions cost


def test_ecpm_of_clicks_and_of_conversions() -> None:
    assert ecpm_fen(200, 0.05) == 10_000
    assert ecpm_fen(8_000, 0.05, pcvr=0.02) == pytest.approx(8_000)


@pytest.mark.parametrize(
    ("target", "pcvr", "expected"), [(5000, 0.02, 100), (5000, 0.0301, 150), (5000, 0.0, 0)]
)
def test_the_bid_of_a_target_cost_is_whole_fen_down(
    target: int, pcvr: float, expected: int
) -> None:
    assert click_bid_fen(target, pcvr) == expected


@pytest.mark.parametrize("pcvr", [-0.1, 1.1, float("nan")])
def test_a_conversion_rate_is_a_share(pcvr: float) -> None:
    with pytest.raises(BadInput):
        click_bid_fen(5000, pcvr)


@pytest.mark.parametrize(
    ("price", "pctr", "most", "expected"),
    [
        pytest.param(65, 0.05, 100, 3250, id="65 fen a click, one in twenty"),
        pytest.param(7, 0.0123, 10, 87, id="86.1, rounded up"),
        pytest.param(7, 0.0123, 7, 86, id="at the bid rounded down: never above it"),
        pytest.param(65, 0.0, 100, 0, id="never clicked, never billed"),
    ],
)
def test_the_price_of_an_impression(price: int, pctr: float, most: int, expected: int) -> None:
    assert impression_price_millifen(price, pctr, bid_fen=most) == expected


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 1))
def test_an_impression_never_costs_more_than_the_bid_is_worth(
    one: int, other: int, pctr: float
) -> None:
    price, most = min(one, other), max(one, other)
    found = impression_price_millifen(price, pctr, bid_fen=most)
    share = round(pctr * QUALITY_UNIT)
    assert found * QUALITY_UNIT <= 1000 * most * share
    assert found * QUALITY_UNIT > 1000 * price * share - QUALITY_UNIT
