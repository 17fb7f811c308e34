"""The routes of identity on a whole engine, behind real keys."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.asgi import Client
from tests.engine_ground import SHOES, TEA, opened, rows

from quanyu.clock import SECOND_US, FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database

PHONE, CARD, OTHER_CARD = "phone:13823456789", "member_id:1", "member_id:2"
READ = [("POST", "/v1/person/edges"), ("GET", "/v1/identity/review")]
WRITE = [("POST", "/v1/person/links"), ("POST", "/v1/person/unlink"),
         ("POST", "/v1/identity/review")]  # fmt: skip


@pytest.fixture
def app(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[FastAPI]:
    with opened(database, clock, data_dir) as engine:
        yield create_app(engine)


def client(app: FastAPI, *scopes: str, merchant: str = TEA) -> Client:
    key: Any = app.state.quanyu.access.create(merchant, scopes or ("persons:read", "persons:write"))
    secret = key[0] if isinstance(key, tuple) else getattr(key, "secret", key)
    return Client(app, headers={"Authorization": f"Bearer {secret}"})


def linked(door: Client, *between: str, **more: Any) -> dict[str, Any]:
    door_clock: FixedClock = door._transport.app.state.quanyu.clock  # type: ignore[attr-defined]
    door_clock.advance(SECOND_US)
    answer = door.post("/v1/person/links", json={"between": list(between), **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def in_review(door: Client) -> list[str]:
    return [edge["edge"] for edge in door.get("/v1/identity/review").json()]


def decided(door: Client, edge: str, decision: str) -> Any:
    return door.post("/v1/identity/review", json={"edge": edge, "decision": decision})


def test_an_edge_is_told_with_its_ledger_and_masked(app: FastAPI) -> None:
    edge = linked(client(app), PHONE, CARD, actor="crm", evidence={"ticket": "T-7"})
    assert edge["status"] == "accepted"
    assert edge["reason"] is None
    assert [end.split("…")[0] for end in sorted(edge["between"])] == ["member_id:", "phone:"]
    (line,) = edge["ledger"]
    assert line == {
        "action": "assert", "actor": "crm", "evidence": {"ticket": "T-7"},
        "at": "2026-03-10T12:00:01+08:00", "recorded_at": "2026-03-10T12:00:01+08:00",
    }  # fmt: skip


def test_edges_of_a_person_are_found_from_any_end(app: FastAPI) -> None:
    door = client(app)
    names = {linked(door, PHONE, other)["edge"] for other in (CARD, "taobao_id:1", "device:d")}
    for who in (PHONE, CARD, "device:d"):
        answer = door.post("/v1/person/edges", json={"identifier": who}).json()
        assert {edge["edge"] for edge in answer} == names


def test_unlinking_is_done_once(app: FastAPI) -> None:
    door = client(app)
    edge = linked(door, PHONE, CARD)["edge"]
    gone = door.post("/v1/person/unlink", json={"edge": edge, "reason": "弟弟的手机"})
    assert (gone.status_code, gone.json()["status"]) == (200, "retracted")
    assert [line["action"] for line in gone.json()["ledger"]] == ["assert", "retract"]
    again = door.post("/v1/person/unlink", json={"edge": edge})
    assert again.status_code == 409
    assert again.json()["error"]["code"] == "already_retracted"
    assert "link the two again" in again.json()["error"]["mend"]


def test_what_waits_is_accepted_or_rejected(app: FastAPI) -> None:
    door = client(app)
    linked(door, PHONE, CARD)
    edge = linked(door, PHONE, OTHER_CARD)
    assert (edge["status"], edge["reason"]) == ("review", "cap")
    assert in_review(door) == [edge["edge"]]
    made = decided(door, edge["edge"], "accept").json()
    assert (made["rule"], made["status"]) == ("manual", "accepted")
    (left,) = in_review(door)
    assert decided(door, left, "reject").json()["status"] == "retracted"
    assert in_review(door) == []
    for decision in ("accept", "reject"):
        answer = decided(door, left, decision)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_in_review")


def test_a_cap_holds_against_a_decision_too(app: FastAPI) -> None:
    door = client(app)
    linked(door, PHONE, CARD, rule="manual")
    answer = decided(door, linked(door, PHONE, OTHER_CARD)["edge"], "accept")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "breaks_a_cap")
    assert answer.json()["error"]["field"] == "edge"


BAD = [
    ("/person/links", {"between": [PHONE]}, 422, "between"),
    ("/person/links", {"between": [PHONE, CARD, OTHER_CARD]}, 422, "between"),
    ("/person/links", {"between": [PHONE, ""]}, 422, "between.1"),
    ("/person/links", {"between": [PHONE, CARD], "weight": 9}, 422, "weight"),
    ("/person/links", {"between": [PHONE, CARD], "evidence": {"a": 1}}, 422, "evidence.a"),
    ("/person/links", {"between": [PHONE, CARD], "rule": "same_event"}, 400, "rule"),
    ("/person/links", {"between": [PHONE, PHONE]}, 400, "identifier"),
    ("/person/links", {"between": [PHONE, "phone:13800138000"]}, 400, "identifier"),
    ("/person/links", {"between": [PHONE, "card"]}, 400, "identifier"),
    ("/person/links", {"between": [PHONE, "cookie:a\0b"]}, 400, "identifier"),
    ("/person/links", {"between": [PHONE, CARD], "actor": " "}, 400, "actor"),
    ("/person/links", {"between": [PHONE, CARD], "actor": "a\0"}, 400, "actor"),
    ("/person/links", {"between": [PHONE, CARD], "evidence": {"why": "a\0"}}, 400, "evidence"),
    ("/person/links", {"between": [PHONE, CARD], "evidence": {"w": "x" * 4096}}, 400, "evidence"),
    ("/person/unlink", {"edge": "1-2"}, 400, "edge"),
    ("/person/unlink", {"edge": "2-1-login"}, 400, "edge"),
    ("/person/unlink", {"edge": "1-2-login", "reason": "x" * 501}, 422, "reason"),
    ("/person/unlink", {}, 422, "edge"),
    ("/person/edges", {"identifier": "x" * 301}, 422, "identifier"),
    ("/person/edges", {"identifier": "phone:"}, 400, "identifier"),
    ("/identity/review", {"edge": "1-2-login", "decision": "perhaps"}, 422, "decision"),
    ("/identity/review", {"edge": "1-2-login"}, 422, "decision"),
]  # fmt: skip


def test_bad_bodies_name_the_field_and_leave_nothing(app: FastAPI) -> None:
    door = client(app)
    for path, body, status, field in BAD:
        answer = door.post(f"/v1{path}", json=body)
        told = answer.json()["error"]
        assert (answer.status_code, told["field"]) == (status, field), (path, body)
        assert told["mend"]
        assert "13823456789" not in answer.text
    assert rows(app.state.quanyu.database, "SELECT 1 FROM edge_entry") == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/person/unlink", {"edge": "1-2-login"}),
        ("/identity/review", {"edge": "1-2-login", "decision": "accept"}),
        ("/person/edges", {"identifier": PHONE}),
    ],
)
def test_what_nobody_said_is_404(app: FastAPI, path: str, body: dict[str, str]) -> None:
    answer = client(app).post(f"/v1{path}", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert "13823456789" not in answer.text


def test_reading_does_not_let_write_nor_the_other_way_round(app: FastAPI) -> None:
    for routes, other in ((READ, "persons:write"), (WRITE, "persons:read")):
        stranger = client(app, other)
        for method, path in routes:
            assert Client(app).request(method, path, json={}).status_code == 401
            assert stranger.request(method, path, json={}).status_code == 403


def test_an_edge_of_one_merchant_is_no_edge_of_another(app: FastAPI) -> None:
    ours, theirs = client(app), client(app, merchant=SHOES)
    linked(ours, PHONE, CARD)
    edge = linked(ours, PHONE, OTHER_CARD)["edge"]
    assert theirs.post("/v1/person/unlink", json={"edge": edge}).status_code == 404
    assert decided(theirs, edge, "accept").status_code == 404
    assert in_review(theirs) == []
    assert in_review(ours) == [edge]
    assert theirs.post("/v1/person/edges", json={"identifier": PHONE}).status_code == 404
