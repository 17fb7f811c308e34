"""``quanyu instalment`` on a real database; the preview without one."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len
from tests.instalments_ground import FREE, cart
from tests.orders_ground import PAYABLE, PROMOTIONS, order_form
from typer.testing import CliRunner, Result

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


def refused(*words: str) -> BadInput:
    result = run(*words)
    assert isinstance(result.exception, BadInput), (result.output, result.exception)
    assert result.stdout == ""
    return result.exception


@pytest.fixture
def offers(tmp_path: Path) -> None:
    file = tmp_path / "offers.json"
    file.write_text(json.dumps([*PROMOTIONS, *FREE]))
    answer("promotion", "put", str(file))


def buy(terms: int) -> None:
    answer("order", "place", "-", stdin=json.dumps(order_form(cart=cart(terms))))
    answer("order", "pay", "o1", "--amount", str(PAYABLE), "--method", "huabei")


def pay(term: int, amount: int, *more: str) -> tuple[str, ...]:
    return ("instalment", "pay", "o1", "--term", str(term), "--amount", str(amount), *more)


def settle(amount: int, *more: str) -> tuple[str, ...]:
    return ("instalment", "settle", "o1", "--amount", str(amount), *more)


QUOTE = ("instalment", "quote", "--amount", "36890", "--terms", "3")


class TestQuote:
    def test_to_the_fen(self) -> None:
        found = answer(*QUOTE, "--bearer", "platform", "--paid-on", "2026-01-31")
        assert (found["fee"], found["borne"], found["due"]) == (664, 664, 36_890)
        days = [one["due_on"] for one in found["schedule"]]
        assert days == ["2026-02-28", "2026-03-31", "2026-04-30"]

    def test_it_opens_no_database(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("QUANYU_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
        monkeypatch.setenv("QUANYU_DATA_DIR", str(tmp_path / "nowhere"))
        assert answer(*QUOTE)["due"] == 37_554
        assert not (tmp_path / "nowhere").exists()

    def test_rates_of_the_operator(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("QUANYU_INSTALMENT_RATES", "3:100")
        assert answer(*QUOTE)["fee"] == 369
        assert refused(*QUOTE[:-1], "12").field.startswith("terms_not_offered")
        monkeypatch.setenv("QUANYU_INSTALMENT_RATES", "4:100")
        assert refused(*QUOTE).field == "QUANYU_INSTALMENT_RATES"

    def test_a_table_that_lines_up_with_chinese_text(self) -> None:
        shown = run(*QUOTE, "--paid-on", "2026-01-31").stdout
        lines = [line for line in shown.splitlines() if line[:1] in "┃│┏┡└"]
        assert len(lines) == 7
        assert len({cell_len(line) for line in lines}) == 1
        for word in ("期数", "应还日", "本金", "手续费", "应还", "状态", "2026-02-28", "¥125.17"):
            assert word in shown
        assert shown.splitlines()[-1] == "分期 ¥368.90  共还 ¥375.54  手续费 ¥6.64（买家承担）"

    @pytest.mark.parametrize(
        ("words", "field"),
        [
            ((*QUOTE[:-1], "5"), "terms"),
            ((*QUOTE, "--bearer", "bank"), "--bearer"),
            ((*QUOTE, "--paid-on", "31.1."), "--paid-on"),
            ((*QUOTE, "--paid-on", "9999-12-31"), "paid_on"),
            (
                ("instalment", "quote", "--amount", "2", "--terms", "3"),
                "less_than_a_fen_per_term",
            ),
        ],
    )
    def test_bad_input_names_the_field(self, words: tuple[str, ...], field: str) -> None:
        assert refused(*words).field == field

    @pytest.mark.parametrize("amount", ["-1", "1.5", str(10**15 + 1)])
    def test_amounts_that_are_none(self, amount: str) -> None:
        assert run("instalment", "quote", "--amount", amount, "--terms", "3").exit_code == 2


@pytest.mark.usefixtures("offers")
class TestLife:
    def test_from_the_first_term_to_the_last(self) -> None:
        buy(3)
        told = answer("instalment", "show", "o1")
        assert (told["state"], told["owed"]) == ("active", PAYABLE + 290)
        for number, one in enumerate(told["schedule"], 1):
            done = answer(*pay(number, one["due"]))
        assert (done["state"], done["terms_paid"], done["owed"]) == ("done", 3, 0)

    def test_settled_with_the_fee_of_the_shops_given_back(self) -> None:
        buy(12)
        done = answer(*settle(PAYABLE))
        assert (done["state"], done["fee_back"]) == ("settled", 975)
        assert answer("audit")["ok"]

    def test_a_key_is_one_notice(self) -> None:
        buy(3)
        assert answer(*pay(1, 5_462, "--key", "n")) == answer(*pay(1, 5_462, "--key", "n"))
        other = refused(*pay(2, 5_464, "--key", "n"))
        assert other.field.startswith("key_used_for_another_request")

    def test_for_people(self) -> None:
        buy(12)
        shown = run("instalment", "show", "o1").stdout
        assert "待还" in shown
        assert shown.splitlines()[-1] == (
            "o1  还款中  剩余应还 ¥161.00  现在结清 ¥161.00  手续费 ¥10.63（商家承担）"
        )
        paid = run(*pay(1, 1_341)).stdout
        assert paid.strip() == "o1  还款中  还款 ¥13.41  已还 1 期  剩余应还 ¥147.59"
        settled = run(*settle(14_759)).stdout.strip()
        assert settled.endswith("已还 12 期  剩余应还 ¥0.00  退回手续费 ¥8.86")
        over = run("instalment", "show", "o1").stdout
        assert "已还" in over
        assert "现在结清" not in over


@pytest.mark.usefixtures("offers")
def test_refusals_say_why_and_change_nothing() -> None:
    buy(3)
    before = answer("instalment", "show", "o1")
    assert refused(*pay(2, 5_464)).field.startswith("term_out_of_order")
    assert refused(*pay(1, 1)).field.startswith("amount_differs")
    assert refused(*settle(1)).field.startswith("amount_differs")
    assert refused(*pay(4, 1)).field.startswith("no_such_term")
    none = refused("instalment", "pay", "none", "--term", "1", "--amount", "1")
    assert none.field.startswith("order_without_instalments")
    assert isinstance(run("instalment", "show", "none").exception, NotFound)
    assert answer("instalment", "show", "o1") == before


@pytest.mark.usefixtures("offers")
def test_another_merchant_finds_nothing() -> None:
    buy(3)
    answer("key", "create", "--merchant", "other", "--scopes", "orders:write")
    other = ("--merchant", "other")
    assert refused(*pay(1, 5_462, *other)).field.startswith("order_without_instalments")
    assert isinstance(run("instalment", "show", "o1", *other).exception, NotFound)
