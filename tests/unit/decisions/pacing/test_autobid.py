"""Autobidding: what a campaign wants, as a bid per click."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma

from quanyu.decisions.pacing.autobid import (
    CORRECTION,
    PRIOR_CONVERSIONS,
    Goal,
    Results,
    click_bid_fen,
    ros_multiplier,
)
from quanyu.decisions.pacing.landscape import Landscape

CPA = Goal(aim="target_cpa", target=5000)
ROAS = Goal(aim="target_roas", target=400)


def seen(seed: int = 1, count: int = 4000) -> Landscape:
    """Prices per impression around 20 fen, worth around 0.0025 conversions."""
    chance = np.random.default_rng(seed)
    price = np.exp(chance.normal(3, 0.6, count))
    return Landscape.of(price, np.exp(chance.normal(-6, 0.8, count)))


@pytest.mark.parametrize(
    ("goal", "worth", "ratio"),
    [
        (Goal(aim="most_clicks"), 1.0, None),
        (Goal(aim="most_conversions"), 0.02, None),
        (CPA, 0.02, 5000.0),
        (ROAS, 600.0, 0.25),
    ],
)
def test_each_aim_has_its_worth_of_a_click(goal: Goal, worth: float, ratio: float | None) -> None:
    assert goal.worth_of_click(pcvr=0.02, order_fen=30_000) == worth
    assert goal.cost_per_worth == ratio


@pytest.mark.parametrize(
    "said",
    [
        {"aim": "target_cpa"},
        {"aim": "most_clicks", "target": 5},
        {"aim": "target_roas", "target": 0},
        {"aim": "target_cpa", "target": -5},
    ],
)
def test_a_target_belongs_to_a_target_aim(said: Any) -> None:
    with pytest.raises(AssertionError):
        Goal(**said)


def test_without_a_target_only_the_budget_decides() -> None:
    assert ros_multiplier(Goal(aim="most_clicks"), seen(), results=Results()) == float("inf")


def test_the_ros_pacer_bids_up_to_where_the_average_meets_the_target() -> None:
    landscape = seen()
    found = ros_multiplier(CPA, landscape, results=Results())
    cost, worth = landscape.expected(found)
    assert found > 5000
    assert cost / worth == pytest.approx(5000, rel=0.05)


def test_conversions_that_come_too_dear_lower_the_bid_and_cheap_ones_raise_it() -> None:
    landscape = seen()
    plain = ros_multiplier(CPA, landscape, results=Results())
    dear = Results(spent=500_000, worth=50, conversions=50)
    cheap = Results(spent=125_000, worth=50, conversions=50)
    assert (
        ros_multiplier(CPA, landscape, results=dear)
        < plain
        < ros_multiplier(CPA, landscape, results=cheap)
    )


def test_a_single_conversion_moves_little() -> None:
    one = Results(spent=20_000, worth=1, conversions=1)
    assert one.cost_per_worth(5000) == pytest.approx((5 * 5000 + 20_000) / 6)


def test_no_conversion_after_much_spend_is_bad_news_within_bounds() -> None:
    nothing = Results(spent=1_000_000)
    assert nothing.cost_per_worth(5000) == (25_000 + 1_000_000) / 5
    least = ros_multiplier(CPA, Landscape.empty(), results=nothing)
    assert least == 5000 * CORRECTION[0]


def test_revenue_is_weighed_by_the_mean_order() -> None:
    good = Results(spent=100_000, worth=800_000, conversions=10)
    assert good.cost_per_worth(0.25) < 0.25
    assert Results(spent=100_000, worth=400_000, conversions=10).cost_per_worth(
        0.25
    ) == pytest.approx(0.25)


def test_the_chance_of_missing_the_target_is_that_of_the_posterior() -> None:
    results = Results(spent=120_000, worth=20, conversions=20)
    rate = gamma(PRIOR_CONVERSIONS + 20, scale=1 / (PRIOR_CONVERSIONS * 5000 + 120_000))
    assert results.chance_over(5000) == pytest.approx(rate.cdf(1 / 5000))
    assert Results(spent=10, worth=200, conversions=200).chance_over(5000) < 1e-6
    assert Results(spent=10**7, worth=1, conversions=1).chance_over(5000) > 0.999


@pytest.mark.parametrize(
    ("worth", "multiplier", "left", "most", "expected"),
    [
        pytest.param(0.02, 5000.0, 10_000, None, 100, id="worth times multiplier"),
        pytest.param(0.0203, 5000.0, 10_000, None, 101, id="whole fen, down"),
        pytest.param(0.02, 5000.0, 60, None, 60, id="never more than is left"),
        pytest.param(0.02, 5000.0, 10_000, 80, 80, id="never more than is allowed"),
        pytest.param(0.02, float("inf"), 10_000, 80, 80, id="the budget is no limit"),
        pytest.param(0.0, float("inf"), 10_000, None, 0, id="worth nothing"),
        pytest.param(0.02, 0.0, 10_000, None, 0, id="nothing to spend on it"),
        pytest.param(0.02, 5000.0, 0, None, 0, id="nothing left"),
        pytest.param(0.02, 5000.0, -5, None, 0, id="less than nothing left"),
    ],
)
def test_the_bid_per_click(
    worth: float, multiplier: float, left: int, most: int | None, expected: int
) -> None:
    goal = Goal(aim="target_cpa", target=5000, max_bid_fen=most)
    assert click_bid_fen(goal, worth=worth, multiplier=multiplier, left_fen=left) == expected


@given(st.floats(0, 1e6), st.floats(0, 1e9) | st.just(float("inf")), st.integers(0, 10**6))
def test_a_bid_is_never_more_than_what_is_left(worth: float, multiplier: float, left: int) -> None:
    goal = Goal(aim="most_conversions")
    assert 0 <= click_bid_fen(goal, worth=worth, multiplier=multiplier, left_fen=left) <= left


@settings(max_examples=3)
@given(st.integers(0, 1000), st.sampled_from([1.0, 1.6]))
def test_over_a_day_the_cost_of_a_conversion_keeps_the_target(seed: int, boast: float) -> None:
    """Clicks convert ``boast`` times less often than predicted; results correct it."""
    chance = np.random.default_rng(seed)
    landscape, spent, conversions = Landscape.empty(), 0.0, 0
    for _ in range(200):
        price = np.exp(chance.normal(5, 0.6, 300))
        worth = np.exp(chance.normal(-3, 0.8, 300)).clip(max=0.9)
        results = Results(spent=spent, worth=conversions, conversions=conversions)
        won = ros_multiplier(CPA, landscape, results=results) * worth >= price
        spent += float(price[won].sum())
        conversions += int((chance.random(300) < worth / boast)[won].sum())
        landscape = Landscape.of(price, worth).plus(landscape, weight=0.9)
    assert conversions > 100
    assert spent / conversions <= 5000 * 1.15
