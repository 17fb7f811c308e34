"""``quanyu decide`` and ``quanyu decide explain`` as a marketer runs them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.interfaces.cli.test_gate_commands import ITEM, STORE
from typer.testing import CliRunner, Result

from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli.main import app
from quanyu.interfaces.cli.output import console


@pytest.fixture(autouse=True)
def environment(database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))
    monkeypatch.setattr(console, "_width", 160)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def says(*words: str) -> str:
    result = run(*words)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def answer(*words: str) -> Any:
    return msgspec.json.decode(says(*words, "--json"))


@pytest.fixture
def stocked(tmp_path: Path) -> None:
    for group, row in (("item", ITEM), ("store", STORE)):
        file = tmp_path / f"{group}.json"
        file.write_bytes(msgspec.json.encode([row]))
        says(group, "import", str(file))


@pytest.mark.usefixtures("stocked")
def test_from_the_question_to_the_reason() -> None:
    told = answer("decide", "-t", "taobao.search", "-q", "手机壳", "--wanted", "i1,nowhere")
    assert [slot["id"] for slot in told["slots"]] == ["i1"]
    assert not told["personalised"]
    why = answer("decide", "explain", told["trace"], "--id", "i1")
    assert why["wanted"] == {"i1": "展示在第 1 位", "nowhere": "目录里没有在售的这个编号"}
    assert why["ads"]["none"] == "load"
    shown = says("decide", "explain", told["trace"])
    assert all(word in shown for word in ("召回：", "排序", "没有广告位", "i1"))


@pytest.mark.usefixtures("stocked")
def test_what_a_marketer_reads() -> None:
    shown = says("decide", "-t", "amap.nearby", "--location", "39.901,116.401", "-q", "数码")
    assert all(
        word in shown for word in ("门店", "s1", "<500 m", "非个性化", "quanyu decide explain")
    )
    assert "缺少 learned" in shown


@pytest.mark.usefixtures("stocked")
def test_all_that_can_be_said_of_the_moment() -> None:
    told = answer(
        "decide", "-t", "amap.route", "--route", "39.90,116.39;39.90,116.41", "--slots", "3",
        "-i", "taobao_id:li", "-c", "device=phone", "--basket", "i1",
    )  # fmt: skip
    assert [slot["id"] for slot in told["slots"] if slot["kind"] == "store"] == ["s1"]


BAD = [
    ([], "--touchpoint"),
    (["-t", "taobao.nowhere"], "touchpoint"),
    (["-t", "amap.nearby", "--location", "here"], "--location"),
    (["-t", "amap.nearby", "--location", "1,2,3"], "--location"),
    (["-t", "amap.nearby", "--location", "91,116"], "ask.context.location.lat"),
    (["-t", "amap.route", "--route", "39.9,116.4;x"], "--route"),
    (["-t", "taobao.home", "-c", "device"], "device"),
    (["-t", "taobao.home", "-c", "mood=good"], "ask.context.mood"),
    (["-t", "taobao.home", "-i", "li"], "li"),
    (["-t", "taobao.search", "-q", "火" * 201], "ask.context.query"),
]


@pytest.mark.parametrize(("words", "field"), BAD)
def test_bad_words_name_their_field(words: list[str], field: str) -> None:
    result = run("decide", *words)
    assert isinstance(result.exception, BadInput), (result.output, result.exception)
    assert result.exception.field == field
    assert result.stdout == ""


def test_a_trace_that_nobody_gave() -> None:
    assert isinstance(run("decide", "explain", "soon").exception, BadInput)
    assert isinstance(run("decide", "explain", "0" * 32).exception, NotFound)
