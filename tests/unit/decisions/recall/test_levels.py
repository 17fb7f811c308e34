"""Popular at each level, new items, scenes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recall_ground import CONTENTS, NOW_US, deeds, good, goods_with, ids, shelf

from quanyu.clock import DAY_US, parse_iso
from quanyu.decisions.goods import Goods
from quanyu.decisions.recall.fresh import AGE_US, NEW_US, Fresh
from quanyu.decisions.recall.interactions import Interactions
from quanyu.decisions.recall.popular import STRENGTH, Popular, band_of
from quanyu.decisions.recall.scenes import Contents, Scenes
from quanyu.decisions.recall.words import Synonyms, shipped_words

MORNING_US = parse_iso("2026-03-10T08:00:00+08:00")
EVENING_US = parse_iso("2026-03-10T21:00:00+08:00")


def at_places(*said: tuple[int, str, int]) -> Interactions:
    """(Row, touchpoint, microseconds), one view each."""
    found = deeds(*[(n, row, "view", at_us) for n, (row, _, at_us) in enumerate(said)])
    names = tuple(dict.fromkeys(name for _, name, _ in said))
    codes = np.array([names.index(name) for _, name, _ in said], np.int16)
    return Interactions(
        person=found.person, row=found.row, kind=found.kind, at_us=found.at_us,
        touchpoint=codes, touchpoints=names,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hour", "band"), [(0, 0), (5, 0), (6, 1), (10, 1), (11, 2), (13, 2), (14, 3), (18, 4), (23, 4)]
)
def test_parts_of_a_day(hour: int, band: int) -> None:
    assert band_of(hour) == band


def plain_goods(n: int = 6) -> Goods:
    return goods_with([()] * n)


def test_a_place_has_its_own_favourites_and_so_has_its_evening() -> None:
    said = [(0, "feed", MORNING_US)] * 900 + [(1, "map", MORNING_US)] * 900
    said += [(2, "map", EVENING_US)] * 800
    popular = Popular.fit(at_places(*said), plain_goods())
    assert popular.at("feed", 8)[0][0] == 0
    assert popular.at("map", 8)[0][0] == 1
    assert popular.at("map", 21)[0][0] == 2
    assert popular.at("map", 3)[0][0] == 1, "no night is known: the place at any hour"
    assert popular.at("nowhere", 8)[0].tolist() == popular.at("", 8)[0].tolist()


def test_few_deeds_are_shrunk_towards_the_wider_level() -> None:
    """One view in the evening does not make a favourite."""
    said = [(0, "feed", MORNING_US)] * 500 + [(1, "feed", EVENING_US)]
    rows, scores = Popular.fit(at_places(*said), plain_goods()).at("feed", 21)
    assert rows.tolist() == [0, 1]
    share = 1 / 501
    of_touchpoint = (1 + STRENGTH * share) / (501 + STRENGTH)
    assert scores[1] == pytest.approx((1 + STRENGTH * of_touchpoint) / (1 + STRENGTH), rel=0.02)


def test_a_payment_counts_more_than_a_view_and_yesterday_more_than_last_month() -> None:
    paid = deeds((1, 0, "view", NOW_US), (2, 1, "payment_completed", NOW_US))
    assert Popular.fit(paid, plain_goods()).at("", 8)[0].tolist() == [1, 0]
    aged = deeds((1, 0, "view", NOW_US - 40 * DAY_US), (2, 1, "view", NOW_US))
    assert Popular.fit(aged, plain_goods()).at("", 8)[0].tolist() == [1, 0]


def test_in_a_category_in_shares_of_its_best() -> None:
    goods = shelf()
    found = deeds(*[(n, goods.row_of["tomato"], "view", NOW_US) for n in range(4)],
                  (9, goods.row_of["potato"], "view", NOW_US))  # fmt: skip
    popular = Popular.fit(found, goods)
    rows, scores = popular.among("蔬菜")
    assert ids(goods, rows) == ["tomato", "potato"]
    assert scores.tolist() == [1.0, 0.25]
    assert len(popular.among("口红")[0]) == len(popular.among("unknown")[0]) == 0


def test_of_nothing_nothing_is_popular() -> None:
    popular = Popular.fit(Interactions.none(), plain_goods())
    assert len(popular.at("feed", 8)[0]) == 0
    assert len(Popular.none().at("feed", 8)[0]) == 0
    assert len(Popular.fit(Interactions.none(), Goods.of(())).at("feed", 8)[0]) == 0


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
@settings(max_examples=60)
def test_popular_is_sorted_and_ties_go_by_row(rows: list[int]) -> None:
    found = deeds(*[(n, row, "view", 5) for n, row in enumerate(rows)])
    best, scores = Popular.fit(found, plain_goods()).at("", 8)
    counts = {row: rows.count(row) for row in set(rows)}
    assert best.tolist() == sorted(counts, key=lambda row: (-counts[row], row))
    assert (np.diff(scores) <= 0).all()


def new(*ages_days: float | None) -> Fresh:
    return Fresh.of(
        Goods.of(
            good(str(n), "x", since_us=0 if age is None else int(NOW_US - age * DAY_US))
            for n, age in enumerate(ages_days)
        )
    )


def test_the_newest_first_and_each_worth_by_its_age() -> None:
    rows, scores = new(3, 0.5, 10).at(NOW_US)
    assert rows.tolist() == [1, 0, 2]
    expected = [math.exp(-days * DAY_US / AGE_US) for days in (0.5, 3, 10)]
    np.testing.assert_allclose(scores, expected, rtol=1e-5)


def test_what_is_not_new() -> None:
    """Not on sale yet, too old, or nobody knows since when."""
    old = NEW_US / DAY_US
    rows, _ = new(-1, old + 1, None, old, 0).at(NOW_US)
    assert rows.tolist() == [4, 3]


def test_as_many_new_ones_as_asked() -> None:
    assert new(1, 2, 3, 4).at(NOW_US, limit=2)[0].tolist() == [0, 1]
    assert new(1, 1, 1).at(NOW_US)[0].tolist() == [0, 1, 2], "ties by row"
    assert len(new().at(NOW_US)[0]) == 0


SCENES = [
    (("露营", "户外"), {"tent", "lamp"}),
    (("下厨", "土豆"), {"potato"}),
    (("番茄",), {"tomato"}),
    (("电竞",), {"rog"}),
    (("宇宙飞船",), set()),
    ((), set()),
]


@pytest.mark.parametrize(("words", "expected"), SCENES)
def test_words_of_a_moment_find_goods(words: tuple[str, ...], expected: set[str]) -> None:
    goods = shelf()
    rows, scores = Scenes(goods.words, shipped_words().synonyms).match(words)
    assert set(ids(goods, rows)) == expected
    assert (scores <= 1.0001).all()


def test_the_same_words_are_1_and_repeating_does_not_help() -> None:
    scenes = Scenes([("a", "b"), ("a", "a", "a", "c"), ("d",)], Synonyms())
    rows, scores = scenes.match(("a", "b"))
    assert rows.tolist() == [0, 1]
    assert scores[0] == pytest.approx(1)
    again = scenes.match(("a", "b", "a"))
    assert again[1].tolist() == scores.tolist()


def test_a_rare_word_says_more() -> None:
    scenes = Scenes([("common", "x")] * 20 + [("rare", "y")], Synonyms())
    assert scenes.match(("common", "rare"))[0][0] == 20


def test_contents_by_the_words_of_the_moment() -> None:
    contents = Contents(CONTENTS, shipped_words().synonyms)
    assert contents.match(("马铃薯",))[0].tolist() == [contents.row_of["cooking"]]
    assert contents.words_of("camping-show") == ("露营", "帐篷", "户外")
    assert contents.words_of("gone") == ()
    assert len(contents) == 2
    assert len(Contents((), Synonyms()).match(("露营",))[0]) == 0
