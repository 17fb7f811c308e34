"""``quanyu settlement``: who owes whom, day by day."""

from typing import Annotated, Any

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.ledger.accounts import PLATFORM
from quanyu.money import format_yuan

REASONS = {
    "order.paid.cash": "买家付款", "order.paid.platform": "平台补贴",
    "order.refunded.cash": "退款给买家", "order.refunded.platform": "退回平台补贴",
    "order.paid.points": "生态积分成本", "order.refunded.points": "退回生态积分成本",
    "voucher.sold": "储值待核销", "voucher.used": "储值核销", "voucher.undone": "撤销核销",
    "voucher.voided": "储值券退货", "points.exchange": "积分兑换结算",
    "show.commission": "直播佣金", "show.commission_back": "冲回直播佣金",
    "instalment.fee": "分期手续费", "instalment.fee_back": "退回分期手续费",
}  # fmt: skip

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
    """A table per account: whose it is stands above it, so that nothing is cut off."""
    console.print(f"结算 {found['from']} 至 {found['to']}")
    for account in found["accounts"]:
        title = f"{party_of(account['account'])}（{account['account']}）"
        shown = table(title, "日期", "事由", "笔数", "应收", "应付", "余额", right=(2, 3, 4, 5))
        shown.add_row("", "期初", "", "", "", format_yuan(account["opening"]))
        for day in account["days"]:
            for entry in day["entries"]:
                why, count = reason_of(entry["code"]), str(entry["transfers"])
                sums = (format_yuan(entry["in"]), format_yuan(entry["out"]))
                shown.add_row(day["day"], why, count, *sums, "")
            shown.add_row(day["day"], "日末", "", "", "", format_yuan(day["closing"]))
        console.print(shown)
    console.print(f"合计 {format_yuan(found['closing'])}")


def party_of(account: str) -> str:
    """``party/mall/A/payable`` → ``mall · 店铺 A``; ``host/mall/lin/payable`` → its host."""
    kind, owner, *shop, _ = account.split("/")
    if kind == "host":
        return f"{owner} · 主播 {shop[0]}"
    if shop:
        return f"{owner} · 店铺 {shop[0]}"
    return "平台" if owner == PLATFORM else f"{owner} · 合作结算"


def reason_of(code: str) -> str:
    """In Chinese; a code of the merchant's own is shown as it is."""
    return REASONS.get(code, code)
