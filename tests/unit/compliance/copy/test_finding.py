"""What is found in a text, what is left out, and what is made of findings that overlap."""

import time
from datetime import date

import pytest

from quanyu.compliance.copy import review
from quanyu.compliance.copy.disguises import disguises, is_heard, sounds_meant
from quanyu.compliance.copy.folding import Folded
from quanyu.compliance.copy.lexicon import lexicon_for, lexicon_of
from quanyu.compliance.copy.reviewing import HITS_MAX, JUDGED_MAX, combined
from quanyu.compliance.industries import PARENT
from quanyu.compliance.rulebook import Rule
from quanyu.compliance.verdict import Hit, Severity

NOVEMBER = date(2026, 11, 22)


def verdict(text: str, industry: str = "general", *, at: str | None = None) -> str:
    return review(text, industry=industry, on=NOVEMBER, touchpoint=at).verdict


def found(text: str, industry: str = "general") -> list[str]:
    hits = review(text, industry=industry, on=NOVEMBER).hits
    return [hit.text for hit in hits if hit.exempt is None]


ORDINALS = (
    "第一步：加水",
    "第一次来",
    "第一章",
    "第一页",
    "第一天到达",
    "第一批发货",
    "第一时间回复",
    "第一排座位",
    "第一位客人",
    "第一百货大楼",
    "第一人民医院",
    "第一中学",
    "第1001号",
    "第15名",
    "第一百零一条",
    "第一千零一夜",
    "世界第一大洋",
    "首页",
    "首单立减",
    "最近的门店",
    "最后一步",
    "最多三件",
    "最少两件",
    "最低消费20元",
    "最高减200元",
    "最迟明天",
    "最快30分钟送达",
    "最好提前预约",
    "最终解释见规则",
    "唯一标识码",
    "万能胶",
    "TOP10榜单",
    "TOP100",
    "No.12345",
    "No.1号楼",
    "stop1",
    "国家机关工作人员请勿参加",
    "国家极其重视",
    "国家集训队",
    "国家及地方标准",
    "过家家玩具",
    "罪大恶极",
    "醉驾违法",
    "嘴好馋",
    "最加分的一项",
    "天花板灯安装",
    "特级教师",
)


@pytest.mark.parametrize("text", ORDINALS)
def test_ordinary_words_are_no_findings(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "torn"),
    [
        ("味道好极，品尝过的都点头", True),
        ("价格三万，能够负担", True),
        ("榜首，家家户户都在看", True),
        ("最，佳选择", False),
        ("第。一品牌", False),
        ("唯，一选择", False),
        ("顶。级。工。艺", False),
        ("国，家，级，品，质", False),
        ("国\n家\n级", False),
        ("顶·级", False),
        ("顶 级", False),
        ("顶、级", False),
        ("极品。很好", False),
        ("能治疗。多年失眠", True),
        ("能治疗。多年失眠。", True),
        ("。能治疗。多年失眠。", True),
        ("能治疗，多年失眠。", False),
        ("治。疗。多。年。失。眠。", False),
    ],
)
def test_the_end_of_a_clause_beside_the_beginning_of_the_next_is_no_word(
    text: str, torn: bool
) -> None:
    assert (verdict(text) == "pass") is torn


@pytest.mark.parametrize(
    ("text", "blocked"),
    [
        ("销量TOP1", True),
        ("销量TOP1！", True),
        ("TOP1.5", False),
        ("TOP1.", True),
        ("销量第1。2024年", True),
        ("第1，2024", True),
        ("第1.5章", False),
        ("第一十八条", False),
        ("NO.1之选", True),
        ("PIANO.1", False),
        ("唯一百分百正品", True),
        ("全国第一2025年", True),
        ("唯一一款", True),
    ],
)
def test_figures_and_letters_that_run_on(text: str, blocked: bool) -> None:
    assert (verdict(text) == "block") is blocked


@pytest.mark.parametrize(
    ("word", "among"),
    [
        ("最好", {"日取好", "曰取好", "最女子"}),
        ("国家级", {"g家级", "国j级", "国家j", "国家纟及", "国宀豕级"}),
        ("唯1", {"口隹1"}),
        ("xyz", set()),
    ],
)
def test_a_word_in_parts_and_initials(word: str, among: set[str]) -> None:
    assert among <= set(disguises(word))
    assert word not in set(disguises(word))


@pytest.mark.parametrize(
    ("word", "heard"), [("最佳", True), ("第1", True), ("top1", False), ("佳", False)]
)
def test_which_words_are_sought_by_sound(word: str, heard: bool) -> None:
    assert is_heard(word) is heard


@pytest.mark.parametrize(
    ("word", "pieces", "meant"),
    [
        ("最佳", ["最", "佳"], False),
        ("最佳", ["最", "jia"], True),
        ("最佳", ["zui", "jia"], True),
        ("第1", ["di", "yi"], False),
        ("最佳", ["醉", "佳"], True),
        ("最佳", ["最", "家"], False),
        ("最佳", ["醉", "加"], False),
        ("国家级", ["国", "家", "极"], True),
        ("国家级", ["国", "家", "记"], False),
        ("国家级", ["guo", "jia", "ji"], True),
        ("稳赚不赔", ["稳", "赚", "不", "培"], True),
        ("稳赚不赔", ["温", "赚", "不", "培"], False),
        ("稳赚不赔", ["wen", "赚", "不", "培"], True),
        ("药妆", ["要", "妆"], False),
        ("药妆", ["yao", "妆"], True),
    ],
)
def test_when_a_sound_is_meant(word: str, pieces: list[str], meant: bool) -> None:
    assert sounds_meant(word, pieces) is meant


