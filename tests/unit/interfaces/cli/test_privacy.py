"""``quanyu privacy``: one document with --json, a table without, one line when it is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanyu.errors import BadInput
from quanyu.interfaces.cli.main import app

Run = Callable[..., Any]
LI = ("-i", "taobao_id:li")
REPORT = (
    "--subject", "会员画像", "--feature", "personalisation", "--risks", "过度画像",
    "--measures", "关闭开关", "--approver", "王法务", "--valid-until",
)  # fmt: skip


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(tmp_path / "data"))
    runner = CliRunner()

    def call(*words: str, code: int = 0) -> Any:
        done = runner.invoke(app, ["privacy", *words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return json.loads(done.stdout) if "--json" in words else done.stdout

    return call


def test_assessments_and_switches(run: Run) -> None:
    number = "PIA-1"
    filed = run("assessment", "add", number, *REPORT, "2027-06-30", "--json")
    assert (filed["assessment"], filed["in_force"]) == (number, True)
    assert filed["valid_until"] == "2027-07-01T00:00:00+08:00"
    assert run("assessment", "show", number, "--json") == filed
    listed = run("assessment", "list", "--json")["assessments"]
    assert [one["assessment"] for one in listed] == [number, "TESTS"]
    assert "王法务" in run("assessment", "list")
    assert "过度画像" in run("assessment", "show", number)
    on = run("enable", "personalisation", "--assessment", number, "--json")
    assert (on["works"], on["assessment"]) == (True, number)
    assert run("disable", "personalisation") == "用户画像与个性化推荐：已关闭\n"
    assert run("features", "--json")["features"][0]["works"] is False
    assert "关闭" in run("features")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("assessment", "add", "PIA-1", *REPORT, "yesterday"), "valid_until"),
        (("assessment", "add", "PIA-1", *REPORT, "2001-01-01"), "valid_until"),
        (("assessment", "add", "a b", *REPORT, "2027-06-30"), "id"),
        (("enable", "world", "--assessment", "TESTS"), "feature"),
        (("permit", *LI, "--channel", "pigeon"), "channel"),
        (("permit", "-i", "nonsense", "--channel", "sms"), "identifier"),
        (("suppress", *LI, "--channel", "sms", "--reason", "mood"), "reason"),
    ],
)
def test_bad_input_names_the_field(run: Run, words: tuple[str, ...], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        run(*words)
    assert refused.value.field == field


def test_may_it_be_sent(run: Run) -> None:
    told = run("permit", *LI, "--channel", "sms", "--json")
    assert (told["permitted"], told["reason"]) == (False, "unknown_person")
    assert "不可发送：unknown_person" in run("permit", *LI, "--channel", "sms")
    assert run("suppress", *LI, "--channel", "sms", "--json")["suppressed"] is True
    assert run("permit", *LI, "--channel", "sms", "--json")["reason"] == "suppressed"
    order = run("permit", *LI, "--channel", "sms", "--purpose", "service", "--json")
    assert (order["permitted"], order["ground"]) == (True, "contract")
    assert run("lift", *LI, "--channel", "sms", "--json")["lifted"] is True
    assert run("lift", *LI, "--channel", "sms") == "本来就没有停发\n"


def test_the_register(run: Run) -> None:
    fields = run("register", "--json")["fields"]
    assert {"consent", "orders", "lake.events"} <= {one["table"] for one in fields}
    orders = run("register", "--table", "orders", "--json")["fields"]
    assert {one["table"] for one in orders} == {"orders"}
    assert "1096 天" in run("register", "--table", "orders")


def test_retention(run: Run) -> None:
    terms = {one["term"]: one for one in run("retention", "show", "--json")["terms"]}
    assert terms["trade"]["days"] == 1096
    assert "电子商务法" in run("retention", "show")
    receipt = run("retention", "run", "--json")
    assert set(receipt["removed"].values()) == {0}
    assert [one["run"] for one in run("retention", "receipts", "--json")["runs"]] == [
        receipt["run"]
    ]
    assert "history" in run("retention", "run")
    assert "回执" in run("retention", "receipts")


def test_the_minors_account(run: Run) -> None:
    assert run("minors-report", "--json")["faults"] == []
    assert "应为 0" in run("minors-report")
