"""``quanyu privacy retention``: how long things are kept, and taking out what is past its term."""

from typing import Annotated

import typer

from quanyu.interfaces.cli.output import console, print_json, progress, table
from quanyu.interfaces.cli.session import JsonOption, open_session

app = typer.Typer(help="留存期限与到期删除（《个人信息保护法》第十九条）。", no_args_is_help=True)


@app.command()
def show(as_json: JsonOption = False) -> None:
    """Every term: days, from when, and the statute that demands it."""
    with open_session(catch_up=False) as engine:
        terms = dict(engine.terms)
    if as_json:
        print_json(
            {
                "terms": [
                    {"term": key, "label": t.label, "days": t.days, "days_min": t.days_min,
                     "from": t.since, "law": t.law, "why": t.why}
                    for key, t in terms.items()
                ]
            }
        )  # fmt: skip
        return
    rows = table("留存期限", "期限", "内容", "天数", "起算", "依据", right=(2,))
    for key, term in terms.items():
        days = "随账户" if term.days is None else str(term.days)
        rows.add_row(key, term.label, days, term.since, term.law or term.why)
    console.print(rows)


@app.command()
def run(as_json: JsonOption = False) -> None:
    """Take out what is past its term, everywhere; prints the receipt. `quanyu serve` does it
    once a day."""
    with open_session() as engine, progress(as_json) as shown:
        shown.add_task("到期删除", total=None)
        receipt = engine.retention.run()
    if as_json:
        print_json(receipt.as_json())
        return
    rows = table(f"到期删除 第 {receipt.run} 次", "位置", "条数", right=(1,))
    for place, count in receipt.removed.items():
        rows.add_row(place, f"{count:,}")
    console.print(rows)


@app.command()
def receipts(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 30,
    as_json: JsonOption = False,
) -> None:
    """What earlier runs removed, newest first."""
    with open_session(catch_up=False) as engine:
        found = engine.retention.runs(limit)
    if as_json:
        print_json({"runs": [one.as_json() for one in found]})
        return
    rows = table("到期删除回执", "次", "开始", "结束", "条数", right=(0, 3))
    for one in found:
        document = one.as_json()
        times = (document["started_at"][:19], document["finished_at"][:19])
        rows.add_row(str(one.run), *times, f"{sum(one.removed.values()):,}")
    console.print(rows)
