"""``quanyu settlement``: what a merchant is owed, as a document and as a table."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.orders_ground import PAYABLE, PROMOTIONS, order_form
from typer.testing import CliRunner, Result

from quanyu.clock import SystemClock, day_number, day_text
from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli.main import app
from quanyu.interfaces.cli.settlement import party_of, reason_of, show_settlement
from quanyu.promotions.shows.settling import EARNED, TAKEN_BACK

TODAY = day_number(SystemClock().now_us())
SPAN = ("--from", day_text(TODAY - 1), "--to", day_text(TODAY + 1))
"""A day more on both sides: a test may run over midnight."""


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


@pytest.fixture
def paid(tmp_path: Path) -> None:
    offers = tmp_path / "offers.json"
    offers.write_text(json.dumps(PROMOTIONS))
    answer("promotion", "put", str(offers))
    answer("order", "place", "-", stdin=json.dumps(order_form()))
    answer("order", "pay", "o1", "--amount", str(PAYABLE), "--method", "alipay")


def test_nothing_is_owed_yet() -> None:
    found = answer("settlement", *SPAN)
    assert (found["owner"], found["accounts"], found["closing"]) == ("demo", [], 0)
    assert "合计 ¥0.00" in run("settlement", *SPAN).stdout


@pytest.mark.usefixtures("paid")
class TestOwed:
    def test_closings_are_balances_of_the_ledger(self) -> None:
        found = answer("settlement", *SPAN)
        assert found["closing"] == PAYABLE + 500
        for one in found["accounts"]:
            (held,) = answer("ledger", "balance", one["account"])["balances"]
            assert held["posted"] == one["closing"] == one["days"][-1]["closing"]

    def test_everybody_is_the_platform_too(self) -> None:
        found = answer("settlement", *SPAN, "--all")
        assert found["owner"] is None
        platform = {one["account"]: one["closing"] for one in found["accounts"]}
        assert platform["party/platform/payable"] == -500
        assert found["closing"] == PAYABLE

    def test_a_merchant_has_its_own(self) -> None:
        answer("key", "create", "--merchant", "other", "--scopes", "settlement:read")
        assert answer("settlement", *SPAN, "--merchant", "other")["accounts"] == []
        mine = answer("settlement", *SPAN, "--merchant", "demo")
        assert mine["closing"] == PAYABLE + 500
        assert isinstance(run("settlement", *SPAN, "--merchant", "nobody").exception, NotFound)

    def test_the_past_is_empty_and_the_future_opens_with_it(self) -> None:
        past = ("--from", day_text(TODAY - 9), "--to", day_text(TODAY - 2))
        assert answer("settlement", *past)["accounts"] == []
        future = ("--from", day_text(TODAY + 2), "--to", day_text(TODAY + 3))
        found = answer("settlement", *future)
        assert sum(one["opening"] for one in found["accounts"]) == PAYABLE + 500
        assert all(one["days"] == [] for one in found["accounts"])

    def test_the_table(self) -> None:
        shown = run("settlement", *SPAN).stdout
        for word in (
            "期初",
            "日末",
            "demo · 店铺 A（party/demo/A/payable）",
            "买家付款",
            f"合计 ¥{(PAYABLE + 500) / 100:.2f}",
        ):
            assert word in shown


def test_a_table_of_days(capsys: pytest.CaptureFixture[str]) -> None:
    entry = {"code": "refund", "in": 5, "out": 123_456, "transfers": 2}
    day = {"day": "2026-11-11", "entries": [entry], "closing": -123_351}
    account = {"account": "party/a/payable", "opening": 100, "closing": -123_351, "days": [day]}
    show_settlement(
        {"from": "2026-11-11", "to": "2026-11-11", "accounts": [account], "closing": -123_351}
    )
    shown = capsys.readouterr().out
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.splitlines()]
    assert ["2026-11-11", "refund", "2", "¥0.05", "¥1,234.56", ""] in rows
    assert ["2026-11-11", "日末", "", "", "", "-¥1,233.51"] in rows
    assert "…" not in shown
    assert "合计 -¥1,233.51" in shown


@pytest.mark.parametrize(
    ("account", "whose"),
    [
        ("party/platform/payable", "平台"),
        ("party/rides/payable", "rides · 合作结算"),
        ("party/茶馆/一号店/payable", "茶馆 · 店铺 一号店"),
        ("host/茶馆/lin/payable", "茶馆 · 主播 lin"),
        ("party/host/lin/payable", "host · 店铺 lin"),
    ],
)
def test_whose_account_it_is(account: str, whose: str) -> None:
    assert party_of(account) == whose


@pytest.mark.usefixtures("paid")
def test_every_reason_of_a_life_is_told_in_chinese() -> None:
    """Of an order that was paid and partly refunded: no code of ours is left as it is."""
    answer("order", "refund", "o1", "--unit", "L1:1")
    found = answer("settlement", *SPAN, "--all")
    days = [day for account in found["accounts"] for day in account["days"]]
    codes = {entry["code"] for day in days for entry in day["entries"]}
    assert codes >= {"order.paid.cash", "order.paid.platform", "order.refunded.cash"}
    assert not {code for code in codes if reason_of(code).isascii()}
    assert reason_of("my.own") == "my.own"


@pytest.mark.parametrize("code", [EARNED, TAKEN_BACK])
def test_what_hosts_earn_is_told_in_chinese(code: str) -> None:
    assert "直播佣金" in reason_of(code)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--from", "today", "--to", "2026-05-01"), "from"),
        (("--from", "2026-05-01", "--to", "2026-05-32"), "to"),
        (("--from", "2026-05-02", "--to", "2026-05-01"), "to"),
        (("--from", "2024-05-02", "--to", "2026-05-01"), "to"),
        (("--from", "2026-05-01", "--to", "2026-05-01", "--all", "--merchant", "demo"), "--all"),
    ],
)
def test_a_span_that_cannot_be(words: tuple[str, ...], field: str) -> None:
    result = run("settlement", *words)
    assert isinstance(result.exception, BadInput), (result.output, result.exception)
    assert (result.exception.field, result.stdout) == (field, "")


def test_both_days_are_said() -> None:
    assert run("settlement", "--from", "2026-05-01").exit_code == 2
    assert run("settlement", "--to", "2026-05-01").exit_code == 2
