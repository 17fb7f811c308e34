"""Items, stores and pieces of a merchant as recall looks at them."""

from typing import Any

import pytest

from quanyu.content.piece import Piece, Segment
from quanyu.decisions.recall.geo import Places
from quanyu.decisions.recall.listed import contents_of, goods_of, places_of
from quanyu.decisions.recall.words import shipped_words
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store

WORDS = shipped_words()


def item(**change: Any) -> Item:
    usual = {
        "id": "tent",
        "shop": "outdoor",
        "title": "露营帐篷",
        "price_fen": 39_900,
        "state": "on_sale",
    }
    return Item(**usual | change)  # type: ignore[arg-type]


def store(**change: Any) -> Store:
    usual = {"id": "s1", "name": "店", "shop": "food", "lat": 31.2, "lng": 121.4, "address": "路"}
    return Store(**usual | change)  # type: ignore[arg-type]


def test_words_are_those_of_title_categories_points_and_attributes() -> None:
    full = item(
        category=("户外", "帐篷"), selling_points=("防雨",), attributes={"颜色": "军绿"},
        description="不在其中的描述",
    )  # fmt: skip
    (good,) = goods_of([full], WORDS, since=lambda one: 7)
    assert {"露营", "帐篷", "户外", "防雨", "军绿"} <= set(good.words)
    assert "描述" not in good.words
    assert (good.category, good.since_us, good.price_fen) == ("帐篷", 7, 39_900)


@pytest.mark.parametrize("state", ["draft", "off"])
def test_what_is_not_on_sale_is_no_good(state: str) -> None:
    assert list(goods_of([item(state=state)], WORDS, since=lambda one: 0)) == []


def test_an_item_without_category() -> None:
    (good,) = goods_of([item()], WORDS, since=lambda one: 0)
    assert good.category == ""


def test_open_stores_with_hours_that_every_store_may_have() -> None:
    hours = ("周一至周五 10:00-22:00", "每天 18:00-02:00", "10:00-24:00")
    listed = [store(hours=hours, categories=("餐饮", "火锅")), store(id="s2", state="closed")]
    for one in listed:
        one.check()
    places = Places.of(places_of(listed))
    assert places.ids == ("s1",)
    assert places.category.at(0) == "火锅"
    assert len(places.hours[0]) == 5 + 7 + 7


def test_a_piece_is_about_its_title_its_scene_and_what_it_says_first() -> None:
    said = Segment(text="土豆" + "。" * 5_000 + "番茄", purpose="value")
    piece = Piece(
        id="p", kind="video", title="一锅炖", industry="food", segments=(said,), scene=("做饭",)
    )
    (content,) = contents_of([piece], WORDS)
    assert {"做饭", "土豆"} <= set(content.words)
    assert "番茄" not in content.words
