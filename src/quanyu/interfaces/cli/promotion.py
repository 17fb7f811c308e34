"""``quanyu promotion``: offers that apply by themselves."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

app = typer.Typer(help="促销：自动生效的优惠。", no_args_is_help=True)


@app.command()
def put(
    file: Annotated[Path, typer.Argument(help="Offers in the public form, a JSON array.")],
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make them apply from now on; one of the same id is changed."""
    from quanyu.errors import BadInput
    from quanyu.promotions.pricing import decode_offers

    try:
        offers = decode_offers(file.read_bytes())
    except OSError as error:
        raise BadInput("file", f"{file} cannot be read: {error.strerror}") from None
    if wrong := [one.id for one in offers if one.kind != "promotion"]:
        raise BadInput("kind", f"{wrong[0]} is a coupon; use quanyu offer create")
    with open_session(catch_up=False) as engine:
        name = merchant(shop, engine, may_begin=True)
        for one in offers:
            engine.promotions.put(name, one)
    if as_json:
        print_json({"put": [one.id for one in offers]})
        return
    console.print(f"已生效 {len(offers)} 个促销")


@app.command("list")
def list_(shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """All of them."""
    with open_session(catch_up=False) as engine:
        found = engine.promotions.all(merchant(shop, engine))
    if as_json:
        print_json({"promotions": [msgspec.to_builtins(one) for one in found]})
        return
    rows = table("促销", "编号", "层级", "店铺", "优惠", "内容")
    for one in found:
        name, benefit = one.what
        told = msgspec.json.encode(msgspec.to_builtins(benefit)).decode()
        rows.add_row(one.id, one.lane, one.shop or "全部", name, told)
    console.print(rows)


@app.command()
def remove(
    promotion: Annotated[str, typer.Argument(help="Its id.")],
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """No longer applies; orders that were placed keep it."""
    with open_session(catch_up=False) as engine:
        engine.promotions.remove(merchant(shop, engine), promotion)
    if as_json:
        print_json({"removed": promotion})
        return
    console.print(f"已停用 {promotion}")
