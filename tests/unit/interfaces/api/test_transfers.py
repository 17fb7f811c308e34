"""The ledger over HTTP: what is posted, what is refused, and what another merchant never sees."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.asgi import Client

from quanyu.clock import FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.ledger.accounts import Account, Limit
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

ROUTE = "/v1/ledger/transfers"
ACCOUNTS = [
    Account("tea/cash", "fen", "tea"),
    Account("tea/purse", "fen", "tea", Limit.DEBITS),
    Account("shoes/cash", "fen", "shoes"),
    Account("shoes/purse", "fen", "shoes", Limit.DEBITS),
]


@pytest.fixture
def engine(database: Database, data_dir: Path, clock: FixedClock) -> Iterator[Engine]:
    settings = Settings(data_dir=data_dir, master_key_given=bytes(range(32)))
    made = Engine(settings, database, clock=clock)
    made.ledger.post([], accounts=ACCOUNTS)
    yield made
    made.close()


def door(engine: Engine, merchant: str = "tea", *scopes: str) -> Client:
    chosen = scopes or ("ledger:read", "ledger:write")
    secret = engine.access.create(merchant, chosen).secret
    return Client(create_app(engine), headers={"Authorization": f"Bearer {secret}"})


def transfer(key: str, amount: int = 100, **more: Any) -> dict[str, Any]:
    sides = {"debit": "tea/cash", "credit": "tea/purse"}
    return {"id": key, "amount": amount, "code": "load", **sides, **more}


def out(key: str, amount: int = 100, **more: Any) -> dict[str, Any]:
    return transfer(key, amount, debit="tea/purse", credit="tea/cash", **more)


def test_transfers_and_chains_are_posted_in_order(engine: Engine) -> None:
    tea = door(engine)
    hold = out("h", 60, phase="hold", timeout_s=900)
    settle = out("s", 40, phase="settle", pending_id="h")
    answer = tea.post(ROUTE, json=[transfer("in"), [hold, settle], out("much", 61)])
    assert answer.status_code == 200, answer.text
    at = "2026-03-10T12:00:00+08:00"
    assert answer.json() == {
        "posted": 2,
        "refused": 1,
        "outcomes": [
            {"posted": True, "repeated": False, "at": at},
            {"posted": True, "repeated": False, "at": at},
            {"posted": False, "reason": "exceeds_balance", "index": 0},
        ],
    }
    told = tea.get("/v1/ledger/balances", params={"account": ["tea/purse", "tea/cash"]}).json()
    assert [one["posted"] for one in told["balances"]] == [60, -60]


def test_sent_again_gives_the_first_result(engine: Engine) -> None:
    tea = door(engine)
    tea.post(ROUTE, json=[transfer("in")])
    again = tea.post(ROUTE, json=[transfer("in"), transfer("in", 99)]).json()["outcomes"]
    assert again[0]["repeated"]
    assert again[1]["reason"] == "exists_with_different_amount"


def test_entries_page_on(engine: Engine) -> None:
    tea = door(engine)
    tea.post(ROUTE, json=[transfer(f"t{n}", 1 + n, reference=f"o{n}") for n in range(5)])
    asked = {"account": "tea/purse", "limit": 3}
    first = tea.get("/v1/ledger/entries", params=asked).json()["entries"]
    rest = tea.get("/v1/ledger/entries", params={**asked, "after": first[-1]["no"]}).json()
    assert [one["reference"] for one in first + rest["entries"]] == [f"o{n}" for n in range(5)]


FOREIGN = {
    "takes from another": ({"debit": "shoes/cash"}, "debit_account_not_found"),
    "puts into another's": ({"credit": "shoes/purse"}, "credit_account_not_found"),
    "names nobody": ({"debit": "nobody"}, "debit_account_not_found"),
}


@pytest.mark.parametrize(("more", "reason"), FOREIGN.values(), ids=FOREIGN)
def test_the_accounts_of_others_are_not_there(
    engine: Engine, more: dict[str, Any], reason: str
) -> None:
    tea = door(engine)
    answer = tea.post(ROUTE, json=[transfer("a"), [transfer("b"), transfer("c", **more)]])
    assert answer.json()["outcomes"][1] == {"posted": False, "reason": reason, "index": 1}
    assert answer.json()["posted"] == 1
    told = tea.get("/v1/ledger/balances", params={"account": "tea/purse"}).json()["balances"]
    assert told[0]["posted"] == 100


@pytest.mark.parametrize("path", ["balances", "entries"])
@pytest.mark.parametrize("account", ["shoes/cash", "nobody", "a\x00", "'--"])
def test_nobody_reads_the_accounts_of_others(engine: Engine, path: str, account: str) -> None:
    answer = door(engine).get(f"/v1/ledger/{path}", params={"account": account})
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_keys_of_two_merchants_do_not_meet(engine: Engine) -> None:
    """Nor does an answer betray that another merchant has used a key."""
    assert door(engine).post(ROUTE, json=[transfer("same")]).json()["posted"] == 1
    theirs = transfer("same", 7, debit="shoes/cash", credit="shoes/purse")
    answer = door(engine, "shoes").post(ROUTE, json=[theirs]).json()
    assert answer["outcomes"][0]["repeated"] is False


def test_a_hold_of_another_merchant_cannot_be_ended(engine: Engine) -> None:
    tea, shoes = door(engine), door(engine, "shoes")
    tea.post(ROUTE, json=[transfer("in"), out("h", 60, phase="hold")])
    release = out("r", 60, phase="release", pending_id="h")
    (outcome,) = shoes.post(ROUTE, json=[release]).json()["outcomes"]
    assert outcome["reason"] == "debit_account_not_found"
    own = {**release, "debit": "shoes/purse", "credit": "shoes/cash"}
    (outcome,) = shoes.post(ROUTE, json=[own]).json()["outcomes"]
    assert outcome["reason"] == "pending_transfer_not_found"


BAD: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"[", "body"),
    "an object": (b"{}", "body"),
    "deep": (b"[" * 5000, "[0]"),
    "not UTF-8": (b'[{"id": "\xff"}]', "body"),
    "a number for a transfer": (b"[1]", "[0]"),
    "a missing field": (b'[{"id": "a"}]', "[0]"),
    "an unknown field": (b'[{"id": "a", "x": 1}]', "[0]"),
    "a float": (b'[{"id":"a","debit":"a","credit":"b","amount":1.0,"code":"x"}]', "[0].amount"),
    "too big": (b'[{"id":"a","debit":"a","credit":"b","amount":1e400,"code":"x"}]', "[0].amount"),
    "an amount twice": (
        b'[{"id":"a","debit":"a","credit":"b","amount":1,"amount":2,"code":"x"}]', "body",
    ),
    "an amount twice, spelled apart": (
        b'[[{"id":"a","debit":"a","credit":"b","amount" :1,"\\u0061mount":2,"code":"x"}]]', "body",
    ),
    "an amount twice where a default is written": (
        b'[{"id":"a","debit":"a","credit":"b","amount":1,"code":"x","reference":"","reference":""}]',
        "body",
    ),
    "a long key": (
        b'[{"id":"%s","debit":"a","credit":"b","amount":1,"code":"x"}]' % (b"k" * 129), "[0].id",
    ),
    "no time": (
        b'[{"id":"a","debit":"a","credit":"b","amount":1,"code":"x","timeout_s":0}]',
        "[0].timeout_s",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD)
def test_bad_bodies_are_refused_with_field_and_mend(
    engine: Engine, body: bytes, field: str
) -> None:
    answer = door(engine).post(ROUTE, content=body)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["field"].startswith(field)
    assert error["mend"]


@pytest.mark.parametrize(
    "more",
    [{}, {"reference": ""}, {"reference": 'a "quoted": word'}, {"phase": "direct"}],
    ids=["plain", "a default", "what looks like a key", "a phase"],
)
def test_a_body_without_equal_keys_is_taken_however_it_is_written(
    engine: Engine, more: dict[str, Any]
) -> None:
    body = json.dumps([transfer("a", **more)], indent=2, separators=(" ,", " : "))
    assert door(engine).post(ROUTE, content=body.encode()).json()["posted"] == 1


def test_an_empty_array_is_answered(engine: Engine) -> None:
    answer = door(engine).post(ROUTE, json=[])
    assert answer.json() == {"posted": 0, "refused": 0, "outcomes": []}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([[]], "chain_is_empty"),
        ([transfer("a", 0)], "amount_not_positive"),
        ([transfer("a", 2**63 - 1)], "amount_too_large"),
        ([transfer("a", code="")], "code_malformed"),
        ([transfer("a", reference="a\x00b")], "reference_malformed"),
        ([transfer("a", phase="expire", pending_id="b")], "phase_is_the_books_own"),
    ],
)
def test_what_the_rules_refuse_is_an_outcome(engine: Engine, body: Any, reason: str) -> None:
    answer = door(engine).post(ROUTE, json=body)
    assert answer.status_code == 200
    assert answer.json()["outcomes"][0]["reason"] == reason


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", ROUTE, "ledger:read"),
        ("GET", "/v1/ledger/balances?account=tea/cash", "ledger:write"),
        ("GET", "/v1/ledger/entries?account=tea/cash", "ledger:write"),
    ],
)
def test_each_door_has_its_scope(engine: Engine, method: str, path: str, scope: str) -> None:
    assert door(engine, "tea", scope).request(method, path, json=[]).status_code == 403
    assert Client(create_app(engine)).request(method, path, json=[]).status_code == 401
