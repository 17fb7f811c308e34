"""One server and its clients: keys, events in three forms, answers equal to the commands', a killed
projector, a clean end."""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.walks.serving import Serving, caught_up, free_port, kill, until
from tests.walks.shell import Shell

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

MERCHANT = "tea"
SCOPES = "events:write,events:read,persons:read,persons:write,audiences:read,audiences:write,reports:read,privacy:write"  # fmt: skip # noqa: E501


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    made = Shell(tmp_path / "data", {"QUANYU_MERCHANT": MERCHANT})
    yield made
    made.destroy()


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "event_id": f"e{number}",
        "kind": "view",
        "at": f"2026-05-{1 + number % 20:02}T20:15:00+08:00",
        "touchpoint": "taobao.detail",
        "identifiers": {"taobao_id": f"tb{number % 5}"},
        "item": f"i{number % 3}",
        "props": {"category": "茶"},
        **more,
    }


def post(client: httpx.Client, body: bytes, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.post("/v1/events", content=body, headers=named)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counted(receipt: dict[str, Any]) -> tuple[int, int, int]:
    return receipt["accepted"], receipt["duplicate"], receipt["rejected"]


def test_a_server_and_its_clients(shell: Shell) -> None:
    with Serving(shell) as server:
        key = shell.json("key", "create", "--scopes", SCOPES)["key"]
        doors_are_locked(shell, server)
        with server.client(key) as client:
            events_come_in(client)
            answers_are_equal(shell, client)
            a_second_server_is_refused(shell, server)
            the_projector_comes_back(server, client)
            commands_work_beside(shell, client)
        assert server.stop() == 0
        assert "Traceback" not in server.errors.read_text()
    assert not (shell.data_dir / "postgres" / "postmaster.pid").exists()
    assert shell.json("events", "status")["head"] == 131
    shell.audited()


def doors_are_locked(shell: Shell, server: Serving) -> None:
    reader = shell.json("key", "create", "--scopes", "reports:read")
    with server.client() as nobody, server.client(reader["key"]) as client:
        for door in (nobody.get("/v1/reports/overview"), nobody.post("/v1/events", content=b"[]")):
            assert door.status_code == 401
            assert door.headers["www-authenticate"] == "Bearer"
            assert "quanyu key create" in door.json()["error"]["mend"]
        assert client.get("/v1/reports/overview").status_code == 200
        for door in (client.post("/v1/events", content=b"[]"), client.get("/v1/lag")):
            assert door.status_code == 403
            assert door.json()["error"]["code"] == "missing_scope"
        shell.json("key", "revoke", reader["prefix"])
        revoked = until(
            lambda: (a := client.get("/v1/reports/overview")).status_code == 401 and a,
            what="revocation",
        )
        assert revoked.json()["error"]["code"] == "revoked_key"


def events_come_in(client: httpx.Client) -> None:
    events = [event(n) for n in range(120)]
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in events[40:80]).encode()
    packed = gzip.compress(json.dumps(events[80:]).encode())
    assert counted(post(client, json.dumps(events[:40]).encode())) == (40, 0, 0)
    assert counted(post(client, lines, content_type="application/x-ndjson")) == (40, 0, 0)
    assert counted(post(client, packed, content_encoding="gzip")) == (40, 0, 0)
    assert counted(post(client, packed, content_encoding="gzip")) == (0, 40, 0)
    mixed = [event(0), event(500, kind="levitate"), event(501, at="1970-01-01T00:00:00Z")]
    receipt = post(client, json.dumps(mixed).encode())
    assert counted(receipt) == (0, 1, 2)
    assert [(r["index"], r["field"], r["reason"]) for r in receipt["refusals"]] == [
        (1, "kind", "unknown_kind"),
        (2, "at", "clock_too_early"),
    ]
    caught_up(client)


