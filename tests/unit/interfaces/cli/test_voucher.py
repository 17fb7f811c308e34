"""``quanyu voucher`` at a shop's till, on a real database."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.orders_ground import ANN, VOUCHER, voucher_order
from typer.testing import CliRunner, Result

from quanyu.errors import BadInput
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


def refused(*words: str, stdin: str = "") -> BadInput:
    result = run(*words, stdin=stdin)
    assert isinstance(result.exception, BadInput), (result.output, result.exception)
    assert result.stdout == ""
    return result.exception


def held() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer("voucher", "list", "-i", ANN)["vouchers"]
    return found


@pytest.fixture
def code() -> str:
    """Of one voucher of 200.00, bought at 99.00 as v1:V:1."""
    answer("voucher", "product", "-", stdin=json.dumps(VOUCHER))
    answer("order", "place", "-", stdin=json.dumps(voucher_order()))
    answer("order", "pay", "v1", "--amount", "9900", "--method", "alipay")
    (one,) = held()
    return str(one["code"])


def use(code: str, amount: int, *more: str) -> tuple[str, ...]:
    return ("voucher", "use", code, "--amount", str(amount), "--store", "s1", *more)


class TestLife:
    def test_used_undone_and_given_back(self, code: str) -> None:
        used = answer(*use(code, 12_000))
        assert (used["voucher"], used["rest_fen"]) == ("v1:V:1", 8_000)
        undone = answer("voucher", "undo", used["use"])
        assert (undone["amount_fen"], undone["rest_fen"]) == (12_000, 20_000)
        answer(*use(code, 5_000))
        back = answer("voucher", "refund", "v1:V:1")
        assert (back["amount_fen"], back["rest_fen"]) == (7_425, 0)
        (one,) = held()
        assert (one["rest"], one["refundable"]) == (0, 0)

    def test_a_key_is_one_scan_through_either_door(self, code: str) -> None:
        told = [answer(*use(code, 100, "--key", "till")) for _ in range(3)]
        assert told[0] == told[1] == told[2]
        assert held()[0]["rest"] == 19_900
        other = refused(*use(code, 101, "--key", "till"))
        assert other.field == "key_used_for_another_request"

    def test_undo_and_refund_under_a_key(self, code: str) -> None:
        used = answer(*use(code, 100))["use"]
        undo = ("voucher", "undo", used, "--key", "k")
        assert answer(*undo) == answer(*undo)
        back = ("voucher", "refund", "v1:V:1", "--key", "k")
        assert answer(*back) == answer(*back)
        assert refused("voucher", "refund", "v1:V:1").field == "voucher_refunded"

    def test_the_product_is_changed_for_the_next_buyer(self, code: str) -> None:
        said = answer("voucher", "product", "-", stdin=json.dumps(VOUCHER | {"face_fen": 1}))
        assert said["face_fen"] == 1
        assert held()[0]["face"] == 20_000


class TestForPeople:
    def test_lines_and_tables(self, code: str) -> None:
        made = run("voucher", "product", "-", stdin=json.dumps(VOUCHER)).stdout
        assert made.strip() == "hotpot-200  面值 ¥200.00  90 天有效  s1"
        anywhere = json.dumps(VOUCHER | {"stores": []})
        assert "全部门店" in run("voucher", "product", "-", stdin=anywhere).stdout
        used = run(*use(code, 12_000)).stdout
        assert "v1:V:1  核销 ¥120.00  剩余 ¥80.00  核销号 use_" in used
        undone = run("voucher", "undo", used.rpartition(" ")[2].strip()).stdout
        assert undone.strip() == "v1:V:1  撤销核销 ¥120.00  剩余 ¥200.00"
        listed = run("voucher", "list", "-i", ANN).stdout
        assert "¥200.00" in listed
        back = run("voucher", "refund", "v1:V:1").stdout
        assert back.strip() == "v1:V:1  退款 ¥99.00  剩余 ¥0.00"

    def test_who_holds_nothing(self) -> None:
        assert run("voucher", "list", "-i", "taobao_id:ben").stdout.strip() == "没有代金券"
        assert answer("voucher", "list", "-i", "taobao_id:ben") == {"vouchers": []}


class TestRefusals:
    def test_reasons_and_figures(self, code: str) -> None:
        over = refused(*use(code, 20_001))
        assert over.field == "exceeds_rest_of_voucher"
        assert over.mend.endswith(" (have 20000, need 20001)")
        wrong = refused("voucher", "use", code, "--amount", "1", "--store", "s2")
        assert wrong.field == "wrong_store"
        assert refused(*use("NOSUCHCODE", 1)).field == "voucher_not_found"
        assert refused("voucher", "undo", "use_none").field == "use_not_found"
        assert refused("voucher", "refund", "none").field == "voucher_not_found"
        assert held()[0]["rest"] == 20_000

    def test_another_merchant_s_till_takes_nothing(self, code: str) -> None:
        answer("key", "create", "--merchant", "other", "--scopes", "vouchers:write")
        other = ("--merchant", "other")
        assert refused(*use(code, 1, *other)).field == "voucher_not_found"
        assert refused("voucher", "refund", "v1:V:1", *other).field == "voucher_not_found"
        assert answer("voucher", "list", "-i", ANN, *other) == {"vouchers": []}


@pytest.mark.parametrize(
    ("words", "stdin", "field"),
    [
        (("voucher", "product", "/nowhere"), "", "FILE"),
        (("voucher", "product", "-"), "", "product"),
        (("voucher", "product", "-"), "{}", "product.item"),
        (("voucher", "product", "-"), json.dumps(VOUCHER | {"price": 1}), "product.price"),
        (("voucher", "product", "-"), json.dumps(VOUCHER | {"face_fen": 0}), "face_fen"),
        (("voucher", "product", "-"), json.dumps(VOUCHER | {"valid_days": 0}), "valid_days"),
        (("voucher", "use", "C", "--amount", "1", "--store", ""), "", "--store"),
        (("voucher", "use", "C", "--amount", "1", "--store", "s" * 129), "", "--store"),
        (("voucher", "list", "-i", "ann"), "", "identifier"),
    ],
)
def test_bad_input_names_the_field(words: tuple[str, ...], stdin: str, field: str) -> None:
    assert refused(*words, stdin=stdin).field.removeprefix("--") == field.removeprefix("--")


@pytest.mark.parametrize("amount", ["0", "-1", "1.5", str(10**15 + 1)])
def test_amounts_that_are_none(amount: str) -> None:
    words = ("voucher", "use", "C", "--store", "s1", "--amount", amount)
    assert run(*words).exit_code == 2
