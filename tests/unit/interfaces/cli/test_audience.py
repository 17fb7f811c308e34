"""``quanyu audience``: one JSON document, or a table; bad input names field and mend."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.audience_world import BUYERS, SHOP, World, opened, pay

from quanyu.clock import FixedClock
from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli import audience
from quanyu.storage.postgres.database import Database

pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
Run = Callable[..., str]


@pytest.fixture
def world(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[World]:
    with opened(database, clock, data_dir) as made:
        pay(made, "ann")
        made.record("view", "eve")
        made.settle()
        yield made


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    @contextmanager
    def session(**_: Any) -> Iterator[Any]:
        yield world.engine

    monkeypatch.setattr(audience, "open_session", session)

    def answer(*words: str) -> str:
        capfd.readouterr()
        command = typer.main.get_command(audience.app)
        command.main([*words, "--merchant", SHOP], standalone_mode=False)
        return capfd.readouterr().out

    return answer


@pytest.fixture
def buyers(tmp_path: Path) -> str:
    file = tmp_path / "buyers.json"
    file.write_text(json.dumps(BUYERS))
    return str(file)


def test_create_count_list_show_and_delete(run: Run, buyers: str) -> None:
    made = json.loads(run("create", "buyers", "--definition", buyers, "--json"))
    assert made == {"audience": "buyers", "version": 1, "people": 1}
    assert json.loads(run("count", "buyers", "--json")) == {"audience": "buyers", "people": 1}
    assert [one["audience"] for one in json.loads(run("list", "--json"))] == ["buyers"]
    assert json.loads(run("show", "buyers", "--json"))["definition"]["within"] == "7d"
    assert json.loads(run("delete", "buyers", "--json")) == {"deleted": "buyers"}
    with pytest.raises(NotFound):
        run("count", "buyers")


def test_explain_and_estimate(run: Run, buyers: str) -> None:
    run("create", "buyers", "--definition", buyers, "--json")
    why = json.loads(run("explain", "buyers", "--identifier", "member_id:eve", "--json"))
    assert (why["member"], why["conditions"][0]["met"]) == (False, False)
    assert json.loads(run("estimate", "--definition", buyers, "--json"))["people"] == 1


def test_export_is_csv_with_a_head_or_json(run: Run, buyers: str, world: World) -> None:
    run("create", "buyers", "--definition", buyers, "--json")
    assert run("export", "buyers") == "person\n"
    world.engine.privacy.grant(SHOP, "member_id:ann", purpose="marketing_messages")
    (person,) = json.loads(run("export", "buyers", "--format", "json"))["people"]
    assert run("export", "buyers", "--format", "csv") == f"person\n{person}\n"


def test_combine_and_tiers(run: Run, buyers: str) -> None:
    run("create", "buyers", "--definition", buyers, "--json")
    found = json.loads(run("combine", "minus", "buyers", "buyers", "--json"))
    assert found == {"operation": "minus", "audiences": ["buyers", "buyers"], "people": 0}
    assert json.loads(run("tiers", "--json"))["lifecycle"]["新客"] == 1


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["create", "x", "--definition", "nowhere.json"], "--definition"),
        (["create", "a;b", "--definition", "FILE"], "name"),
        (["export", "x", "--format", "xml"], "--format"),
        (["combine", "xor", "x"], "operation"),
    ],
)
def test_bad_input_names_the_field(run: Run, buyers: str, words: list[str], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        run(*[buyers if word == "FILE" else word for word in words])
    assert caught.value.field == field


def test_a_bad_definition_names_the_path(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text('{"not": {"event": "payed"}}')
    with pytest.raises(BadInput, match=r"not\.event: unknown kind 'payed'"):
        run("create", "x", "--definition", str(file))
