"""``quanyu release`` as a marketer runs it, on a real database."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.orders_ground import order_form
from typer.testing import CliRunner, Result

from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli.main import app

RELEASES: list[dict[str, Any]] = [
    {"id": "cups", "item": "cup", "from": "2099-06-18T12:00:00+08:00",
     "early_from": "2099-06-18T10:00:00+08:00", "early_for": "member:gold"},
    {"id": "teas", "category": "茶", "from": "2099-06-18T12:00:00+08:00"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def environment(database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))


def run(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


def answer(*words: str, stdin: str = "") -> Any:
    result = run(*words, "--json", stdin=stdin)
    assert result.exit_code == 0, (result.output, result.exception)
    return msgspec.json.decode(result.stdout)


def test_put_list_remove(tmp_path: Path) -> None:
    file = tmp_path / "releases.json"
    file.write_text(json.dumps(RELEASES))
    assert answer("release", "put", str(file)) == {"put": ["cups", "teas"]}
    assert answer("release", "list") == {"releases": RELEASES}
    refused = run("order", "place", "-", stdin=json.dumps(order_form()))
    assert isinstance(refused.exception, BadInput)
    assert "not_released_yet" in str(refused.exception)
    assert answer("release", "remove", "cups") == {"removed": "cups"}
    assert answer("release", "list") == {"releases": RELEASES[1:]}
    assert answer("order", "place", "-", stdin=json.dumps(order_form()))["state"] == "placed"


def test_for_people() -> None:
    said = run("release", "put", "-", stdin=json.dumps(RELEASES)).stdout
    assert "已登记 2 个上新" in said
    shown = run("release", "list").stdout
    assert all(word in shown for word in ("开售", "cups", "茶"))
    assert "已删除 cups" in run("release", "remove", "cups").stdout


def test_one_bad_release_and_none_is_kept() -> None:
    result = run("release", "put", "-", stdin=json.dumps([RELEASES[0], {"id": "x"}]))
    assert isinstance(result.exception, BadInput)
    assert result.exception.field == "releases[1].from"
    assert answer("release", "list") == {"releases": []}


def test_what_is_not_there() -> None:
    assert isinstance(run("release", "remove", "none").exception, NotFound)
    assert isinstance(run("release", "put", "no such file").exception, BadInput)
