"""``quanyu check-price``: may this price stand beside that one? A file needs no database."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import console, print_json, progress, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.money import format_yuan

if TYPE_CHECKING:
    from quanyu.compliance.prices.checking import Answer, Question
    from quanyu.compliance.prices.reading import Wanted
    from quanyu.compliance.prices.trades import Bound, Trade

app = typer.Typer()
BYTES_MAX = 256 << 20
DAYS = 30
BLOCKS = "▁▂▃▄▅▆▇█"
VERDICTS = {
    "pass": "通过", "warn": "通过，有提醒", "label": "须先加标注", "need_proof": "须先举证",
    "block": "不得展示",
}  # fmt: skip
BASES = {
    "lowest_of_7_days": "前七日内最低成交价",
    "last_trade": "七日内没有成交，按最后一次成交价",
    "never_traded": "没有计入的成交，不能标原价、划线价",
    "suggested_retail": "厂商建议零售价，须标明",
}


@app.command("check-price")
def check_price(
    reference: Annotated[
        int | None, typer.Option("--reference", help="原价/划线价, the compared price in fen.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="First day or moment of the comparison.")
    ] = None,
    history: Annotated[
        str | None,
        typer.Option("--history", help="CSV of trades, docs/prices.md; - reads stdin."),
    ] = None,
    price: Annotated[int | None, typer.Option("--price", help="What it costs now, fen.")] = None,
    discount: Annotated[
        str | None, typer.Option("--discount", help="What is said of it: 8 for 8折.")
    ] = None,
    shop: Annotated[str | None, typer.Option("--shop", help="Only rows of this shop.")] = None,
    item: Annotated[str | None, typer.Option("--item", help="Only rows of this item.")] = None,
    suggested_retail: Annotated[
        int | None, typer.Option("--suggested-retail", help="厂商建议零售价 as it stands, fen.")
    ] = None,
    basis: Annotated[
        str | None, typer.Option("--basis", help="What stands beside the compared price.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why the price was raised.")] = "",
    owner: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a compared price by what was paid in the seven days before (令56 第十六、十七条).

    Without --history the trades of the engine are taken; name --shop and --item.
    """
    from quanyu.clock import SystemClock
    from quanyu.compliance.prices.agreeing import read_discount
    from quanyu.compliance.prices.checking import Question, answered, read_moment
    from quanyu.compliance.prices.reading import Wanted
    from quanyu.settings import Settings

    now_us = SystemClock().now_us()
    at_us = now_us if on is None else read_moment(on, "on")
    question = Question(
        at_us=at_us, reference_fen=reference, price_fen=price, basis=basis, reason=reason,
        suggested_fen=suggested_retail, shop=shop or "", item=item or "",
        discount=None if discount is None else read_discount(discount),
    )  # fmt: skip
    if history is None:
        (trades, question), notes = _of_engine(owner, question), list[str]()
    else:
        trades, notes = _of_file(history, Wanted(at_us, now_us, shop, item))
    found = answered(question, trades, policy=Settings.from_env().policy)
    if as_json:
        print_json({**found.as_json(), "notes": notes})
    else:
        show(found, trades, question=question, notes=notes)


def _of_file(file: str, wanted: "Wanted") -> "tuple[Sequence[Trade], list[str]]":
    from quanyu.compliance.prices.reading import read_trades

    body = read_file(file, option="--history", bytes_max=BYTES_MAX)
    with progress() as shown:
        task = shown.add_task("成交", total=body.count(b"\n"))
        reading = read_trades(body, wanted, told=lambda rows: shown.advance(task, rows))
    return reading.trades, reading.notes


def _of_engine(owner: str | None, question: "Question") -> "tuple[Sequence[Trade], Question]":
    if not question.shop or not question.item:
        raise BadInput("--history", "give a file of trades, or --shop and --item of this engine")
    with open_session() as engine:
        name, of = merchant(owner, engine), (question.shop, question.item)
        trades = engine.prices.trades(name, of, at_us=question.at_us)
        return trades, question.knowing(engine.prices.suggested(name, of))


def show(
    found: "Answer", trades: "Sequence[Trade]", *, question: "Question", notes: Sequence[str]
) -> None:
    """For people: the verdict, the bound, thirty days in one line, and every hit."""
    limit = "无" if found.max_fen is None else format_yuan(found.max_fen)
    console.print(f"结论：{VERDICTS[found.verdict.verdict]}", markup=False)
    console.print(f"被比较价格最高：{limit}（{BASES[found.basis]}，计入 {found.bound.counted} 笔）")
    show_days(trades, found.bound)
    if found.verdict.hits:
        rows = table("依据", "条文", "问题", "怎么改")
        for column in rows.columns:
            column.overflow = "fold"
        for hit in found.verdict.hits:
            lifted = f"（不计：{hit.exempt}）" if hit.exempt else ""
            rows.add_row(hit.article, hit.why + lifted, hit.suggestion)
        console.print(rows)
    for note in notes:
        console.print(f"注意：{note}", markup=False)


def show_days(trades: "Sequence[Trade]", bound: "Bound") -> None:
    """The lowest counted price of each of the last thirty days, oldest first."""
    from quanyu.clock import DAY_US, china_day

    lowest: dict[int, int] = {}
    for one in trades:
        ago = (bound.until_us - 1 - one.paid_us) // DAY_US
        if one.counts and 0 <= ago < DAYS:
            lowest[ago] = min(one.unit_fen, lowest.get(ago, one.unit_fen))
    if not lowest:
        return
    low_fen, high_fen = min(lowest.values()), max(lowest.values())
    steps = max(1, high_fen - low_fen)
    line = "".join(
        BLOCKS[(lowest[ago] - low_fen) * 7 // steps] if ago in lowest else "·"
        for ago in reversed(range(DAYS))
    )
    first = china_day(bound.until_us - DAYS * DAY_US)
    console.print(f"近 {DAYS} 日最低成交：{line[:-7]}│{line[-7:]}", markup=False)
    console.print(
        f"自 {first} 起，▁ {format_yuan(low_fen)}，█ {format_yuan(high_fen)}，"
        "· 无成交，│ 之后为前七日",
        markup=False,
    )
