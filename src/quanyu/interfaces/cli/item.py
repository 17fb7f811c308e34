"""``quanyu item``: the catalogue of items."""

from typing import Annotated

import msgspec
import typer

from quanyu.interfaces.cli import listings
from quanyu.interfaces.cli.listings import AfterOption, FileArgument, LimitOption
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.money import format_yuan

app = typer.Typer(help="商品：导入、查看。", no_args_is_help=True)
STATES = {"draft": "草稿", "on_sale": "在售", "off": "下架"}


@app.command("import")
def import_(file: FileArgument, shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """New or changed ones; what its page shows passes the gate, row by row."""
    from quanyu.merchants.listings.item import Item

    listings.bring(file, Item, shop=shop, as_json=as_json)


@app.command()
def show(
    item: Annotated[str, typer.Argument(help="Its id.")],
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything that its page holds."""
    from quanyu.merchants.listings.item import Item

    listings.show_one(Item, item, shop=shop, as_json=as_json)


@app.command("list")
def list_(
    after: AfterOption = "",
    limit: LimitOption = 100,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """By id, a page at a time."""
    from quanyu.merchants.listings.item import Item

    with open_session(catch_up=False) as engine:
        found = engine.listings.page(merchant(shop, engine), Item, after=after, limit=limit)
    if as_json:
        print_json({"items": [msgspec.to_builtins(one) for one in found]})
        return
    shown = table("商品", "编号", "标题", "店铺", "类目", "价格", "状态", right=(4,))
    for one in found:
        where = (one.shop, " > ".join(one.category))
        shown.add_row(one.id, one.title, *where, format_yuan(one.price_fen), STATES[one.state])
    console.print(shown)
