"""Fake trades over HTTP: scan, look, confirm, clear, each behind its scope."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from tests.engine_ground import SHOES, TEA, opened
from tests.fraud_ground import FAKE_FEN, FAKE_ORDERS, HONEST, planted
from tests.orders_ground import Door, error_of

from quanyu.clock import FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database

ONE = "fraud/orders/fake-0-0"
SIGNED = {"actor": "陈", "note": "聊天记录里约好了返现"}


@pytest.fixture
def app(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[FastAPI]:
    with opened(database, clock, data_dir) as engine:
        yield create_app(engine)


@pytest.fixture
def shop(app: FastAPI, clock: FixedClock) -> FastAPI:
    planted(app.state.quanyu, clock)
    return app


def test_from_the_scan_to_the_report_and_back(shop: FastAPI) -> None:
    door = Door(shop, TEA)
    done = door.ok("fraud/scans", {"days": 30}, key="scan 1")
    assert (done["flagged"], done["flagged_fen"], done["new"]) == (144, FAKE_FEN, 144)
    assert done == door.ok("fraud/scans", {"days": 30}, key="scan 1"), "a retry"
    assert door.error("fraud/scans", {"days": 7}, key="scan 1")["status"] == 422

    first = door.get("fraud/orders", limit="100").json()
    rest = door.get("fraud/orders", **{k: str(v) for k, v in first["next"].items()}).json()
    assert rest["next"] is None
    assert {one["order"] for one in first["orders"] + rest["orders"]} == FAKE_ORDERS
    assert door.get("reports/overview").json()["orders"] == HONEST

    cleared = door.ok(f"{ONE}/clear", SIGNED, key="c")
    assert cleared["state"] == "cleared"
    assert [one["actor"] for one in cleared["history"]] == ["scan", "陈"]
    assert cleared == door.ok(f"{ONE}/clear", SIGNED, key="c")
    assert door.get("reports/overview").json()["orders"] == HONEST + 1
    assert door.ok(f"{ONE}/confirm", SIGNED)["state"] == "confirmed"
    told = door.get("reports/overview").json()
    assert told["excluded"] == {"orders": 144, "gmv_fen": FAKE_FEN}
    assert door.get("fraud/orders", state="confirmed").json()["orders"][0]["order"] == "fake-0-0"
    assert door.get(ONE).json()["against"]["kind"] == "lockstep"


def test_a_person_suspects_what_no_scan_has_found(shop: FastAPI) -> None:
    door, honest = Door(shop, TEA), "fraud/orders/honest-5"
    said = door.ok(f"{honest}/suspect", SIGNED, key="s")
    assert (said["state"], said["by_person"], said["score"]) == ("suspected", True, 0)
    assert said == door.ok(f"{honest}/suspect", SIGNED, key="s"), "a retry"
    assert door.get("reports/overview").json()["excluded"] == {"orders": 1, "gmv_fen": 5_005}
    assert door.get(honest).json()["history"][0]["note"] == SIGNED["note"]
    assert door.error("fraud/orders/nobodys/suspect", SIGNED)["status"] == 404
    assert door.error(f"{honest}/suspect", {"actor": "x"})["status"] == 422
    reader = Door(shop, TEA, "fraud:read")
    assert reader.error(f"{honest}/suspect", SIGNED)["status"] == 403
    assert Door(shop, SHOES).error(f"{honest}/suspect", SIGNED)["status"] == 404
    assert door.ok(f"{honest}/clear", SIGNED)["state"] == "cleared"


def test_scopes_and_merchants(app: FastAPI) -> None:
    reader, writer = Door(app, TEA, "fraud:read"), Door(app, TEA, "fraud:write")
    assert reader.get("fraud/orders").json() == {"orders": [], "next": None}
    assert reader.error("fraud/scans", {})["status"] == 403
    assert reader.error(f"{ONE}/clear", SIGNED)["status"] == 403
    assert writer.get("fraud/orders").status_code == 403
    assert writer.ok("fraud/scans", {})["orders"] == 0
    for door in (writer, Door(app, SHOES)):
        assert door.error(f"{ONE}/confirm", SIGNED)["status"] == 404
    assert error_of(Door(app, TEA, "reports:read").get(ONE))["status"] == 403


def test_bad_input_is_told(app: FastAPI) -> None:
    door = Door(app, TEA)
    for body in ({"days": 0}, {"days": 99_999}, {"days": "x"}, {"what": 1}, None):
        assert door.error("fraud/scans", body)["status"] == 422
    for body in ({}, {"actor": "x"}, {"actor": "", "note": "y"}, {"actor": "x", "note": ""}):
        assert door.error(f"{ONE}/clear", body)["status"] == 422
    bad = door.error(f"{ONE}/clear", {"actor": "a\nb", "note": "why"})
    assert (bad["status"], bad["field"]) == (400, "actor")
    for query in ({"limit": "0"}, {"limit": "x"}, {"score": "2"}, {"state": "guilty"}):
        assert door.get("fraud/orders", **query).status_code == 422
    assert door.raw("fraud/scans", b"{}").status_code == 422, "no idempotency key"
