"""``quanyu order`` as a marketer runs it, on a real database."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.orders_ground import CART, PAYABLE, PROMOTIONS, order_form
from typer.testing import CliRunner, Result

from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli.main import app
from quanyu.interfaces.cli.order import STATES, read_unit
from quanyu.promotions.orders.states import OrderState

PAY = ("order", "pay", "o1", "--method", "alipay", "--amount")


@pytest.fixture(autouse=True)
def environment(
    database_url: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))
    offers = tmp_path / "offers.json"
    offers.write_text(json.dumps(PROMOTIONS))
    assert run("promotion", "put", str(offers)).exit_code == 0


def run(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


def answer(*words: str, stdin: str = "") -> Any:
    result = run(*words, "--json", stdin=stdin)
    assert result.exit_code == 0, (result.output, result.exception)
    return msgspec.json.decode(result.stdout)


def refused(*words: str, stdin: str = "") -> BadInput:
    result = run(*words, stdin=stdin)
    assert isinstance(result.exception, BadInput), (result.output, result.exception)
    assert result.stdout == ""
    return result.exception


def place(order: str = "o1", *words: str, **change: Any) -> Any:
    return answer("order", "place", "-", *words, stdin=json.dumps(order_form(order, **change)))


def state(order: str = "o1") -> str:
    return str(answer("order", "show", order)["state"])


class TestLife:
    def test_from_the_file_to_the_refund(self, tmp_path: Path) -> None:
        file = tmp_path / "order.json"
        file.write_text(json.dumps(order_form(expected_payable=PAYABLE)))
        placed = answer("order", "place", str(file))
        assert (placed["state"], placed["payable"]) == ("placed", PAYABLE)
        assert answer(*PAY, str(PAYABLE))["state"] == "paid"
        assert answer("order", "ship", "o1")["state"] == "shipped"
        assert answer("order", "confirm", "o1")["state"] == "confirmed"
        back = answer("order", "refund", "o1", "--unit", "L1:1", "--unit", "L2:1")
        shown = answer("order", "show", "o1")
        assert back["complete"] is False
        assert shown["refunded"] == back["cash_fen"]
        returned = [{"line": "L1", "unit": 1}, {"line": "L2", "unit": 1}]
        assert shown["returned"] == returned
        rest = answer("order", "refund", "o1", "--unit", "L1:2", "--unit", "L1:3")
        assert rest["complete"] is True
        assert back["cash_fen"] + rest["cash_fen"] == PAYABLE - 600
        assert state() == "refunded"

    def test_a_cancelled_order(self) -> None:
        place()
        assert answer("order", "cancel", "o1")["state"] == "cancelled"
        assert refused(*PAY, str(PAYABLE)).field == "order_in_wrong_state"

    def test_a_quote_tells_the_price_and_holds_nothing(self) -> None:
        form = json.dumps(order_form())
        found = answer("order", "quote", "-", stdin=form)
        assert found["payable"] == PAYABLE
        assert {one["offer"] for one in found["trace"]} == {"A-100-10", "all-5"}
        assert isinstance(run("order", "show", "o1").exception, NotFound)
        assert "¥161.00" in run("order", "quote", "-", stdin=form).stdout

    @pytest.mark.parametrize("step", ["quote", "place"])
    def test_a_coupon_that_nobody_holds_is_refused(self, step: str) -> None:
        form = json.dumps(order_form(coupons=["c_2"]))
        told = refused("order", step, "-", "--coupon", "c_1", stdin=form)
        assert told.field == "coupon_not_usable"
        assert told.mend.endswith(" (have 0, need 2)")

    def test_the_key_is_the_intent(self) -> None:
        told = [place("o1", "--key", "k") for _ in range(2)]
        assert told[0] == told[1]
        fault = refused("order", "place", "-", "--key", "k", stdin=json.dumps(order_form("o2")))
        assert fault.field == "key_used_for_another_request"
        paid = [answer(*PAY, str(PAYABLE), "--key", "p") for _ in range(2)]
        assert paid[0] == paid[1]
        back = ("order", "refund", "o1", "--unit", "L1:1", "--key", "r")
        assert answer(*back) == answer(*back)
        other = refused("order", "refund", "o1", "--unit", "L1:2", "--key", "r")
        assert other.field == "key_used_for_another_request"

    @pytest.mark.parametrize("step", ["ship", "confirm", "cancel"])
    def test_a_step_under_a_key_is_one_step(self, step: str) -> None:
        place()
        if step != "cancel":
            answer(*PAY, str(PAYABLE))
        told = [answer("order", step, "o1", "--key", "k") for _ in range(2)]
        assert told[0] == told[1]
        place("o2")
        fault = refused("order", step, "o2", "--key", "k")
        assert fault.field == "key_used_for_another_request"


class TestForPeople:
    def test_every_state_has_a_name(self) -> None:
        assert set(STATES) == set(OrderState)

    def test_lines_and_tables(self) -> None:
        body = json.dumps(order_form())
        assert (
            "o1  待付款  应付 ¥161.00  付款截止 20" in run("order", "place", "-", stdin=body).stdout
        )
        assert "o1  已付款  应付 ¥161.00" in run(*PAY, str(PAYABLE)).stdout
        assert "已发货" in run("order", "ship", "o1").stdout
        back = run("order", "refund", "o1", "--unit", "L1:1").stdout
        assert "o1  退款 ¥" in back
        assert "退红包 all-5 ¥" in back
        shown = run("order", "show", "o1").stdout
        assert "已退 ¥" in shown
        assert "商品行" in shown
        assert "A-100-10" in shown

    def test_an_id_is_shown_as_it_is(self) -> None:
        body = json.dumps(order_form("[red]o[/red]"))
        assert "[red]o[/red]" in run("order", "place", "-", stdin=body).stdout


class TestRefusals:
    def test_an_order_that_is_not_there(self) -> None:
        assert isinstance(run("order", "show", "none").exception, NotFound)
        for words in (
            ("order", "ship", "none"),
            ("order", "confirm", "none"),
            ("order", "cancel", "none"),
            ("order", "refund", "none", "--unit", "L1:1"),
            ("order", "pay", "none", "--amount", "1", "--method", "alipay"),
        ):
            assert refused(*words).field == "order_not_found"

    def test_figures_come_with_the_reason(self) -> None:
        body = json.dumps(order_form(expected_payable=1))
        fault = refused("order", "place", "-", stdin=body)
        assert fault.field == "price_changed"
        assert fault.mend.endswith(" (have 16100, need 1)")
        place()
        fault = refused(*PAY, "16099")
        assert fault.field == "amount_differs"
        assert fault.mend.endswith(" (have 16099, need 16100)")
        assert state() == "placed"

    def test_what_comes_too_early_or_twice(self) -> None:
        place()
        assert refused("order", "ship", "o1").field == "order_in_wrong_state"
        assert refused("order", "refund", "o1", "--unit", "L1:1").field == "order_in_wrong_state"
        answer(*PAY, str(PAYABLE))
        assert refused("order", "cancel", "o1").field == "order_in_wrong_state"
        answer("order", "refund", "o1", "--unit", "L1:1")
        again = refused("order", "refund", "o1", "--unit", "L1:1")
        assert again.field == "unit_returned_already"
        twice = refused("order", "refund", "o1", "--unit", "L1:2", "--unit", "L1:2")
        assert twice.field == "unit_named_twice"

    def test_orders_of_another_merchant_are_not_there(self) -> None:
        place()
        answer("key", "create", "--merchant", "other", "--scopes", "orders:write")
        other = ("--merchant", "other")
        assert isinstance(run("order", "show", "o1", *other).exception, NotFound)
        assert refused("order", "cancel", "o1", *other).field == "order_not_found"
        assert place("o1", *other)["payable"] == 17_600
        assert state() == "placed"


@pytest.mark.parametrize(
    ("words", "stdin", "field"),
    [
        (("order", "place", "/nowhere"), "", "FILE"),
        (("order", "place", "-"), "", "order"),
        (("order", "place", "-"), "[]", "order"),
        (("order", "place", "-"), json.dumps(order_form(cart={})), "order.cart.now"),
        (("order", "place", "-"), json.dumps(order_form(price=1)), "order.price"),
        (("order", "place", "-", "--key", ""), json.dumps(order_form()), "idempotency_key"),
        (("order", "pay", "o1", "--amount", "1", "--method", ""), "", "--method"),
        (("order", "pay", "o1", "--amount", "1", "--method", "m" * 65), "", "--method"),
        (("order", "refund", "o1", "--unit", "L1"), "", "--unit"),
    ],
)  # fmt: skip
def test_bad_input_names_the_field(words: tuple[str, ...], stdin: str, field: str) -> None:
    assert refused(*words, stdin=stdin).field == field


@pytest.mark.parametrize("words", [(*PAY, "-1"), (*PAY, "1.5"), ("order", "refund", "o1")])
def test_what_the_shell_refuses(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


@pytest.mark.parametrize(
    ("text", "unit"), [("A2:1", ("A2", 1)), ("a:b:12", ("a:b", 12)), ("杯:0", ("杯", 0))]
)
def test_a_unit_is_a_line_and_a_number(text: str, unit: tuple[str, int]) -> None:
    assert read_unit(text) == unit


@pytest.mark.parametrize(
    "text", ["", ":", "A2", "A2:", ":1", "A2:-1", "A2:x", "A2:１", "A:" + "9" * 10]
)
def test_what_is_no_unit(text: str) -> None:
    with pytest.raises(BadInput, match="A2:1"):
        read_unit(text)


def test_the_clock_is_ours_not_the_cart_s() -> None:
    placed = place(cart=CART | {"now": "2001-01-01T00:00:00+08:00"})
    assert not placed["pay_until"].startswith("2001")
