"""Scores of pages: what each criterion counts, and what the next step is worth."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.content.generation.ground import brief, example, forbids, lawful, task

from quanyu.compliance.verdict import Severity
from quanyu.content.generation.pieces import made_of
from quanyu.content.generation.template import TemplateWriter
from quanyu.content.improvement import FORMS, ItemPage, PoiPage, Report, ScriptPage, scored
from quanyu.content.improvement.measures import (
    ITEM,
    POI,
    SCRIPT,
    criteria,
    minutes_of,
    towards,
)
from quanyu.content.improvement.pages import Page, PageKind, Reviews
from quanyu.content.piece import Segment
from quanyu.errors import BadInput

PAGES = Path(__file__).parents[4] / "examples" / "pages"
ON = date(2026, 11, 22)
GOOD_ITEM = ItemPage(
    industry="food", on=ON, title="高山乌龙茶 125克 小罐分装",
    description="温杯投茶，慢慢来。" * 20,
    facts={"配料": "茶叶", "净含量": "125克", "保质期": "540天", "贮存方法": "密封", "产地": "安溪",
           "等级": "一级", "包装": "罐装", "执行标准": "GB/T 30357"},
    selling_points=("小罐分装", "罐口有内盖", "随身可带"), how_to=("温杯", "投茶", "注水"),
    photos=5,
    videos=1, price_fen=8_800, offers=("满两罐减十元",), reviews=Reviews(30, 48, 0),
)  # fmt: skip
GOOD_POI = PoiPage(
    industry="catering", on=ON, name="山城老灶火锅", address="滨江路18号", hours="11:00-22:00",
    phone=True, category="火锅", pinned=True, photos=8,
    description="牛油锅底与菌菇锅底，牛肉当天现切，二楼临江。",
    storefront_photo=True, menu=tuple(f"菜{n} 38元" for n in range(10)),
    offers=("到店券",),
    parking="地下停车场", transit="地铁B口", updated_on=date(2026, 10, 1),
    reviews=Reviews(60, 47, 0),
)  # fmt: skip
SPEECH = (
    ("大家好，欢迎来到直播间，今天讲乌龙茶。", "value"),
    ("泡茶总发苦，你有没有遇到过？", "value"),
    ("看我做一遍，先温杯，再投茶5克，注水150毫升，等30秒。", "value"),
    ("净含量125克，保质期540天，产地安溪。", "value"),
    ("喜欢浓一点还是淡一点？打在评论里。", "value"),
    ("你家常用杯子还是壶？", "value"),
    ("价格88元。", "marketing"),
    ("平时几点喝茶？说说看。", "value"),
    ("茶罐拧紧，放在避光的柜子里。", "value"),
    ("谢谢大家，按需购买，下一场见。", "value"),
)


def script(*texts: tuple[str, str], seconds: int | None = 7, **change: Any) -> ScriptPage:
    said: Any = texts or SPEECH
    segments = tuple(Segment(text, purpose, seconds) for text, purpose in said)
    return ScriptPage(industry="food", on=ON, segments=segments, **change)


GOOD: dict[PageKind, Page] = {"item": GOOD_ITEM, "script": script(), "poi": GOOD_POI}


def met(page: Page, criterion: str, **change: Any) -> float:
    report = scored(page, review=change.pop("review", lawful), **change)
    return next(one.met for one in report.criteria if one.id == criterion)


@pytest.mark.parametrize("kind", FORMS)
def test_a_page_with_everything_has_all_points(kind: PageKind) -> None:
    report = scored(GOOD[kind], review=lawful)
    assert report.score == 100, report.steps
    assert report.steps == ()
    assert not report.blocked


@pytest.mark.parametrize("kind", FORMS)
def test_every_criterion_is_measured_and_weighs_something(kind: PageKind) -> None:
    known = criteria().of(kind)
    measures = {"item": ITEM, "script": SCRIPT, "poi": POI}[kind]
    assert {one.id for one in known} == {*measures, "law", "clarity"} & {one.id for one in known}
    assert {*measures} <= {one.id for one in known}
    assert sum(one.weight for one in known) == 100
    assert len({one.id for one in known}) == len(known)
    assert all(one.advice and one.label for one in known)


WORSE: list[tuple[PageKind, str, dict[str, Any]]] = [
    ("item", "photos", {"photos": 2}),
    ("item", "video", {"videos": 0}),
    ("item", "facts", {"facts": {"配料": "茶叶", "净含量": "125克"}}),
    ("item", "required_facts", {"facts": {"等级": "一级"}}),
    ("item", "selling_points", {"selling_points": ("小罐",)}),
    ("item", "how_to", {"how_to": ()}),
    ("item", "title", {"title": "茶"}),
    ("item", "title", {"title": "茶" * 60}),
    ("item", "description", {"description": "好茶。"}),
    ("item", "clarity", {"description": "长" * 60 + "。短句。"}),
    ("item", "price", {"price_fen": None}),
    ("item", "price", {"reference_fen": 9_900}),
    ("item", "offers", {"offers": ()}),
    ("item", "reviews", {"reviews": Reviews(3, 48, 0)}),
    ("item", "rating", {"reviews": Reviews(30, 30, 0)}),
    ("item", "rating", {"reviews": Reviews(30, None, 0)}),
    ("item", "answers", {"reviews": Reviews(30, 48, 2)}),
    ("poi", "basics", {"hours": ""}),
    ("poi", "basics", {"phone": False, "pinned": False}),
    ("poi", "photos", {"photos": 1}),
    ("poi", "storefront", {"storefront_photo": False}),
    ("poi", "menu", {"menu": ("锅底 58元",)}),
    ("poi", "reviews", {"reviews": Reviews(5, 47, 0)}),
    ("poi", "rating", {"reviews": Reviews(60, 20, 0)}),
    ("poi", "answers", {"reviews": Reviews(60, 47, 9)}),
    ("poi", "offers", {"offers": ()}),
    ("poi", "way", {"parking": ""}),
    ("poi", "fresh", {"updated_on": date(2026, 1, 1)}),
    ("poi", "fresh", {"updated_on": None}),
]


@pytest.mark.parametrize(("kind", "criterion", "change"), WORSE)
def test_what_is_missing_costs_points_there_and_is_advised(
    kind: PageKind, criterion: str, change: dict[str, Any]
) -> None:
    page = msgspec.structs.replace(GOOD[kind], **change)
    report = scored(page, review=lawful)
    assert report.score < 100
    step = next(one for one in report.steps if one.id == criterion)
    assert step.met < 1
    assert step.advice
    assert "{" not in step.advice


@pytest.mark.parametrize(
    ("criterion", "speech"),
    [
        ("opening", SPEECH[2:]),
        ("closing", SPEECH[:6]),
        ("pain", [one for one in SPEECH if "遇到" not in one[0]]),
        ("demo", [one for one in SPEECH if "看我" not in one[0]]),
        ("questions", [one for one in SPEECH if "？" not in one[0]]),
        ("facts", [one for one in SPEECH if "5" not in one[0]]),
        ("price", [one for one in SPEECH if "88" not in one[0]]),
        ("selling_share", [(text, "marketing") for text, _ in SPEECH]),
        ("variety", [*SPEECH, *SPEECH[1:6]]),
        ("clarity", [*SPEECH, ("长" * 60, "value")]),
    ],
)  # fmt: skip
def test_what_a_script_lacks_is_found_in_its_words(
    criterion: str, speech: list[tuple[str, str]]
) -> None:
    assert met(script(), criterion) == 1
    assert met(script(*speech), criterion) < 1


@pytest.mark.parametrize(("seconds", "good"), [(7, True), (2, False), (60, False), (None, True)])
def test_the_pace_is_that_of_a_show(seconds: int | None, good: bool) -> None:
    assert (met(script(seconds=seconds), "pace") == 1) == good


def test_a_script_of_many_items_shows_each() -> None:
    assert met(script(items=4), "demo") == 0.25


def test_long_scripts_are_judged_by_ten_minutes() -> None:
    short, long = script(), script(*SPEECH * 20)
    assert minutes_of(long) == pytest.approx(20 * minutes_of(short))
    assert met(long, "questions") == 1


@pytest.mark.parametrize(
    ("industry", "keys", "missing"),
    [
        ("cosmetics", ["净含量", "全成分", "备案编号", "限期使用日期"], []),
        ("special_cosmetics", ["净含量", "成分"], ["备案", "使用期限"]),
        ("prepackaged_food", ["配料表", "规格", "保质期"], ["贮存", "产地"]),
        ("catering", ["套餐内容", "有效期", "使用时间", "是否预约"], []),
        ("travel", ["规格", "材质"], []),
        ("apparel", [], ["面料", "尺码", "颜色", "洗"]),
    ],
)
def test_facts_that_an_industry_must_give(
    industry: str, keys: list[str], missing: list[str]
) -> None:
    page = msgspec.structs.replace(GOOD_ITEM, industry=industry, facts=dict.fromkeys(keys, "有"))
    report = scored(page, review=lawful)
    found = next(one for one in report.criteria if one.id == "required_facts")
    assert all(name in found.advice for name in missing)
    assert (found.met == 1) == (not missing)
    assert found.have == found.need - len(missing)


def test_the_law_comes_first_however_little_it_weighs() -> None:
    page = msgspec.structs.replace(GOOD_ITEM, description="国家级", photos=0)
    report = scored(page, review=forbids("国家级"), weights={"law": 1})
    assert report.blocked
    assert report.steps[0].id == "law"
    assert "国家级" in report.steps[0].advice
    assert "《广告法》第九条" in report.steps[0].advice
    assert [hit.field for hit in report.hits] == ["description"]


def test_a_lack_of_proof_costs_points_and_does_not_block() -> None:
    proof = forbids("销量领先", severity=Severity.NEED_PROOF)
    page = msgspec.structs.replace(GOOD_ITEM, description="销量领先")
    report = scored(page, review=proof)
    assert not report.blocked
    assert report.score < 100


@pytest.mark.parametrize("severity", [Severity.WARN, Severity.LABEL])
def test_a_warning_costs_nothing(severity: Severity) -> None:
    assert met(GOOD_ITEM, "law", review=forbids("乌龙", severity=severity)) == 1


@st.composite
def item_pages(draw: st.DrawFn) -> ItemPage:
    few = st.integers(0, 12)
    return ItemPage(
        industry=draw(st.sampled_from(["food", "cosmetics", "home", "general"])), on=ON,
        title="茶" * draw(st.integers(1, 40)), description="好茶慢慢喝。" * draw(few),
        facts={f"规格{n}": "x" for n in range(draw(few))}, photos=draw(few), videos=draw(few),
        selling_points=("小罐",) * draw(few), how_to=("温杯",) * draw(few),
        offers=("满减",) * draw(few), price_fen=draw(st.sampled_from([None, 100])),
        reviews=Reviews(draw(few), draw(st.sampled_from([None, 10, 48])), draw(few)),
    )  # fmt: skip


BETTER = {
    "photos": {"photos": 5}, "video": {"videos": 1}, "how_to": {"how_to": ("一", "二", "三")},
    "offers": {"offers": ("满减",)}, "selling_points": {"selling_points": ("一", "二", "三")},
    "title": {"title": "高山乌龙茶 125克 小罐分装"}, "price": {"price_fen": 100},
}  # fmt: skip


@given(item_pages(), st.sampled_from(sorted(BETTER)))
@settings(max_examples=60)
def test_a_step_gains_what_was_said(page: ItemPage, step: str) -> None:
    before = scored(page, review=lawful)
    gain = next(one.gain for one in before.criteria if one.id == step)
    after = scored(msgspec.structs.replace(page, **BETTER[step]), review=lawful)
    assert after.score == pytest.approx(before.score + gain, abs=0.3)


@given(item_pages())
@settings(max_examples=60)
def test_scores_and_gains_add_up_to_a_hundred(page: ItemPage) -> None:
    report = scored(page, review=lawful)
    assert 0 <= report.score <= 100
    assert report.score + sum(one.gain for one in report.criteria) == pytest.approx(100, abs=1)
    gains = [one.gain for one in report.steps]
    assert gains == sorted(gains, reverse=True)


@given(
    item_pages(), st.dictionaries(st.sampled_from(["photos", "title", "law"]), st.integers(1, 50))
)
@settings(max_examples=40)
def test_own_weights_change_the_sum_and_not_what_is_met(
    page: ItemPage, weights: dict[str, int]
) -> None:
    own, usual = scored(page, review=lawful, weights=weights), scored(page, review=lawful)
    assert [one.met for one in own.criteria] == [one.met for one in usual.criteria]
    assert {one.id: one.weight for one in own.criteria}.items() >= weights.items()


@pytest.mark.parametrize(
    ("weights", "field"),
    [
        ({"beauty": 5}, "weights.beauty"),
        ({"photos": -1}, "weights.photos"),
        ({"photos": 1_001}, "weights.photos"),
        (dict.fromkeys([*ITEM, "law", "clarity"], 0), "weights"),
    ],
)
def test_weights_that_cannot_be_used_are_named(weights: dict[str, int], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        scored(GOOD_ITEM, review=lawful, weights=weights)
    assert caught.value.field == field


def test_a_page_from_the_future_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        scored(msgspec.structs.replace(GOOD_POI, updated_on=date(2027, 1, 1)), review=lawful)
    assert caught.value.field == "page.updated_on"


def test_an_unknown_industry_is_refused() -> None:
    with pytest.raises(BadInput):
        scored(msgspec.structs.replace(GOOD_POI, industry="hotpot"), review=lawful)


@pytest.mark.parametrize(("have", "need", "share"), [(0, 5, 0), (2, 5, 0.4), (9, 5, 1), (0, 0, 1)])
def test_more_counts_up_to_what_is_needed(have: int, need: int, share: float) -> None:
    assert towards(have, need).met == share


def test_braces_in_a_text_do_not_break_the_advice() -> None:
    page = msgspec.structs.replace(GOOD_ITEM, description="{have}{0}国家级{")
    report = scored(page, review=forbids("{0}国家级{"))
    assert "{0}国家级{" in report.steps[0].advice


def test_scripts_of_the_template_writer_score_well() -> None:
    for name in ("earbuds", "serum_and_lipstick", "hotpot_for_four"):
        wanted = task("show-script", brief=example(name))
        draft = TemplateWriter().write(wanted)
        piece = made_of(draft, wanted, writer="template", producer="demo").piece
        page = ScriptPage(industry=piece.industry, on=ON, title=piece.title,
                          segments=piece.segments, items=len(wanted.brief.items))  # fmt: skip
        report = scored(page, review=lawful)
        assert report.score >= 90, (name, [(one.label, one.advice) for one in report.steps])


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.json")), ids=lambda path: path.stem)
def test_the_examples_have_something_to_improve(path: Path) -> None:
    kind: PageKind = "poi" if path.stem.endswith("poi") else "item"
    report: Report = scored(
        msgspec.convert(json.loads(path.read_text()), FORMS[kind]), review=lawful
    )
    assert 20 < report.score < 95
    assert report.as_json()["next"] == [one.id for one in report.steps]


def test_a_brief_is_no_page() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(msgspec.to_builtins(brief()), ItemPage)
