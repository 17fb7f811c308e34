"""``quanyu settlement``: who owes whom, day by day."""

from typing import Annotated, Any

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.money import format_yuan

app = typer.Typer()


@app.command()
def settlement(
    first: Annotated[str, typer.Option("--from", help="A day of China, such as 2026-05-01.")],
    last: Annotated[str, typer.Option("--to", help="The last day, itself included.")],
    everybody: Annotated[
        bool, typer.Option("--all", help="Every party of the engine, the platform too.")
    ] = False,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Opening, what moved and why, closing, of each account that is owed money."""
    from quanyu.promotions.settlement import Days

    if everybody and shop is not None:
        raise BadInput("--all", "leave out --merchant, or leave out --all")
    days = Days.parse(first, last)
    with open_session(catch_up=False) as engine:
        owner = None if everybody else merchant(shop, engine)
        found = engine.settlement.report(days, owner=owner)
    if as_json:
        print_json(found)
    else:
        show_settlement(found)


def show_settlement(found: dict[str, Any]) -> None:
    title = f"结算 {found['from']} 至 {found['to']}"
    shown = table(title, "账户", "日期", "事由", "笔数", "应收", "应付", "余额", right=(3, 4, 5, 6))
    for account in found["accounts"]:
        name = account["account"]
        shown.add_row(name, "", "期初", "", "", "", format_yuan(account["opening"]))
        for day in account["days"]:
            for entry in day["entries"]:
                sums = (format_yuan(entry["in"]), format_yuan(entry["out"]))
                shown.add_row("", day["day"], entry["code"], str(entry["transfers"]), *sums, "")
            shown.add_row("", day["day"], "日末", "", "", "", format_yuan(day["closing"]))
        shown.add_row(name, "", "期末", "", "", "", format_yuan(account["closing"]))
    console.print(shown)
    console.print(f"合计 {format_yuan(found['closing'])}")
