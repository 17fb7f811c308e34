"""``quanyu flash``: flash sales 秒杀."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from quanyu.errors import BadInput, NotFound, Refused
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

if TYPE_CHECKING:
    from quanyu.promotions.flash_sales.sales import Sale, Standing

app = typer.Typer(help="Flash sales 秒杀: create, attempt, pay or let go.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The sale's name.")]
Hold = Annotated[str, typer.Argument(help="What `attempt` answered.")]
WORDS = {
    "hold": "预占号", "item": "商品", "price_fen": "价格 (分)", "expires": "付款截止",
    "state": "状态",
}  # fmt: skip


@app.command()
def create(
    sale: Annotated[str, typer.Option("--sale", help="JSON file, docs/loyalty.md; - reads stdin.")],
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """Make a sale and load its pieces."""
    body = read_file(sale, option="--sale")
    with open_session(catch_up=False) as engine:
        whose = merchant(merchant_name, engine)
        made = engine.flash_sales.create(whose, body)
        found = engine.flash_sales.show(whose, made.terms.name)
    tell(found, json=json)


@app.command()
def show(name: Name, merchant_name: MerchantOption = None, json: JsonOption = False) -> None:
    """Terms, and where the pieces are: sold + held + free = loaded."""
    with open_session(catch_up=False) as engine:
        found = engine.flash_sales.show(merchant(merchant_name, engine), name)
    tell(found, json=json)


@app.command()
def close(name: Name, merchant_name: MerchantOption = None, json: JsonOption = False) -> None:
    """The kill switch: nothing more is reserved; what is held may still be paid."""
    with open_session(catch_up=False) as engine:
        found = engine.flash_sales.close(merchant(merchant_name, engine), name)
    tell(found, json=json)


@app.command()
def attempt(
    name: Name,
    identifier: Annotated[str, typer.Option("--identifier", "-i", help="kind:value.")],
    key: Annotated[str | None, typer.Option("--key", help="Idempotency key.")] = None,
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """One person wants one piece."""
    from quanyu.ids import random_id

    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        words = frozenset(engine.loyalty.eligibility(whose, identifier))
        request = key or random_id("cli")
        wanted = engine.flash_sales.asked(
            whose, name, identifier=identifier, request=request, words=words
        )
        outcome = engine.flash_sales.submit(wanted).result()
    answer(outcome, json=json)


@app.command()
def confirm(
    hold: Hold,
    order: Annotated[str, typer.Option("--order", help="The order that was paid.")],
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """The piece is sold."""
    with open_session(catch_up=False) as engine:
        outcome = engine.flash_sales.confirm(merchant(merchant_name, engine), hold, order=order)
    answer(outcome, json=json)


@app.command()
def release(hold: Hold, merchant_name: MerchantOption = None, json: JsonOption = False) -> None:
    """The piece is free again."""
    with open_session(catch_up=False) as engine:
        outcome = engine.flash_sales.release(merchant(merchant_name, engine), hold)
    answer(outcome, json=json)


def answer(outcome: Any, *, json: bool) -> None:
    from quanyu.promotions.loyalty.answers import as_json

    if isinstance(outcome, Refused):
        if outcome.reason == "not_found":
            raise NotFound("flash sale or hold of that name")
        raise BadInput(
            "attempt", f"{outcome.reason.replace('_', ' ')}; nothing was reserved or sold"
        )
    document = as_json(outcome)
    if json:
        print_json(document)
        return
    shown = table("秒杀", "项目", "值", right=(1,))
    for name, value in document.items():
        shown.add_row(WORDS.get(name, name), str(value))
    console.print(shown)


def tell(found: "tuple[Sale, Standing]", *, json: bool) -> None:
    from quanyu.money import format_yuan
    from quanyu.promotions.flash_sales.sales import sale_json

    document = sale_json(*found)
    if json:
        print_json(document)
        return
    sale, standing = found
    columns = ("名称", "商品", "价格", "总量", "剩余", "预占", "已售", "开始", "结束")
    shown = table("秒杀活动", *columns, right=(2, 3, 4, 5, 6))
    pieces = (standing.loaded, standing.free, standing.held, standing.sold)
    shown.add_row(
        sale.terms.name, sale.terms.item, format_yuan(sale.terms.price_fen), *map(str, pieces),
        str(document["starts"]), str(document["ends"]),
    )  # fmt: skip
    console.print(shown)
