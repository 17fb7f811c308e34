"""A restaurant over HTTP: industry, licence, offer, the day the licence ends, and why."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import opened
from tests.orders_ground import SHOP, Door, error_of
from tests.shown_paths import ITEM, OFFER, STORE

from quanyu.clock import DAY_US, FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

LICENCE = {
    "kind": "food_business", "number": "JY13101150000001", "holder": "火锅公司",
    "valid_from": "2022-01-01", "valid_to": "2026-03-29",
}  # fmt: skip
SENTENCE = "全网最低价，国家级品质"


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


@pytest.fixture
def door(engine: Engine) -> Door:
    return Door(create_app(engine))


def licensed(door: Door, **change: Any) -> Any:
    return door.ok("licences", {"actor": "lin", "licence": {**LICENCE, **change}})


def move(door: Door, verb: str, actor: str = "lin") -> Any:
    return door.post(f"offers/t1/moves/{verb}", {"actor": actor})


def test_a_food_campaign_lives_and_falls_with_its_licence(
    door: Door, engine: Engine, clock: FixedClock
) -> None:
    assert door.put("industry", {"industry": "catering", "actor": "lin"}).is_success
    assert door.get("industry").json() == {"industry": "catering"}
    no = door.error("offers", OFFER)
    assert (no["status"], no["code"], no["field"]) == (422, "unlawful", "template.licence")
    assert "《食品安全法》第三十五条" in no["mend"]
    assert no["verdict"]["verdict"] == "block"

    licensed(door)
    assert door.ok("offers", OFFER)["state"] == "draft"
    assert move(door, "submit").is_success
    assert move(door, "approve", "wang").json()["state"] == "active"
    (due,) = door.get("licences/due").json()
    assert (due["state"], due["days_left"]) == ("expiring", 19)
    assert engine.recheck_all() == 0

    clock.advance(20 * DAY_US)
    assert engine.recheck_all() == 1, "it ended yesterday"
    found = door.get("offers/t1").json()
    assert found["state"] == "paused"
    assert (found["history"][-1]["actor"], found["history"][-1]["what"]) == ("quanyu", "pause")
    assert "到期" in found["history"][-1]["note"]
    assert error_of(move(door, "resume"))["code"] == "unlawful"

    licensed(door, valid_to="2031-03-29")
    assert move(door, "resume").json()["state"] == "active"
    reviews = door.get("gate/reviews/offer/t1").json()
    assert [one["verdict"] for one in reviews][:2] == ["pass", "block"]
    assert reviews[0]["industry"] == "catering"
    assert reviews[1]["on"] == "2026-03-30"


def test_a_retry_hears_what_it_heard_though_the_law_has_changed(
    door: Door, clock: FixedClock
) -> None:
    door.put("industry", {"industry": "catering", "actor": "lin"})
    licensed(door)
    made = door.ok("offers", OFFER, key="once")
    submitted = door.post("offers/t1/moves/submit", {"actor": "lin"}, key="twice")
    assert submitted.is_success
    clock.advance(60 * DAY_US)
    assert door.ok("offers", OFFER, key="once") == made
    again = door.post("offers/t1/moves/submit", {"actor": "lin"}, key="twice")
    assert again.json() == submitted.json()
    assert error_of(move(door, "approve", "wang"))["code"] == "unlawful"


def test_giving_out_is_looked_at_again(door: Door, clock: FixedClock) -> None:
    door.put("industry", {"industry": "catering", "actor": "lin"})
    licensed(door)
    door.ok("offers", OFFER)
    move(door, "submit")
    move(door, "approve", "wang")
    clock.advance(60 * DAY_US)
    no = door.error("offers/t1/issue-to-audience", {"audience": "all"})
    assert no["code"] == "unlawful"


def test_evidence_lifts_a_claim_and_its_withdrawal_drops_it(door: Door) -> None:
    door.put("industry", {"industry": "apparel", "actor": "lin"})
    boast = {**ITEM, "title": "2025年全国衬衫零售额第一"}
    no = error_of(door.put("items/i1", boast))
    assert no["verdict"]["verdict"] == "need_proof"
    evidence = {
        "id": "e1", "claim": "全国衬衫零售额第一", "source": "国家统计局", "scope": "衬衫零售额",
        "region": "全国", "period_from": "2025-01-01", "period_to": "2025-12-31",
        "file_name": "report.pdf",
    }  # fmt: skip
    file = base64.b64encode(b"%PDF-1.7 report").decode()
    kept = door.ok("evidence", {"actor": "lin", "evidence": evidence, "file": file})
    assert kept["size_bytes"] == 15
    assert door.put("items/i1", boast).is_success
    got = door.get("evidence/e1/file")
    assert got.content == b"%PDF-1.7 report"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "attachment" in got.headers["content-disposition"]
    gone = {"id": "e1", "actor": "lin", "reason": "过期"}
    assert door.ok("evidence/withdraw", gone) == {"withdrawn": "e1"}
    assert error_of(door.put("items/i1", boast))["verdict"]["verdict"] == "need_proof"
    assert door.get("evidence/e1").status_code == 404


BAD_UPLOADS = [
    ({}, 400),
    ({"actor": "lin", "evidence": {}, "file": "!!"}, 400),
    ({"actor": "lin", "evidence": {"id": "../x"}, "file": ""}, 400),
]


@pytest.mark.parametrize(("body", "status"), BAD_UPLOADS)
def test_hostile_uploads(door: Door, body: Any, status: int) -> None:
    assert door.post("evidence", body).status_code == status


def test_batches_are_all_or_nothing_and_pages_go_on(door: Door) -> None:
    batch = [{**ITEM, "id": f"i{n}"} for n in range(3)]
    assert door.ok("items", batch) == {"received": 3, "changed": 3}
    assert door.ok("items", batch) == {"received": 3, "changed": 0}
    bad = door.error("items", [{**ITEM, "id": "i9"}, {**ITEM, "id": "i8", "title": SENTENCE}])
    assert bad["field"] == "items[1].title"
    listed = door.get("items", after="i0", limit="1").json()
    assert [one["id"] for one in listed] == ["i1"]
    assert door.get("items/i9").status_code == 404
    assert door.put("stores/s1", STORE).is_success
    assert door.get("stores/s1").json()["name"] == STORE["name"]
    assert [one["id"] for one in door.get("stores").json()] == ["s1"]


SCOPES = [
    ("items:read", "items", 403),
    ("compliance:write", "gate/overrides", 403),
    ("compliance:read", "licences", 403),
]


@pytest.mark.parametrize(("scope", "path", "status"), SCOPES)
def test_scopes(engine: Engine, scope: str, path: str, status: int) -> None:
    narrow = Door(create_app(engine), SHOP, scope)
    assert narrow.post(path, {}).status_code == status


def test_only_the_operator_reads_rules_otherwise(door: Door) -> None:
    said = {
        "rule": "qualification.education",
        "severity": "pass",
        "reason": "内训",
        "actor": "法务",
    }
    assert door.ok("gate/overrides", said) == said
    (kept,) = door.get("gate/overrides").json()
    assert kept["reason"] == "内训"
    assert door.error("gate/overrides", {**said, "rule": "qualification.food"})["status"] == 400
    gone = {"id": said["rule"], "actor": "法务", "reason": "办学了"}
    assert door.ok("gate/overrides/withdraw", gone) == {"withdrawn": said["rule"]}
    assert door.get("gate/overrides").json() == []
