"""Goods as ranking needs them."""

import numpy as np
import pytest
from tests.unit.decisions.rank.shop import good, laptops, shelf

from quanyu.decisions.goods import Goods
from quanyu.decisions.rank.shelf import WORDS_KEPT, Shelf


def test_rare_words_weigh_more_and_unknown_ones_most() -> None:
    found = shelf()
    assert found.rarity_of("办公") < found.rarity_of("电脑") < found.rarity_of("绿茶")
    assert found.rarity_of("绿茶") == pytest.approx(found.unknown_rarity())
    assert found.rarity[0] == 0


def test_what_is_wanted_is_summed_over_the_words_of_an_item() -> None:
    rows = np.array([1, 0, 3], np.int32)
    matched = shelf().matched(rows, {"办公": 1.0, "电脑": 2.0, "飞机": 9.0})
    assert matched.tolist() == [3, 2, 0]


def test_a_word_that_stands_twice_counts_once() -> None:
    found = Shelf.of(Goods.of([good("a", "茶", "茶", "杯")]))
    assert found.matched(np.array([0], np.int32), {"茶": 1.0}).tolist() == [1]


def test_of_very_many_words_the_first_are_kept() -> None:
    words = [f"w{n}" for n in range(100)]
    found = Shelf.of(Goods.of([good("a", *words)]))
    matched = found.matched(np.array([0], np.int32), dict.fromkeys(words, 1.0))
    assert matched.tolist() == [WORDS_KEPT]


def test_a_price_is_held_against_the_median_of_its_category() -> None:
    goods = [good(f"g{n}", category="c", price_fen=price)
             for n, price in enumerate((1000, 2000, 8000))]  # fmt: skip
    found = Shelf.of(Goods.of([*goods, good("alone", category="d", price_fen=7)]))
    expected = [np.log(0.5), 0, np.log(4), 0]
    assert found.price_against_category == pytest.approx(expected, abs=1e-6)


def test_goods_without_words_and_no_goods_at_all() -> None:
    assert Shelf.of(Goods.of([good("a")])).matched(np.array([0], np.int32), {"x": 1.0}) == [0]
    empty = Shelf.of(Goods.of([]))
    assert empty.matched(np.array([], np.int32), {"x": 1.0}).tolist() == []


def test_free_goods_have_a_price_to_compare() -> None:
    found = Shelf.of(Goods.of([good("a", price_fen=0)]))
    assert np.isfinite(found.log_price).all()


def test_the_shelf_leaves_the_goods_alone() -> None:
    goods = laptops()
    assert Shelf.of(goods).goods is goods
