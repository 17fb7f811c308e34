"""A card says short things, each once, and there are enough ways to say them."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.content.generation.ground import TEA, brief, briefs, example, lawful, task

from quanyu.content.generation.brief import Brief
from quanyu.content.generation.draft import Draft
from quanyu.content.generation.duplicates import SIMILAR, resemblance, runs_of
from quanyu.content.generation.making import Maker, Tally, Wish
from quanyu.content.generation.material import doing, stated
from quanyu.content.generation.template import TemplateWriter
from quanyu.errors import BadInput

SIX = TEA | {
    "facts": {"净含量": "125克", "产地": "福建安溪", "贮存方法": "密封避光", "保质期": "540天",
              "等级": "一级", "配料": "茶叶"},
}  # fmt: skip
FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def card(made: Brief, seed: int = 0) -> Draft:
    return TemplateWriter().write(task("creative", seed, brief=made))


def texts(found: Draft, role: str) -> list[str]:
    return [one.text for one in found.parts if one.role == role]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("净含量", "125克", "净含量125克"),
        ("净含量", "125克。", "净含量125克"),
        ("保质期", "540天", "保质期540天"),
        ("规格", "5斤装，单果180克以上", "规格5斤装，单果180克以上"),
        ("产地", "福建安溪", "产地：福建安溪"),
        ("有效期", "购买后90天", "有效期：购买后90天"),
        ("发货", "48小时内发出", "发货：48小时内发出"),
        ("洗护", "30度以下手洗", "洗护：30度以下手洗"),
        ("贮存方法", "0到4度冷藏", "贮存方法：0到4度冷藏"),
        ("采摘", "当周采摘", "当周采摘"),
        ("是否预约", "需提前一天预约", "需提前一天预约"),
        ("是否分装", "3罐一盒", "3罐一盒"),
    ],
)
def test_a_fact_on_a_card_reads_as_people_write_it(key: str, value: str, said: str) -> None:
    assert stated(key, value) == said


@pytest.mark.parametrize(
    ("key", "does"),
    [("发货", True), ("常温发货", True), ("洗护", True), ("食用方法", True), ("发货地", False),
     ("净含量", False), ("保存期", False)],
)  # fmt: skip
def test_keys_of_what_is_done_take_no_is(key: str, *, does: bool) -> None:
    assert doing(key) == does


@pytest.mark.parametrize("kind", ["show-script", "video-script", "article"])
def test_what_is_done_is_never_said_to_be(kind: str) -> None:
    facts = {"发货": "48小时内发出", "洗护": "冷水手洗", "采摘": "当周采摘", "产地": "福建安溪"}
    made = brief(TEA | {"facts": facts}, minutes=6, seconds=90)
    said = "\n".join(TemplateWriter().write(task(kind, n, brief=made)).whole() for n in range(30))
    for odd in ("发货是", "发货为", "洗护是", "洗护为", "采摘是", "采摘为"):
        assert odd not in said
    assert "产地是" in said or "产地为" in said


def test_three_hundred_cards_of_one_item_with_six_facts_are_all_different() -> None:
    maker, made = Maker(TemplateWriter(), lawful, "tea house"), brief(SIX)
    tally = Tally(asked=300)
    kept = []
    for one in maker.tries(Wish(kind="creative", brief=made, count=300)):
        tally.add(one)
        kept += [] if one.made is None or one.outcome.draft is None else [one.outcome.draft.whole()]
    assert (tally.made, tally.given_up) == (300, 0)
    assert tally.duplicates < 30
    runs = [runs_of(text) for text in kept[::3]]
    near = sum(resemblance(a, b) >= SIMILAR for a, b in combinations(runs, 2))
    assert near <= 2, "bands may let a pair slip, not many"
    mean = maker.seen.mean_resemblance()
    assert mean is not None
    assert mean < 0.2


def test_every_fact_point_and_step_comes_to_be_said() -> None:
    made = brief(SIX)
    said = "\n".join(card(made, seed).whole() for seed in range(80))
    for one in (*SIX["facts"].values(), *SIX["selling_points"], *SIX["how_to"][:2]):
        assert one in said


@FEW
@given(briefs(), st.integers(0, 10_000))
def test_no_statement_stands_twice_on_a_card(made: Brief, seed: int) -> None:
    found = card(made, seed)
    item = made.items[seed % len(made.items)]
    shown = texts(found, "points")
    assert len(set(shown)) == len(shown)
    known = {*item.selling_points, *(stated(k, v) for k, v in item.facts.items())}
    if len(known) > 4:
        above = found.title + "".join(texts(found, "subtitle"))
        assert not [one for one in shown if one in above]


@FEW
@given(briefs(), st.integers(0, 10_000))
def test_points_are_whole_statements_of_the_brief(made: Brief, seed: int) -> None:
    item = made.items[seed % len(made.items)]
    known = {*item.selling_points, *(stated(k, v) for k, v in item.facts.items())}
    assert set(texts(card(made, seed), "points")) <= known


@pytest.mark.parametrize(
    ("length", "fits"), [(1, True), (18, True), (29, True), (30, True), (31, False), (60, False)]
)
def test_a_title_of_thirty_is_the_longest(length: int, *, fits: bool) -> None:
    made = brief(SIX | {"title": "乌" * length})
    if fits:
        for seed in range(12):
            found = card(made, seed)
            assert "乌" * length in found.title
            assert len(found.title) <= 30
    else:
        with pytest.raises(BadInput, match="30 fit") as caught:
            card(made)
        assert caught.value.field == "brief.items"


@pytest.mark.parametrize(
    ("change", "price"),
    [
        ({}, ["88元"]),
        ({"price_fen": 8_850}, ["88.5元"]),
        ({"reference_fen": 9_900, "reference_basis": "标价"}, ["88元，标价99元"]),
        ({"price_fen": None}, []),
    ],
)
def test_the_price_is_that_of_the_brief_or_none(change: dict[str, Any], price: list[str]) -> None:
    item = {k: v for k, v in (SIX | change).items() if v is not None}
    for seed in range(6):
        assert texts(card(brief(item), seed), "price") == price


@pytest.mark.parametrize("name", ["serum_and_lipstick", "hotpot_for_four", "earbuds", "walnuts"])
def test_a_card_has_two_or_three_points_and_one_call(name: str) -> None:
    for seed in range(12):
        found = card(example(name), seed)
        assert 2 <= len(texts(found, "points")) <= 3
        assert len(texts(found, "call")) == 1
        assert len(texts(found, "subtitle")) <= 1


def test_a_long_fact_is_no_point() -> None:
    long = {"产地": "福" * 40, "净含量": "125克"}
    for seed in range(12):
        found = card(brief(TEA | {"facts": long}), seed)
        assert all(len(one) <= 20 for one in texts(found, "points"))


def test_a_batch_takes_its_items_in_turn() -> None:
    made = brief(TEA, TEA | {"id": "two", "title": "茉莉花茶"})
    for seed in range(6):
        links = {link for one in card(made, seed).parts for link in one.items}
        assert links == {made.items[seed % 2].id}
