"""What a merchant has on record, on a real database: added, never changed, and explained."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.engine_ground import opened
from tests.gates import showing
from tests.shown_paths import ITEM, STORE

from quanyu.clock import DAY_US, FixedClock
from quanyu.compliance.copy import Override
from quanyu.compliance.licences import Licence
from quanyu.compliance.verdict import Hit, Severity, Verdict
from quanyu.errors import BadInput, NotFound, StorageUnavailable
from quanyu.merchants.listings.catalogue import listing_of
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store
from quanyu.merchants.papers.evidence import FILE_BYTES_MAX, EvidenceForm
from quanyu.merchants.papers.records import PaperKind
from quanyu.storage.evidence_files import EvidenceDirectory
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

TODAY = date(2026, 3, 10)
JY = "JY13101150000001"


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Any:
    with opened(database, clock, data_dir) as made:
        yield made


def licence(**change: Any) -> Licence:
    usual = {"valid_from": date(2022, 1, 1), "valid_to": TODAY + timedelta(days=20)}
    return Licence("food_business", JY, "茶业公司", **{**usual, **change})


def test_the_last_paper_of_an_id_counts_and_none_is_lost(engine: Engine) -> None:
    papers = engine.papers
    papers.add_licence("tea", licence(), actor="lin")
    papers.add_licence("tea", licence(), actor="lin")
    papers.add_licence("tea", licence(valid_to=date(2030, 1, 1)), actor="wang")
    assert [one.valid_to for one in papers.of("tea").licences] == [date(2030, 1, 1)]
    said = papers.history("tea", PaperKind.LICENCE, id=licence().id)
    assert [one.actor for one in said] == ["lin", "wang"], "said again is no second line"
    papers.withdraw("tea", PaperKind.LICENCE, id=licence().id, actor="wang", reason="吊销")
    assert papers.of("tea").licences == ()
    assert papers.listed("tea", PaperKind.LICENCE) == []
    assert len(papers.history("tea", PaperKind.LICENCE, id=licence().id)) == 3
    with pytest.raises(NotFound):
        papers.withdraw("tea", PaperKind.LICENCE, id=licence().id, actor="wang", reason="再次")
    assert papers.of("other").licences == (), "of this merchant alone"


@pytest.mark.parametrize("table", ["paper", "review"])
def test_no_line_is_ever_changed(engine: Engine, table: str) -> None:
    engine.papers.say_industry("tea", "catering", actor="lin")
    engine.gate.check(showing())
    for statement in (f"UPDATE {table} SET id = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(psycopg.Error), engine.database.transaction() as tx:
            tx.execute(statement)  # type: ignore[arg-type]


def test_tasks_come_once_per_step(engine: Engine, clock: FixedClock) -> None:
    engine.papers.add_licence("tea", licence(), actor="lin")
    assert [engine.reminders.note() for _ in range(2)] == [1, 0]
    clock.advance(14 * DAY_US)
    assert [engine.reminders.note() for _ in range(2)] == [1, 0], "a week is left"
    clock.advance(8 * DAY_US)
    assert [engine.reminders.note() for _ in range(2)] == [1, 0], "it is over"
    tasks = [one.as_json()["task"] for one in engine.papers.listed("tea", PaperKind.TASK)]
    assert len(tasks) == 3
    assert "已于 2026-03-30 到期" in tasks[-1]
    engine.papers.add_licence("tea", licence(valid_to=date(2030, 1, 1)), actor="lin")
    assert engine.reminders.note() == 0
    assert engine.reminders.of("tea") == []


def form(**change: Any) -> EvidenceForm:
    usual = {"id": "e1", "claim": "全国第一", "source": "国家统计局", "scope": "茶叶零售额",
             "file_name": "a.txt"}  # fmt: skip
    return EvidenceForm(**{**usual, **change})


def test_evidence_is_a_claim_with_the_hash_its_file_has_now(engine: Engine, data_dir: Path) -> None:
    made = engine.papers.add_evidence("tea", form(), body=b"2025 report", actor="lin")
    (claim,) = engine.papers.of("tea").copy.claims
    assert claim.found_sha256 == claim.sha256 == made.sha256
    assert engine.papers.evidence_file("tea", "e1") == (made, b"2025 report")
    file = data_dir / "evidence" / made.sha256[:2] / made.sha256
    file.write_bytes(b"2026 report")
    (claim,) = engine.papers.of("tea").copy.claims
    assert claim.found_sha256 != claim.sha256, "somebody has changed it"
    with pytest.raises(StorageUnavailable):
        engine.papers.evidence_file("tea", "e1")
    file.unlink()
    (claim,) = engine.papers.of("tea").copy.claims
    assert claim.found_sha256 is None
    engine.papers.add_evidence("tea", form(), body=b"2025 report", actor="lin")
    assert engine.papers.evidence_file("tea", "e1")[1] == b"2025 report", "handed in again"


BODIES = [(b"", "file"), (b"x" * (FILE_BYTES_MAX + 1), "file"), (b"\x00\x01\xff", "file")]


@pytest.mark.parametrize(("body", "field"), BODIES, ids=["empty", "large", "binary"])
def test_files_that_are_not_taken(engine: Engine, data_dir: Path, body: bytes, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        engine.papers.add_evidence("tea", form(), body=body, actor="lin")
    assert caught.value.field == field
    assert not (data_dir / "evidence").exists()


def test_a_path_is_no_hash(tmp_path: Path) -> None:
    files = EvidenceDirectory(tmp_path)
    for name in ("../master.key", "A" * 64, "0" * 63):
        with pytest.raises(NotFound):
            files.read(name)


def reading(rule: str = "qualification.education", **change: Any) -> Override:
    usual = {"severity": Severity.PASS, "reason": "企业内训", "actor": "法务"}
    return Override(rule=rule, **{**usual, **change})


def test_overrides_of_what_is_not_read_in_the_law_only(engine: Engine) -> None:
    for bad in (reading("qualification.food"), reading("no.such"), reading(reason=" ")):
        with pytest.raises(BadInput):
            engine.papers.override("tea", bad)
    engine.papers.override("tea", reading())
    assert engine.papers.of("tea").copy.overrides == (reading(),)
    assert engine.gate.check(showing(industry="education")).may_be_shown
    engine.papers.withdraw(
        "tea", PaperKind.OVERRIDE, id=reading().rule, actor="法务", reason="开始办学"
    )
    assert not engine.gate.check(showing(industry="education")).may_be_shown


def test_the_journal_tells_each_change_of_mind(engine: Engine, clock: FixedClock) -> None:
    """A, A, B, A of one day are three lines; the newest comes first."""
    thing, no = showing(id="o"), Hit(
        rule="r", article="令56", severity=Severity.BLOCK, why="因为", suggestion="改"
    )  # fmt: skip
    for verdict in (Verdict(), Verdict(), Verdict((no,)), Verdict()):
        engine.reviews.keep([(thing, verdict)])
    found = engine.reviews.of("tea", "offer", id="o", limit=10)
    assert [one.verdict for one in found] == ["pass", "block", "pass"]
    assert found[1].hits == (no,)
    assert engine.reviews.of("tea", "offer", id="o", limit=1) == found[:1]
    assert engine.reviews.of("other", "offer", id="o", limit=10) == []


def test_listings_are_kept_by_merchant_and_kind_and_streamed_whole(engine: Engine) -> None:
    items = [listing_of({**ITEM, "id": f"i{n:04d}"}, Item) for n in range(900)]
    assert engine.listings.put("tea", items, place="items").changed == 900
    engine.listings.put("tea", [listing_of(STORE, Store)], place="stores")
    assert list(engine.listings.stream("tea", Item)) == items
    assert [one.id for one in engine.listings.stream("tea", Store)] == ["s1"]
    assert list(engine.listings.stream("other", Item)) == []
    assert engine.listings.put("tea", items, place="items").changed == 0
