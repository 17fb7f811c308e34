"""What is drawn, written or sounded in place of 一 and 第, and where it is what it seems to be."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.compliance.copy import review
from quanyu.compliance.copy.folding import Folded, ends, folded, lookalikes, spelt_out

NOVEMBER = date(2026, 11, 22)
STROKES = lookalikes().strokes


def blocked(text: str, industry: str = "general") -> bool:
    return review(text, industry=industry, on=NOVEMBER).verdict == "block"


@pytest.mark.parametrize(
    "text",
    [
        "第ー品牌",
        "第—品牌",
        "第㇐品牌",
        "第⼀品牌",
        "第─品牌",
        "第-品牌",
        "第－品牌",
        "第–品牌",
        "第‒名",
        "第―品牌",
        "第﹘品牌",
        "第 1 品牌",
        "第 — 品牌",
        "第·ー品牌",
        "苐一品牌",
        "苐—品牌",
        "笫一品牌",
        "弟一品牌",
        "销量弟一",
        "全国弟一",
        "地一品牌",
        "第𝟏品牌",
        "第①品牌",
        "第㈠品牌",
        "第〡品牌",
        "第丨品牌",
        "销量第l",
        "销量第I",
        "销量第Ⅰ",
        "销量第｜",
        "销量第🥇",
        "销量第ー",
        "销量第—。",
        "唯ー的选择",
        "唯—的选择",
        "惟—的选择",
        "独—无二",
        "NO壹",
        "No·1",
        "NO．①",
        "N⓪.1",
        "№1",
        "Τор 1",
        "ТОР壹",
        "销量冠 军",
        "冠\n军品牌",
    ],
)
def test_what_stands_for_first_is_blocked(text: str) -> None:
    assert blocked(text)


@pytest.mark.parametrize(
    "text",
    [
        "第—章 少年出山",
        "第 — 章",
        "第ー次来店",
        "第－次下单",
        "详见第—节",
        "第ⅰ章",
        "第I组",
        "9—12点营业",
        "周一—周五",
        "北京—上海",
        "¥9—¥12",
        "第3—5天",
        "第1-3集",
        "第1～12课",
        "第1至第5名各得一个",
        "第二件半价——限今日",
        "全场满减—第二件半价",
        "第——咦，怎么停了",
        "请在第_页签名",
        "第-3列",
        "第IV章",
        "第Java版",
        "唯——他一个人",
        "スーパー",
        "独-立包装",
    ],
)
def test_a_dash_is_a_dash_and_an_ordinal_an_ordinal(text: str) -> None:
    assert review(text, industry="general", on=NOVEMBER).hits == ()


@pytest.mark.parametrize(
    "text",
    [
        "兄弟一样亲",
        "徒弟一起上山",
        "姐弟一人一份",
        "当地一家小店",
        "土地一亩",
        "天地一色",
        "工地一线",
        "此地一别",
        "本地一品牌",
        "皇帝一怒",
        "上帝一样的顾客",
    ],
)
def test_a_sound_alike_that_ends_the_word_before_is_none(text: str) -> None:
    assert review(text, industry="general", on=NOVEMBER).verdict == "pass"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("第—名", "第一名"),
        ("第 —名", "第 一名"),
        ("第。—名", "第。一名"),
        ("第   —名", "第   —名"),
        ("第——", "第——"),
        ("第-1", "第-1"),
        ("第lb", "第lb"),
        ("第l个", "第一个"),
        ("唯—", "唯一"),
        ("惟—", "惟一"),
        ("独—无二", "独一无二"),
        ("独—立", "独—立"),
        ("一—二", "一—二"),
        ("", ""),
    ],
)
def test_where_a_stroke_is_read(text: str, plain: str) -> None:
    assert spelt_out(text) == plain


@given(st.text(alphabet=f"第唯独无品一1a 。{STROKES}", max_size=12))
@settings(max_examples=150)
def test_reading_strokes_keeps_every_place(text: str) -> None:
    read = spelt_out(text)
    assert len(read) == len(text)
    assert all(one == other or (other == "一" and one in STROKES)
               for one, other in zip(text, read, strict=True))  # fmt: skip
    assert folded(text) == folded(read)


@given(st.text(alphabet="第唯—品1最佳 ㈱㎏½\u0301\u200b你", max_size=16))
@settings(max_examples=150)
def test_ends_say_how_long_the_folded_text_is_up_to_there(text: str) -> None:
    read = spelt_out(text)
    assert ends(text) == [len("".join(map(folded, read[: n + 1]))) for n in range(len(text))]


@given(st.text(alphabet="最佳 ·㈱㎏½國1", min_size=1, max_size=12))
@settings(max_examples=150)
def test_each_folded_character_leads_to_the_one_it_came_of(text: str) -> None:
    made = Folded(text)
    came = [place for place, one in enumerate(text) for _ in folded(one)]
    assert len(came) == len(made.plain)
    assert [made.span(n, n + 1) for n in range(len(came))] == [(at, at + 1) for at in came]


def test_a_span_takes_the_marks_that_are_set_upon_its_last_character() -> None:
    made = Folded("最\u0336佳\u0336\u0301好")
    assert made.plain == "最佳好"
    assert made.span(0, 2) == (0, 5)
    assert made.span(2, 3) == (5, 6)


@pytest.mark.parametrize("stroke", sorted(set(STROKES) - set("lIⅠⅰΙІ")))
def test_every_stroke_is_read_behind_first_and_nowhere_else(stroke: str) -> None:
    assert blocked(f"第{stroke}品牌")
    assert not blocked(f"甲{stroke}乙")
    assert not blocked(f"第{stroke}章")
