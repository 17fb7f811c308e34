"""The gate: texts, licences, prices and marks together, by the law of the day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from tests.gates import OpenGate, showing

from quanyu.clock import FixedClock
from quanyu.compliance.copy import Claim, OnRecord, Override
from quanyu.compliance.doorkeeper import Doorkeeper, Page, names_of
from quanyu.compliance.gate import LawGate, Record, judged
from quanyu.compliance.industries import UNKNOWN
from quanyu.compliance.licences import Licence
from quanyu.compliance.showing import Showing, Unlawful
from quanyu.compliance.verdict import Hit, Severity, Verdict

LICENCE = Licence(
    "food_business", "JY13101150000001", "茶业公司", date(2022, 1, 1), date(2027, 12, 31)
)
SENTENCE = "全网最低价，国家级品质"


def said(record: Record = Record(), **change: Any) -> Verdict:
    return judged(showing(**change), record)


def test_an_ordinary_text_passes_and_an_absolute_one_is_blocked_twice() -> None:
    assert said().verdict == "pass"
    found = said(texts={"title": SENTENCE})
    assert found.verdict == "block"
    blocks = [hit for hit in found.hits if hit.counts_as is Severity.BLOCK]
    assert len(blocks) >= 2
    assert all(hit.field == "title" for hit in blocks)
    assert any("第九条" in hit.article for hit in blocks)


def test_a_food_offer_needs_its_licence_besides_good_words() -> None:
    assert said(industry="catering").verdict == "block"
    assert said(Record(licences=(LICENCE,)), industry="catering").verdict == "pass"


def test_an_unknown_industry_is_the_strictest_and_says_so() -> None:
    mild = {"texts": {"title": "红枣茶治疗失眠"}}
    general, unknown = (said(industry=one, **mild) for one in ("general", UNKNOWN))
    assert [hit.rule for hit in said(industry=UNKNOWN).hits] == ["industry.unknown"]
    assert said(industry=UNKNOWN).verdict == "warn", "an ordinary text still passes"
    order = list(Severity)
    assert order.index(unknown.verdict) >= order.index(general.verdict)
    assert unknown.verdict == "block", "as for food"


def test_no_page_must_carry_the_notices_of_every_industry() -> None:
    found = said(industry=UNKNOWN, texts={"title": "手机壳"})
    assert all(hit.rule == "industry.unknown" for hit in found.hits)


MARKS = [
    ({"advertises": True}, "label"),
    ({"advertises": True, "marked_as_ad": True}, "pass"),
    ({"generated": True}, "label"),
    ({"generated": True, "marked_as_generated": True}, "pass"),
    ({"generated": True, "on": date(2025, 8, 31)}, "pass"),
]


@pytest.mark.parametrize(("change", "verdict"), MARKS)
def test_marks(change: dict[str, Any], verdict: str) -> None:
    assert said(**change).verdict == verdict


def override(rule: str, severity: Severity) -> Record:
    reading = Override(rule=rule, severity=severity, reason="企业内训不办学", actor="法务")
    return Record(copy=OnRecord(overrides=(reading,)))


def test_the_operator_reads_a_rule_of_licences_otherwise_and_is_cited() -> None:
    assert said(industry="education").verdict == "block"
    lifted = said(override("qualification.education", Severity.PASS), industry="education")
    assert lifted.verdict == "pass"
    assert "企业内训不办学" in (lifted.hits[0].exempt or "")
    assert "法务" in (lifted.hits[0].exempt or "")
    milder = said(override("qualification.education", Severity.WARN), industry="education")
    assert milder.verdict == "warn"
    assert "企业内训不办学" in milder.hits[0].why


def test_nobody_reads_otherwise_what_stands_in_the_law() -> None:
    still = said(override("qualification.food", Severity.PASS), industry="catering")
    assert still.verdict == "block"


def test_a_claim_passes_with_its_evidence_and_not_without() -> None:
    texts = {"title": "2025年全国化妆品零售额第一"}
    assert not said(texts=texts, industry="apparel").may_be_shown
    claim = Claim(
        text="全国化妆品零售额第一", source="国家统计局", file="a.pdf", sha256="0" * 64,
        scope="化妆品零售额", region="全国", period_from=date(2025, 1, 1),
        period_to=date(2025, 12, 31), found_sha256="0" * 64,
    )  # fmt: skip
    proved = said(Record(copy=OnRecord(claims=(claim,))), texts=texts, industry="apparel")
    assert proved.may_be_shown, proved
    assert any(hit.exempt for hit in proved.hits)


class Shelf:
    """Records and journal of a test."""

    def __init__(self, **records: Record) -> None:
        self.records = records
        self.asked: list[str] = []
        self.kept: list[tuple[Showing, Verdict]] = []

    def of(self, merchant: str) -> Record:
        self.asked.append(merchant)
        return self.records.get(merchant, Record())

    def keep(self, judged: Sequence[tuple[Showing, Verdict]]) -> None:
        self.kept += judged


def no_prices(showing: Showing) -> Verdict:
    return Verdict()


def test_every_verdict_is_kept_with_the_industry_it_was_judged_in() -> None:
    shelf = Shelf(tea=Record(industry="catering"))
    gate = LawGate(shelf, shelf, prices=no_prices)
    assert gate.check(showing(industry=UNKNOWN)).verdict == "block"
    assert gate.check(showing(industry="apparel")).verdict == "pass", "an item may say its own"
    assert [(one.industry, str(v.verdict)) for one, v in shelf.kept] == [
        ("catering", "block"), ("apparel", "pass"),
    ]  # fmt: skip


def test_papers_are_read_once_for_many() -> None:
    shelf = Shelf()
    gate = LawGate(shelf, shelf, prices=no_prices)
    assert len(gate.check_all([showing(id=str(n)) for n in range(20)])) == 20
    assert shelf.asked == ["tea"]
    assert gate.check_all([]) == []


def test_prices_count_with_the_rest() -> None:
    dear = Hit(rule="p", article="令56", severity=Severity.BLOCK, why="", suggestion="")
    gate = LawGate(Shelf(), Shelf(), prices=lambda showing: Verdict((dear,)))
    assert gate.check(showing()).verdict == "block"


def test_the_door_shows_today_and_raises_with_the_place(clock: FixedClock) -> None:
    open_gate = OpenGate()
    Doorkeeper(open_gate, clock).admit("tea", Page(kind="offer", id="o", texts={}), place="x")
    assert open_gate.asked[0].on == date(2026, 3, 10)
    assert open_gate.asked[0].industry == UNKNOWN
    law = Doorkeeper(LawGate(Shelf(), Shelf(), prices=no_prices), clock)
    with pytest.raises(Unlawful) as caught:
        law.admit("tea", Page(kind="offer", id="o", texts={"title": SENTENCE}), place="template")
    assert caught.value.field == "template.title"
    assert caught.value.verdict.verdict == "block"


NAMES = [
    ({"id": "t1", "shop": "总店"}, {"shop": "总店"}),
    ({"id": "TOP_1", "at": "2026-01-01T00:00:00+08:00"}, {}),
    ({"scope": {"items": ["a1", "茶"]}}, {"scope.items[1]": "茶"}),
    ({"items": {"茶": 1, "cup": 2}}, {"items.茶 (name)": "茶"}),
    ({"n": 1, "none": None, "yes": True}, {}),
]


@pytest.mark.parametrize(("tree", "names"), NAMES)
def test_names_are_what_is_no_id(tree: Any, names: dict[str, str]) -> None:
    assert names_of(tree) == names
