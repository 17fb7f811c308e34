"""Ad copy over HTTP: what the command says, and what a caller may not send."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.engine_ground import opened
from tests.orders_ground import SHOP, Door

from quanyu.clock import FixedClock
from quanyu.compliance.copy.claims import sha256_of
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database

FIRST = "2025年全国化妆品零售额第一"
FORM = {"text": "全网最低价，国家级品质", "industry": "cosmetics", "on": "2026-11-22"}


@pytest.fixture
def app(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[FastAPI]:
    with opened(database, clock, data_dir) as engine:
        yield create_app(engine)


def evidence(content: bytes | None) -> dict[str, Any]:
    claim = {
        "text": FIRST, "source": "某研究院", "file": "r.pdf", "sha256": sha256_of(b"report"),
        "scope": "化妆品", "region": "全国", "period_from": "2025-01-01", "period_to": "2025-12-31",
        "found_sha256": sha256_of(b"report"),
    }  # fmt: skip
    return {"claim": claim, "content": content and b64encode(content).decode()}


def test_texts_are_judged_over_http(app: FastAPI) -> None:
    door = Door(app, SHOP, "compliance:read")
    found = door.post("compliance/copy", FORM).json()
    assert found["verdict"] == "block"
    assert [hit["text"] for hit in found["hits"]] == ["全网最低价", "国家级"]
    many = door.post("compliance/copy", FORM | {"text": ["普通的面霜", "最佳"]}).json()
    assert [one["verdict"] for one in many["verdicts"]] == ["pass", "block"]
    today = {name: value for name, value in FORM.items() if name != "on"}
    assert door.post("compliance/copy", today).json()["verdict"] == "block"
    for content, verdict in ((b"report", "pass"), (b"other", "need_proof"), (None, "need_proof")):
        form = FORM | {"text": FIRST, "claims": [evidence(content)]}
        assert door.post("compliance/copy", form).json()["verdict"] == verdict


def test_what_cannot_be_judged_is_refused_with_its_field(app: FastAPI) -> None:
    door = Door(app, SHOP, "compliance:read")
    bad: list[tuple[dict[str, Any], str]] = [
        ({"industry": "shoes"}, "industry"),
        ({"on": "2001-01-01"}, "on"),
        ({"on": "soon"}, "copy.on"),
        ({"text": []}, "copy.text"),
        ({"text": ["好"] * 501}, "copy.text"),
        ({"text": ["好" * 1_000] * 201}, "copy.text"),
        ({"colour": 1}, "copy.colour"),
        ({"claims": [evidence(b"x") | {"content": "?"}]}, "copy.claims.content"),
    ]
    for change, field in bad:
        answer = door.post("compliance/copy", FORM | change)
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["field"] == field
    assert Door(app, SHOP, "events:read").post("compliance/copy", FORM).status_code == 403
