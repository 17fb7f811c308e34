"""`quanyu demo` in small, and the commands that look after what it made."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from tests.engine_ground import KEY, rows, tamper

from quanyu.clock import FixedClock, parse_iso
from quanyu.interfaces.cli import decide, demo, main, output, person, report, upkeep
from quanyu.storage.audit import CHECKS
from quanyu.storage.postgres.database import Database
from quanyu.wiring import engine as wiring

Run = Callable[..., tuple[int, str, str]]
SMALL = ("demo", "--no-serve", "--people", "30", "--days", "3")

OWED = (
    "ledger: ",
    "campaigns: ",
    "ads: ",
    "points: ",
    "flash sales: ",
    "coupons: ",
    "orders: ",
    "vouchers: ",
    "instalments: ",
    "prices: ",
    "shows: ",
)


@pytest.fixture
def run(database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("audit", "--json")`` → (exit code, standard output, standard error)."""
    clock = FixedClock(parse_iso("2026-03-10T12:00:00+08:00"))
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))
    monkeypatch.setenv("QUANYU_MASTER_KEY", KEY.hex())
    monkeypatch.delenv("QUANYU_MERCHANT", raising=False)
    monkeypatch.setattr(wiring, "SystemClock", lambda: clock)

    def command(*arguments: str) -> tuple[int, str, str]:
        out, shown, told = io.BytesIO(), io.StringIO(), io.StringIO()
        wide = Console(file=shown, width=160, highlight=False)
        with monkeypatch.context() as patch:
            for module in (decide, demo, person, report, upkeep):
                patch.setattr(module, "console", wide)
            patch.setattr(main, "notices", Console(file=told, width=300, highlight=False))
            patch.setattr(output, "sys", SimpleNamespace(stdout=SimpleNamespace(buffer=out)))
            patch.setattr(sys, "argv", ["quanyu", *arguments])
            with pytest.raises(SystemExit) as left:
                main.run()
        code = left.value.code if isinstance(left.value.code, int) else 0
        return code, out.getvalue().decode() + shown.getvalue(), told.getvalue()

    return command


@pytest.fixture
def seen(database: Database) -> Callable[[], Any]:
    """What the demo leaves behind, in numbers."""

    def look() -> Any:
        tables = ("event_key", "identifier", "history", "tag_state", "edge_entry", "audience")
        counts = {t: rows(database, f'SELECT count(*) FROM "{t}"')[0][0] for t in tables}
        return counts | {"head": rows(database, "SELECT head FROM log_head")[0][0]}

    return look


def test_the_loop_closes_and_a_second_time_changes_nothing(
    run: Run, seen: Callable[[], Any]
) -> None:
    code, first, told = run(*SMALL)
    assert (code, told) == (0, "")
    for part in (
        "行为进入",
        "同一个人",
        "人群",
        "闭环报告",
        "加购未购",
        "¥",
        "此刻展示什么",
        "Next:",
    ):
        assert part in first
    assert " 0 duplicate · 0 rejected" in first
    before = seen()
    assert before["head"] == before["event_key"] == before["history"] > 0
    assert before["audience"] == 3
    code, second, _ = run(*SMALL)
    assert code == 0
    assert "· 0 accepted ·" in second
    assert f"{before['head']:,} duplicate · 0 rejected" in second
    assert seen() == before
    reports = [
        said.partition("闭环报告")[2].partition("此刻展示什么")[0] for said in (first, second)
    ]
    assert reports[0] == reports[1] != ""

    code, text, _ = run("audit", "--json")
    assert code == 0
    audited = json.loads(text)
    assert audited["ok"] is True
    names = [check["name"] for check in audited["checks"]]
    assert len(set(names)) == len(names) > len(CHECKS), "the ledger's own come last"
    unseen = [check["name"] for check in audited["checks"] if not check["looked_at"]]
    assert unseen[0] == "log: every event has its key", "nothing is hot any more"
    other = [name for name in unseen[1:] if not name.startswith(OWED)]
    assert other == [], "nothing is owed yet"


def test_audit_and_rebuild(run: Run, database: Database) -> None:
    run("demo", "--no-serve", "--people", "6", "--days", "2")
    head = rows(database, "SELECT head FROM log_head")[0][0]
    code, text, _ = run("audit")
    assert code == 0
    assert text.count("✓") > len(CHECKS)
    for name in ("identity", "profiles", "audiences", "prices", "ad_billing"):
        code, text, _ = run("rebuild", name, "--json")
        assert (code, json.loads(text)) == (0, {"projection": name, "events": head})
    assert f"{head:,} events folded again" in run("rebuild", "profiles")[1]
    assert run("audit", "--json")[0] == 0

    tamper(database, "UPDATE log_head SET head = head + 1")
    code, text, told = run("audit")
    assert (code, told) == (1, "")
    assert "✗ log: offsets are dense" in text
    assert f"    offsets {head + 1} to {head + 1} are neither hot nor in the lake" in text
    document = json.loads(run("audit", "--json")[1])
    assert document["ok"] is False
    assert [c["name"] for c in document["checks"] if c["violations"]] == ["log: offsets are dense"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("demo", "--data", "/nowhere.csv"), "/nowhere.csv: no such file"),
        (("demo", "--people", "0"), "--people"),
        (("demo", "--days", "401"), "--days"),
        (("rebuild", "lake"), "projection: choose from identity, profiles, audiences, prices"),
        (("rebuild",), "PROJECTION"),
    ],
)
def test_bad_input_is_one_line_with_the_mend(
    run: Run, arguments: tuple[str, ...], says: str
) -> None:
    code, text, told = run(*arguments)
    assert (code, text) == (2, "")
    assert says.lower() in told.lower()
    assert told.count("\n") == 1
