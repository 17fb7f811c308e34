"""Live shows for people: plans, the board with its bars, the commission."""

from fractions import Fraction
from typing import Any

from quanyu.interfaces.cli.output import bar, console, table
from quanyu.money import format_yuan

STATES = {
    "planned": "已排期", "approved": "已审核", "live": "直播中", "ended": "已结束",
    "archived": "已归档", "cancelled": "已取消",
}  # fmt: skip
Document = dict[str, Any]


def print_plans(title: str, told: list[Document]) -> None:
    rows = table(
        title, "编号", "开播", "分钟", "直播间", "标题", "主播", "商品", "状态", right=(2, 6)
    )
    for one in told:
        hosts = "、".join(host["name"] for host in one["hosts"])
        starts, count = one["starts"][:16].replace("T", " "), str(len(one["slots"]))
        rest = (one["room"], one["title"], hosts, count, STATES[one["state"]])
        rows.add_row(one["id"], starts, str(one["minutes"]), *rest)
    console.print(rows)


def print_board(told: Document) -> None:
    ctr = told["ctr_permille"]
    shown = "—" if ctr is None else f"{ctr // 10}.{ctr % 10}%"
    parts = [
        f"{told['title']}（{STATES[told['state']]}）",
        f"成交额 {format_yuan(told['gmv_fen'])}",
        f"下单 {told['placed_orders']:,}",
        f"付款 {told['paid_orders']:,}",
        f"退款 {format_yuan(told['returned_fen'])}",
        f"核销券 {told['redemptions']:,}",
        f"观看 {told['viewers']:,} 人",
        f"点击率 {shown}",
    ]
    if told["suspected_orders"]:
        parts.append(f"疑似刷单 {told['suspected_orders']:,}（未计入）")
    console.print("  ".join(parts), markup=False)
    rows = table(
        "商品位", "位", "商品", "成交额", "占比", "订单", "件数", "点击", right=(2, 4, 5, 6)
    )
    most_fen = max((one["gmv_fen"] for one in told["slots"]), default=0)
    for one in told["slots"]:
        share = Fraction(one["gmv_fen"], most_fen) if most_fen else Fraction(0)
        counts = (str(one["orders"]), str(one["pieces"]), str(one["clicks"]))
        rows.add_row(
            one["slot"], one["title"], format_yuan(one["gmv_fen"]), bar(float(share)), *counts
        )
    console.print(rows)
    if told["other_fen"]:
        console.print(f"同单其他商品 {format_yuan(told['other_fen'])}", markup=False)


def print_commission(told: Document) -> None:
    rows = table("佣金", "店铺", "商品", "费率", "成交", "退回", right=(2, 3, 4))
    for one in told["items"]:
        rate = f"{one['rate_bp'] // 100}.{one['rate_bp'] % 100:02d}%"
        sold, back = format_yuan(one["sold_fen"]), format_yuan(one["returned_fen"])
        rows.add_row(one["shop"], one["item"], rate, sold, back)
    console.print(rows)
    due = table("应付", "店铺", "主播", "金额", right=(2,))
    for one in told["postings"]:
        due.add_row(one["shop"], one["host"], format_yuan(one["amount_fen"]))
    console.print(due)
    parts = [
        f"佣金 {format_yuan(told['gross_fen'])}",
        f"退货冲回 {format_yuan(told['reversed_fen'])}",
        f"应付 {format_yuan(told['net_fen'])}",
    ]
    booked_fen = told["booked_fen"]
    parts.append("归档时入账" if booked_fen is None else f"已入账 {format_yuan(booked_fen)}")
    if told["withheld_orders"]:
        parts.append(f"疑似刷单 {told['withheld_orders']} 单暂不计佣")
    console.print("  ".join(parts), markup=False)
