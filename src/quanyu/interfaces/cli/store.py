"""``quanyu store``: the stores (POI) of a merchant."""

from typing import Annotated

import msgspec
import typer

from quanyu.interfaces.cli import listings
from quanyu.interfaces.cli.listings import AfterOption, FileArgument, LimitOption
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

app = typer.Typer(help="门店：导入、查看。", no_args_is_help=True)
STATES = {"open": "营业", "closed": "停业"}


@app.command("import")
def import_(file: FileArgument, shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """New or changed ones; what its page shows passes the gate, row by row."""
    from quanyu.merchants.listings.store import Store

    listings.bring(file, Store, shop=shop, as_json=as_json)


@app.command()
def show(
    store: Annotated[str, typer.Argument(help="Its id.")],
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything that its page holds."""
    from quanyu.merchants.listings.store import Store

    listings.show_one(Store, store, shop=shop, as_json=as_json)


@app.command("list")
def list_(
    after: AfterOption = "",
    limit: LimitOption = 100,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """By id, a page at a time."""
    from quanyu.merchants.listings.store import Store

    with open_session(catch_up=False) as engine:
        found = engine.listings.page(merchant(shop, engine), Store, after=after, limit=limit)
    if as_json:
        print_json({"stores": [msgspec.to_builtins(one) for one in found]})
        return
    shown = table("门店", "编号", "店名", "店铺", "地址", "营业时间", "电话", "状态")
    for one in found:
        told = (one.address, "；".join(one.hours), one.phone)
        shown.add_row(one.id, one.name, one.shop, *told, STATES[one.state])
    console.print(shown)