def answers_are_equal(shell: Shell, client: httpx.Client) -> None:
    """The same question over HTTP and at the terminal."""
    who = {"identifier": "taobao_id:tb1"}
    edge = client.post(
        "/v1/person/links", json={"between": ["taobao_id:tb1", "taobao_id:tb2"]}
    ).json()
    assert edge["status"] == "accepted"
    assert client.post("/v1/person/edges", json=who).json() == shell.json(
        "person", "edges", "-i", who["identifier"]
    )
    profile = client.post("/v1/person", json={**who, "timeline": 100}).json()
    assert len(profile["timeline"]) == 48
    assert timeless(profile) == timeless(
        shell.json("person", "show", "-i", who["identifier"], "--timeline", "100")
    )
    put = client.put("/v1/audiences/常客", json={"event": "view", "op": "ge", "value": 30})
    assert put.json()["people"] == 1
    assert client.get("/v1/audiences/常客/count").json() == shell.json("audience", "count", "常客")
    assert client.get("/v1/audiences").json() == shell.json("audience", "list")
    assert client.get("/v1/audiences/tiers").json() == shell.json("audience", "tiers")
    for report, query in (
        ("overview", {}),
        ("funnel", {"steps": "view,add_to_cart", "window": "2d"}),
        ("paths", {"by": "kind", "top": "3"}),
        ("retention", {"days": "3"}),
        ("top-items", {"top": "2"}),
        ("trends", {"days": "5", "to": "2026-05-20"}),
    ):
        options = [word for name, value in query.items() for word in (f"--{name}", value)]
        answer = client.get(f"/v1/reports/{report}", params=query)
        assert answer.json() == shell.json("report", report, *options), report
    consents = client.post("/v1/person/consents", json=who).json()
    assert consents == shell.json("consent", "show", "-i", who["identifier"])
    kept = client.get("/v1/quarantine").json()["entries"]
    assert kept == shell.json("events", "quarantine")["entries"]
    assert len(kept) == 2


def timeless(profile: dict[str, Any]) -> dict[str, Any]:
    tags = [{k: v for k, v in tag.items() if k != "as_of"} for tag in profile["tags"]]
    return {**profile, "tags": tags}


def a_second_server_is_refused(shell: Shell, server: Serving) -> None:
    said = shell.run("serve", "--port", str(free_port()))
    assert (said.code, said.out) == (1, "")
    assert len(said.err.splitlines()) == 1
    assert "in use" in said.err
    same_port = shell.refuses("serve", "--port", str(server.port))
    assert "--port" in same_port


def the_projector_comes_back(server: Serving, client: httpx.Client) -> None:
    (projector,) = server.spawned()
    kill(projector)
    assert counted(post(client, json.dumps([event(n) for n in range(120, 130)]).encode())) == (
        10, 0, 0,
    )  # fmt: skip
    until(lambda: [p for p in server.spawned() if p != projector], what="a new projector")
    caught_up(client)
    assert "starting it again" in server.errors.read_text()
    assert client.get("/v1/audiences/常客/count").json()["people"] == 1


def commands_work_beside(shell: Shell, client: httpx.Client) -> None:
    file = shell.data_dir.parent / "more.ndjson"
    file.write_text(json.dumps(event(130)))
    assert shell.json("import", "events", str(file))["accepted"] == 1
    caught_up(client)
    assert client.get("/v1/reports/overview").json()["events"] == 131
    assert client.get("/v1/health").status_code == 200


def test_two_workers_share_the_work(shell: Shell) -> None:
    key = shell.json("key", "create", "--scopes", "admin")["key"]
    with Serving(shell, "--workers", "2") as server:
        until(lambda: len(server.spawned()) == 3, what="two workers and a projector")
        with server.client(key) as client:
            accepted = duplicate = 0
            for start in range(0, 60, 10):
                with server.client(key) as another:
                    body = json.dumps([event(n) for n in range(start, start + 20)]).encode()
                    receipt = post(another, body)
                    accepted += receipt["accepted"]
                    duplicate += receipt["duplicate"]
            assert (accepted, duplicate) == (70, 50)
            caught_up(client)
            assert client.get("/v1/reports/overview").json()["events"] == 70
        assert server.stop() == 0
    assert not (shell.data_dir / "postgres" / "postmaster.pid").exists()
    shell.audited()
