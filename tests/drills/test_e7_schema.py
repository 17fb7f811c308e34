"""E7: whatever comes, the API never answers 5xx. Requests are made from its own OpenAPI document,
valid and broken ones, with a key of all scopes; then bodies that are made to hurt."""

import gzip
import json
import os
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from tests.asgi import Client
from tests.conftest import FreshDatabases

from quanyu.clock import SystemClock
from quanyu.interfaces.api.application import create_app
from quanyu.settings import Settings
from quanyu.storage.postgres.api_key import Scope
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill

EXAMPLES = int(os.environ.get("QUANYU_DRILL_EXAMPLES", "8"))
KNOWN = "taobao_id:lin"
NAMES = ("常客", "nobody", "a'; DROP TABLE audience; --", "../..", "\N{PILE OF POO}")
WHO = (KNOWN, "phone:13800138000", "taobao_id:" + "x" * 256, "no", ":", "taobao_id:\u0000", "a:b:c")
LOOK = {"event": "view", "op": "ge", "value": 1}


@contextmanager
def world(database: Database, data_dir: Path) -> Iterator[Engine]:
    made = Engine(Settings(data_dir=data_dir), database, clock=SystemClock())
    body = [event(f"e{n}", identifiers={"taobao_id": who}) for n, who in enumerate(("lin", "wu"))]
    body.append(event("seed", kind="levitate"))
    made.events.record("tea", json.dumps(body).encode())
    made.projector.catch_up()
    made.lake.flush()
    made.audiences.create("tea", "常客", definition=LOOK)
    made.identity.link("tea", (KNOWN, "taobao_id:wu"), rule="login", actor="drill")
    yield made
    made.close()


def client_of(engine: Engine) -> Client:
    key = engine.access.create("tea", [scope.value for scope in Scope])
    return Client(create_app(engine), headers={"Authorization": f"Bearer {key.secret}"})


@pytest.fixture
def engine(database: Database, data_dir: Path) -> Iterator[Engine]:
    with world(database, data_dir) as made:
        yield made


@pytest.fixture
def door(engine: Engine) -> Client:
    return client_of(engine)


@pytest.fixture(scope="module")
def busy_door(
    fresh_databases: FreshDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """One for all routes: each also meets what the others have left behind."""
    url = fresh_databases.take()
    with Database(url) as database, world(database, tmp_path_factory.mktemp("e7")) as made:
        yield client_of(made)
    fresh_databases.discard(url)


def event(event_id: str, **more: Any) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "kind": "view",
        "at": "2026-05-01T20:15:00+08:00",
        "touchpoint": "taobao.detail",
        "identifiers": {"taobao_id": "lin"},
        "item": "i1",
        **more,
    }


def operations() -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(create_app().openapi())
    for found in schema.get_all_operations():
        yield found.ok()


OPERATIONS = {f"{one.method.upper()} {one.path}": one for one in operations()}


ORDERS = [
    (name, mode)
    for name in OPERATIONS
    for mode in GenerationMode
    if (name, mode) != ("GET /v1/health", GenerationMode.NEGATIVE)
]
"""Nothing can be wrong about a question after the health: it takes neither key nor words."""


@pytest.mark.parametrize(("name", "mode"), ORDERS)
def test_no_request_breaks_the_server(busy_door: Client, name: str, mode: GenerationMode) -> None:
    statuses: Counter[int] = Counter()

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate, Phase.target],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[name].as_strategy(generation_mode=mode), data=st.data())
    def drive(case: Case, data: st.DataObject) -> None:
        made_likely(case, data)
        answer = send(busy_door, case)
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, (answer.text, case.as_curl_command())
        if answer.status_code >= 400:
            assert answer.json()["error"]["message"], case.as_curl_command()

    drive()
    print(json.dumps({"drill": f"E7 {name} {mode.value}", "statuses": statuses}))


LIKELY: dict[str, tuple[Any, ...]] = {
    "identifier": WHO,
    "between": ([KNOWN, "taobao_id:wu"], [KNOWN, KNOWN], [KNOWN, "no"]),
    "rule": ("login", "magic"),
    "edge": ("1-2-login", "2-1-login", "9-9-x"),
    "purpose": ("marketing_messages", "power"),
    "operation": ("union", "xor"),
    "audiences": (["常客"], ["常客", "nobody"], []),
    "steps": (["view", "click"], [{"kind": "view", "where": {"item": "i1"}}], ["view"] * 9),
    "window": ("1d", "0d"),
    "from": (None, "2026-05-01", "yesterday"),
    "to": (None, "2026-05-02"),
    "where": ({}, {"item": ["i1", 2]}, ["item=i1"]),
}
DEFINED = ("POST /v1/audiences/estimate", "PUT /v1/audiences/{name}")
PLACES: dict[str, tuple[Any, ...]] = {"name": NAMES, "entry": (1, 2, 2**63 - 1)}


