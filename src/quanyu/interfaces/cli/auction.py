"""``quanyu auction``: who gets the slots and at what price. Reads standard input, no database."""

from typing import TYPE_CHECKING

import typer

from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption
from quanyu.money import format_yuan

if TYPE_CHECKING:
    from quanyu.decisions.auction import Outcome

app = typer.Typer()
BYTES_MAX = 8 << 20
REASONS = {
    "no_bid": "没有出价",
    "below_reserve": "低于底价",
    "no_quality": "质量分为零",
    "own_ad_ahead": "同一广告主已有更好的广告",
    "outranked": "排名不够",
}


@app.command()
def auction(as_json: JsonOption = False) -> None:
    """The quality-ranked auction of docs/auction.md over the JSON document on standard input."""
    from quanyu.decisions.auction import decode_auction, run_auction

    text = read_file("-", option="AUCTION", bytes_max=BYTES_MAX)
    found = run_auction(decode_auction(text))
    if as_json:
        print_json(found.as_json())
    else:
        show(found)


def show(found: "Outcome") -> None:
    """For people: the slots, then those without one and what they would have needed."""
    won = table("成交", "位置", "广告", "每次点击", "得分", "千次展示收入", right=(0, 2, 3, 4))
    for slot in found.slots:
        figures = (format_yuan(slot.price), f"{slot.score:.4f}", format_yuan(round(slot.ecpm)))
        won.add_row(str(slot.position), slot.ad, *figures)
    console.print(won)
    if found.losers:
        show_losers(found)


def show_losers(found: "Outcome") -> None:
    lost = table("未中", "广告", "原因", "得分", "中标所需出价", right=(2, 3))
    for one in found.losers:
        need = "" if one.need is None else format_yuan(one.need)
        lost.add_row(one.ad, REASONS[one.reason], f"{one.score:.4f}", need)
    console.print(lost)
