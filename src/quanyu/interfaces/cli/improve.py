"""``quanyu content improve``: the score of a page and what to do about it next. No database."""

from typing import TYPE_CHECKING, Annotated

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import bar, console, print_json, table
from quanyu.interfaces.cli.session import JsonOption

if TYPE_CHECKING:
    from quanyu.content.improvement import Report

app = typer.Typer()
KINDS = {"item": "商品页", "script": "直播脚本", "poi": "门店页"}
STEPS_SHOWN = 5


@app.command()
def improve(
    kind: Annotated[str, typer.Argument(help=", ".join(KINDS))],
    page: Annotated[str, typer.Option("--page", help="JSON file, docs/improvement.md; - stdin.")],
    weights: Annotated[
        str, typer.Option("--weights", help="JSON file: weights of your own, by criterion.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Completeness, structure, clarity, law: have and need of each, the next best step first."""
    from quanyu.interfaces.improving import judged, read_page, read_weights

    if kind not in KINDS:
        raise BadInput("KIND", f"{kind[:40]!r} is not one of {', '.join(KINDS)}")
    own = read_weights(read_file(weights, option="--weights")) if weights else {}
    read = read_page(read_file(page, option="--page"), kind)  # type: ignore[arg-type]
    found = judged(read, own)
    if as_json:
        print_json(found.as_json())
    else:
        show(found)


def show(found: "Report") -> None:
    """A bar a criterion, then the next steps by their gain."""
    title = f"{KINDS[found.kind]}  {found.score:.1f} / 100"
    rows = table(title, "项目", "权重", "达成", "", "现有 / 需要", right=(1, 2))
    for one in found.criteria:
        rows.add_row(
            one.label, str(one.weight), f"{one.met:.0%}", bar(one.met), f"{one.have} / {one.need}"
        )
    console.print(rows)
    if found.blocked:
        console.print("有不能展示的内容：分数再高，也要先改掉", style="red")
    for number, one in enumerate(found.steps[:STEPS_SHOWN], 1):
        console.print(f"{number}. +{one.gain:.1f} 分  {one.label}：{one.advice}", markup=False)
    if not found.steps:
        console.print("各项都已达到。", style="green")
    console.print("权重是经验值，可用 --weights 改", style="dim")
