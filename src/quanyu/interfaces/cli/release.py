"""``quanyu release``: from when new items can be bought, and by whom earlier."""

from typing import Annotated

import msgspec
import typer

from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

app = typer.Typer(help="上新：新品何时开售，谁能先买。", no_args_is_help=True)


@app.command()
def put(
    file: Annotated[str, typer.Argument(help="A JSON array, docs/orders.md; - reads stdin.")],
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Declare them; one of the same id is changed."""
    from quanyu.promotions.releases.release import decode_releases

    releases = decode_releases(read_file(file, option="FILE"))
    with open_session(catch_up=False) as engine:
        engine.releases.put(merchant(shop, engine, may_begin=True), releases)
    if as_json:
        print_json({"put": [one.id for one in releases]})
        return
    console.print(f"已登记 {len(releases)} 个上新")


@app.command("list")
def list_(shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """All of them, past ones too."""
    with open_session(catch_up=False) as engine:
        found = engine.releases.all(merchant(shop, engine))
    if as_json:
        print_json({"releases": [msgspec.to_builtins(one) for one in found]})
        return
    rows = table("上新", "编号", "商品", "类目", "开售", "优先购", "优先给")
    for one in found:
        early = "" if one.early_from is None else one.early_from.isoformat()
        times = (one.since.isoformat(), early, one.early_for or "")
        rows.add_row(one.id, one.item or "", one.category or "", *times)
    console.print(rows)


@app.command()
def remove(
    release: Annotated[str, typer.Argument(help="Its id.")],
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """What it held back can be bought."""
    with open_session(catch_up=False) as engine:
        engine.releases.remove(merchant(shop, engine), release)
    if as_json:
        print_json({"removed": release})
        return
    console.print(f"已删除 {release}", markup=False)
