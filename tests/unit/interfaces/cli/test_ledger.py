"""``quanyu ledger``: posts from JSON, shows balances and entries, and proves the book."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli import ledger as module
from quanyu.storage.postgres.database import Database

BOOK: dict[str, Any] = {
    "accounts": [
        {"id": "bank", "unit": "fen", "owner": "platform"},
        {"id": "shop/purse", "unit": "fen", "owner": "shop", "limit": "debits"},
        {"id": "shop/till", "unit": "fen", "owner": "shop"},
    ],
    "transfers": [
        {"id": "in", "debit": "bank", "credit": "shop/purse", "amount": 12_345, "code": "load"},
        [
            {
                "id": "h", "debit": "shop/purse", "credit": "shop/till", "amount": 60,
                "code": "order", "phase": "hold", "timeout_s": 900, "reference": "o1",
            },
            {
                "id": "s", "debit": "shop/purse", "credit": "shop/till", "amount": 40,
                "code": "order", "phase": "settle", "pending_id": "h",
            },
        ],
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def environment(database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))


@pytest.fixture
def posted(tmp_path: Path) -> Path:
    path = tmp_path / "book.json"
    path.write_bytes(msgspec.json.encode(BOOK))
    assert answer("post", str(path))["posted"] == 2
    return path


def run(*words: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(module.app, list(words), input=stdin)


def answer(*words: str, stdin: bytes = b"", code: int = 0) -> Any:
    result = run(*words, "--json", stdin=stdin)
    assert result.exit_code == code, (result.output, result.exception)
    return msgspec.json.decode(result.stdout)


def test_a_book_is_posted_and_posting_it_again_changes_nothing(posted: Path) -> None:
    again = answer("post", str(posted))
    assert [one["repeated"] for one in again["outcomes"]] == [True, True]
    assert answer("verify")["checks"][0]["looked_at"] == 3


def test_a_balance_says_what_is_posted_held_and_available(posted: Path) -> None:
    (purse,) = answer("balance", "shop/purse")["balances"]
    assert purse["posted"] == purse["available"] == 12_345 - 40
    assert purse["limit"] == "debits"
    assert [one["account"] for one in answer("balance", "--owner", "shop")["balances"]] == [
        "shop/purse",
        "shop/till",
    ]
    assert len(answer("balance", "--prefix", "shop/t")["balances"]) == 1
    assert answer("balance", "--prefix", "nothing")["balances"] == []


def test_entries_page_on(posted: Path) -> None:
    first = answer("entries", "shop/purse", "--limit", "2")["entries"]
    assert [one["phase"] for one in first] == ["direct", "hold"]
    rest = answer("entries", "shop/purse", "--after", str(first[-1]["no"]))["entries"]
    assert [one["phase"] for one in rest] == ["settle"]
    assert rest[0]["pending_id"] == first[-1]["id"]


def test_for_people_there_are_tables_in_chinese(posted: Path) -> None:
    assert "账户余额" in run("balance", "shop/purse").stdout
    assert "12,305" in run("balance", "shop/purse").stdout
    assert "冻结" in run("entries", "shop/till").stdout
    assert "此前已入账" in run("post", str(posted)).stdout
    assert run("verify").stdout.count("✓") == 5


def test_a_refusal_is_shown_and_ends_with_one(posted: Path) -> None:
    too_much = {**BOOK["transfers"][1][0], "id": "much", "amount": 10**9}
    body = msgspec.json.encode({"transfers": [too_much]})
    found = answer("post", "-", stdin=body, code=1)
    assert found == {
        "posted": 0,
        "refused": 1,
        "outcomes": [{"posted": False, "reason": "exceeds_balance", "index": 0}],
    }
    assert "exceeds_balance" in run("post", "-", stdin=body).stdout


def test_verify_ends_with_one_and_says_where(posted: Path, database: Database) -> None:
    with database.transaction() as conn:
        conn.execute("UPDATE ledger_balance SET credits_posted = credits_posted + 1")
    found = answer("verify", code=1)
    assert not found["ok"]
    said = [fault for check in found["checks"] for fault in check["violations"]]
    assert any(fault.startswith("shop/purse has ") for fault in said)


BAD = {
    "no JSON": (b"{", "body", "not JSON"),
    "an unknown field": (b'{"acounts": []}', "body", "unknown field"),
    "a fraction": (
        b'{"transfers": [{"id": "a", "debit": "a", "credit": "b", "amount": 1.5, "code": "x"}]}',
        "transfers[0].amount", "Expected `int`",
    ),
    "a list twice": (b'{"transfers": [], "transfers": []}', "body", "stands twice"),
    "an empty key": (
        b'{"transfers": [{"id": "", "debit": "a", "credit": "b", "amount": 1, "code": "x"}]}',
        "[0].id", "1 to 128",
    ),
    "an endless hold": (
        b'{"transfers": [{"id": "a", "debit": "a", "credit": "b", "amount": 1, "code": "x", '
        b'"phase": "hold", "timeout_s": 99999999999}]}',
        "[0].timeout_s", "seconds",
    ),
    "a strange account": (
        b'{"accounts": [{"id": "a;b", "unit": "fen", "owner": "x"}]}', "account", "letters",
    ),
    "another limit": (
        b'{"accounts": [{"id": "a", "unit": "fen", "owner": "x", "limit": "no"}]}',
        "accounts[0].limit", "Invalid enum",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "field", "mend"), BAD.values(), ids=BAD)
def test_bad_json_is_refused_with_field_and_mend(body: bytes, field: str, mend: str) -> None:
    error = run("post", "-", stdin=body).exception
    assert isinstance(error, BadInput)
    assert error.field == field
    assert mend in error.mend


def test_an_account_with_other_content_is_refused_whole(posted: Path, tmp_path: Path) -> None:
    changed = {**BOOK["accounts"][0], "owner": "shop"}
    body = msgspec.json.encode({"accounts": [changed], "transfers": []})
    assert isinstance(run("post", "-", stdin=body).exception, BadInput)


@pytest.mark.parametrize("words", [["balance"], ["balance", "bank", "--owner", "shop"]])
def test_a_balance_needs_one_way_to_say_which(words: list[str]) -> None:
    assert isinstance(run(*words).exception, BadInput)


@pytest.mark.parametrize("words", [["balance", "nobody"], ["entries", "nobody"]])
def test_an_account_that_is_not_there_is_not_found(words: list[str]) -> None:
    assert isinstance(run(*words).exception, NotFound)


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    assert isinstance(run("post", str(tmp_path / "no.json")).exception, BadInput)
