"""`quanyu report`: one JSON document for programs, tables for people, exit 2 with the mend."""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from tests.lake_town import Town, event, town_of

from quanyu.clock import DAY_US, MINUTE_US, FixedClock
from quanyu.interfaces.cli import main, output, report
from quanyu.storage.postgres.database import Database

COMMANDS = ("overview", "funnel", "paths", "retention", "top-items", "trends")


@pytest.fixture
def town(database: Database, data_dir: Path, clock: FixedClock) -> Town:
    """Yesterday: twelve people look at 美妆, two put it in the cart, one pays."""
    town = town_of(database, data_dir / "lake", clock)
    start_us = clock.now_us() - DAY_US
    for n in range(12):
        props = {"category": "美妆"}
        town.take_in(event(f"v{n}", start_us, who=f"p{n}", item="口红", props=props))
    for n in range(2):
        town.take_in(
            event(f"c{n}", start_us + MINUTE_US, who=f"p{n}", kind="add_to_cart", item="口红")
        )
    paid = {"order": "o1", "amount_fen": 12_900}
    town.take_in(event("p", start_us + 65 * MINUTE_US, who="p0", kind="payment_completed", **paid))
    return town


@pytest.fixture
def run(town: Town, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``run("funnel", "--json")`` → (exit code, standard output, standard error)."""
    settings = SimpleNamespace(merchant="demo")
    engine = SimpleNamespace(reports=town.reports, settings=settings, clock=town.clock)

    @contextmanager
    def session() -> Iterator[Any]:
        yield engine

    def command(*arguments: str) -> tuple[int, str, str]:
        out, shown, told = io.BytesIO(), io.StringIO(), io.StringIO()
        wide = Console(file=shown, width=160, highlight=False)
        with monkeypatch.context() as patch:
            patch.setattr(report, "open_session", session)
            patch.setattr(report, "console", wide)
            patch.setattr(main, "notices", Console(file=told, width=300, highlight=False))
            patch.setattr(output, "sys", SimpleNamespace(stdout=SimpleNamespace(buffer=out)))
            patch.setattr(sys, "argv", ["quanyu", "report", *arguments])
            with pytest.raises(SystemExit) as left:
                main.run()
        code = left.value.code if isinstance(left.value.code, int) else 0
        return code, out.getvalue().decode() + shown.getvalue(), told.getvalue()

    return command


@pytest.mark.parametrize("command", COMMANDS)
def test_one_json_document(run: Any, command: str) -> None:
    code, text, told = run(command, "--json")
    assert (code, told) == (0, "")
    assert isinstance(json.loads(text), dict)


@pytest.mark.parametrize("command", COMMANDS)
def test_tables_line_up_with_chinese_text(run: Any, command: str) -> None:
    code, text, _ = run(command)
    widths: list[set[int]] = []
    for line in text.splitlines():
        if line.startswith("┏"):
            widths.append(set())
        if widths and line[:1] in "┏┃┡│└":
            widths[-1].add(cell_len(line.rstrip()))
    assert code == 0
    assert widths
    assert all(len(found) == 1 for found in widths)


def test_the_funnel_says_how_far_people_get(run: Any) -> None:
    found = json.loads(run("funnel", "--json")[1])
    assert [step["people"] for step in found["steps"]] == [12, 2, 1]
    assert found["window_seconds"] == 86_400
    _, text, _ = run("funnel", "--window", "2h")
    assert "add_to_cart" in text
    assert "16.7%" in text
    assert "1时4分" in text


def test_the_overview_speaks_yuan(run: Any) -> None:
    assert "¥129.00" in run("overview")[1]
    assert json.loads(run("overview", "--json")[1])["gmv_fen"] == 12_900


def test_conditions_and_periods_narrow_a_report(run: Any) -> None:
    asked = ("funnel", "--json", "--steps", "view", "--where")
    assert json.loads(run(*asked, "category=美妆")[1])["steps"][0]["people"] == 12
    assert json.loads(run(*asked, "category=生鲜")[1])["steps"][0]["people"] == 0
    assert json.loads(run("overview", "--json", "--from", "2026-03-10")[1])["events"] == 0


def test_trends_hide_few_people(run: Any) -> None:
    found = json.loads(run("trends", "--json", "--days", "1")[1])
    assert [t["subject"] for t in found["trends"]] == ["美妆"]
    assert found["trends"][0]["visits"] in (10, 20), "twelve, to a multiple of ten"
    assert json.loads(run("trends", "--json", "--kind", "add_to_cart")[1])["trends"] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("funnel", "--steps", "view,buy"), "steps: 'buy' is no kind of event"),
        (("funnel", "--steps", ",".join(["view"] * 11)), "steps: name 1 to 10 steps"),
        (("funnel", "--window", "soon"), "window: 'soon' is not a duration"),
        (("funnel", "--where", "city"), "where: write field=value"),
        (("overview", "--from", "2026-03-11", "--to", "2026-03-10"), "from: must be before to"),
        (("overview", "--to", "today"), "to: write a day such as"),
        (("paths", "--by", "person"), "by: use one of kind"),
        (("paths", "--gap", "0m"), "gap:"),
        (("paths", "--top", "0"), "top: use 1 to"),
        (("retention", "--days", "0"), "days: use 1 to"),
        (("top-items", "--kind", "buy"), "kind: 'buy' is no kind of event"),
        (("trends", "--subject", "person"), "subject: use one of category"),
    ],
)
def test_bad_input_is_one_line_with_the_mend(run: Any, arguments: Any, says: str) -> None:
    code, text, told = run(*arguments)
    assert (code, text) == (2, "")
    assert says in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0秒"),
        (59.6, "1分"),
        (61, "1分1秒"),
        (3725, "1时2分"),
        (90_061, "1天1时"),
        (86_400, "1天"),
    ],
)
def test_durations_in_two_units(seconds: float, text: str) -> None:
    assert report.duration_text(seconds) == text
