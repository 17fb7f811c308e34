"""Improving a page never costs points, and a step that was taken is no longer named."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.content.generation.ground import forbids, lawful

from quanyu.content.improvement import ItemPage, PoiPage, Report, ScriptPage, scored
from quanyu.content.improvement.measures import (
    Found,
    clarity,
    down_to,
    law,
    pace,
    rating,
    towards,
)
from quanyu.content.improvement.pages import Page, PageKind, Reviews
from quanyu.content.improvement.scoring import weighted
from quanyu.content.piece import Segment

ON = date(2026, 11, 22)
BARE: dict[PageKind, Page] = {
    "item": ItemPage(industry="food", on=ON, title="茶"),
    "poi": PoiPage(industry="catering", on=ON, name="茶馆"),
    "script": ScriptPage(industry="food", on=ON, segments=(Segment("卖茶。", "marketing", 9),)),
}
FACTS = {"配料": "茶叶", "净含量": "125克", "保质期": "540天", "贮存方法": "密封", "产地": "安溪"}
ITEM_STEPS: list[tuple[str, dict[str, Any]]] = [
    ("photos", {"photos": 5}),
    ("video", {"videos": 1}),
    ("required_facts", {"facts": FACTS}),
    ("facts", {"facts": FACTS | {"等级": "一级", "包装": "罐", "标准": "国标"}}),
    ("selling_points", {"selling_points": ("小罐", "内盖", "随身")}),
    ("how_to", {"how_to": ("温杯", "投茶", "注水")}),
    ("title", {"title": "高山乌龙茶 125克 小罐分装"}),
    ("description", {"description": "温杯投茶，慢慢来。" * 17}),
    ("price", {"price_fen": 8_800}),
    ("offers", {"offers": ("满两罐减十元",)}),
    ("reviews", {"reviews": Reviews(20)}),
    ("rating", {"reviews": Reviews(20, 45)}),
]
POI_STEPS: list[tuple[str, dict[str, Any]]] = [
    ("basics", {"address": "街口1号", "hours": "9-21", "phone": True, "category": "茶馆",
                "pinned": True, "description": "临街两层，楼上有靠窗的座位，楼下可外带茶点。"}),
    ("photos", {"photos": 8}),
    ("storefront", {"storefront_photo": True}),
    ("menu", {"menu": tuple(f"茶{n} 38元" for n in range(10))}),
    ("offers", {"offers": ("到店券",)}),
    ("way", {"parking": "地下", "transit": "B口"}),
    ("fresh", {"updated_on": ON}),
    ("reviews", {"reviews": Reviews(50)}),
    ("rating", {"reviews": Reviews(50, 45)}),
]  # fmt: skip
STEPS = [("item", *one) for one in ITEM_STEPS] + [("poi", *one) for one in POI_STEPS]
SAID = {
    "opening": Segment("大家好，欢迎来到直播间。", "value", 6),
    "pain": Segment("泡茶总发苦，你有没有遇到过？", "value", 6),
    "demo": Segment("看我做一遍，先温杯，再投茶。", "value", 6),
    "facts": Segment("净含量125克，保质期540天，5克一泡，150毫升水，30秒。", "value", 9),
    "questions": Segment("喜欢浓一点还是淡一点？打在评论里。", "value", 7),
    "price": Segment("价格88元。", "marketing", 2),
    "closing": Segment("谢谢大家，下一场见。", "value", 5),
}


def met(report: Report, name: str) -> float:
    return next(one.met for one in report.criteria if one.id == name)


def told(page: Page, **change: Any) -> Report:
    return scored(msgspec.structs.replace(page, **change), review=lawful)


@pytest.mark.parametrize(("kind", "step", "change"), STEPS)
def test_a_step_that_was_taken_is_no_longer_named(
    kind: PageKind, step: str, change: dict[str, Any]
) -> None:
    before, after = told(BARE[kind]), told(BARE[kind], **change)
    assert step in [one.id for one in before.steps]
    assert step not in [one.id for one in after.steps]
    assert met(after, step) == 1
    assert after.score > before.score
    assert not next(one.advice for one in after.criteria if one.id == step)


@pytest.mark.parametrize(("kind", "step", "change"), STEPS)
def test_a_step_costs_nothing_elsewhere(kind: PageKind, step: str, change: dict[str, Any]) -> None:
    before, after = told(BARE[kind]), told(BARE[kind], **change)
    worse = [one.id for one in before.criteria if met(after, one.id) < one.met]
    assert worse == [], step


@given(st.permutations(ITEM_STEPS), st.integers(0, len(ITEM_STEPS)))
@settings(max_examples=25, deadline=None)
def test_an_item_page_only_gains_in_whatever_order_it_is_mended(steps: Any, count: int) -> None:
    page, scores, done = BARE["item"], [], set()
    for step, change in steps[:count]:
        # Facts that are there already stay there.
        wanted = {k: (page.facts | v) if k == "facts" else v for k, v in change.items()}  # type: ignore[attr-defined]
        if "reviews" in wanted and page.reviews.rating_tenths is not None:  # type: ignore[attr-defined]
            wanted = {}
        page = msgspec.structs.replace(page, **wanted)
        done.add(step)
        scores.append(scored(page, review=lawful).score)
    assert scores == sorted(scores)
    assert not done & {one.id for one in scored(page, review=lawful).steps}


@given(st.permutations(POI_STEPS))
@settings(max_examples=15, deadline=None)
def test_following_the_next_best_step_ends_at_the_top(steps: Any) -> None:
    """Whatever is missing at first: always the first of the steps, and never the same twice."""
    changes = dict(steps)
    page = msgspec.structs.replace(BARE["poi"], **changes[steps[0][0]])
    taken: list[str] = []
    while report := scored(page, review=lawful):
        if not report.steps:
            break
        step = report.steps[0].id
        assert step not in taken
        taken.append(step)
        change = changes["rating"] if step == "reviews" else changes[step]
        page = msgspec.structs.replace(page, **change)
    assert report.score == 100


@pytest.mark.parametrize("name", SAID)
def test_what_a_script_says_more_is_met(name: str) -> None:
    filler = [Segment(f"{one}，闲话说一说。", "value", 5) for one in "甲乙丙"]
    bare = told(BARE["script"], segments=(*filler, *filler))
    place = 0 if name == "opening" else 6
    segments = [*filler, *filler]
    segments.insert(place, SAID[name])
    more = told(BARE["script"], segments=tuple(segments))
    assert met(more, name) > met(bare, name)


def test_a_whole_script_lacks_nothing_but_numbers() -> None:
    again = [Segment(f"{one}，说说看？", "value", 5) for one in ("几点喝", "和谁喝", "用什么壶")]
    said = (*list(SAID.values())[:-1], *again, SAID["closing"])
    report = told(BARE["script"], segments=said)
    assert report.score == 100, [(one.id, one.met) for one in report.steps]


COUNTED = ["photos", "videos"]


@given(st.sampled_from(COUNTED), st.integers(0, 40), st.integers(0, 40))
def test_more_is_never_worse(field: str, one: int, other: int) -> None:
    less, more = sorted((one, other))
    page = BARE["item"]
    assert told(page, **{field: less}).score <= told(page, **{field: more}).score


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_better_rating_is_never_worse(one: int, other: int) -> None:
    low, high = sorted((one, other))
    page = BARE["poi"]
    rated = [told(page, reviews=Reviews(50, stars)).score for stars in (low, high)]
    assert rated == sorted(rated)


@given(st.integers(0, 20), st.integers(0, 20))
def test_more_complaints_without_an_answer_are_never_better(one: int, other: int) -> None:
    few, many = sorted((one, other))
    page = BARE["poi"]
    assert (
        told(page, reviews=Reviews(50, 45, few)).score
        >= told(page, reviews=Reviews(50, 45, many)).score
    )


@given(st.integers(0, 4), st.integers(0, 4))
def test_more_against_the_law_is_never_better(one: int, other: int) -> None:
    few, many = sorted((one, other))

    def score(count: int) -> float:
        page = msgspec.structs.replace(BARE["item"], offers=("国家级",) * count)
        report = scored(page, review=forbids("国家级"), weights={"offers": 0})
        assert report.blocked == (count > 0)
        return report.score

    assert score(few) >= score(many)


@given(st.integers(0, 400), st.integers(0, 400))
def test_a_fresher_page_is_never_worse(one: int, other: int) -> None:
    fresh, stale = sorted((one, other))
    page = BARE["poi"]
    scores = [told(page, updated_on=ON - timedelta(days=days)).score for days in (stale, fresh)]
    assert scores == sorted(scores)


@pytest.mark.parametrize(
    ("days", "share"),
    [(0, 1), (90, 1), (91, 269 / 270), (225, 0.5), (359, 1 / 270), (360, 0), (2_000, 0)],
)
def test_freshness_fades_from_what_is_allowed_to_four_times_that(days: int, share: float) -> None:
    found = met(told(BARE["poi"], updated_on=ON - timedelta(days=days)), "fresh")
    assert found == pytest.approx(share, abs=1e-4)


@pytest.mark.parametrize(
    ("have", "share"), [(0, 1), (1, 1), (2, 0.75), (3, 0.5), (4, 0.25), (5, 0), (9, 0)]
)
def test_less_is_better_down_to_what_is_allowed(have: int, share: float) -> None:
    assert down_to(have, allowed=1, worst=5).met == share


@pytest.mark.parametrize(
    ("hits", "share"), [(0, 1), (1, 2 / 3), (2, 1 / 3), (3, 0), (4, 0), (50, 0)]
)
def test_three_faults_are_as_bad_as_any_number(hits: int, share: float) -> None:
    (hit,) = forbids("国家级")("国家级").hits
    found = law([hit] * hits)
    assert found.met == pytest.approx(share)
    assert found.have == hits
    assert found.missing.count("国家级") == min(hits, 3)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 100),
        ("短句。", 100),
        ("长" * 40 + "。", 100),
        ("长" * 41 + "。", 0),
        ("长" * 41 + "。短句。", 50),
        ("长" * 41 + "。短。短。短。", 75),
        ("长" * 30 + "，" + "长" * 30 + "。", 0),
    ],
)
def test_clarity_counts_sentences_that_can_be_read_in_one_go(text: str, share: int) -> None:
    page = ScriptPage(industry="food", on=ON, segments=(Segment(text or "。", "value"),))
    assert clarity(page).have == share


@pytest.mark.parametrize(
    ("tenths", "share"), [(None, 0.5), (0, 0), (30, 2 / 3), (44, 44 / 45), (45, 1), (50, 1)]
)
def test_an_unrated_page_stands_between_a_good_and_a_bad_one(
    tenths: int | None, share: float
) -> None:
    page = ItemPage(industry="food", on=ON, title="茶", reviews=Reviews(20, tenths))
    assert rating(page, 45).met == pytest.approx(share)


@pytest.mark.parametrize(
    ("characters", "share"),
    [(60, 0.5), (119, 119 / 120), (120, 1), (200, 1), (260, 1), (261, 260 / 261), (520, 0.5)],
)
def test_the_pace_is_good_between_its_bounds(characters: int, share: float) -> None:
    page = ScriptPage(industry="food", on=ON, segments=(Segment("茶" * characters, "value", 60),))
    assert pace(page, 0).met == pytest.approx(share)


@given(st.integers(0, 100), st.integers(1, 100))
def test_a_share_lies_between_nothing_and_all(have: int, need: int) -> None:
    for found in (towards(have, need), down_to(have, allowed=need, worst=need + 5)):
        assert isinstance(found, Found)
        assert 0 <= found.met <= 1
    assert (towards(have, need).met == 1) == (have >= need)
    assert (down_to(have, allowed=need, worst=need + 5).met == 1) == (have <= need)


@pytest.mark.parametrize("kind", BARE)
def test_a_criterion_without_weight_is_neither_gain_nor_step(kind: PageKind) -> None:
    page = BARE[kind]
    first = scored(page, review=lawful).steps[0].id
    again = scored(page, review=lawful, weights={first: 0})
    assert first not in [one.id for one in again.steps]
    assert {one.id for one in weighted(kind, {})} == {one.id for one in again.criteria}


@pytest.mark.parametrize("kind", BARE)
def test_the_law_is_named_first_and_then_the_largest_gain(kind: PageKind) -> None:
    word = {"item": "茶", "poi": "茶馆", "script": "卖茶"}[kind]
    report = scored(BARE[kind], review=forbids(word), weights={"law": 1})
    assert report.steps[0].id == "law"
    gains = [one.gain for one in report.steps[1:]]
    assert gains == sorted(gains, reverse=True)
    assert report.blocked
