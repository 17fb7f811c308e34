"""The packs: each industry's cases with their article, dated, and in good form."""

import re
from datetime import date, timedelta
from itertools import islice

import pytest

from quanyu.compliance.copy import OnRecord, review
from quanyu.compliance.copy.exemptions import TESTS
from quanyu.compliance.copy.lexicon import first_day
from quanyu.compliance.copy.phrases import combinations, expanded, pattern_of
from quanyu.compliance.copy.reviewing import yuan_in
from quanyu.compliance.industries import PARENT, lineage
from quanyu.compliance.rulebook import Rule, rulebook
from quanyu.compliance.verdict import Hit, Severity
from quanyu.errors import BadInput

NOVEMBER = date(2026, 11, 22)
RULES = [rule for rule in rulebook() if rule.check == "copy"]
FINDING = [rule for rule in RULES if rule.severity is not Severity.PASS]


def hits(text: str, industry: str = "general", *, on: date = NOVEMBER, at: str = "") -> list[Hit]:
    found = review(text, industry=industry, on=on, touchpoint=at or None).hits
    return [hit for hit in found if hit.exempt is None and not hit.rule.startswith("must.")]


@pytest.mark.parametrize(
    ("text", "industry", "severity", "article"),
    [
        ("红枣茶治疗失眠", "food", "block", "《食品安全法》第七十三条"),
        ("药妆 祛疤", "cosmetics", "block", "《化妆品监督管理条例》第四十三条"),
        ("美白", "cosmetics", "block", "《化妆品监督管理条例》第十六条"),
        ("稳赚不赔", "investment", "block", "《广告法》第二十五条"),
        ("30天保效果", "services", "block", "《广告法》第二十八条"),
        ("余额概不退还", "services", "block", "适用法律若干问题的解释》第九条"),
        ("治愈率98%", "medical", "block", "《广告法》第十六条"),
        ("保录取985", "education", "block", "《广告法》第二十四条"),
        ("年回报率8%", "realestate", "block", "《广告法》第二十六条"),
        ("国家机关专供", "food", "block", "《广告法》第九条第（一）、（二）项"),
        ("可以代替母乳", "infant_formula", "block", "《广告法》第二十条"),
        ("不醉不归", "alcohol", "block", "《广告法》第二十三条"),
        ("比同类产品效果更好", "health_food", "block", "《广告法》第十八条"),
        ("叫妈妈给你买", "toys", "block", "《广告法》第四十条"),
        ("童星代言推荐", "toys", "block", "《广告法》第三十八条"),
        ("好评返现5元", "general", "block", "《反不正当竞争法》第九条"),
        ("百分百中奖", "general", "block", "《规范促销行为暂行规定》第十三条"),
        ("去除AI水印", "media", "block", "《人工智能生成合成内容标识办法》第十条"),
        ("全网最低价", "general", "block", "《明码标价和禁止价格欺诈规定》第十九条"),
        ("原价999元，现价99元", "general", "need_proof", "《明码标价和禁止价格欺诈规定》第十六条"),
        ("纯分享无广告", "general", "block", "《广告法》第十四条"),
        ("亲测好用，点链接下单", "general", "label", "《互联网广告管理办法》第九条"),
        ("开光转运手串", "general", "block", "《广告法》第九条第（八）项"),
        ("全家都会得癌", "general", "block", "《广告法》第三条"),
        ("零甲醛", "home", "need_proof", "《广告法》第十一条"),
        ("别家都是假货", "general", "block", "《广告法》第十三条"),
        ("无抵押秒批", "finance", "block", "《关于进一步规范金融营销宣传行为的通知》第三条"),
        ("买贵必赔", "general", "warn", "《"),
        ("抗皱紧致", "cosmetics", "need_proof", "《化妆品监督管理条例》第二十二条"),
    ],
)
def test_what_the_law_says(text: str, industry: str, severity: str, article: str) -> None:
    found = hits(text, industry)
    assert severity in {hit.severity.value for hit in found}, found
    assert any(article in hit.article for hit in found), [hit.article for hit in found]
    assert all(hit.why and hit.suggestion for hit in found)


@pytest.mark.parametrize(
    ("text", "allowed_in", "not_in"),
    [
        ("美白精华", "special_cosmetics", "cosmetics"),
        ("风水师推门进来", "media", "realestate"),
        ("增强免疫力", "health_food", "prepackaged_food"),
        ("年回报率", "apparel", "realestate"),
    ],
)
def test_one_word_two_industries(text: str, allowed_in: str, not_in: str) -> None:
    ids = {hit.rule for hit in hits(text, not_in)}
    assert ids
    assert not {"cosmetics.special", "realestate.superstition", "food.health_words",
                "realestate.promises"} & {hit.rule for hit in hits(text, allowed_in)}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "day", "before", "since"),
    [
        ("好评返现5元", date(2025, 10, 15), "第八条", "第九条"),
        ("一等奖奖金6万元", date(2025, 10, 15), "第十条第（三）项", "第十一条第（三）项"),
        ("余额概不退还", date(2025, 5, 1), "《消费者权益保护法》", "的解释》第九条"),
    ],
)
def test_the_law_of_the_day(text: str, day: date, before: str, since: str) -> None:
    old = {hit.article for hit in hits(text, on=day - timedelta(days=1))}
    new = {hit.article for hit in hits(text, on=day)}
    assert any(before in article for article in old), old
    assert any(since in article for article in new), new
    assert not old & new


