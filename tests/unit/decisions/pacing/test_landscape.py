"""Cost and worth by price ÷ worth: budgets and targets are solved on it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.decisions.pacing.landscape import BINS, RATIO_MAX, RATIO_MIN, Landscape

BIN = (RATIO_MAX / RATIO_MIN) ** (1 / BINS)


def landscape(*auctions: tuple[float, float]) -> Landscape:
    """Of (price, worth)."""
    table = np.array(auctions, np.float64).reshape(-1, 2)
    return Landscape.of(table[:, 0], table[:, 1])


def test_a_budget_buys_the_cheapest_clicks_first() -> None:
    seen = landscape((10, 0.1), (10, 0.02), (10, 0.01))
    assert 100 / BIN <= seen.multiplier_for_budget(10 / 3) <= 500, "the first of three"
    assert seen.multiplier_for_budget(20 / 3) >= 500 / BIN
    assert 1000 <= seen.multiplier_for_budget(10) <= 1000 * BIN, "all of them"
    assert seen.multiplier_for_budget(10**9) == seen.dearest, "and no more than they take"
    assert seen.multiplier_for_budget(0) < 100


def test_nothing_seen_bids_nothing_on_a_budget_and_the_target_on_a_target() -> None:
    empty = Landscape.empty()
    assert empty.multiplier_for_budget(100) == 0
    assert empty.multiplier_for_ratio(30) == 30
    assert empty.expected(100) == (0, 0)


def test_what_is_worth_nothing_is_seen_and_never_bought() -> None:
    seen = landscape((10, 0.0), (10, 0.1))
    assert seen.auctions == 2
    assert seen.expected(1e9) == pytest.approx((5, 0.05))


def test_what_is_free_is_always_bought() -> None:
    assert landscape((0, 0.1), (10, 0.1)).expected(1)[1] == pytest.approx(0.05)


def test_old_auctions_count_less() -> None:
    old = landscape((10, 0.1))
    both = Landscape.of(np.array([40.0]), np.array([0.1])).plus(old, weight=0.25)
    assert both.auctions == 1.25
    assert both.expected(1e9)[0] == pytest.approx(42.5 / 1.25)


def test_adding_leaves_what_was_there_alone() -> None:
    before = landscape((10, 0.1))
    before.plus(Landscape.of(np.array([40.0]), np.array([0.1])))
    assert before.auctions == 1
    assert before.cost.sum() == 10


def test_a_target_may_be_passed_by_single_wins_as_long_as_the_average_keeps_it() -> None:
    """Worth 1 each, at 10, 20 and 60: at a target of 20 the first two cost 15 on average, all
    three 30; so more than 20 is bid and less than 60."""
    seen = landscape((10, 1), (20, 1), (60, 1))
    assert 20 < seen.multiplier_for_ratio(20) < 60 * BIN
    cost, worth = seen.expected(seen.multiplier_for_ratio(20))
    assert cost / worth <= 20 * BIN
    assert seen.multiplier_for_ratio(31) == seen.dearest
    assert 5 <= seen.multiplier_for_ratio(5) <= 10, "it wins nothing here"
    assert seen.multiplier_for_ratio(100) == 100, "the target itself, beyond what was seen"


AUCTIONS = st.lists(
    st.tuples(st.floats(0, 1e6), st.just(0.0) | st.floats(1e-5, 1e4)), min_size=1, max_size=60
)


@settings(max_examples=80)
@given(AUCTIONS, st.floats(0, 1.5))
def test_the_multiplier_spends_the_budget_and_no_more(
    auctions: list[tuple[float, float]], share: float
) -> None:
    seen = landscape(*auctions)
    cost = seen.expected(1e12)[0] * share
    found = seen.multiplier_for_budget(cost)
    spent = seen.expected(min(found, 1e12))[0]
    assert spent <= cost * (1 + 1e-6) + 1e-9
    if share < 1:
        assert spent >= cost * (1 - 1e-6) - 1e-9


@settings(max_examples=80)
@given(AUCTIONS, st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_budget_never_bids_less(
    auctions: list[tuple[float, float]], one: float, other: float
) -> None:
    seen = landscape(*auctions)
    less, more = sorted((one, other))
    assert seen.multiplier_for_budget(less) <= seen.multiplier_for_budget(more)


@settings(max_examples=80)
@given(AUCTIONS, st.floats(0.01, 1e5))
def test_the_average_keeps_the_target(auctions: list[tuple[float, float]], target: float) -> None:
    seen = landscape(*auctions)
    found = seen.multiplier_for_ratio(target)
    assert found >= target
    cost, worth = seen.expected(min(found, 1e12))
    assert cost <= target * worth * BIN + 1e-6


@settings(max_examples=40)
@given(AUCTIONS)
def test_the_order_of_what_was_seen_changes_nothing(
    auctions: list[tuple[float, float]],
) -> None:
    shuffled = sorted(auctions)
    one, other = landscape(*auctions), landscape(*shuffled)
    assert one.cost == pytest.approx(other.cost)
    assert one.worth == pytest.approx(other.worth)