def made_likely(case: Case, data: st.DataObject) -> None:
    """Random text seldom names anybody: most of the time it is put in the place of the text."""
    if case.operation.label in DEFINED and not data.draw(st.booleans()):
        case.body = data.draw(st.sampled_from((LOOK, {"not": LOOK}, {"audience": "常客"})))
    known = [
        (case.path_parameters, PLACES),
        ({} if case.operation.label in DEFINED else case.body, LIKELY),
    ]
    for given_, values in known:
        for key in sorted(given_.keys() & values.keys()) if isinstance(given_, dict) else ():
            if not data.draw(st.booleans()):
                given_[key] = data.draw(st.sampled_from(values[key]))


def send(door: Client, case: Case) -> Any:
    wanted = case.as_transport_kwargs(base_url="http://quanyu")
    method, path = wanted.pop("method"), wanted.pop("url").removeprefix("http://quanyu")
    headers = {n: v for n, v in wanted.pop("headers").items() if n.lower() != "authorization"}
    taken = {n: wanted[n] for n in ("params", "json") if n in wanted}
    if isinstance(wanted.get("data"), str | bytes):
        taken["content"] = wanted["data"]
    return door.request(method, path, headers=printable(headers), **taken)


def printable(headers: dict[str, Any]) -> dict[str, str]:
    """What a client can put on the wire at all."""
    return {n: v for n, v in headers.items() if str(v).isascii() and str(v).isprintable()}


