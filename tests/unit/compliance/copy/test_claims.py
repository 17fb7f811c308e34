"""Evidence for a statement, names on record, and other readings by the operator."""

from datetime import date
from typing import Any

import msgspec
import pytest

from quanyu.compliance.copy import Claim, OnRecord, Override, review, with_files
from quanyu.compliance.copy.claims import sha256_of
from quanyu.compliance.verdict import Verdict
from quanyu.errors import BadInput

NOVEMBER = date(2026, 11, 22)
FIRST = "2025年全国化妆品零售额第一"
FILE = b"%PDF the report"
CLAIM = Claim(
    text=FIRST, source="某研究院", file="report.pdf", sha256=sha256_of(FILE), scope="化妆品零售额",
    region="全国", period_from=date(2025, 1, 1), period_to=date(2025, 12, 31),
    valid_until=date(2026, 12, 31), found_sha256=sha256_of(FILE),
)  # fmt: skip


def judged(text: str = FIRST, *claims: Claim, on: date = NOVEMBER, **more: Any) -> Verdict:
    record = OnRecord(claims=claims, **more)
    return review(text, industry="cosmetics", on=on, record=record)


def changed(**change: Any) -> Claim:
    return msgspec.structs.replace(CLAIM, **change)


def test_with_the_evidence_the_exemption_is_applied_and_cited() -> None:
    found = judged(FIRST, CLAIM)
    assert found.verdict == "pass"
    told = found.hits[0].exempt or ""
    assert "第六条第（六）项" in told
    assert "某研究院，全国，化妆品零售额，2025-01-01 至 2025-12-31（report.pdf）" in told


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({"found_sha256": None}, "report.pdf 不存在"),
        ({"found_sha256": "00"}, "与登记时不一致"),
        ({"source": " "}, "没有写明出处"),
        ({"valid_until": date(2026, 11, 21)}, "已于 2026-11-21 过期"),
        ({"period_from": None}, "没有写明统计期"),
        ({"period_to": date(2027, 1, 1)}, "2027-01-01 才结束"),
        (
            {"period_from": date(2024, 1, 1), "period_to": date(2024, 12, 31)},
            "统计期 2024-01-01 至 2024-12-31 不含 2025 年",
        ),
        ({"region": "上海"}, "证明材料的地域是上海，文案说的是全国"),
        ({"scope": None}, "没有写明统计的地域和品类范围"),
        ({"text": "2025年全国白酒零售额第一"}, "没有登记证明材料"),
    ],
)
def test_evidence_that_lacks_something_says_what(change: dict[str, Any], lacks: str) -> None:
    found = judged(FIRST, changed(**change))
    assert found.verdict == "need_proof"
    assert lacks in found.hits[0].why


def test_one_of_several_claims_is_enough() -> None:
    assert judged(FIRST, changed(found_sha256=None), CLAIM).verdict == "pass"


@pytest.mark.parametrize(
    "text", ["2025年*零售额第一", "全国化妆品 零售额 第一", "２０２５年全国化妆品零售额第壹"]
)
def test_the_statement_of_a_claim_is_read_as_ads_are(text: str) -> None:
    assert judged(FIRST, changed(text=text)).verdict == "pass"


@pytest.mark.parametrize("text", ["*", "", " ，"])
def test_a_claim_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"claims\.text"):
        judged(FIRST, changed(text=text))


def test_evidence_of_one_statement_lifts_no_other() -> None:
    assert judged(f"{FIRST}。国家级品质", CLAIM).verdict == "block"


def test_evidence_for_figures_and_efficacy() -> None:
    said = "抗皱"
    assert judged(said).verdict == "need_proof"
    told = judged(said, changed(text="抗皱")).hits[0].exempt or ""
    assert told.startswith("《广告法》第十一条第二款（依据：某研究院")


def test_files_are_looked_up_and_hashed() -> None:
    stored = {"report.pdf": FILE}
    claims = with_files([changed(found_sha256="x"), changed(file="no.pdf")], stored.get)
    assert [one.found_sha256 for one in claims] == [sha256_of(FILE), None]


@pytest.mark.parametrize(
    ("text", "names", "verdict"),
    [
        ("顶级厨房牌炒锅", ("顶级厨房",), "pass"),
        ("顶级厨房牌炒锅", (), "block"),
        ("顶级炒锅", ("顶级厨房",), "block"),
        ("顶级炒锅", ("顶级",), "block"),
    ],
)
def test_a_registered_name_is_no_claim(text: str, names: tuple[str, ...], verdict: str) -> None:
    assert judged(text, names=names).verdict == verdict


def override(**change: Any) -> Override:
    said = {"rule": "cosmetics.special", "severity": "warn", "reason": "有特证", "actor": "法务李"}
    return msgspec.convert({**said, **change}, Override)


def test_the_operator_may_read_a_secondary_source_otherwise() -> None:
    assert judged("美白").verdict == "block"
    found = judged("美白", overrides=(override(),))
    assert found.verdict == "warn"
    assert "有特证（法务李）" in found.hits[0].why
    lifted = judged("美白", overrides=(override(severity="pass"),))
    assert lifted.verdict == "pass"
    assert lifted.hits[0].exempt == "经营者判断：有特证（法务李）"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rule": "absolute.terms"}, r"overrides\[0\]\.rule: absolute\.terms stands in 《广告法》"),
        ({"rule": "no.such.rule"}, r"overrides\[0\]\.rule"),
        ({"reason": " "}, r"overrides\[0\]\.reason"),
        ({"actor": ""}, r"overrides\[0\]\.reason"),
    ],
)
def test_the_law_itself_is_not_read_otherwise(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput, match=field):
        judged("美白", overrides=(override(**change),))


def test_the_narrow_segment_of_2026_may_be_read_otherwise() -> None:
    text = "2025年全国口红零售额第一"
    claim = changed(text=text)
    assert judged(text, claim).verdict == "block"
    wider = override(rule="exempt.narrow", severity="pass", reason="口红有独立统计类别")
    found = judged(text, claim, overrides=(wider,))
    assert found.verdict == "pass"
    assert (found.hits[0].exempt or "").endswith("经营者判断：口红有独立统计类别（法务李）")
    assert judged(text, overrides=(wider,)).verdict == "need_proof"
