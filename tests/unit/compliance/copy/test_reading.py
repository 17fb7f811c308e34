"""Texts in every writing: what is compared, and the way back to the text as given."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.compliance.copy import review
from quanyu.compliance.copy.folding import Folded, folded
from quanyu.compliance.copy.hidden import hidden_spans
from quanyu.compliance.copy.phrases import as_pattern, combinations, expanded, pattern_of
from quanyu.compliance.copy.sounds import Heard, heard_word, signs, spelt
from quanyu.errors import BadInput

NOVEMBER = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ＮＯ．１", "no1"),
        ("ΝΟ.1", "no1"),
        ("ТОР1", "top1"),
        ("🅝🅞.1", "no1"),
        ("🆃🅾🅿❶", "top1"),
        ("ᴛᴏᴘ➀", "top1"),
        ("𝐍𝐎.𝟏", "no1"),
        ("№1", "no1"),
        ("國家級", "国家级"),
        ("㝡佳", "最佳"),
        ("蕞佳", "最佳"),
        ("第壹", "第1"),
        ("第㊀", "第1"),
        ("唯弌", "唯1"),
        ("国\u3164家\u200b级", "国家级"),
        ("最̶佳̶", "最佳"),
        ("zuì", "zui"),
        ("100％", "100%"),
        ("最 · 佳 ★", "最佳"),
        ("🇨🇳", ""),
        ("", ""),
    ],
)
def test_every_writing_becomes_one(written: str, plain: str) -> None:
    assert folded(written) == plain


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_folding_leads_back_to_where_it_came_from(text: str) -> None:
    found = Folded(text)
    assert "".join(map(folded, text)) == found.plain
    for place in range(len(found.plain)):
        start, end = found.span(place, place + 1)
        assert 0 <= start < end <= len(text)
        assert found.plain[place] in folded(text[start:end])


@given(st.text(max_size=60))
@settings(max_examples=100)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = folded(text)
    assert folded(once) == once


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("最\u200b佳", [(1, 2)]),
        ("\u202e佳最\u202c", [(0, 1), (3, 4)]),
        ("唯\ufe0f一", [(1, 2)]),
        ("国\u3164\u3164家", [(1, 3)]),
        ("👨\u200d👩\u200d👧 亲子", []),
        ("❤\ufe0f 谢谢", []),
        ("1\ufe0f\u20e3 打开", []),
        ("🏴\U000e0067\U000e0062\U000e007f", []),
        ("👨\u200d最佳", [(1, 2)]),
        ("普通的话", []),
    ],
)
def test_characters_that_nobody_sees(text: str, spans: list[tuple[int, int]]) -> None:
    assert list(hidden_spans(text)) == spans


@pytest.mark.parametrize("text", ["最新\u200b上架的杯子", "\u2067杯子\u2069", "杯\u00ad子"])
def test_they_are_refused_in_any_ad(text: str) -> None:
    found = review(text, industry="home", on=NOVEMBER)
    assert found.verdict == "block"
    assert {hit.rule for hit in found.hits} == {"hidden.characters"}


@pytest.mark.parametrize(
    ("run", "syllables"),
    [
        ("guojiaji", ["guo", "jia", "ji"]),
        ("zui", ["zui"]),
        ("xian", ["xian"]),
        ("dingji", ["ding", "ji"]),
        ("bluetooth", None),
        ("x" * 40, None),
    ],
)
def test_pinyin_is_cut_into_syllables(run: str, syllables: list[str] | None) -> None:
    found = [sign for _, sign in spelt(run)]
    if syllables is None:
        assert found == list(run)
    else:
        assert found == [signs().syllables[one] for one in syllables]


@pytest.mark.parametrize("written", ["国jia级", "guojiaji", "国家级", "过家及"])
def test_what_sounds_alike_has_the_same_signs(written: str) -> None:
    heard = Heard(folded(written))
    assert heard.signs == heard_word("国家级")
    assert heard.stretch(0)[0] == 0
    assert heard.stretch(2)[1] == len(written)


def test_a_word_with_alternatives() -> None:
    assert list(expanded("最{|为}{好|佳}")) == ["最好", "最佳", "最为好", "最为佳"]
    assert combinations("最{|为}{好|佳}") == 4
    found = as_pattern("最{|为}{好|佳}")
    assert found.span("是最为好的", (1, 2)) or found.span("是最为好的", (3, 4))


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("治疗|治愈 ~3 失眠", "能治疗老年失眠吗", "治疗老年失眠"),
        ("治疗|治愈 ~3 失眠", "治疗了很多年的失眠", None),
        ("# 天 ~2 见效", "用7天就见效了", "7天就见效"),
        ("# 天 ~2 见效", "天天见效", None),
        ("患者|病人 们? 说", "病人们说好", "病人们说"),
    ],
)
def test_a_pattern_around_its_anchor(pattern: str, text: str, found: str | None) -> None:
    made, plain = pattern_of(pattern), folded(text)
    spans = [
        span
        for anchor in made.anchors
        if anchor in plain
        if (span := made.span(plain, (plain.index(anchor), plain.index(anchor) + len(anchor))))
    ]
    assert [plain[start:end] for start, end in spans] == ([folded(found)] if found else [])


@pytest.mark.parametrize("pattern", ["~3", "#", "好| 坏", "~99 好", "好? 坏?"])
def test_a_pattern_that_cannot_be_sought_is_refused(pattern: str) -> None:
    with pytest.raises(BadInput, match="patterns"):
        pattern_of(pattern)
