"""``quanyu gate recheck|withheld|resume``: what the law has taken off show."""

from typing import Annotated

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.papers import ActorOption
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

app = typer.Typer()
KINDS = {
    "item": "商品", "promotion": "促销", "flash_sale": "秒杀", "points_programme": "积分计划",
    "points_item": "积分兑换", "offer": "优惠",
}  # fmt: skip
WHAT = {"withheld": "停止展示", "resumed": "恢复展示"}
KindArgument = Annotated[str, typer.Argument(help=f"{', '.join(KINDS)}; none: all.")]
IdArgument = Annotated[str, typer.Argument(help="Its id.")]


@app.command()
def recheck(shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """Look at everything that is shown, by today's law and papers, now, not within the hour."""
    with open_session(catch_up=False) as engine:
        found = engine.recheck(merchant(shop, engine))
    if as_json:
        print_json({"withheld": [{"kind": kind, "id": id} for kind, id in found]})
        return
    for kind, id in found:
        console.print(f"停止展示：{KINDS[kind]} {id}", markup=False)
    console.print(f"新停止展示 {len(found)} 项" if found else "没有新停止展示的")


@app.command()
def withheld(
    kind: KindArgument = "",
    id: IdArgument = "",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """What is off show and by which article; of one thing its whole history."""
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        if kind or id:
            _both(kind, id)
            found = engine.withholding.history(whose, kind, id=id)
        else:
            found = engine.withholding.withheld(whose)
    if as_json:
        print_json({"withheld": [one.as_json() for one in found]})
        return
    rows = table("停止展示", "何时", "种类", "编号", "怎么了", "谁", "依据", "说明")
    for one in found:
        told = (WHAT[one.what], one.actor, one.article, one.why)
        rows.add_row(one.as_json()["at"], KINDS[one.kind], one.id, *told)
    console.print(rows if found else "没有停止展示的")


@app.command()
def resume(
    actor: ActorOption,
    kind: KindArgument = "",
    id: IdArgument = "",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one thing again, or all that may be shown again, after another look by the gate."""
    if kind or id:
        _both(kind, id)
    with open_session(catch_up=False) as engine:
        done = engine.withholding.resume(merchant(shop, engine), actor=actor, kind=kind, id=id)
    if as_json:
        print_json(done.as_json())
        return
    for one in done.resumed:
        console.print(f"恢复展示：{KINDS[one.kind]} {one.id}", markup=False)
    for one in done.refused:
        told = f"{KINDS[one.kind]} {one.id}：{one.article}：{one.why}"
        console.print(f"仍不能展示：{told}", markup=False)
    if not done.resumed and not done.refused:
        console.print("没有停止展示的")


def _both(kind: str, id: str) -> None:
    if not kind or not id:
        raise BadInput("id", "give kind and id, or neither")
