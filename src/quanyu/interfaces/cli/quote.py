"""``quanyu quote``: what a cart costs and why, from two files. Opens no database."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption
from quanyu.money import format_yuan

if TYPE_CHECKING:
    from rich.table import Table

    from quanyu.promotions.pricing import Quote
    from quanyu.promotions.pricing.quote import Discount, Trace

app = typer.Typer()
REASONS = {
    "below_threshold": "未达门槛",
    "not_in_scope": "没有适用的商品",
    "not_eligible": "不符合资格",
    "out_of_window": "不在活动时间内",
    "no_remainder": "没有可抵扣的金额",
}


@app.command()
def quote(
    cart: Annotated[str, typer.Option("--cart", help="JSON file, docs/cli.md; - reads stdin.")],
    offers: Annotated[str, typer.Option("--offers", help="JSON file, an array; - reads stdin.")],
    as_json: JsonOption = False,
) -> None:
    """The price of a cart under these offers, to the fen, with the reason for every offer."""
    from quanyu.promotions.pricing import decode_cart, decode_offers, evaluate

    if cart == offers == "-":
        raise BadInput("--offers", "standard input is one document; give the other one as a file")
    basket = decode_cart(read_file(cart, option="--cart"))
    found = evaluate(basket, decode_offers(read_file(offers, option="--offers")))
    if as_json:
        print_json(found.as_json())
    else:
        show_quote(found)


def show_quote(found: "Quote") -> None:
    """For people: lines, the sum, and every offer with its fate."""
    show_lines(found)
    if found.trace:
        show_trace(found)


def show_lines(found: "Quote") -> None:
    columns = ("行", "店铺", "商品 / 优惠", "原价", "活动价", "优惠", "实付")
    shown = table("商品行", *columns, right=(3, 4, 5, 6))
    shown.columns[2].overflow = "fold"
    for line in found.lines:
        names = (line.line, line.shop, f"{line.item} × {line.quantity:,}")
        sums = (format_yuan(line.list), format_yuan(line.activity), "", format_yuan(line.cash))
        shown.add_row(*names, *sums)
        show_discounts(shown, line.discounts)
    for one in found.shipments:
        sums = (format_yuan(one.amount), "", "", format_yuan(one.cash))
        shown.add_row("运费", one.shop, "", *sums)
        show_discounts(shown, one.discounts)
    console.print(shown)
    points = f"，用积分 {found.points_spent:,}" if found.points_spent else ""
    bound = "" if found.optimal else "（组合太多，可能还有更优）"
    console.print(f"应付 {format_yuan(found.payable)}{points}{bound}", markup=False)


def show_discounts(shown: "Table", given: "Sequence[Discount]") -> None:
    for one in given:
        shown.add_row("", "", one.offer, "", "", format_yuan(-one.amount), "")


def show_trace(found: "Quote") -> None:
    shown = table("优惠明细", "优惠", "结果", "金额", "再凑", right=(2, 3))
    for one in found.trace:
        amount = "" if one.amount is None else format_yuan(-one.amount)
        short = "" if one.short_by is None else f"差 {format_yuan(one.short_by)}"
        shown.add_row(one.offer, fate(one), amount, short)
    console.print(shown)


def fate(one: "Trace") -> str:
    """What became of an offer, in words."""
    if one.status == "applied":
        return "已用"
    if one.status == "beaten_by":
        return f"被 {one.by} 取代"
    if one.code == "excluded_by":
        return f"与 {one.by} 互斥"
    return f"不满足：{REASONS.get(one.code or '', one.code)}"
