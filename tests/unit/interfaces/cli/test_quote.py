"""``quanyu quote``: the price of a cart out of two files, for programs and for marketers."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.promotions.pricing import carts
from tests.unit.promotions.quote_example import CART, OFFERS
from typer.testing import CliRunner, Result

from quanyu.errors import BadInput
from quanyu.interfaces.cli.main import app
from quanyu.interfaces.cli.quote import REASONS, fate, show_quote
from quanyu.promotions.pricing import Quote, decode_cart, decode_offers, evaluate
from quanyu.promotions.pricing.quote import Trace

EXAMPLES = Path(__file__).parents[4] / "examples" / "quote"
ROOT = Path(__file__).parents[4]


def run(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["quote", *words], input=stdin)


def refused(*words: str, stdin: str = "") -> BadInput:
    result = run(*words, stdin=stdin)
    assert isinstance(result.exception, BadInput), (result.output, result.exception)
    assert result.stdout == ""
    return result.exception


def files(folder: Path, cart: Any, offers: Any) -> list[str]:
    for name, document in (("cart", cart), ("offers", offers)):
        (folder / f"{name}.json").write_text(json.dumps(document, ensure_ascii=False))
    return ["--cart", str(folder / "cart.json"), "--offers", str(folder / "offers.json")]


EXAMPLE = ("--cart", str(EXAMPLES / "cart.json"), "--offers", str(EXAMPLES / "offers.json"))


def test_the_files_are_the_worked_example() -> None:
    assert json.loads((EXAMPLES / "cart.json").read_text()) == CART
    assert json.loads((EXAMPLES / "offers.json").read_text()) == OFFERS


def test_the_worked_example_to_the_fen() -> None:
    result = run(*EXAMPLE, "--json")
    assert result.exit_code == 0, result.exception
    found = msgspec.json.decode(result.stdout)
    assert (found["cash"], found["shipping"], found["payable"]) == (36_290, 600, 36_890)
    lines = {one["line"]: (one["activity"], one["cash"]) for one in found["lines"]}
    assert lines == {"A1": (16_000, 11_777), "A2": (22_800, 16_784), "B1": (8_990, 7_729)}
    assert found["settlement"] == {"A": 31_365, "B": 9_025}
    assert found["funded"]["platform"] == 3_500


def test_it_says_what_the_engine_says() -> None:
    quote = evaluate(decode_cart(json.dumps(CART)), decode_offers(json.dumps(OFFERS)))
    found = msgspec.json.decode(run(*EXAMPLE, "--json").stdout)
    assert found == json.loads(json.dumps(quote.as_json()))


def test_the_table_for_people() -> None:
    shown = run(*EXAMPLE).stdout
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.splitlines()]
    assert ["A2", "A", "lipstick × 2", "¥240.00", "¥228.00", "", "¥167.84"] in rows
    assert ["", "", "shopA-coupon-200-20", "", "", "-¥8.25", ""] in rows
    assert ["运费", "B", "", "¥6.00", "", "", "¥6.00"] in rows
    assert ["cross-300-50", "已用", "-¥50.00", "差 ¥122.10"] in rows
    assert "应付 ¥368.90，用积分 500" in shown


def test_each_line_s_discounts_are_what_it_lost() -> None:
    """原价 less everything that stands under the line is 实付."""
    shown = run(*EXAMPLE).stdout.partition("优惠明细")[0]
    left: dict[str, int] = {}
    paid: dict[str, int] = {}
    name = ""
    for row in shown.splitlines():
        cells = [cell.strip() for cell in row.split("│")[1:-1]]
        if cells and cells[0]:
            name = cells[0]
            left[name], paid[name] = fen(cells[3]), fen(cells[6])
        elif cells:
            left[name] += fen(cells[5])
    assert left == paid
    assert sum(paid.values()) == 36_890


def fen(text: str) -> int:
    return int(text.replace("¥", "").replace(",", "").replace(".", ""))


def test_one_of_the_two_may_come_from_standard_input(tmp_path: Path) -> None:
    cart, offers = EXAMPLE[1], EXAMPLE[3]
    whole = run(*EXAMPLE, "--json").stdout
    piped = run("--cart", "-", "--offers", offers, "--json", stdin=json.dumps(CART))
    assert piped.stdout == whole
    piped = run("--cart", cart, "--offers", "-", "--json", stdin=json.dumps(OFFERS))
    assert piped.stdout == whole


def test_both_from_standard_input_is_refused() -> None:
    assert refused("--cart", "-", "--offers", "-", stdin=json.dumps(CART)).field == "--offers"


def test_no_offers_is_the_list_price(tmp_path: Path) -> None:
    words = files(tmp_path, carts.cart(carts.line("L", 1)), [])
    assert msgspec.json.decode(run(*words, "--json").stdout)["payable"] == 1
    shown = run(*words).stdout
    assert "应付 ¥0.01" in shown
    assert "优惠明细" not in shown


def test_names_are_shown_as_they_are(tmp_path: Path) -> None:
    cart = carts.cart(carts.line("[red]L[/red]", 100, item="[bold]杯"))
    offers = [carts.offer("[x]", "item", {"percent_off": {"percent": 10}})]
    shown = run(*files(tmp_path, cart, offers)).stdout
    assert "[red]L[/red]" in shown
    assert "[bold]杯" in shown
    assert shown.count("[x]") == 2


TEN_OFF = {"amount_off": {"amount": 10}}
FATES: dict[str, tuple[list[dict[str, Any]], str]] = {
    "applied": ([carts.offer("it", "shop", TEN_OFF)], "已用"),
    "below": (
        [carts.offer("it", "shop", {"amount_off": {"amount": 10, "threshold": 1_230}})],
        "不满足：未达门槛",
    ),
    "scope": (
        [carts.offer("it", "shop", TEN_OFF, scope={"items": ["x"]})],
        "不满足：没有适用的商品",
    ),
    "shop": ([carts.offer("it", "shop", TEN_OFF, shop="Z")], "不满足：没有适用的商品"),
    "eligible": ([carts.offer("it", "shop", TEN_OFF, requires=["vip"])], "不满足：不符合资格"),
    "window": (
        [carts.offer("it", "shop", TEN_OFF, expires=carts.NOW)],
        "不满足：不在活动时间内",
    ),
    "remainder": (
        [
            carts.offer("all", "item", {"percent_off": {"percent": 100}}),
            carts.offer("it", "shop", TEN_OFF),
        ],
        "不满足：没有可抵扣的金额",
    ),
    "beaten": (
        [
            carts.offer("best", "shop", {"amount_off": {"amount": 20}}),
            carts.offer("it", "shop", TEN_OFF),
        ],
        "被 best 取代",
    ),
    "excluded": (
        [
            carts.offer("best", "shop", {"amount_off": {"amount": 20}}, exclusive=True),
            carts.offer("it", "shop", TEN_OFF, exclusive=True),
        ],
        "与 best 互斥",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FATES)
def test_the_fate_of_an_offer_in_words(name: str) -> None:
    offers, words = FATES[name]
    found = carts.quote(carts.cart(carts.line("L", 1_000)), *offers)
    assert fate(carts.traced(found)["it"]) == words


def test_every_reason_has_words() -> None:
    told = {words for _, words in FATES.values()}
    assert {f"不满足：{words}" for words in REASONS.values()} <= told


def test_a_reason_without_words_is_shown_as_it_is() -> None:
    assert fate(Trace("it", "failed", code="new_reason")) == "不满足：new_reason"


def test_how_much_is_missing(tmp_path: Path) -> None:
    offers, _ = FATES["below"]
    words = files(tmp_path, carts.cart(carts.line("L", 1_000)), offers)
    assert "差 ¥2.30" in run(*words).stdout


def test_an_answer_that_may_not_be_the_best_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    found: Quote = carts.quote(carts.cart(carts.line("L", 1_000)))
    show_quote(found)
    assert "可能还有更优" not in capsys.readouterr().out
    show_quote(msgspec.structs.replace(found, optimal=False))
    assert "可能还有更优" in capsys.readouterr().out


LINE = carts.line("L", 1_000)


@pytest.mark.parametrize(
    ("cart", "offers", "field", "mend"),
    [
        ({}, [], "cart.now", "missing"),
        ([], [], "cart", "expected object"),
        (carts.cart(), [], "cart.lines", "length >= 1"),
        (carts.cart(LINE, LINE), [], "cart.lines[1]", "stands there already"),
        (carts.cart(LINE | {"quantity": 0}), [], "cart.lines[0].quantity", ">= 1"),
        (carts.cart(LINE | {"list_price": 9.99}), [], "cart.lines[0].list_price", "int"),
        (carts.cart(LINE | {"age": 30}), [], "cart.lines[0].age", "unknown field"),
        (carts.cart(LINE, points_to_spend=-1), [], "cart.points_to_spend", ">= 0"),
        (carts.cart(LINE), {}, "offers", "expected array"),
        (carts.cart(LINE), [{}], "offers[0].id", "missing"),
        (carts.cart(LINE), [carts.offer("x", "moon", TEN_OFF)], "offers[0].lane", "moon"),
        (carts.cart(LINE), [carts.offer("x", "item", {})], "offers[0].benefit", "exactly one"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, cart: Any, offers: Any, field: str, mend: str) -> None:
    fault = refused(*files(tmp_path, cart, offers))
    assert fault.field == field
    assert mend in fault.mend


@pytest.mark.parametrize("option", ["--cart", "--offers"])
def test_files_that_cannot_be_read(tmp_path: Path, option: str) -> None:
    words = dict(zip(EXAMPLE[::2], EXAMPLE[1::2], strict=True))
    for name in (str(tmp_path / "none.json"), str(tmp_path)):
        fault = refused(*[word for pair in (words | {option: name}).items() for word in pair])
        assert (fault.field, "cannot be read" in fault.mend) == (option, True)
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    fault = refused(*[word for pair in (words | {option: str(broken)}).items() for word in pair])
    assert "valid JSON" in fault.mend


def test_it_opens_no_database_and_makes_no_data_directory(tmp_path: Path) -> None:
    """A price can be tried out where nothing is installed yet."""
    program = (
        "import sys\n"
        "from typer.main import get_command\n"
        "from quanyu.interfaces.cli.main import app\n"
        f"get_command(app).main({['quote', *EXAMPLE, '--json']!r}, standalone_mode=False)\n"
        "assert 'psycopg' not in sys.modules and 'quanyu.wiring' not in sys.modules\n"
    )
    home = tmp_path / "none"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={"QUANYU_DATA_DIR": str(home), "HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["payable"] == 36_890
    assert list(tmp_path.iterdir()) == []
