"""``quanyu decide``: what a touchpoint shows, and ``quanyu decide explain``: why."""

from typing import Annotated, Any

import msgspec
import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

app = typer.Typer(help="决策：每个触点此刻该展示什么，以及为什么。", invoke_without_command=True)
KINDS = {"ad": "广告", "item": "商品", "offer": "优惠", "content": "内容", "store": "门店"}
PointOption = Annotated[
    str | None, typer.Option("--location", help="39.91,116.40: latitude first, WGS-84.")
]
Words = Annotated[list[str], typer.Option(show_default=False)]


@app.callback()
def decide(
    context: typer.Context,
    touchpoint: Annotated[str, typer.Option("--touchpoint", "-t", help="Its id.")] = "",
    identifier: Annotated[
        list[str] | None, typer.Option("--identifier", "-i", help="kind:value; none: a stranger.")
    ] = None,
    query: Annotated[str, typer.Option("--query", "-q", help="What was typed.")] = "",
    location: PointOption = None,
    route: Annotated[str, typer.Option("--route", help="39.9,116.4;39.8,116.5")] = "",
    said: Annotated[
        list[str] | None,
        typer.Option("--context", "-c", help="content=…, item=…, order=…, at=…, device=…"),
    ] = None,
    basket: Annotated[str, typer.Option("--basket", help="Items, by commas.")] = "",
    wanted: Annotated[str, typer.Option("--wanted", help="Ids to hear about, by commas.")] = "",
    slots: Annotated[int | None, typer.Option("--slots", min=1, max=50)] = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """What stands in the slots of a touchpoint now."""
    if context.invoked_subcommand is not None:
        return
    if not touchpoint:
        raise BadInput("--touchpoint", "name one; `quanyu touchpoint list` shows all")
    from quanyu.interfaces.decision_forms import new_trace, read_ask

    body = {
        "touchpoint": touchpoint, "slots": slots, "identifiers": _pairs(identifier or [], ":"),
        "context": {
            **_pairs(said or [], "="), "query": query, "location": _point(location, "--location"),
            "route": [_point(one, "--route") for one in route.split(";") if one],
            "basket": _ids(basket), "wanted": _ids(wanted),
        },
    }  # fmt: skip
    ask = read_ask(msgspec.json.encode(body))
    with open_session() as engine:
        whose = merchant(shop, engine)
        question = engine.decisions.question(
            whose, ask, tokeniser=engine.tokeniser(whose), trace=new_trace()
        )
        (answer,) = engine.decisions.answer([question])
    told = answer.as_json()
    if as_json:
        print_json(told)
        return
    print_answer(told)


def print_answer(told: dict[str, Any]) -> None:
    rows = table(
        told["touchpoint"], "位", "类型", "标注", "编号", "标题", "为什么", "距离", right=(0,)
    )
    for one in told["slots"]:
        more = (one.get("label") or "", one["id"], one.get("title") or "", one["reason"],
                one.get("distance") or "")  # fmt: skip
        rows.add_row(str(one["position"]), KINDS[one["kind"]], *more)
    console.print(rows)
    console.print("个性化" if told["personalised"] else "非个性化", markup=False)
    for one in told["plainer"]:
        console.print(f"缺少 {one}，结果较为一般", style="yellow", markup=False)
    console.print(f"为什么：quanyu decide explain {told['trace']}", markup=False, soft_wrap=True)


@app.command()
def explain(
    trace: Annotated[str, typer.Argument(help="As the answer named it.")],
    id: Annotated[
        list[str] | None, typer.Option("--id", help="Why is this there, or not? Repeatable.")
    ] = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """What was recalled, ranked and sold, at which price, and why something is not there."""
    from quanyu.interfaces.decision_forms import explanation_of

    with open_session() as engine:
        told = explanation_of(engine, merchant(shop, engine), trace=trace, ids=id or [])
    if as_json:
        print_json(told)
        return
    _print_explained(told)


def _print_explained(told: dict[str, Any]) -> None:
    who = f"非个性化（{told['plain']}）" if told.get("plain") else "个性化"
    console.print(
        f"{told['touchpoint']}  {told['at']}  {who}  排序：{told['ranker']}", markup=False
    )
    found = "  ".join(f"{name} {count}" for name, count in told["sources"].items() if count)
    console.print(f"召回：{found or '无'}", markup=False, soft_wrap=True)
    ranked = table("排序", "#", "编号", "来源", "p(点击)", "p(购买)", right=(0, 3, 4))
    for place, one in enumerate(told["ranked"][:20], 1):
        rates = (f"{one['click']:.4f}", f"{one['buy']:.5f}")
        ranked.add_row(str(place), one["id"], " ".join(one["sources"]), *rates)
    console.print(ranked)
    _print_ads(told.get("ads", {}))
    for name, text in told.get("wanted", {}).items():
        console.print(f"{name}：{text}", markup=False, soft_wrap=True)
    for one in told["outcomes"]:
        console.print(f"第 {one['position']} 位  {one['kind']}  {one['at']}", markup=False)


def _print_ads(ads: dict[str, Any]) -> None:
    if ads.get("none"):
        console.print(f"没有广告位：{ads['none']}", markup=False)
        return
    rows = table(
        "竞价", "计划", "匹配", "出价(分)", "p(点击)", "成交(分)", "未展示原因", right=(2, 3, 4)
    )
    for one in ads.get("bidders", ()):
        price = one.get("price_fen")
        rows.add_row(
            one["campaign"], one.get("matched", ""), str(one.get("bid_fen", "")),
            f"{one.get('click', 0):.4f}", "" if price is None else str(price),
            one.get("why_not", ""),
        )  # fmt: skip
    console.print(rows)
    dropped = "  ".join(f"{why} {count}" for why, count in ads.get("dropped", {}).items())
    if dropped:
        console.print(f"未参与：{dropped}", markup=False, soft_wrap=True)


def _pairs(said: list[str], between: str) -> dict[str, str]:
    found = {}
    for one in said:
        name, mark, value = one.partition(between)
        if not mark:
            raise BadInput(one[:64], f"write name{between}value")
        found[name] = value
    return found


def _ids(text: str) -> list[str]:
    return [one for one in text.split(",") if one]


def _point(text: str | None, name: str) -> dict[str, float] | None:
    if text is None:
        return None
    try:
        lat, lng = (float(one) for one in text.split(","))
    except ValueError:
        raise BadInput(name, "write latitude,longitude such as 39.91,116.40") from None
    return {"lat": lat, "lng": lng}
