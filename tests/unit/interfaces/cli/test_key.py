"""``quanyu key`` speaks JSON or shows tables, and shows a key once."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from quanyu.clock import DAY_US, SECOND_US, SystemClock, parse_iso
from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli import key as module
from quanyu.storage.postgres.access import ApiKeys
from quanyu.storage.postgres.api_key import ApiKey
from quanyu.storage.postgres.database import Database


@pytest.fixture(autouse=True)
def environment(database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))
    monkeypatch.setenv("QUANYU_MERCHANT", "花西子")


def run(*words: str) -> Result:
    return CliRunner().invoke(module.app, list(words))


def answer(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return msgspec.json.decode(result.stdout)


def test_the_key_that_is_shown_works(database: Database) -> None:
    made = answer("create", "--merchant", "demo", "--scopes", "events:write,reports:read")
    assert made["merchant"] == "demo"
    assert made["scopes"] == ["events:write", "reports:read"]
    assert made["expires"] is None
    found = ApiKeys(database, SystemClock()).verify(made["key"], "events:write")
    assert isinstance(found, ApiKey)


def test_for_people_the_key_stands_alone_on_standard_output() -> None:
    result = run("create", "--scopes", "admin")
    assert result.stdout.strip().startswith("qk_")
    assert len(result.stdout.split()) == 1
    assert "cannot be shown again" in result.stderr


def test_a_lifetime_becomes_an_expiry() -> None:
    made = answer("create", "--scopes", "admin", "--expires", "90d")
    lifetime_us = parse_iso(made["expires"]) - parse_iso(made["created"])
    assert abs(lifetime_us - 90 * DAY_US) < SECOND_US


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["--scopes", "everything"], "scopes"),
        (["--scopes", ","], "scopes"),
        (["--scopes", "admin", "--expires", "soon"], "--expires"),
        (["--scopes", "admin", "--expires", "0d"], "--expires"),
    ],
)
def test_a_bad_option_is_named(words: list[str], field: str) -> None:
    refused = run("create", *words).exception
    assert isinstance(refused, BadInput)
    assert refused.field == field


def test_the_list_shows_states_and_no_secrets() -> None:
    kept = answer("create", "--scopes", "admin")
    gone = answer("create", "--scopes", "events:read")
    answer("revoke", gone["prefix"])
    listed = answer("list")["keys"]
    assert {key["prefix"]: key["state"] for key in listed} == {
        kept["prefix"]: "in force",
        gone["prefix"]: "revoked",
    }
    assert kept["key"] not in str(listed)


def test_the_table_names_every_key() -> None:
    made = answer("create", "--scopes", "admin", "--expires", "1d")
    table = run("list").stdout
    assert made["prefix"] in table
    assert "in force" in table


def test_merchants_do_not_see_each_other() -> None:
    made = answer("create", "--merchant", "rival", "--scopes", "admin")
    assert answer("list")["keys"] == []
    assert isinstance(run("revoke", made["prefix"]).exception, NotFound)
    assert answer("revoke", made["prefix"], "--merchant", "rival") == {"revoked": made["prefix"]}


@pytest.mark.parametrize("form", ["{prefix}", "qk_{prefix}", "qk_{prefix}_…", "{key}"])
def test_a_key_is_revoked_by_whatever_part_is_at_hand(form: str) -> None:
    made = answer("create", "--scopes", "admin")
    assert answer("revoke", form.format(**made)) == {"revoked": made["prefix"]}
    assert "out of force" not in run("revoke", made["prefix"]).stderr


def test_an_expired_key_says_so() -> None:
    key = ApiKey("p", "demo", ["admin"], 0, 10, None, None)
    assert [module.state(key, now_us) for now_us in (9, 10)] == ["in force", "expired"]
    assert module.day(None) == "–"
