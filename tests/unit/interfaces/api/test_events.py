"""The door for events: forms, limits, and one answer per event."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.asgi import Client
from tests.events_ground import array, lines, seen

from quanyu.clock import FixedClock
from quanyu.errors import Overloaded, StorageFull, StorageUnavailable
from quanyu.interfaces.api.application import create_app
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

MIB = 1 << 20


@pytest.fixture
def engine(database: Database, data_dir: Any, clock: FixedClock) -> Iterator[Engine]:
    settings = Settings(data_dir=data_dir, body_bytes_max=64 * 1024, batch_events_max=200)
    made = Engine(settings, database, clock=clock)
    yield made
    made.close()


@pytest.fixture
def client(engine: Engine) -> Client:
    return client_of(engine, "shop", "events:write", "events:read")


def client_of(engine: Engine, merchant: str, *scopes: str) -> Client:
    secret = engine.access.create(merchant, scopes).secret
    return Client(create_app(engine), headers={"authorization": f"Bearer {secret}"})


def test_an_array_is_taken_in(client: Client, engine: Engine) -> None:
    answer = client.post("/v1/events", content=array(seen("a"), seen("b")))
    assert answer.status_code == 200
    assert answer.json() == {
        "received": 2, "accepted": 2, "duplicate": 0, "rejected": 0, "refusals": [],
    }  # fmt: skip
    assert [e.event.event_id for e in engine.log.read(0, 10)] == ["a", "b"]


@pytest.mark.parametrize(
    "form",
    ["application/x-ndjson", "application/json", "application/x-www-form-urlencoded", ""],
)
def test_lines_are_known_by_their_first_character(client: Client, form: str) -> None:
    headers = {"content-type": form} if form else {}
    answer = client.post("/v1/events", content=lines(seen("a"), seen("b")), headers=headers)
    assert answer.json()["accepted"] == 2


def test_sending_again_changes_nothing(client: Client, engine: Engine) -> None:
    body = array(seen("a"), seen("b"))
    client.post("/v1/events", content=body)
    assert client.post("/v1/events", content=body).json()["duplicate"] == 2
    assert engine.log.head() == 2


def test_each_refusal_names_index_field_reason_and_mend(client: Client) -> None:
    answer = client.post(
        "/v1/events", content=array(seen("a"), seen("b", kind="dance"), seen("c"))
    ).json()
    assert (answer["accepted"], answer["rejected"]) == (2, 1)
    assert answer["refusals"] == [
        {
            "index": 1, "event_id": "b", "field": "kind", "reason": "unknown_kind",
            "mend": "use one of the kinds of docs/events.md",
        }
    ]  # fmt: skip


def test_gzip_is_unpacked(client: Client) -> None:
    packed = gzip.compress(array(seen("a")))
    answer = client.post("/v1/events", content=packed, headers={"content-encoding": "gzip"})
    assert answer.json()["accepted"] == 1


def test_gzip_of_several_members_is_one_body(client: Client) -> None:
    packed = b"".join(gzip.compress(lines(seen(name)) + b"\n") for name in "abc")
    answer = client.post("/v1/events", content=packed, headers={"content-encoding": "gzip"})
    assert answer.json()["accepted"] == 3


REFUSED = [
    ("nothing", b"", {}, 400),
    ("blanks", b"  \n ", {}, 400),
    ("not JSON", b"hello", {}, 400),
    ("an open array", b'[{"event_id": "a"}', {}, 400),
    ("an open string", b'[{"event_id": "a', {}, 400),
    ("a tail", array(seen("a")) + b"]", {}, 400),
    ("100k nesting", b"[" * 60_000, {}, 400),
    ("too many", array(*(seen(f"e{n}") for n in range(201))), {}, 400),
    ("too large", b"[" + b" " * 70_000 + b"]", {}, 413),
    ("a form", b"a=1", {"content-type": "application/x-www-form-urlencoded"}, 400),
    ("a picture", b"x", {"content-type": "image/png"}, 415),
    ("brotli", b"x", {"content-encoding": "br"}, 415),
    ("broken gzip", b"not gzip", {"content-encoding": "gzip"}, 400),
    ("cut gzip", gzip.compress(array(seen("a")))[:-9], {"content-encoding": "gzip"}, 400),
    ("a gzip bomb", gzip.compress(b" " * 50 * MIB), {"content-encoding": "gzip"}, 413),
]


@pytest.mark.parametrize(
    ("body", "headers", "status"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_unusable_bodies_are_refused_whole(
    client: Client, engine: Engine, *, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = client.post("/v1/events", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]["mend"]
    assert engine.log.head() == 0


def test_without_a_key_nothing_is_taken(engine: Engine) -> None:
    answer = Client(create_app(engine)).post("/v1/events", content=array(seen()))
    assert answer.status_code == 401
    assert engine.log.head() == 0


def test_a_key_for_reading_does_not_write(engine: Engine) -> None:
    client = client_of(engine, "shop", "events:read")
    assert client.post("/v1/events", content=array(seen())).status_code == 403


def test_an_event_of_another_merchant_is_refused(client: Client) -> None:
    answer = client.post("/v1/events", content=array(seen("a", merchant="cafe"))).json()
    assert answer["refusals"][0]["reason"] == "other_merchant"


@pytest.mark.parametrize(
    ("failure", "status"),
    [(Overloaded(), 429), (StorageFull(), 507), (StorageUnavailable(), 503)],
)
def test_outside_failures_have_their_answers(
    client: Client, engine: Engine, *, failure: Exception, status: int
) -> None:
    class Broken:
        def submit(self, delivery: object) -> None:
            raise failure

    engine.events._inbox = Broken()  # type: ignore[assignment]
    answer = client.post("/v1/events", content=array(seen()))
    assert answer.status_code == status
    assert status == 507 or answer.headers["retry-after"] == "1"


class TestQuarantine:
    def test_what_was_refused_is_listed(self, client: Client) -> None:
        client.post("/v1/events", content=array(seen("a", kind="dance"), seen("b", item=7)))
        entries = client.get("/v1/quarantine").json()["entries"]
        assert [(e["event_id"], e["reason"], e["index"]) for e in entries] == [
            ("a", "unknown_kind", 0),
            ("b", "wrong_type", 1),
        ]

    def test_pages_go_on_after_an_id(self, client: Client) -> None:
        client.post("/v1/events", content=array(*(seen(f"e{n}", kind="x") for n in range(5))))
        first = client.get("/v1/quarantine?limit=3").json()["entries"]
        rest = client.get(f"/v1/quarantine?after={first[-1]['id']}").json()["entries"]
        assert [e["event_id"] for e in first + rest] == [f"e{n}" for n in range(5)]

    def test_its_text_is_shown_masked(self, client: Client) -> None:
        event = seen(
            "a", kind="dance", identifiers={"phone": "13912345678"}, query="call 13912345678"
        )
        client.post("/v1/events", content=array(event))
        entry = client.get("/v1/quarantine").json()["entries"][0]["id"]
        text = client.get(f"/v1/quarantine/{entry}").json()["text"]
        assert "139" not in text
        assert json.loads(text)["kind"] == "dance"

    def test_a_repaired_event_is_taken_in_and_leaves(self, client: Client, engine: Engine) -> None:
        client.post("/v1/events", content=array(seen("a", kind="dance")))
        entry = client.get("/v1/quarantine").json()["entries"][0]["id"]
        body = json.dumps(seen("a")).encode()
        answer = client.post(f"/v1/quarantine/{entry}/replay", content=body)
        assert answer.json()["accepted"] == 1
        assert client.get("/v1/quarantine").json()["entries"] == []
        assert engine.log.head() == 1

    def test_unrepaired_it_is_refused_again_and_stays(self, client: Client) -> None:
        client.post("/v1/events", content=array(seen("a", kind="dance")))
        entry = client.get("/v1/quarantine").json()["entries"][0]["id"]
        answer = client.post(f"/v1/quarantine/{entry}/replay")
        assert answer.json()["rejected"] == 1
        assert len(client.get("/v1/quarantine").json()["entries"]) == 1

    def test_another_merchant_sees_nothing_of_it(self, client: Client, engine: Engine) -> None:
        client.post("/v1/events", content=array(seen("a", kind="dance")))
        entry = client.get("/v1/quarantine").json()["entries"][0]["id"]
        other = client_of(engine, "cafe", "events:write", "events:read")
        assert other.get("/v1/quarantine").json()["entries"] == []
        assert other.get(f"/v1/quarantine/{entry}").status_code == 404
        assert other.post(f"/v1/quarantine/{entry}/replay").status_code == 404