def test_rules_of_live_rooms_hold_there_and_where_nobody_said_where() -> None:
    text, rule = "工厂倒闭，赔钱甩卖", "live.false"
    assert rule in {hit.rule for hit in hits(text, at="taobao.live")}
    assert rule in {hit.rule for hit in hits(text)}
    assert rule not in {hit.rule for hit in hits(text, at="taobao.search")}
    assert rule not in {hit.rule for hit in hits(text, on=date(2026, 1, 31), at="taobao.live")}


@pytest.mark.parametrize(
    ("prize", "blocked"), [("5万元", False), ("50001元", True), ("八万元", True)]
)
def test_a_prize_above_fifty_thousand(prize: str, blocked: bool) -> None:
    found = {hit.rule for hit in hits(f"抽奖特等奖价值{prize}的家电")}
    assert ("lottery.prize" in found) is blocked


@pytest.mark.parametrize(
    ("plain", "sums"), [("奖5万", [50_000]), ("3千元", [3_000]), ("奖", []), ("12", [12])]
)
def test_sums_in_words(plain: str, sums: list[int]) -> None:
    assert yuan_in(plain) == sums


@pytest.mark.parametrize(
    ("industry", "said", "severity"),
    [
        ("health_food", "本品不能代替药物", "block"),
        ("drugs", "请按药品说明书或者在药师指导下购买和使用", "block"),
        ("medical_devices", "请仔细阅读产品说明书或者在医务人员的指导下购买和使用", "block"),
        ("investment", "投资有风险，入市需谨慎", "label"),
    ],
)
def test_what_must_be_said(industry: str, said: str, severity: str) -> None:
    silent = review("新品上市", industry=industry, on=NOVEMBER)
    assert silent.verdict == severity
    assert [(hit.start, hit.end) for hit in silent.hits] == [(0, 0)]
    assert review(f"新品上市。{said}。", industry=industry, on=NOVEMBER).verdict == "pass"
    beside = OnRecord(beside=(said,))
    assert review("新品上市", industry=industry, on=NOVEMBER, record=beside).verdict == "pass"


def test_a_day_before_every_pack_is_refused() -> None:
    assert review("最佳", industry="general", on=first_day()).verdict == "block"
    with pytest.raises(BadInput, match=r"on: the rules known begin on 2015-09-01"):
        review("最佳", industry="general", on=first_day() - timedelta(days=1))


def test_an_unknown_industry_and_a_text_too_long_are_refused() -> None:
    with pytest.raises(BadInput, match="industry"):
        review("最佳", industry="shoes", on=NOVEMBER)
    with pytest.raises(BadInput, match="text: review at most"):
        review("好" * ((1 << 20) + 1), industry="general", on=NOVEMBER)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.id} {rule.effective_from}")
def test_a_rule_is_in_good_form(rule: Rule) -> None:
    assert rule.instrument
    assert rule.why
    assert rule.suggestion or rule.severity is Severity.PASS
    for word in (*rule.words, *rule.exceptions):
        assert not re.search(r"[{}|]", re.sub(r"\{[^{}]*\}", "", word)), word
        assert next(expanded(word), "") or combinations(word) == 1, word
    for pattern in rule.patterns:
        assert pattern_of(pattern).anchors
    assert set(rule.exemptions) <= set(TESTS)
    assert set(rule.except_industries) <= set(PARENT)


def industry_of(rule: Rule) -> str:
    """One in which it holds."""
    for industry in (*rule.industries, "general", *PARENT):
        held = not rule.industries or set(rule.industries) & set(lineage(industry))
        if held and not set(rule.except_industries) & set(lineage(industry)):
            return industry
    raise AssertionError(rule.id)


@pytest.mark.parametrize(
    "rule",
    [rule for rule in FINDING if not rule.id.startswith("must.")],
    ids=lambda rule: f"{rule.id} {rule.effective_from}",
)
def test_each_word_of_a_rule_is_found(rule: Rule) -> None:
    on = rule.effective_to or max(rule.effective_from, NOVEMBER)
    industry = industry_of(rule)
    for said in rule.words:
        for word in islice(expanded(said), 2):
            found = review(f"（{word}）", industry=industry, on=on).hits
            lifted = any(word in other for said in rule.exceptions for other in expanded(said))
            assert found or lifted, (rule.id, word)


def test_the_packs_are_wide() -> None:
    words = sum(combinations(word) for rule in FINDING for word in rule.words)
    assert len({rule.id for rule in FINDING}) >= 40
    assert words > 2_000
