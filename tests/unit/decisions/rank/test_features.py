"""Features: one code, named columns, nothing about who a person is."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.decisions.rank.shop import (
    NOON_US,
    SOFA,
    WORK,
    at_work,
    laptops,
    moment,
    on_the_sofa,
    taste,
)

from quanyu.clock import DAY_US
from quanyu.decisions.asking import Point
from quanyu.decisions.moment import Moment
from quanyu.decisions.rank.features import (
    DAYS_MAX,
    FEATURES,
    NOT_ASKED,
    Pool,
    feature_matrix,
    feature_names,
)
from quanyu.decisions.rank.habits import Exposures, Habits
from quanyu.decisions.rank.shelf import Shelf
from quanyu.decisions.taste import KINDS, NOBODY, Deed, Taste

GOODS = laptops()
SHELF = Shelf.of(GOODS)
HABITS = Habits.of(
    GOODS, [Exposures("gaming", 21, SOFA, 1000, 90), Exposures("tea", 9, WORK, 900, 9)]
)
ALL = tuple(GOODS.ids)


def features(
    at: Moment, who: Taste = NOBODY, items: tuple[str, ...] = ALL
) -> dict[str, dict[str, float]]:
    """Feature → item → value."""
    pool = Pool(GOODS.rows(items))
    found = feature_matrix(pool, shelf=SHELF, habits=HABITS, taste=who, moment=at)
    return {
        name: dict(zip(items, found[:, place].tolist(), strict=True))
        for place, name in enumerate(FEATURES)
    }


def test_every_row_has_every_feature_as_float32() -> None:
    pool = Pool(GOODS.rows(ALL), ("ease", "geo"), np.ones((len(GOODS), 2), np.float32))
    found = feature_matrix(pool, shelf=SHELF, habits=HABITS, taste=NOBODY, moment=at_work())
    assert found.shape == (len(GOODS), len(FEATURES) + 2)
    assert found.dtype == np.float32
    assert feature_names(pool.source_names)[-2:] == ("source_ease", "source_geo")
    assert len(set(FEATURES)) == len(FEATURES)
    assert (found[:, -2:] == 1).all()


def test_a_pool_with_sources_of_another_size_is_a_defect() -> None:
    with pytest.raises(AssertionError):
        Pool(GOODS.rows(ALL), ("ease",), np.ones((2, 1), np.float32))


def test_no_permission_and_nothing_about_the_person_is_a_feature() -> None:
    banned = {
        "consent", "permission", "allowed", "gender", "sex", "birth", "minor", "health", "income",
        "city", "phone", "identifier", "member", "lat", "lng", "here",
    }  # fmt: skip
    assert not [name for name in FEATURES if banned & set(name.split("_"))]


def test_where_somebody_is_changes_no_feature() -> None:
    here = Point(lat=31.2, lng=121.5)
    assert features(at_work(here=here, route=(here,))) == features(at_work())


def test_how_much_of_the_query_an_item_has() -> None:
    asked = features(moment(query=("电脑", "商务")))
    assert asked["query_match"]["business"] == pytest.approx(1)
    assert asked["query_whole"]["business"] == 1
    assert 0 < asked["query_match"]["gaming"] < 0.5, "商务 is rarer than 电脑"
    assert asked["query_match"]["tea"] == 0
    assert asked["query_whole"]["gaming"] == 0


def test_a_word_that_no_item_has_leaves_the_query_unmet() -> None:
    asked = features(moment(query=("电脑", "量子")))
    assert 0 < asked["query_match"]["gaming"] < 0.5
    assert asked["query_whole"]["gaming"] == 0


def test_nothing_asked_is_not_the_same_as_nothing_met() -> None:
    assert set(features(moment())["query_match"].values()) == {NOT_ASKED}


def test_the_scene_meets_words_and_habits() -> None:
    work, sofa = features(at_work()), features(on_the_sofa())
    assert work["scene_match"]["business"] > work["scene_match"]["cup"] > 0
    assert work["scene_match"]["gaming"] == 0
    assert sofa["scene_match"]["gaming"] > 0
    assert sofa["scene_lift"]["gaming"] > 0
    assert set(features(moment())["scene_match"].values()) == {0}


def test_prices_against_the_category_and_against_what_the_person_looks_at() -> None:
    cheap = features(moment(), taste(("cup", "view", 1), ("mouse", "view", 2)))
    assert cheap["price_against_usual"]["gaming"] > 4
    assert abs(cheap["price_against_usual"]["mouse"]) < 0.7
    assert set(features(moment())["price_against_usual"].values()) == {0}
    assert (
        cheap["price_against_category"]["gaming"]
        > 0
        > (cheap["price_against_category"]["business"])
    )


def test_a_taste_fades_and_heavier_deeds_weigh_more() -> None:
    fresh = features(moment(), taste(("gaming", "view", 0.1)))
    old = features(moment(), taste(("gaming", "view", 28)))
    carted = features(moment(), taste(("gaming", "add_to_cart", 28)))
    for name in ("category_lately", "item_lately", "shop_lately"):
        assert fresh[name]["gaming"] > carted[name]["gaming"] > old[name]["gaming"] > 0, name
    assert fresh["category_today"]["gaming"] > 0.4
    assert old["category_today"]["gaming"] < 1e-6
    assert fresh["category_lately"]["business"] == fresh["category_lately"]["gaming"]
    assert fresh["item_lately"]["business"] == 0
    assert fresh["category_lately"]["tea"] == 0


def test_days_since_the_category_was_looked_at() -> None:
    found = features(moment(), taste(("gaming", "view", 3), ("gaming", "view", 9)))
    assert found["category_days"]["business"] == pytest.approx(3)
    assert found["category_days"]["tea"] == DAYS_MAX
    assert features(moment())["category_days"]["tea"] == DAYS_MAX


def test_what_was_bought_is_known_as_bought() -> None:
    found = features(moment(), taste(("tea", KINDS[-1], 1), ("cup", "view", 1)))
    assert found["item_bought"]["tea"] > 0
    assert found["item_bought"]["cup"] == 0


def test_words_of_what_was_liked_are_found_in_other_goods() -> None:
    found = features(moment(), taste(("mouse", "view", 1)))
    assert found["words_lately"]["mouse"] == pytest.approx(1)
    assert found["words_lately"]["cup"] > 0, "办公"
    assert found["words_lately"]["gaming"] == 0


def test_the_basket_is_met_by_category_shop_and_words() -> None:
    found = features(moment(basket=("gaming",)))
    assert found["basket_category"]["business"] == 1
    assert found["basket_shop"]["mouse"] == 1
    assert found["basket_words"]["business"] > found["basket_words"]["tea"] == 0
    assert set(features(moment(basket=("unknown",)))["basket_category"].values()) == {0}


def test_what_happens_after_the_moment_is_not_looked_at() -> None:
    later = Taste((Deed("tea", "view", NOON_US + 1), Deed("cup", "view", NOON_US + DAY_US)))
    both = Taste((*taste(("mouse", "view", 1)).deeds, *later.deeds))
    known, then = features(moment(), both), features(moment(), taste(("mouse", "view", 1)))
    for name in set(FEATURES) - {"deeds"}:
        assert known[name] == then[name], name
    assert known["deeds"] == then["deeds"]


def test_deeds_on_goods_that_are_gone_are_left_out() -> None:
    found = features(moment(), taste(("gone", "view", 1)))
    assert found["category_lately"] == features(moment())["category_lately"]


def test_the_moment_itself() -> None:
    found = features(on_the_sofa(weekday=6))
    assert set(found["hour"].values()) == {21}
    assert set(found["weekday"].values()) == {6}
    assert found["device"] != features(on_the_sofa(device="fridge"))["device"]


def test_an_item_from_the_future_has_no_negative_age() -> None:
    early = features(moment(at_us=NOON_US - 300 * DAY_US))
    assert set(early["age_days"].values()) == {0}
    assert features(moment())["age_days"]["tea"] == pytest.approx(np.log(31))


def test_an_empty_pool_has_no_rows() -> None:
    pool = Pool(np.array([], np.int32))
    found = feature_matrix(pool, shelf=SHELF, habits=HABITS, taste=NOBODY, moment=moment())
    assert found.shape == (0, len(FEATURES))


DEEDS = st.lists(
    st.tuples(st.sampled_from([*ALL, "gone"]), st.sampled_from(KINDS), st.floats(-2, 400)),
    max_size=8,
)
WORDS = st.lists(st.sampled_from([*WORK, *SOFA, "电脑", "茶叶", "量子"]), max_size=4).map(tuple)


@settings(max_examples=60)
@given(DEEDS, WORDS, WORDS, st.permutations(ALL), st.integers(1, len(ALL)))
def test_an_item_gets_the_same_features_in_any_pool(
    deeds: list[Any], words: Any, query: Any, order: list[str], count: int
) -> None:
    at = moment(words=words, query=query, basket=("cup",))
    who = taste(*deeds)
    whole, part = features(at, who), features(at, who, tuple(order[:count]))
    for name, values in part.items():
        for item, value in values.items():
            assert np.isfinite(value), name
            assert value == pytest.approx(whole[name][item], rel=1e-5, abs=1e-6), (name, item)
