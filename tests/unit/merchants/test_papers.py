"""Papers in memory: the last of an id counts, nothing is lost, bad ones are told with the field."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.merchant_desk import NOON_US, TODAY, Desk, Files, licence

from quanyu.compliance.copy import Override
from quanyu.compliance.rulebook import in_force
from quanyu.compliance.verdict import Severity
from quanyu.errors import BadInput, NotFound
from quanyu.merchants.papers.evidence import (
    FILE_BYTES_MAX,
    Evidence,
    EvidenceForm,
    evidence_of,
    kind_of,
)
from quanyu.merchants.papers.explaining import Reviewed
from quanyu.merchants.papers.records import (
    Paper,
    PaperKind,
    checked_actor,
    checked_override,
    record_of,
)

PDF = b"%PDF-1.7 report"


def form(**change: Any) -> EvidenceForm:
    usual = {
        "id": "e1", "claim": "全国第一", "source": "国家统计局", "scope": "茶叶零售额",
        "file_name": "r.pdf",
    }  # fmt: skip
    return EvidenceForm(**{**usual, **change})


KINDS = [
    (PDF, "pdf"),
    (b"\x89PNG\r\n\x1a\n....", "png"),
    (b"\xff\xd8\xff\xe0", "jpeg"),
    (b"PK\x03\x04....", "zip"),
    ("销售额，万元".encode(), "text"),
    (b"%PDF", "text"),
    (b"\x89PNG", None),
    (b"MZ\x90\x00", None),
    ("文本".encode("gb18030"), None),
    (b"text with \x00", None),
]


@pytest.mark.parametrize(("body", "kind"), KINDS)
def test_kinds_of_files(body: bytes, kind: str | None) -> None:
    assert kind_of(body) == kind


@pytest.mark.parametrize(
    ("body", "why"),
    [(b"", "empty"), (b"MZ\x90\x00", "PDF"), (b"a" * (FILE_BYTES_MAX + 1), "8 MiB")],
)
def test_files_that_prove_nothing(body: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why) as caught:
        evidence_of(form(), body)
    assert caught.value.field == "file"


def test_the_largest_file_is_taken() -> None:
    assert evidence_of(form(), b"a" * FILE_BYTES_MAX).size_bytes == FILE_BYTES_MAX


DAY = date(2025, 6, 1)
PERIODS = [
    ({"period_from": DAY}, False),
    ({"period_to": DAY}, False),
    ({"period_from": DAY, "period_to": date(2025, 5, 31)}, False),
    ({"period_from": DAY, "period_to": DAY}, True),
    ({}, True),
]


@pytest.mark.parametrize(("change", "good"), PERIODS)
def test_periods(change: dict[str, Any], good: bool) -> None:
    if good:
        form(**change).check()
        return
    with pytest.raises(BadInput) as caught:
        form(**change).check()
    assert caught.value.field == "period_to"


@given(st.binary(min_size=1, max_size=50))
def test_a_claim_knows_whether_its_file_is_the_one_that_was_handed_in(tail: bytes) -> None:
    files = Files()
    made = evidence_of(form(), PDF)
    files.keep(PDF)
    good = made.as_claim(files.found(made.sha256))
    assert good.found_sha256 == good.sha256 == made.sha256
    files.kept[made.sha256] = PDF + tail
    assert made.as_claim(files.found(made.sha256)).found_sha256 != made.sha256
    files.kept.clear()
    assert made.as_claim(files.found(made.sha256)).found_sha256 is None


def paper(kind: PaperKind, id: str, body: Any, *, withdrawn: str = "") -> Paper:
    return Paper(kind, id, json.dumps(body).encode(), "lin", NOON_US, withdrawn)


def test_a_record_is_made_of_what_counts() -> None:
    files = Files()
    said = {"claim": "c", "source": "s", "scope": "c", "file_name": "f", "size_bytes": 3}
    lasting, gone = ({"id": id, "sha256": files.keep(PDF), **said} for id in ("e1", "e2"))
    held = {"kind": "food_business", "number": "JY13101150000001", "holder": "茶业公司",
            "valid_from": "2022-01-01", "valid_to": "2027-01-01"}  # fmt: skip
    other = {"rule": "qualification.education", "severity": "pass", "reason": "r", "actor": "a"}
    found = record_of(
        [
            paper(PaperKind.INDUSTRY, "", {"industry": "food"}),
            paper(PaperKind.LICENCE, "a", held),
            paper(PaperKind.LICENCE, "b", {**held, "number": "JY13101150000002"}),
            paper(PaperKind.EVIDENCE, "e1", lasting),
            paper(PaperKind.EVIDENCE, "e2", gone, withdrawn="过期"),
            paper(PaperKind.OVERRIDE, "o", other),
            paper(PaperKind.INDUSTRY, "", {"industry": "catering"}),
        ],
        files,
    )
    assert found.industry == "catering", "the last one"
    assert len(found.licences) == 2
    assert found.copy.names == ("茶业公司",), "each holder once"
    assert [one.sha256 for one in found.copy.claims] == [lasting["sha256"]]
    assert [one.rule for one in found.copy.overrides] == ["qualification.education"]


def test_a_withdrawn_industry_is_none_again() -> None:
    gone = paper(PaperKind.INDUSTRY, "", {"industry": "food"}, withdrawn="错了")
    assert record_of([gone], Files()).industry is None


def test_a_paper_as_it_is_told() -> None:
    told = paper(PaperKind.INDUSTRY, "", {"industry": "food"}).as_json()
    assert told == {
        "id": "", "actor": "lin", "at": "2026-03-10T12:00:00+08:00", "industry": "food",
    }  # fmt: skip
    gone = paper(PaperKind.INDUSTRY, "", {"industry": "food"}, withdrawn="错了").as_json()
    assert gone["withdrawn"] == "错了"


def override(rule: str, reason: str = "内训") -> Override:
    return Override(rule=rule, severity=Severity.PASS, reason=reason, actor="法务")


@pytest.mark.parametrize("source", ["V", "S", "K"])
def test_only_what_nobody_has_read_is_read_otherwise(source: str) -> None:
    rules = [rule.id for rule in in_force(TODAY).values() if rule.source == source]
    assert rules, "there are such"
    for rule in rules:
        if source != "V":
            assert checked_override(override(rule), TODAY).rule == rule
            continue
        with pytest.raises(BadInput) as caught:
            checked_override(override(rule), TODAY)
        assert caught.value.field == "rule"


@pytest.mark.parametrize(
    ("said", "field"),
    [(override("no.such"), "rule"), (override("qualification.education", " "), "reason"),
     (override("qualification.education", "x" * 501), "reason")],
)  # fmt: skip
def test_overrides_that_are_none(said: Override, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        checked_override(said, TODAY)
    assert caught.value.field == field


@pytest.mark.parametrize("actor", ["", "  ", "x" * 65, "li\tn", "a\u200bb"])
def test_actors_that_are_nobody(actor: str) -> None:
    with pytest.raises(BadInput):
        checked_actor(actor)


@pytest.mark.parametrize("actor", ["林", "x" * 64, "lin wang"])
def test_actors(actor: str) -> None:
    assert checked_actor(actor) == actor


def test_said_again_it_is_no_new_line_until_something_else_was_said() -> None:
    desk = Desk()
    for industry in ("food", "food", "catering", "food"):
        desk.papers.say_industry("tea", industry, actor="lin")
    told = desk.papers.history("tea", PaperKind.INDUSTRY, id="")
    assert [one.as_json()["industry"] for one in told] == ["food", "catering", "food"]


def test_what_was_withdrawn_can_be_said_again() -> None:
    desk = Desk()
    for _ in range(2):
        desk.papers.add_licence("tea", licence(), actor="lin")
        desk.papers.withdraw("tea", PaperKind.LICENCE, id=licence().id, actor="lin", reason="误")
    assert len(desk.papers.history("tea", PaperKind.LICENCE, id=licence().id)) == 4
    with pytest.raises(NotFound):
        desk.papers.withdraw("tea", PaperKind.LICENCE, id=licence().id, actor="lin", reason="误")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_withdrawal_says_why(reason: str) -> None:
    desk = Desk()
    desk.papers.add_licence("tea", licence(), actor="lin")
    with pytest.raises(BadInput) as caught:
        desk.papers.withdraw("tea", PaperKind.LICENCE, id=licence().id, actor="lin", reason=reason)
    assert caught.value.field == "reason"
    assert len(desk.papers.listed("tea", PaperKind.LICENCE)) == 1


def test_nothing_is_kept_of_evidence_by_nobody() -> None:
    desk = Desk()
    with pytest.raises(BadInput):
        desk.papers.add_evidence("tea", form(), body=PDF, actor="")
    assert desk.files.kept == {}
    assert desk.papers.listed("tea", PaperKind.EVIDENCE) == []


def test_evidence_comes_back_with_its_file() -> None:
    desk = Desk()
    made = desk.papers.add_evidence("tea", form(), body=PDF, actor="lin")
    assert desk.papers.evidence_file("tea", "e1") == (made, PDF)
    assert isinstance(made, Evidence)
    for merchant, id in (("tea", "e2"), ("shoes", "e1")):
        with pytest.raises(NotFound):
            desk.papers.evidence_file(merchant, id)


def test_tasks_are_noted_once_per_id() -> None:
    desk = Desk()
    said = form()
    assert [desk.papers.note_task("tea", id, task=said) for id in ("a", "a", "b")] == [
        True, False, True,
    ]  # fmt: skip
    assert desk.papers.of("tea").licences == (), "a task is nothing for the gate"


def test_a_review_as_it_is_told() -> None:
    told = Reviewed(TODAY, NOON_US, "catering", "pass", "ab" * 32, ()).as_json()
    assert (told["on"], told["at"]) == ("2026-03-10", "2026-03-10T12:00:00+08:00")
    assert (told["industry"], told["verdict"], told["hits"]) == ("catering", "pass", [])
