"""Absolute terms, with the exemptions of the 2023 guide and the 2026 guidance: each case of the
rules as a line, with its article."""

from datetime import date

import pytest

from quanyu.compliance.copy import Claim, OnRecord, review
from quanyu.compliance.verdict import Hit

NOVEMBER = date(2026, 11, 22)
BEFORE_GUIDANCE = date(2026, 6, 11)
BEFORE_GUIDE = date(2023, 2, 24)
LAW, GUIDE = "《广告法》第九条第（三）项", "《广告绝对化用语执法指南》"


def only_hit(text: str, industry: str = "general", *, on: date = NOVEMBER) -> Hit:
    hits = review(text, industry=industry, on=on).hits
    assert len(hits) == 1, hits
    return hits[0]


def verdict(text: str, industry: str = "general", *, on: date = NOVEMBER) -> str:
    return review(text, industry=industry, on=on).verdict


def test_two_terms_are_two_hits_with_the_article() -> None:
    hits = review("全网最低价，国家级品质", industry="general", on=NOVEMBER).hits
    assert [hit.severity for hit in hits] == ["block", "block"]
    assert hits[1].article == LAW
    assert [(hit.start, hit.end) for hit in hits][1] == (6, 9)


@pytest.mark.parametrize(
    ("text", "industry", "exempt"),
    [
        ("本店最新款手机壳，比上一代更轻", "electronics", "第六条第（一）项"),
        ("最佳饮用温度60℃", "food", "第六条第（二）项"),
        ("冷藏后食用口感最佳", "food", "第六条第（二）项"),
        ("最佳赏味期：7天", "food", "第六条第（二）项"),
        ("特级初榨橄榄油(GB/T 23347)", "food", "第六条第（三）项（GB/T 23347）"),
        ("顾客第一", "general", "第五条第（一）项"),
        ("我们力争做到最好", "general", "第五条第（一）项"),
        ("电影《最好的我们》周五上映", "media", "第六条第（四）项（《最好的我们》）"),
    ],
)
def test_the_guide_lifts(text: str, industry: str, exempt: str) -> None:
    hit = only_hit(text, industry)
    assert hit.exempt == GUIDE + exempt
    assert verdict(text, industry) == "pass"
    assert verdict(text, industry, on=BEFORE_GUIDE) != "pass" or "特级" in text


@pytest.mark.parametrize(
    ("text", "industry"),
    [
        ("最有效", "health_food"),
        ("本店最有效的一款", "health_food"),
        ("本店祛斑效果最佳的面霜", "cosmetics"),
        ("旗下收益最高的产品，收益最好", "investment"),
        ("本公司通过率最好", "education"),
    ],
)
def test_efficacy_yield_and_results_are_never_lifted(text: str, industry: str) -> None:
    assert verdict(text, industry) == "block"


@pytest.mark.parametrize(
    "text", ["口红细分赛道销量第一", "朝阳区火锅销量第一", "2025年全国火锅销量第一"]
)
def test_since_2026_a_first_place_in_a_corner_is_no_first_place(text: str) -> None:
    hit = only_hit(text)
    assert hit.severity == "block"
    assert hit.article.startswith("《广告引证内容执法指南》")
    assert not only_hit(text, on=BEFORE_GUIDANCE).article.startswith("《广告引证内容执法指南》")


FIRST = "2025年全国化妆品零售额第一(来源X)"
EVIDENCE = Claim(
    text="2025年全国化妆品零售额第一", source="X研究院", file="x.pdf", sha256="ab", region="全国",
    scope="化妆品零售额", period_from=date(2025, 1, 1), period_to=date(2025, 12, 31),
    valid_until=date(2026, 12, 31), found_sha256="ab",
)  # fmt: skip


def test_a_fact_of_sales_needs_evidence_and_then_is_lifted() -> None:
    assert only_hit(FIRST, "cosmetics").severity == "need_proof"
    found = review(FIRST, industry="cosmetics", on=NOVEMBER, record=OnRecord(claims=(EVIDENCE,)))
    assert found.verdict == "pass"
    assert (found.hits[0].exempt or "").startswith(f"{GUIDE}第六条第（六）项（依据：X研究院")


@pytest.mark.parametrize(
    "text", ["第一步：加水", "第一次下单立减", "第一章", "首页", "最近", "最后一步"]
)
def test_ordinals_are_no_terms(text: str) -> None:
    assert review(text, industry="general", on=NOVEMBER).hits == ()