GOOD = json.dumps(event("good"))
DEEP = "[" * 100_000
FORMS = {
    "ten megabytes": (b'[{"event_id": "' + b"x" * 10_000_000 + b'"}]', {}),
    "ten megabytes of blanks": (b" " * 10_000_000, {}),
    "deep array": (DEEP.encode(), {}),
    "nothing": (b"", {}),
    "blanks": (b" \n ", {}),
    "text": (b"hello", {}),
    "number": (b"12", {}),
    "open array": (b"[" + GOOD.encode(), {}),
    "open string": (b'["', {}),
    "after the array": (b"[]]", {}),
    "broken gzip": (b"\x1f\x8bgarbage", {"Content-Encoding": "gzip"}),
    "gzip cut off": (gzip.compress(GOOD.encode())[:-9], {"Content-Encoding": "gzip"}),
    "gzip with rubbish after": (gzip.compress(b"[]") + b"rubbish", {"Content-Encoding": "gzip"}),
    "no gzip": (GOOD.encode(), {"Content-Encoding": "gzip"}),
    "bomb": (gzip.compress(b" " * 40_000_000, 9), {"Content-Encoding": "gzip"}),
    "bomb of members": (gzip.compress(b" " * 1_000_000) * 40, {"Content-Encoding": "gzip"}),
    "deflate": (zlib.compress(GOOD.encode()), {"Content-Encoding": "deflate"}),
    "br": (GOOD.encode(), {"Content-Encoding": "br"}),
    "utf-16": (GOOD.encode("utf-16"), {}),
    "xml": (b"<a/>", {"Content-Type": "application/xml"}),
    "multipart": (b"--x--", {"Content-Type": "multipart/form-data; boundary=x"}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_body_that_holds_no_events_is_refused(door: Client, engine: Engine, name: str) -> None:
    body, headers = FORMS[name]
    head = engine.log.head()
    answer = door.post("/v1/events", content=body, headers=headers)
    assert answer.status_code in (400, 413, 415), answer.text
    error = answer.json()["error"]
    assert error["mend"]
    assert error["code"] in ("bad_input", "too_large", "bad_content_type", "bad_encoding")
    assert len(answer.content) < 2000
    assert engine.log.head() == head
    if error["code"] in ("bad_input", "too_large"):
        assert error["field"] == "body"


def changed(find: str, put: str) -> str:
    assert find in GOOD
    return GOOD.replace(find, put, 1).replace('"good"', '"odd"', 1)


EVENTS = {
    "nan": (changed('"i1"', '"i1", "props": {"size": NaN}'), "malformed", None),
    "infinite": (changed('"i1"', '"i1", "props": {"size": 1e400}'), None, None),
    "over 64 bit": (changed('"i1"', f'"i1", "props": {{"size": {2**70}}}'), None, "props"),
    "money over 64 bit": (changed('"i1"', f'"i1", "amount": {2**64}'), None, "amount"),
    "negative money": (changed('"i1"', '"i1", "amount": -1'), "out_of_range", "amount"),
    "money with a point": (changed('"i1"', '"i1", "amount": 1.5'), "wrong_type", "amount"),
    "key twice": (changed('"item"', '"item": "i2", "item"'), "duplicate_key", "item"),
    "key twice, escaped": (
        changed('"item"', '"item": "i2", "\\u0069tem"'), "duplicate_key", "item",
    ),
    "inner key twice": (
        changed('{"taobao_id"', '{"taobao_id": "wu", "taobao_id"'), "duplicate_key", "taobao_id",
    ),
    "too deep": (changed('"i1"', '{"a": ' * 50 + "1" + "}" * 50), "too_deep", None),
    "100k deep": (changed('"i1"', DEEP + "]" * 100_000), "too_deep", None),
    "zero byte": (changed('"i1"', '"i\\u0000"'), "forbidden_character", None),
    "lone surrogate": (changed('"i1"', '"\\ud800"'), "malformed", None),
    "1970": (changed("2026-05-01", "1970-01-01"), "clock_too_early", "at"),
    "2100": (changed("2026-05-01", "2100-01-01"), "clock_ahead", "at"),
    "no offset": (changed("+08:00", ""), "wrong_type", "at"),
    "unknown kind": (changed('"view"', '"levitate"'), "unknown_kind", "kind"),
    "unknown field": (changed('"item"', '"colour"'), "unknown_field", "colour"),
    "no identifier": (changed('{"taobao_id": "lin"}', "{}"), "out_of_range", "identifiers"),
    "list for text": (changed('"i1"', "[1]"), "wrong_type", "item"),
    "another merchant": (
        changed('"i1"', '"i1", "merchant": "shoes"'), "other_merchant", "merchant",
    ),
    "no object": ("3", "not_an_object", None),
    "brackets": (DEEP + "]" * 100_000, "too_deep", None),
}  # fmt: skip


@pytest.mark.parametrize("name", EVENTS)
def test_an_odd_event_is_named_and_does_not_hold_up_its_neighbour(
    door: Client, engine: Engine, name: str
) -> None:
    odd, reason, field = EVENTS[name]
    head = engine.log.head()
    answer = door.post("/v1/events", content=f"[{odd}, {GOOD}]".encode())
    assert answer.status_code == 200, answer.text
    receipt = answer.json()
    assert (receipt["received"], receipt["accepted"], receipt["rejected"]) == (2, 1, 1)
    (refusal,) = receipt["refusals"]
    assert refusal["index"] == 0
    assert refusal["mend"]
    if reason is not None:
        assert refusal["reason"] == reason
    if field is not None:
        assert (refusal["field"] or "").startswith(field)
    assert engine.log.head() == head + 1
    kept = door.get("/v1/quarantine").json()["entries"]
    assert [one["reason"] for one in kept] == ["unknown_kind", refusal["reason"]]


def test_wrong_encodings_are_named_line_by_line(door: Client) -> None:
    lines = (
        [GOOD.encode(), GOOD.replace("good", "手机").encode("gb18030"), b"\xff\xfe{}", b'{"a'],
    )
    receipt = door.post("/v1/events", content=b"\n".join(lines[0])).json()
    assert (receipt["received"], receipt["accepted"], receipt["rejected"]) == (4, 1, 3)
    assert [refusal["index"] for refusal in receipt["refusals"]] == [1, 2, 3]
    assert {refusal["reason"] for refusal in receipt["refusals"]} == {"malformed"}


def test_more_events_than_one_request_may_have(door: Client, engine: Engine) -> None:
    head = engine.log.head()
    body = "\n".join(GOOD.replace("good", f"n{n}") for n in range(10_001))
    answer = door.post("/v1/events", content=body.encode())
    assert answer.status_code in (400, 413), answer.text
    assert "10000" in answer.text.replace(",", "")
    assert engine.log.head() == head
