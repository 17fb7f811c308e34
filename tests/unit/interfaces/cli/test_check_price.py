"""``quanyu check-price`` as a marketer runs it, on a file; no database is opened."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.orders_ground import order_form
from typer.testing import CliRunner, Result

from quanyu.errors import BadInput
from quanyu.interfaces.cli.main import app

ROWS = """paid_at,amount,refunded,flagged
2026-10-20T10:00:00+08:00,10500,false,false
2026-11-04T00:00:00+08:00,10000,false,false
2026-11-05T10:00:00+08:00,9000,false,false
2026-11-10T23:59:59+08:00,12000,false,false
2026-11-09T12:00:00+08:00,5000,true,false
2026-11-09T12:00:00+08:00,5000,false,true
2026-11-03T23:59:59+08:00,200,false,false
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "trades.csv"
    path.write_text(ROWS)
    return str(path)


def run(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["check-price", *words], input=stdin)


def answer(*words: str, stdin: str = "") -> Any:
    result = run(*words, "--json", stdin=stdin)
    assert result.exit_code == 0, (result.output, result.exception)
    return msgspec.json.decode(result.stdout)


def refusal(*words: str, stdin: str = "") -> str:
    result = run(*words, stdin=stdin)
    assert isinstance(result.exception, BadInput), result.output
    assert not result.stdout
    return str(result.exception)


def test_a_compared_price_above_the_lowest_of_seven_days(file: str) -> None:
    found = answer("--history", file, "--reference", "12000", "--on", "2026-11-11")
    (hit,) = found.pop("hits")
    assert hit["article"] == "《明码标价和禁止价格欺诈规定》第十六条"
    assert hit["severity"] == "block"
    assert found == {
        "verdict": "block", "max_reference": 9_000, "basis": "lowest_of_7_days",
        "trades_counted": 3, "notes": [],
        "window": {"from": "2026-11-04T00:00:00+08:00", "to": "2026-11-11T00:00:00+08:00"},
    }  # fmt: skip


def test_the_lowest_of_seven_days_passes(file: str) -> None:
    words = ("--history", file, "--reference", "9000", "--on", "2026-11-11")
    found = answer(*words, "--price", "7200", "--discount", "8")
    assert (found["verdict"], found["hits"]) == ("pass", [])


def test_standard_input() -> None:
    found = answer("--history", "-", "--reference", "200", "--on", "2026-11-04", stdin=ROWS)
    assert (found["max_reference"], found["basis"]) == (200, "lowest_of_7_days")


def test_a_suggested_price_needs_its_label(file: str) -> None:
    words = ("--history", file, "--reference", "15000", "--on", "2026-11-11")
    found = answer(*words, "--suggested-retail", "15000")
    assert (found["verdict"], found["basis"]) == ("label", "suggested_retail")
    found = answer(*words, "--suggested-retail", "15000", "--basis", "厂商建议零售价")
    assert found["verdict"] == "pass"


def test_a_raise_and_its_reason() -> None:
    rows = ROWS.splitlines()[0] + "\n" + "\n".join(
        ["2026-10-25,10000,0,0", "2026-11-05,15900,0,0", "2026-11-09,15900,0,0"]
    )  # fmt: skip
    words = ("--history", "-", "--reference", "15900", "--on", "2026-11-11")
    assert "第十七条" in answer(*words, stdin=rows)["hits"][0]["article"]
    found = answer(*words, "--reason", "换代", stdin=rows)
    assert found["verdict"] == "pass"
    assert "换代" in found["hits"][0]["exempt"]


def test_the_policy_of_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_POLICY", '{"rise_percent_max": 60}')
    rows = ROWS.splitlines()[0] + "\n2026-10-25,10000,0,0\n2026-11-05,15900,0,0\n"
    words = ("--history", "-", "--reference", "15900", "--on", "2026-11-11")
    assert answer(*words, stdin=rows)["verdict"] == "pass"


def test_for_people(file: str) -> None:
    shown = run("--history", file, "--reference", "12000", "--on", "2026-11-11").stdout
    for words in (
        "结论：不得展示",
        "¥90.00",
        "前七日内最低成交价，计入 3 笔",
        "近 30 日最低成交",
        "第十六条",
    ):
        assert words in shown, words
    line = next(one for one in shown.splitlines() if one.startswith("近 30"))
    assert line.split("：")[1] == "········▇·············▁│▆▆····█"


def test_for_people_without_a_trade() -> None:
    shown = run("--history", "-", "--on", "2026-11-11", stdin=ROWS.splitlines()[0]).stdout
    assert "被比较价格最高：无（没有计入的成交" in shown
    assert "近 30 日" not in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--reference", "0"), "reference: write fen from 1"),
        (("--reference", "-5"), "reference: write fen from 1"),
        (("--reference", "1", "--on", "11.11."), "on: write a day as 2026-11-11"),
        (("--reference", "1", "--on", "2019-01-01"), "on: no rule on price is known for 2019"),
        (("--reference", "1", "--discount", "x"), "discount: write 8 for 8折"),
        (("--reference", "1", "--discount", "8"), "discount: give price and reference too"),
        (("--reference", "1", "--shop", "B"), "history line 2 shop: the history is of 'A'"),
    ],
)  # fmt: skip
def test_bad_input_names_the_field(words: tuple[str, ...], said: str) -> None:
    rows = "paid_at,amount,refunded,flagged,shop\n2018-11-05,100,0,0,A\n"
    assert said in refusal("--history", "-", *words, stdin=rows)


def test_no_file_and_no_item() -> None:
    assert "--history: cannot be read" in refusal("--history", "no such file", "--reference", "1")
    assert "--history: give a file of trades, or --shop and --item" in refusal("--reference", "1")


def test_the_trades_of_the_engine(
    database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order that was paid by the command line is what the next price is held against."""
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))
    runner = CliRunner()
    form = json.dumps(order_form())
    placed = runner.invoke(app, ["order", "place", "-", "--json"], input=form)
    payable = msgspec.json.decode(placed.stdout)["payable"]
    paid = runner.invoke(
        app, ["order", "pay", "o1", "--amount", str(payable), "--method", "alipay"]
    )
    assert paid.exit_code == 0, paid.output
    words = ("--shop", "A", "--item", "cup", "--reference")
    assert answer(*words, "5000")["verdict"] == "pass"
    high = answer(*words, "5001")
    assert (high["verdict"], high["max_reference"], high["notes"]) == ("block", 5_000, [])
