"""``quanyu recommend`` as a marketer runs it, on a real database."""

import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.recall_ground import SHELF
from typer.testing import CliRunner, Result

from quanyu.clock import DAY_US, MINUTE_US, SystemClock, format_iso
from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli.main import app


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


def behaviour(path: Path) -> Path:
    """80 people of two tastes, six items each."""
    lines = []
    for person in range(80):
        for step in range(6):
            item = 10 * (person % 2) + (person // 2 + step) % 10
            lines.append(f"{person},{item},{item % 3},pv,{1511658000 + 60 * step + person % 7}")
    text = "\n".join(lines)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def list_and_look(tmp_path: Path) -> None:
    now_us = SystemClock().now_us()
    items = tmp_path / "items.jsonl"
    items.write_text(
        "\n".join(
            json.dumps(
                {"id": id, "title": title, "shop": shop, "category": [category],
                 "price_fen": fen, "state": "on_sale"}, ensure_ascii=False
            )
            for id, title, shop, category, fen in SHELF
        )
    )  # fmt: skip
    assert run("item", "import", str(items)).exit_code == 0
    events = tmp_path / "events.jsonl"
    lines = []
    for person in range(20):
        walk = ("tent", "lamp", "hotpot") if person % 2 else ("rog", "mouse", "phone")
        for step in range(3):
            at = format_iso(now_us - DAY_US + step * 60 * MINUTE_US + person)
            lines.append(
                json.dumps(
                    {"event_id": f"{person}-{step}", "kind": "view", "at": at,
                     "touchpoint": "taobao.item", "identifiers": {"taobao_id": f"p{person}"},
                     "item": walk[(step + person) % 3]}
                )
            )  # fmt: skip
    events.write_text("\n".join(lines))
    imported = run("import", "events", str(events))
    assert imported.exit_code == 0, imported.output


def test_fit_tells_what_was_learned_and_keeps_it(tmp_path: Path, data_dir: Path) -> None:
    list_and_look(tmp_path)
    found = answer("recommend", "fit")
    assert found["items"] == len(SHELF)
    assert found["interactions"] == 60
    assert found["with_neighbours"] == 6
    assert (data_dir / "decisions" / "demo" / "recall" / "current").exists()
    assert "有相似商品的" in run("recommend", "fit").stdout


def test_evaluate_what_is_in_the_lake(tmp_path: Path) -> None:
    list_and_look(tmp_path)
    assert run("key", "create", "x", "--merchant", "demo").exit_code in (0, 2)
    found = answer("recommend", "evaluate", "--merchant", "demo", "--split", "0.6")
    assert found["items"] == len(SHELF)
    assert found["people"] > 0
    assert {one["method"] for one in found["methods"]} >= {"popular", "ease", "recall"}


@pytest.mark.parametrize("name", ["taobao.csv", "taobao.csv.gz"])
def test_evaluate_a_file(name: str, tmp_path: Path) -> None:
    file = behaviour(tmp_path / name)
    found = answer("recommend", "evaluate", str(file), "--split", "0.6")
    methods = {one["method"]: one for one in found["methods"]}
    assert set(methods) == {"popular", "ease", "covisit", "union", "recall"}
    for figures in methods.values():
        for measure in ("recall@20", "ndcg@20", "hit_rate@20", "diversity", "novelty"):
            figure = figures[measure]
            assert figure["low"] <= figure["value"] <= figure["high"]
        assert 0 < figures["coverage"]["value"] <= 1
    assert answer("recommend", "evaluate", str(file), "--split", "0.6") == found


def test_evaluate_for_people(tmp_path: Path) -> None:
    result = run("recommend", "evaluate", str(behaviour(tmp_path / "t.csv")), "--split", "0.6")
    assert result.exit_code == 0
    assert "整体召回" in result.stdout


BAD = [
    ((), "FILE"),
    (("FILE", "--merchant", "demo"), "FILE"),
    (("no such file",), "no such file"),
    (("FILE", "--split", "0"), "split"),
    (("FILE", "--split", "1.5"), "split"),
    (("FILE", "--lambda", "-3"), "lambda_"),
    (("EMPTY",), "EMPTY"),
    (("ODD",), "line 1"),
]


@pytest.mark.parametrize(("words", "field"), BAD)
def test_bad_input_names_its_field(words: tuple[str, ...], field: str, tmp_path: Path) -> None:
    named = {"FILE": behaviour(tmp_path / "FILE"), "EMPTY": tmp_path / "EMPTY",
             "ODD": tmp_path / "ODD"}  # fmt: skip
    named["EMPTY"].touch()
    named["ODD"].write_text("what,is,this")
    given = [str(named.get(word, word)) for word in words]
    error = run("recommend", "evaluate", *given).exception
    assert isinstance(error, BadInput)
    assert field in str(error)


def test_a_merchant_that_nobody_knows() -> None:
    for words in (("fit",), ("evaluate",)):
        result = run("recommend", *words, "--merchant", "nobody")
        assert isinstance(result.exception, NotFound)


def test_nothing_listed() -> None:
    error = run("recommend", "fit").exception
    assert isinstance(error, BadInput)
    assert "quanyu item import" in str(error)
