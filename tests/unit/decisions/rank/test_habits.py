"""Smoothed counts: what was seen often speaks, what was hardly seen says what its parent says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.decisions.rank.shop import SOFA, WORK, at_work, laptops, moment, on_the_sofa

from quanyu.decisions.rank.habits import (
    BUY_RATE,
    CLICK_RATE,
    K_CATEGORY,
    K_ITEM,
    LIFT_MAX,
    Exposures,
    Habits,
)

GOODS = laptops()
LAPTOPS = GOODS.category.names.index("laptops")
TEA = GOODS.category.names.index("tea")


def seen(item: str, shown: int, clicks: int, hour: int = 12, **more: object) -> Exposures:
    words = more.get("words", ())
    assert isinstance(words, tuple)
    buys = more.get("buys", 0)
    assert isinstance(buys, int)
    return Exposures(item, hour, words, shown, clicks, buys)


def test_before_anything_was_counted_all_are_alike() -> None:
    none = Habits.none(GOODS)
    assert none.category_rate == pytest.approx(CLICK_RATE)
    assert none.item_rate == pytest.approx(CLICK_RATE)
    assert none.buy_rate == pytest.approx(BUY_RATE)
    assert none.lift(at_work()).tolist() == [0] * len(GOODS.category.names)


def test_the_formula_of_a_rate() -> None:
    habits = Habits.of(GOODS, [seen("tea", 1000, 100)])
    category = (100 + K_CATEGORY * CLICK_RATE) / (1000 + K_CATEGORY)
    assert habits.category_rate[TEA] == pytest.approx(category)
    item = (100 + K_ITEM * category) / (1000 + K_ITEM)
    assert habits.item_rate[GOODS.row_of["tea"]] == pytest.approx(item)
    assert habits.clicks[GOODS.row_of["tea"]] == 100


def test_a_new_item_is_taken_for_one_of_its_category() -> None:
    habits = Habits.of(GOODS, [seen("gaming", 10_000, 1000)])
    new, old = GOODS.row_of["business"], GOODS.row_of["gaming"]
    assert habits.item_rate[new] == pytest.approx(habits.category_rate[LAPTOPS])
    assert habits.item_rate[new] > habits.item_rate[GOODS.row_of["tea"]]
    assert habits.item_rate[old] == pytest.approx(0.1, rel=0.02)


def test_buys_are_counted_by_click() -> None:
    habits = Habits.of(GOODS, [seen("tea", 10_000, 1000, buys=200)])
    assert habits.buy_rate[TEA] == pytest.approx(0.2, rel=0.05)


def evenings() -> list[Exposures]:
    """Laptops are clicked on the sofa and not at work; tea everywhere."""
    return [
        seen("gaming", 5000, 400, 21, words=SOFA), seen("gaming", 5000, 50, 10, words=WORK),
        seen("tea", 5000, 100, 21, words=SOFA), seen("tea", 5000, 100, 10, words=WORK),
    ]  # fmt: skip


def test_a_scene_lifts_what_is_clicked_in_it() -> None:
    habits = Habits.of(GOODS, evenings())
    sofa, work = habits.lift(on_the_sofa()), habits.lift(at_work())
    assert sofa[LAPTOPS] > 0.3 > 0 > work[LAPTOPS]
    assert abs(sofa[TEA]) < 0.05
    assert abs(work[TEA]) < 0.05


def test_the_hour_counts_within_a_scene_and_another_hour_says_what_the_scene_says() -> None:
    counts = [seen("tea", 5000, 500, 21, words=SOFA), seen("tea", 5000, 0, 10, words=SOFA)]
    habits = Habits.of(GOODS, counts)
    late, early = habits.lift(on_the_sofa())[TEA], habits.lift(moment(hour=10, words=SOFA))[TEA]
    never_seen = habits.lift(moment(hour=3, words=SOFA))[TEA]
    assert late > never_seen > early
    assert abs(never_seen) < 0.05


def test_words_that_nobody_counted_say_nothing() -> None:
    habits = Habits.of(GOODS, evenings())
    assert habits.lift(moment(words=("滑雪",))).tolist() == [0] * len(GOODS.category.names)
    both = habits.lift(on_the_sofa(words=(*SOFA, "滑雪")))
    assert both == pytest.approx(habits.lift(on_the_sofa()))


def test_items_that_are_gone_are_left_out() -> None:
    habits = Habits.of(GOODS, [seen("gone", 10_000, 9000, words=WORK)])
    assert habits.category_rate == pytest.approx(CLICK_RATE)
    assert not habits.lift(at_work()).any()


COUNTS = st.lists(
    st.tuples(
        st.sampled_from(GOODS.ids), st.integers(0, 23), st.sampled_from([(), WORK, SOFA]),
        st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 1),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=50)
@given(COUNTS)
def test_rates_stay_shares_and_lifts_stay_bounded(counts: list[tuple[object, ...]]) -> None:
    exposures = []
    for item, hour, words, shown, clicked, bought in counts:
        clicks = int(shown * clicked)  # type: ignore[operator]
        exposures.append(Exposures(item, hour, words, shown, clicks, int(clicks * bought)))  # type: ignore[arg-type, operator]
    habits = Habits.of(GOODS, exposures)
    for rate in (habits.category_rate, habits.item_rate, habits.buy_rate):
        assert ((rate > 0) & (rate < 1)).all()
    for hour in range(24):
        lift = habits.lift(moment(hour=hour, words=WORK + SOFA))
        assert (np.abs(lift) <= LIFT_MAX).all()
    backwards = Habits.of(GOODS, exposures[::-1])
    assert backwards.item_rate == pytest.approx(habits.item_rate)
