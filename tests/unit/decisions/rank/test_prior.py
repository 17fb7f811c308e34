"""A sensible order from the first day on, with no model and hardly a count."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.decisions.rank.shop import (
    SOFA,
    WORK,
    at_work,
    laptops,
    moment,
    on_the_sofa,
    taste,
)

from quanyu.decisions.moment import Moment
from quanyu.decisions.rank.features import Pool, feature_matrix, feature_names
from quanyu.decisions.rank.habits import Exposures, Habits
from quanyu.decisions.rank.prior import Prior
from quanyu.decisions.rank.shelf import Shelf
from quanyu.decisions.taste import NOBODY, Taste

GOODS = laptops()
SHELF = Shelf.of(GOODS)


def order(
    at: Moment, who: Taste = NOBODY, habits: Habits | None = None, pool: Pool | None = None
) -> list[str]:
    pool = pool or Pool(GOODS.rows(GOODS.ids))
    found = feature_matrix(
        pool, shelf=SHELF, habits=habits or Habits.none(GOODS), taste=who, moment=at
    )
    click = Prior(feature_names(pool.source_names)).score(found).click
    return [GOODS.ids[int(pool.rows[at])] for at in np.argsort(-click, kind="stable")]


def test_the_same_search_finds_a_business_laptop_at_work_and_a_gaming_one_on_the_sofa() -> None:
    """Row T2: one person, one query, one engine; only the scene differs."""
    who = taste(("tea", "view", 2), ("gaming", "view", 5), ("business", "view", 5))
    for person in (who, NOBODY):
        assert order(at_work(query=("电脑",)), person)[:2] == ["business", "gaming"]
        assert order(on_the_sofa(query=("电脑",)), person)[:2] == ["gaming", "business"]


def test_without_a_query_too_the_scene_decides_between_likes() -> None:
    laptops_only = Pool(GOODS.rows(["gaming", "business"]))
    assert order(at_work(), pool=laptops_only) == ["business", "gaming"]
    assert order(on_the_sofa(), pool=laptops_only) == ["gaming", "business"]


def test_a_query_goes_before_scene_and_taste() -> None:
    fond_of_tea = taste(*[("tea", "view", day) for day in range(1, 9)])
    assert order(at_work(query=("电脑",)), fond_of_tea)[:2] == ["business", "gaming"]


def test_a_taste_goes_before_what_is_popular() -> None:
    loved = Habits.of(GOODS, [Exposures("cup", 12, (), 1000, 40)])
    assert order(moment(), habits=loved)[0] == "cup"
    fond = taste(("tea", "view", 1), ("tea", "favourite", 2))
    assert order(moment(), fond, loved)[0] == "tea"


def test_what_was_just_bought_steps_back() -> None:
    looked = taste(("tea", "view", 1), ("tea", "view", 1.5))
    bought = taste(("tea", "view", 1.5), ("tea", "payment_completed", 1))
    assert order(moment(), looked)[0] == "tea"
    assert order(moment(), bought)[0] != "tea"


def test_habits_of_the_scene_speak_where_words_do_not() -> None:
    counts = [
        Exposures("tea", 21, SOFA, 4000, 400), Exposures("tea", 10, WORK, 4000, 20),
        Exposures("cup", 21, SOFA, 4000, 100), Exposures("cup", 10, WORK, 4000, 300),
    ]  # fmt: skip
    habits, both = Habits.of(GOODS, counts), Pool(GOODS.rows(["tea", "cup"]))
    assert order(on_the_sofa(), habits=habits, pool=both) == ["tea", "cup"]
    assert order(at_work(), habits=habits, pool=both) == ["cup", "tea"]


def test_a_price_far_from_the_usual_one_steps_back() -> None:
    spends_little = taste(("mouse", "view", 1), ("cup", "view", 2))
    laptop_or_tea = Pool(GOODS.rows(["gaming", "tea"]))
    assert order(moment(), spends_little, pool=laptop_or_tea)[0] == "tea"


def test_what_recall_is_sure_of_comes_first_among_likes() -> None:
    sources = np.array([[0.1, 0], [0.9, 0]], np.float32)
    pool = Pool(GOODS.rows(["cup", "tea"]), ("ease", "geo"), sources)
    assert order(moment(), pool=pool) == ["tea", "cup"]


def test_nobody_nowhere_gets_an_order_and_an_empty_pool_an_empty_one() -> None:
    assert sorted(order(moment())) == sorted(GOODS.ids)
    assert order(moment(), pool=Pool(np.array([], np.int32))) == []


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(GOODS.ids), st.just("view"), st.floats(0, 90)), max_size=6),
    st.sampled_from([(), ("电脑",), ("量子",)]),
    st.integers(0, 10**6),
)
def test_scores_are_shares_and_a_buy_is_never_likelier_than_its_click(
    deeds: list[tuple[str, str, float]], query: tuple[str, ...], clicks: int
) -> None:
    habits = Habits.of(GOODS, [Exposures("tea", 12, WORK, clicks, clicks, clicks)])
    pool = Pool(GOODS.rows(GOODS.ids))
    found = feature_matrix(
        pool, shelf=SHELF, habits=habits, taste=taste(*deeds), moment=at_work(query=query)
    )
    scored = Prior(feature_names()).score(found)
    assert ((scored.click > 0) & (scored.click < 1)).all()
    assert (scored.buy <= scored.click).all()
    assert scored.buy_given_click == pytest.approx(habits.buy_rate[GOODS.category.codes], rel=1e-5)