def rule(name: str, **change: object) -> Rule:
    said: dict[str, object] = {
        "id": name, "instrument": "《广告法》", "article": "第九条", "check": "copy", "source": "V",
        "effective_from": date(2015, 9, 1), "severity": Severity.BLOCK, "why": "…",
        "suggestion": "…", **change,
    }  # fmt: skip
    return Rule(**said)  # type: ignore[arg-type]


def spans(text: str, *rules: Rule) -> list[tuple[str, str]]:
    folded = Folded(text)
    return sorted(
        {
            (one.rule.id, folded.plain[one.start : one.end])
            for one in lexicon_for(rules).find(folded)
        }
    )


def test_an_exception_lifts_what_lies_in_it_and_no_more() -> None:
    one = rule("a", words=("第一",), exceptions=("第一次",))
    assert spans("第一次", one) == []
    assert spans("第一次做到第一", one) == [("a", "第1")]
    assert spans("第一 次", one) == []


def test_an_exception_of_one_rule_lifts_nothing_of_another() -> None:
    one = rule("a", words=("第一",), exceptions=("第一次",))
    other = rule("b", words=("第一",))
    assert spans("第一次", one, other) == [("b", "第1")]


def test_two_rules_of_one_word_are_both_found() -> None:
    assert spans("根治", rule("a", words=("根治",)), rule("b", words=("根治",))) == [
        ("a", "根治"),
        ("b", "根治"),
    ]


def test_many_combinations_become_a_pattern() -> None:
    letters = "|".join("甲乙丙丁戊己庚辛壬癸子丑寅")
    one = rule("a", words=(f"{{{letters}}}{{|的}}{{{letters}}}店",))
    assert spans("甲的乙店", one) == [("a", "甲的乙店")]
    assert spans("甲乙店", one) == [("a", "甲乙店")]
    assert spans("甲的店", one) == []


def test_rules_that_lift_and_rules_that_ask_find_nothing() -> None:
    asks = rule("must.x", words=("本品",))
    lifts = rule("exempt.x", words=("本店",), severity=Severity.PASS)
    assert spans("本店本品", asks, lifts) == []


def test_an_empty_set_of_rules_finds_nothing() -> None:
    assert spans("最佳") == []


def hit(start: int, end: int, *, severity: str = "block", exempt: str | None = None) -> Hit:
    return Hit(
        rule="r", article="", severity=Severity(severity), why="", suggestion="", start=start,
        end=end, exempt=exempt,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hits", "kept"),
    [
        ([], []),
        ([hit(0, 2), hit(0, 4)], [(0, 4)]),
        ([hit(0, 2), hit(2, 4)], [(0, 2), (2, 4)]),
        ([hit(0, 2), hit(0, 4, severity="warn")], [(0, 2)]),
        ([hit(0, 4, exempt="x"), hit(1, 2)], [(1, 2)]),
        ([hit(0, 4, exempt="x"), hit(1, 2, severity="warn")], [(1, 2)]),
        ([hit(3, 5), hit(0, 4)], [(0, 4)]),
        ([hit(5, 6), hit(0, 1)], [(0, 1), (5, 6)]),
    ],
)
def test_of_hits_that_overlap_the_strictest_then_the_longest(
    hits: list[Hit], kept: list[tuple[int, int]]
) -> None:
    assert [(one.start, one.end) for one in combined(hits)] == kept


def test_an_exempt_hit_hides_no_other() -> None:
    told = review("最佳饮用温度下治疗失眠", industry="food", on=NOVEMBER)
    assert told.verdict == "block"
    assert {hit.exempt is None for hit in told.hits} == {True, False}


def test_what_is_said_of_many_is_bounded_and_the_gravest_stay() -> None:
    text = "极致，" * (HITS_MAX + 200) + "国家级"
    told = review(text, industry="general", on=NOVEMBER)
    assert len(told.hits) == HITS_MAX
    assert told.hits[-1].text == "国家级"
    assert told.verdict == "block"


def test_nothing_hides_behind_many_lifted_ones() -> None:
    text = "顾客第一，" * (JUDGED_MAX + 10)
    assert verdict("顾客第一，" * 10) == "pass"
    assert verdict(text) == "block"


@pytest.mark.parametrize(
    "unit", ["最佳手感，", "治疗失眠", "普通的一句话。", "最", "最a", "\u200b"]
)
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    verdict("预热")

    def seconds(characters: int) -> float:
        begun = time.process_time()
        verdict((unit * characters)[:characters])
        return time.process_time() - begun

    short = min(seconds(4_000) for _ in range(2))
    assert seconds(40_000) < 30 * short + 0.2


def test_industries_of_equal_rules_share_a_lexicon() -> None:
    made = {
        industry: lexicon_of(industry=industry, on=NOVEMBER, touchpoint=None)
        for industry in ("travel", "apparel", "electronics")
    }
    assert len(set(map(id, made.values()))) == 1
    food = lexicon_of(industry="food", on=NOVEMBER, touchpoint=None)
    assert food is not made["travel"]
    assert food is lexicon_of(industry="food", on=date(2026, 11, 23), touchpoint=None)


@pytest.mark.parametrize("industry", sorted(PARENT))
def test_absolute_terms_are_forbidden_in_every_industry(industry: str) -> None:
    assert verdict("国家级品质", industry) == "block"
