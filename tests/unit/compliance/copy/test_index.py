"""One index of words for all rules, and lexicons that pick their own out of it."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.compliance.copy.folding import Folded, folded
from quanyu.compliance.copy.index import DISGUISED_MAX, Index, finds
from quanyu.compliance.copy.lexicon import Lexicon, lexicon_for, lexicon_of
from quanyu.compliance.copy.phrases import Pattern, groups, pattern_of
from quanyu.compliance.industries import PARENT, lineage
from quanyu.compliance.rulebook import Rule, in_force
from quanyu.compliance.verdict import Severity
from quanyu.errors import BadInput

NOVEMBER = date(2026, 11, 22)


def rule(name: str, **change: object) -> Rule:
    said: dict[str, object] = {
        "id": name, "instrument": "《广告法》", "article": "第九条", "check": "copy", "source": "V",
        "effective_from": date(2015, 9, 1), "severity": Severity.BLOCK, "why": "…",
        "suggestion": "…", **change,
    }  # fmt: skip
    return Rule(**said)  # type: ignore[arg-type]


A = rule("a", words=("最佳", "国家级"), exceptions=("最佳办法",))
B = rule("b", words=("最佳", "根治"), patterns=("治疗 ~3 失眠",))
C = rule("c", words=("稳赚不赔",))
LIFTS = rule("exempt.x", words=("本店",), severity=Severity.PASS)
MUSTS = rule("must.x", words=("本品不能代替药物",))
ALL = (A, B, C, LIFTS, MUSTS)


def seen(lexicon: Lexicon, text: str) -> set[tuple[str, int, int, bool]]:
    found = lexicon.find(Folded(text))
    return {(one.rule.id, one.start, one.end, one.disguised) for one in found}


texts = st.lists(
    st.sampled_from(
        ["最佳", "最佳办法", "国家级", "guo家级", "根治", "治疗老年失眠", "稳赚不培", "本店", "，"]
    ),
    max_size=6,
).map("".join)


@given(texts, st.sets(st.integers(0, len(ALL) - 1)))
@settings(max_examples=80, deadline=None)
def test_a_part_of_an_index_finds_what_an_index_of_that_part_finds(
    text: str, places: set[int]
) -> None:
    part = sorted(places)
    alone = lexicon_for(ALL[place] for place in part)
    assert seen(Lexicon(INDEX, part), text) == seen(alone, text)


INDEX = Index(ALL)


def test_a_lexicon_speaks_of_its_own_rules_only() -> None:
    mine = Lexicon(INDEX, (1, 3))
    assert set(mine.rules) == {"b"}
    assert set(mine.exemptions) == {"exempt.x"}
    assert mine.musts == []
    assert [one.rule.id for one in Lexicon(INDEX, (4,)).musts] == ["must.x"]


def test_two_lexicons_of_one_index_do_not_disturb_each_other() -> None:
    first, second = Lexicon(INDEX, (0,)), Lexicon(INDEX, (1,))
    assert seen(first, "最佳") == {("a", 0, 2, False)}
    assert seen(second, "最佳") == {("b", 0, 2, False)}
    assert seen(second, "最佳办法") == {("b", 0, 2, False)}
    assert seen(first, "最佳办法") == set()
    assert seen(first, "最佳") == {("a", 0, 2, False)}


def test_an_exemption_is_made_once_for_all_lexicons() -> None:
    one, other = Lexicon(INDEX, (0, 3)), Lexicon(INDEX, (1, 3))
    assert one.exemptions["exempt.x"] is other.exemptions["exempt.x"]


@pytest.mark.parametrize(
    ("name", "severity", "sought"),
    [("a", "block", True), ("a", "pass", False), ("must.a", "block", False), ("a", "warn", True)],
)
def test_which_rules_are_looked_for(name: str, severity: str, sought: bool) -> None:
    assert finds(rule(name, severity=Severity(severity))) is sought


def test_a_word_that_says_nothing_here_is_passed_over_the_second_time_too() -> None:
    lexicon = Lexicon(INDEX, (2,))
    assert [seen(lexicon, "最佳国家级") for _ in range(2)] == [set(), set()]


def test_long_words_are_sought_as_written_only() -> None:
    long = "好" * (DISGUISED_MAX + 1)
    index = Index([rule("a", words=(long,))])
    assert len(index.entries) == 1
    assert index.heard == []


def test_a_word_twice_in_a_rule_is_found_once() -> None:
    lexicon = lexicon_for([rule("a", words=("最佳", "最{佳|好}"))])
    found = lexicon.find(Folded("最佳"))
    assert [(one.start, one.end) for one in found] == [(0, 2)]


def test_both_rules_of_one_id_stand_in_the_index_and_the_day_decides() -> None:
    days = {date(2025, 10, 14): "第八条", date(2025, 10, 15): "第九条"}
    for day, article in days.items():
        lexicon = lexicon_of(industry="general", on=day, touchpoint=None)
        found = {one.rule.article for one in lexicon.find(Folded("好评返现"))
                 if one.rule.id == "reviews.bought"}  # fmt: skip
        assert found == {article}


@pytest.mark.parametrize("industry", sorted(PARENT))
def test_a_lexicon_holds_the_rules_of_its_industry(industry: str) -> None:
    lexicon = lexicon_of(industry=industry, on=NOVEMBER, touchpoint=None)
    line = set(lineage(industry))
    for one in lexicon.rules.values():
        assert not one.industries or industry == "unknown" or line & set(one.industries), one.id
        assert not line & set(one.except_industries), one.id
    wanted = {
        one.id for one in in_force(NOVEMBER).values()
        if one.check == "copy" and finds(one) and not one.industries and not one.except_industries
    }  # fmt: skip
    assert wanted <= set(lexicon.rules)


@pytest.mark.parametrize("touchpoint", ["taobao.live", "live", "douyin.live"])
def test_rules_of_a_kind_of_touchpoint(touchpoint: str) -> None:
    def has(where: str | None) -> bool:
        return "live.false" in lexicon_of(industry="toys", on=NOVEMBER, touchpoint=where).rules

    assert has(touchpoint)
    assert has(None)
    assert not has("taobao.search")
    assert not has(touchpoint + ".x")


def spans(said: str, text: str) -> list[str]:
    pattern, plain = pattern_of(said), folded(text)
    found = []
    for anchor in pattern.anchors:
        at = plain.find(anchor)
        while at != -1:
            if span := pattern.span(plain, (at, at + len(anchor))):
                found.append(plain[slice(*span)])
            at = plain.find(anchor, at + 1)
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("said", "text", "found"),
    [
        ("甲 ~3 乙丙", "甲一二三乙丙", ["甲123乙丙"]),
        ("甲 ~3 乙丙", "甲一二三四乙丙", []),
        ("甲 ~3 乙丙", "甲乙丙", ["甲乙丙"]),
        ("甲 ~3 乙丙", "甲子甲乙丙", ["甲子甲乙丙"]),
        ("甲 ~3 乙丙", "甲子丑寅甲乙丙", ["甲乙丙"]),
        ("甲 ~3 乙丙", "乙丙甲", []),
        ("甲乙 ~2 丙", "甲乙丙甲乙子丙", ["甲乙丙", "甲乙子丙"]),
        ("# 天 ~2 见效", "十五天见效", ["十5天见效"]),
        ("# 天 ~2 见效", "第天见效", []),
        ("余额 ~3 清零", "余额将清零", ["余额将清0"]),
        ("余额 ~3 清零", "余额不清零", []),
        ("余额 ~3 清零", "余额从来没清零", []),
        ("余额 ~3 清零", "余额不会清零", ["余额不会清0"]),
        ("余额 ~3 不清零|清零", "余额不清零", ["余额不清0"]),
        ("没有不 ~2 瘦", "没有不瘦", ["没有不瘦"]),
        ("病 人? 说好", "病人说好", ["病人说好"]),
        ("病 人? 说好", "病说好", ["病说好"]),
    ],
)
def test_a_phrase_and_its_gaps(said: str, text: str, found: list[str]) -> None:
    assert spans(said, text) == found


@given(st.text(alphabet="甲乙丙不子", max_size=14))
@settings(max_examples=200)
def test_a_phrase_is_found_wherever_it_stands(text: str) -> None:
    """Against the plain reading: 甲, up to two characters, the last no negation, 乙丙. A second
    乙丙 that the same 甲 reaches is the same phrase."""
    wanted = {
        place
        for place in range(len(text))
        if text.startswith("乙丙", place)
        and any(
            text[place - gap - 1 : place - gap] == "甲"
            and (gap == 0 or text[place - 1] not in "不没未")
            for gap in range(min(3, place))
        )
    }
    pattern = pattern_of("甲 ~2 乙丙")
    assert pattern.anchors == ("乙丙",)
    told = {
        place
        for place in range(len(text))
        if text.startswith("乙丙", place) and pattern.span(text, (place, place + 2))
    }
    assert told <= wanted
    assert min(told, default=None) == min(wanted, default=None)


@pytest.mark.parametrize(
    ("said", "anchors"),
    [
        ("不|没 ~3 失眠|头痛", ("失眠", "头痛")),
        ("失眠|痛 ~3 治好了", ("治好了",)),
        ("甲 ~3 乙", ("甲",)),
        ("# 天 ~2 见效", ("见效",)),
        ("好用|好看|好吃 ~2 的人", ("的人",)),
    ],
)
def test_a_phrase_is_looked_for_by_its_rarest_part(said: str, anchors: tuple[str, ...]) -> None:
    assert pattern_of(said).anchors == anchors


def test_a_group_stands_for_its_words() -> None:
    made: Pattern = pattern_of("治|@disease 了")
    diseases = groups()["disease"].split("|")
    assert {folded(one) for one in diseases} <= set(made.parts[0].words)
    assert "治" in made.parts[0].words


@pytest.mark.parametrize("said", ["@nothing 好", "好 @", "治疗 @Disease"])
def test_a_group_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(BadInput, match="no group"):
        pattern_of(said)


@pytest.mark.parametrize("name", sorted(groups()))
def test_a_group_is_in_good_form(name: str) -> None:
    words = [folded(one) for one in groups()[name].split("|")]
    assert all(words)
    assert len(words) == len(set(words)), [one for one in words if words.count(one) > 1]
