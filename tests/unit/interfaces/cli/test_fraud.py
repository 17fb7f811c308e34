"""``quanyu fraud`` as a merchant runs it: on a file without any database, and on the engine."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.engine_ground import TEA, opened
from tests.fraud_ground import FAKE_ORDERS, planted
from tests.trades_town import Plot, market, trades_of
from typer.testing import CliRunner, Result

from quanyu.clock import FixedClock, SystemClock, format_iso
from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli import fraud
from quanyu.interfaces.cli.main import app
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

HEAD = ("order", "buyer", "item", "paid_at", "amount", "device", "browsed")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def answer(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return msgspec.json.decode(result.stdout)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = market(4_000, Plot(40, 8, 0.8, camouflage=0.5), seed=5)
    path = tmp_path / "orders.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        rows = csv.writer(target)
        rows.writerow(HEAD)
        for one in trades_of(found, telling=True):
            browsed = "true" if one.browsed else "false"
            rows.writerow((one.order, one.buyer, one.item, format_iso(one.paid_us),
                           one.amount_fen, one.device, browsed))  # fmt: skip
    return path


class TestFiles:
    def test_one_document_and_nothing_else(self, file: Path) -> None:
        told = answer("fraud", "scan", "--orders", str(file))
        assert told["bad_rows"] == 0
        assert told["ignored_columns"] == []
        (block,) = told["blocks"]
        assert told["flagged"] == len(block["orders"]) == len(told["suspects"])
        assert len(block["buyers"]) == 40
        assert {one["feature"] for one in block["evidence"]} >= {"lockstep", "shared_device"}

    def test_a_table_for_people_and_a_file_of_the_flagged(self, file: Path, tmp_path: Path) -> None:
        flagged = tmp_path / "flagged.csv"
        result = run("fraud", "scan", "--orders", str(file), "--flagged", str(flagged))
        assert result.exit_code == 0, result.output
        assert "同购团块" in result.output
        with flagged.open(newline="") as source:
            rows = list(csv.DictReader(source))
        told = answer("fraud", "scan", "--orders", str(file))
        assert {row["order"] for row in rows} == {one["order"] for one in told["suspects"]}
        assert all(0.5 <= float(row["score"]) <= 1 and row["reasons"] for row in rows)

    def test_bad_rows_are_named_by_line(self, file: Path) -> None:
        with file.open("a") as target:
            target.write("x1,li,tea,yesterday,1,,\nx2,li,tea\n")
        told = answer("fraud", "scan", "--orders", str(file))
        assert told["bad_rows"] == 2
        assert [one["field"] for one in told["faults"]] == ["paid_at", "row"]
        result = run("fraud", "scan", "--orders", str(file))
        assert f"第 {told['faults'][0]['line']} 行" in result.output

    @pytest.mark.parametrize(
        ("content", "field"),
        [
            (b"", "orders.buyer"),
            (b"buyer,item\n1,2\n", "orders.paid_at"),
            (b"\xff\xfe\x00", "--orders"),
            ("买家,商品\n".encode("gbk"), "--orders"),
            (b"buyer,item,paid_at,amount\na,b,c,d\n", "orders"),
        ],
    )
    def test_files_that_cannot_be_used(self, tmp_path: Path, content: bytes, field: str) -> None:
        path = tmp_path / "bad.csv"
        path.write_bytes(content)
        result = run("fraud", "scan", "--orders", str(path))
        assert isinstance(result.exception, BadInput)
        assert result.exception.field == field

    def test_no_such_file_and_no_such_folder(self, file: Path, tmp_path: Path) -> None:
        missing = run("fraud", "scan", "--orders", str(tmp_path / "no.csv"))
        assert isinstance(missing.exception, BadInput)
        nowhere = str(tmp_path / "no" / "flagged.csv")
        result = run("fraud", "scan", "--orders", str(file), "--flagged", nowhere)
        assert isinstance(result.exception, BadInput)
        assert result.exception.field == "--flagged"

    @pytest.mark.parametrize("cell", ["=cmd()", "+1", "-1", "@x", "\tx"])
    def test_a_spreadsheet_takes_no_cell_for_a_formula(self, cell: str) -> None:
        assert fraud._harmless((cell, "0.9", "why"))[0] == f"'{cell}"


@pytest.fixture
def engine(database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))
    monkeypatch.setenv("QUANYU_MASTER_KEY", bytes(range(32)).hex())
    assert Settings.from_env().fraud_scan_hour == 3
    clock = FixedClock(SystemClock().now_us())
    with Database(database_url) as database, opened(database, clock, data_dir) as made:
        planted(made, clock)
        yield made


@pytest.mark.usefixtures("engine")
def test_scan_list_show_clear_confirm() -> None:
    shop = ("--merchant", TEA)
    done = answer("fraud", "scan", *shop, "--key", "k")
    assert (done["flagged"], done["new"]) == (len(FAKE_ORDERS), len(FAKE_ORDERS))
    assert done == answer("fraud", "scan", *shop, "--key", "k")
    assert "仍疑似 144" in run("fraud", "scan", *shop).output
    found = answer("fraud", "list", *shop, "--limit", "500")
    assert {one["order"] for one in found["orders"]} == FAKE_ORDERS
    assert answer("fraud", "list", *shop, "--state", "cleared") == {"orders": []}

    signed = ("--actor", "陈", "--note", "核实过")
    assert answer("fraud", "clear", "fake-0-0", *shop, *signed)["state"] == "cleared"
    shown = run("fraud", "show", "fake-0-0", *shop).output
    assert all(word in shown for word in ("已澄清", "核实过", "陈"))
    assert answer("fraud", "confirm", "fake-0-0", *shop, *signed)["state"] == "confirmed"
    assert "确认刷单" in run("fraud", "list", *shop, "--state", "confirmed").output
    overview = run("report", "overview", *shop).output
    assert "已剔除疑似刷单 144 单" in overview

    said = answer("fraud", "suspect", "honest-4", *shop, *signed, "--key", "s")
    assert (said["state"], said["by_person"], said["against"]["kind"]) == (
        "suspected", True, "person"
    )  # fmt: skip
    assert said == answer("fraud", "suspect", "honest-4", *shop, *signed, "--key", "s")
    shown = run("fraud", "show", "honest-4", *shop).output
    assert "评分 –" in shown
    assert "证据" not in shown, "there is none but the word"
    assert "人工提出" in run("fraud", "list", *shop, "--limit", "500").output
    assert isinstance(run("fraud", "suspect", "typo", *shop, *signed).exception, NotFound)
    assert isinstance(run("fraud", "clear", "nobody's", *shop, *signed).exception, NotFound)
    for words, field in (
        (("list", *shop, "--state", "guilty"), "--state"),
        (("scan", *shop, "--days", "0"), "days"),
        (("scan", *shop, "--flagged", "x.csv"), "--flagged"),
        (("clear", "fake-0-0", *shop, "--actor", "陈", "--note", " "), "note"),
    ):
        result = run("fraud", *words)
        assert isinstance(result.exception, BadInput), words
        assert result.exception.field == field
