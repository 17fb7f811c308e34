"""``quanyu campaign`` as a marketer runs it, on a real database."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.campaigns_ground import ITEM, SHOP, creative, form
from typer.testing import CliRunner, Result

from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli.main import app
from quanyu.interfaces.cli.output import console

WINDOW = {"from": "2020-01-01T00:00:00+08:00", "to": "2099-01-01T00:00:00+08:00"}


@pytest.fixture(autouse=True)
def environment(
    database_url: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))
    monkeypatch.setattr(console, "_width", 240)
    items = tmp_path / "items.json"
    items.write_text(json.dumps([ITEM]))
    assert run("item", "import", str(items)).exit_code == 0


def run(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


def answer(*words: str, stdin: str = "") -> Any:
    result = run("campaign", *words, "--json", stdin=stdin)
    assert result.exit_code == 0, (result.output, result.exception)
    return msgspec.json.decode(result.stdout)


def written(**change: Any) -> str:
    return json.dumps(form(schedule=WINDOW, **change))


def test_from_a_file_to_the_end(tmp_path: Path) -> None:
    file = tmp_path / "spring.json"
    file.write_text(written(), "utf-8")
    assert answer("create", str(file), "--actor", "lin")["state"] == "draft"
    paid = answer("fund", SHOP, "--amount", "100000", "--key", "k")
    assert paid == {"advertiser": SHOP, "balance_fen": 100_000}
    assert answer("fund", SHOP, "--amount", "100000", "--key", "k") == paid
    assert answer("submit", "spring", "--actor", "lin")["state"] == "in_review"
    told = answer("approve", "spring", "--actor", "wang", "--version", "1")
    assert (told["state"], told["version"]) == ("running", 1)
    assert answer("budget", "spring", "--actor", "lin", "--day", "200", "--total", "300")[
        "budget"
    ] == {"day_fen": 200, "total_fen": 300}
    assert answer("pause", "spring", "--actor", "lin", "--note", "缺货")["state"] == "paused"
    assert answer("resume", "spring", "--actor", "lin")["state"] == "running"
    assert answer("show", "spring")["purse_fen"] == 99_700
    assert answer("end", "spring", "--actor", "lin")["state"] == "ended"
    assert answer("show", "spring")["purse_fen"] == 100_000
    verbs = [one["verb"] for one in answer("history", "spring")["history"]]
    assert verbs == ["put", "submit", "approve", "start", "budget", "pause", "resume", "end"]
    assert [one["id"] for one in answer("list")["campaigns"]] == ["spring"]
    assert answer("list", "--state", "draft") == {"campaigns": []}


def test_for_people() -> None:
    words = [{"text": f"词{n}", "match": "broad"} for n in range(30)]
    made = written(creatives=[creative(price_fen=9_900)], keywords=words)
    said = run("campaign", "create", "-", "--actor", "lin", stdin=made).stdout
    assert all(word in said for word in ("投放计划", "spring", "草稿", "¥100.00", "¥500.00"))
    assert "余额 ¥1.00" in run("campaign", "fund", SHOP, "--amount", "100").stdout
    shown = run("campaign", "show", "spring").stdout
    for word in ("保湿面霜", "item cream", "¥99.00", "已花费", "广告主余额  ¥1.00", "…共 30 个"):
        assert word in shown
    run("campaign", "submit", "spring", "--actor", "lin", "--note", "请看")
    past = run("campaign", "history", "spring").stdout
    assert all(word in past for word in ("提交内容", "送审", "审核中", "请看"))
    assert "审核中" in run("campaign", "list").stdout


def test_reject_goes_back_with_a_note() -> None:
    answer("create", "-", "--actor", "lin", stdin=written())
    answer("submit", "spring", "--actor", "lin")
    told = answer("reject", "spring", "--actor", "wang", "--note", "换一张图")
    assert told["state"] == "draft"
    assert answer("history", "spring")["history"][-1]["note"] == "换一张图"


@pytest.mark.parametrize(
    ("words", "stdin", "field"),
    [
        (("create", "-", "--actor", "lin"), "{", "campaign"),
        (("create", "-", "--actor", "lin"), "[]", "campaign"),
        (("create", "-", "--actor", "lin"), '{"budget": 1, "budget": 2}', "campaign"),
        (("create", "-", "--actor", ""), "", "actor"),
        (("create", "nowhere.json", "--actor", "lin"), "", "FILE"),
        (("list", "--state", "lost"), "", "--state"),
        (("fund", SHOP, "--amount", "0"), "", "amount"),
    ],
)
def test_bad_input(words: tuple[str, ...], stdin: str, field: str) -> None:
    stdin = stdin or written()
    found = run("campaign", *words, stdin=stdin).exception
    assert isinstance(found, BadInput), found
    assert found.field == field


def test_a_refusal_is_told_with_its_mend() -> None:
    answer("create", "-", "--actor", "lin", stdin=written())
    for words, code in (
        (("pause", "spring", "--actor", "lin"), "wrong_state"),
        (("approve", "spring", "--actor", "lin"), "wrong_state"),
    ):
        found = run("campaign", *words).exception
        assert isinstance(found, BadInput)
        assert found.field == code
    answer("submit", "spring", "--actor", "lin")
    short = run("campaign", "approve", "spring", "--actor", "wang").exception
    assert isinstance(short, BadInput)
    assert (short.field, "(have 0, need 50000)" in short.mend) == ("purse_too_small", True)
    budget = run("campaign", "budget", "spring", "--actor", "l", "--day", "0", "--total", "5")
    assert isinstance(budget.exception, BadInput)
    assert budget.exception.field == "budget.day_fen"
    for words in (("show", "none"), ("history", "none"), ("end", "none", "--actor", "lin"),
                  ("fund", "没有", "--amount", "5")):  # fmt: skip
        assert isinstance(run("campaign", *words).exception, NotFound), words
