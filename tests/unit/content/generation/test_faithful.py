"""What a draft states beyond its brief is found: figures, also in Chinese writing, and promises."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.content.generation.ground import KINDS, TEA, brief, briefs, draft, task

from quanyu.content.generation.draft import Draft, Part
from quanyu.content.generation.faithful import amounts_of, folded, invented, promises
from quanyu.content.generation.grammar import packs
from quanyu.content.generation.numerals import figures_in, value_of
from quanyu.content.generation.template import TemplateWriter


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("零", 0),
        ("〇", 0),
        ("一", 1),
        ("两", 2),
        ("九", 9),
        ("十", 10),
        ("十一", 11),
        ("二十", 20),
        ("二十三", 23),
        ("九十九", 99),
        ("一百", 100),
        ("百", 100),
        ("一百零五", 105),
        ("一百一十", 110),
        ("一百二十五", 125),
        ("两百", 200),
        ("一千", 1_000),
        ("一千零一", 1_001),
        ("一千零一十", 1_010),
        ("三千六百", 3_600),
        ("万", 10_000),
        ("一万", 10_000),
        ("十二万", 120_000),
        ("一百万", 1_000_000),
        ("一万零三百", 10_300),
        ("三千万", 30_000_000),
        ("三亿", 300_000_000),
        ("二〇二六", 2_026),
        ("二零二六", 2_026),
        ("三四", None),
        ("三四十", None),
        ("九五", None),
    ],
)
def test_numbers_in_chinese_writing_have_their_value(written: str, value: int | None) -> None:
    assert value_of(written) == value


def in_chinese(number: int) -> str:
    """1 to 9999, the way it is taught at school."""
    said, gap = "", False
    for place, unit in ((1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            said += ("零" if gap and said else "") + "零一二三四五六七八九"[digit] + unit
        gap = not digit
    return said


@given(st.integers(1, 9_999))
def test_every_number_up_to_ten_thousand_is_read(number: int) -> None:
    assert value_of(in_chinese(number)) == number
    assert value_of(f"{in_chinese(number)}万") == number * 10_000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("净含量一百二十五克", [("一百二十五克", 125)]),
        ("百分之九十的人", [("百分之九十", 90)]),
        ("百分之一", [("百分之一", 1)]),
        ("打九折，再减二十元", [("九折", 9), ("二十元", 20)]),
        ("一折", [("一折", 1)]),
        ("快一倍", [("一倍", 1)]),
        ("三年质量", [("三年", 3)]),
        ("四人套餐", [("四人", 4)]),
        ("三四十年", [("三四十年", None)]),
        ("上万人", [("万人", 10_000)]),
        # Ways of speaking: nothing is stated.
        ("一天一袋，用一年", []),
        ("一人一份", []),
        ("几十元，十几元", []),
        ("第一年，第三年", []),
        ("先做三步，再看两遍", []),
        ("一件一件讲", []),
        ("5千克", []),
        ("千万不要急", []),
        ("周一至周四", []),
        ("", []),
    ],
)
def test_amounts_are_told_from_ways_of_speaking(
    text: str, found: list[tuple[str, int | None]]
) -> None:
    assert figures_in(text) == found


def test_no_phrase_states_an_amount_in_chinese_writing_either() -> None:
    stated = {
        text: figures_in(text)
        for pack in packs().values()
        for lines in pack.groups()
        for texts in lines.values()
        for text in texts
        if figures_in(text)
    }
    assert not stated


def words(text: str, **change: Any) -> list[str]:
    return [hit.text for hit in invented(draft(text), brief(TEA | change))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("净含量125克", []),
        ("净含量一百二十五克", []),
        ("净含量一百二十克", ["一百二十克"]),
        ("投茶5克", []),
        ("投茶五克", []),
        ("投茶六克", ["六克"]),
        ("只要88元", []),
        ("只要八十八元", []),
        ("只要八十元", ["八十元"]),
        ("只要88.00元", []),
        ("只要88.50元", ["88.50"]),
        ("１２５克", []),
        ("１２６克", ["１２６"]),
        ("三十年老茶，卖过10000罐", ["10000", "三十年"]),
        ("百分之九十九的人爱喝", ["百分之九十九"]),
        ("今天包邮，买一送一", ["包邮", "买一送一"]),
        ("看看再说", []),
    ],
)
def test_what_the_brief_does_not_state_is_found(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize("word", promises())
def test_every_promise_is_found_unless_the_brief_makes_it(word: str) -> None:
    assert word in words(f"慢慢喝，{word}。")
    assert word not in words(f"慢慢喝，{word}。", selling_points=[f"小罐{word}"])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"title": "三十年陈乌龙茶"}, "三十年的茶"),
        ({"title": "三十年陈乌龙茶"}, "30年的茶"),
        ({"facts": {"净含量": "一百克"}}, "100克"),
        ({"how_to": ["注水等半分钟", "泡两百毫升"]}, "200毫升"),
        ({"pains": ["一百个人一百种泡法"]}, "一百种泡法"),
    ],
)
def test_either_writing_vouches_for_the_other(change: dict[str, Any], text: str) -> None:
    assert words(text, **change) == []


def test_all_fields_are_looked_at_and_named() -> None:
    shot = Part("tip", "水温95度", picture="桌上放着3罐", subtitle="卖出七千罐，三千人")
    made = Draft("video-script", "第2款", (shot,))
    found = {(hit.field, hit.text) for hit in invented(made, brief())}
    assert found == {
        ("title", "2"),
        ("parts[0].text", "95"),
        ("parts[0].picture", "3"),
        ("parts[0].subtitle", "三千人"),
    }


def test_a_finding_says_the_rule_of_the_house_and_what_to_do() -> None:
    figure, promise = invented(draft("满9件包邮"), brief())
    assert (figure.rule, promise.rule) == ("generation.figure", "generation.promise")
    for hit in (figure, promise):
        assert "简报" in hit.why
        assert "简报" in hit.suggestion
        assert hit.article.startswith("写作规则")


@pytest.mark.parametrize(
    ("fen", "forms"),
    [
        (9_990, ("99.9元", "99.90")),
        (100, ("1元", "1.00")),
        (5, ("0.05元", "0.05")),
        (10_005, ("100.05元", "100.05")),
    ],
)
def test_both_ways_to_write_an_amount_are_known(fen: int, forms: tuple[str, str]) -> None:
    assert amounts_of(fen) == forms


@given(st.integers(1, 10**9))
def test_an_amount_of_the_brief_is_never_an_invention(fen: int) -> None:
    made = brief(TEA | {"price_fen": fen})
    assert invented(draft("，".join(amounts_of(fen))), made) == ()


@given(st.integers(1, 999_999), st.integers(1, 999_999))
def test_another_amount_always_is(fen: int, other: int) -> None:
    made = brief(TEA | {"price_fen": fen, "facts": {"产地": "安溪"}, "how_to": []})
    said = amounts_of(other)[1]
    assert bool(invented(draft(said), made)) == (fen != other)


def test_full_width_is_read_as_what_it_is() -> None:
    assert folded("１２５ｇ") == "125g"


@settings(max_examples=12, deadline=None)
@given(briefs(), st.sampled_from(KINDS), st.integers(0, 10_000))
def test_the_template_writer_states_no_amount_in_chinese_writing_of_its_own(
    made: Any, kind: str, seed: int
) -> None:
    said = "\n".join(text for _, text in made.texts())
    for _, text in TemplateWriter().write(task(kind, seed, brief=made)).fields():
        for written, _ in figures_in(text):
            assert written in said
