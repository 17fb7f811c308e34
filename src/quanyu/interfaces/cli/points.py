"""``quanyu points``: programmes, members, and what they do with their points."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.interfaces.refusals import granted

if TYPE_CHECKING:
    from quanyu.events.requests import Request
    from quanyu.wiring import Engine

app = typer.Typer(help="Points 积分: programmes, members, lots, exchange.", no_args_is_help=True)

Programme = Annotated[
    str, typer.Option("--programme", "-p", help="A name, or platform/NAME for the ecosystem's.")
]
Who = Annotated[str, typer.Option("--identifier", "-i", help="kind:value, as taobao_id:543462.")]
OrderOption = Annotated[str, typer.Option("--order", help="The order's id.")]
PointsOption = Annotated[int, typer.Option("--points", min=1, help="How many.")]
Key = Annotated[
    str | None, typer.Option("--key", help="Idempotency key: the same one, the same answer.")
]
WORDS = {
    "available": "可用", "pending": "待到账", "debt": "欠积分", "tier": "等级",
    "tier_points": "成长值", "frozen": "冻结", "value_fen": "可抵 (分)", "points": "积分",
    "gone": "已过期", "member": "会员号", "new": "新会员", "gift_points": "入会礼",
    "code": "兑换码", "state": "状态", "next_expiry": "最近到期", "effects": "另得",
    "next_expiry_points": "到期积分",
}  # fmt: skip


def request_of(engine: "Engine", whose: str, *, operation: str, asked: dict[str, Any]) -> "Request":
    """``asked`` holds the key under ``key``; without one the request is of its own."""
    from quanyu.ids import random_id
    from quanyu.promotions.requesting import request_for

    body = {name: value for name, value in asked.items() if name != "key"}
    key = asked["key"] or random_id("cli")
    tokeniser = engine.tokeniser(whose)
    return request_for(whose, operation, key=key, body=body, tokeniser=tokeniser)


def show(outcome: Any, *, title: str, json: bool) -> None:
    """Raises BadInput for a refusal: nothing was done, and the exit code says so."""
    from quanyu.promotions.loyalty.answers import as_json

    document = as_json(granted(outcome))
    if json:
        print_json(document)
        return
    shown = table(title, "项目", "值", right=(1,))
    for name, value in document.items():
        shown.add_row(WORDS.get(name, name), said(value))
    console.print(shown)


def said(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "–" if value is None else str(value)


@app.command()
def programme(
    name: Annotated[
        str | None, typer.Argument(help="Its name; without one, all are listed.")
    ] = None,
    terms: Annotated[
        str | None, typer.Option("--terms", help="JSON file, see docs/loyalty.md; - reads stdin.")
    ] = None,
    ecosystem: Annotated[bool, typer.Option(help="Of the ecosystem: shared by all.")] = False,
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """Make a programme or give it other terms; without a name, list them."""
    import msgspec

    from quanyu.ledger.accounts import PLATFORM

    if (name is None) != (terms is None):
        raise BadInput("programme", "give a name and --terms, or neither")
    body = None if terms is None else read_file(terms, option="--terms")
    with open_session(catch_up=False) as engine:
        whose = merchant(merchant_name, engine)
        if name is not None and body is not None:
            engine.loyalty.define(PLATFORM if ecosystem else whose, name, body=body)
        found = engine.loyalty.programmes(whose)
    if json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    shown = table(
        "积分计划", "名称", "归属", "每元积分", "100 积分抵 (分)", "到账天数", right=(2, 3, 4)
    )
    for one in found:
        figures = (one.terms.points_per_yuan, one.terms.fen_per_100_points)
        days = one.terms.days_until_available
        shown.add_row(one.name, one.owner, *map(str, (*figures, days)))
    console.print(shown)


@app.command()
def join(
    identifier: Who, programme: Programme, key: Key = None, merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Make somebody a member; the gift is for the person."""
    asked = {"programme": programme, "identifier": identifier, "key": key}
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        request = request_of(engine, whose, operation="points.join", asked=asked)
        done = engine.loyalty.join(request, programme, identifier=identifier)
    show(done, title="入会", json=json)


@app.command()
def balance(
    identifier: Who, programme: Programme, merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """What a person has, over all identifiers, as of now."""
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        found = engine.loyalty.balance(whose, programme, identifier=identifier)
    show(found, title="积分余额", json=json)


@app.command()
def lots(
    identifier: Who, programme: Programme, merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Each grant with what is left of it, the newest first."""
    from quanyu.promotions.loyalty.answers import lot_json

    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        found = [lot_json(one) for one in engine.points.lots(whose, (programme, identifier))]
    if json:
        print_json(found)
        return
    shown = table(
        "积分批次", "批次", "状态", "来源", "订单", "发放", "剩余", "到期", right=(0, 4, 5)
    )
    for one in found:
        names = ("lot", "state", "source", "order", "granted", "remaining", "expires")
        shown.add_row(*("–" if one[name] is None else str(one[name]) for name in names))
    console.print(shown)


@app.command()
def earn(
    identifier: Who,
    programme: Programme,
    order: OrderOption,
    cash: Annotated[int, typer.Option("--cash", min=0, help="Paid in cash, fen.")],
    flag: Annotated[list[str] | None, typer.Option("--flag", help="Such as green.")] = None,
    key: Key = None,
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """An order was paid. A flag counts for its line and for the order."""
    from quanyu.promotions.loyalty.desk import Order
    from quanyu.promotions.loyalty.programmes import Line

    flags = tuple(flag or ())
    asked = {"programme": programme, "identifier": identifier, "order": order, "cash": cash,
             "flags": list(flags), "key": key}  # fmt: skip
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        request = request_of(engine, whose, operation="points.earn", asked=asked)
        what, who = Order(whose, order, flags), (programme, identifier)
        done = engine.points.earn(request, who, order=what, lines=[Line(cash, flags)])
    show(done, title="获得积分", json=json)


@app.command()
def spend(
    identifier: Who,
    programme: Programme,
    order: OrderOption,
    points: PointsOption,
    key: Key = None,
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """An order takes points, the earliest expiry first."""
    from quanyu.promotions.loyalty.desk import Order

    asked = {"programme": programme, "identifier": identifier, "order": order, "points": points,
             "key": key}  # fmt: skip
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        request = request_of(engine, whose, operation="points.spend", asked=asked)
        who, what = (programme, identifier), Order(whose, order)
        done = engine.points.spend(request, who, order=what, points=points)
    show(done, title="使用积分", json=json)


@app.command()
def cancel(
    programme: Programme,
    order: OrderOption,
    points: Annotated[int | None, typer.Option("--points", min=1, help="All unless said.")] = None,
    key: Key = None,
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """Points of a spend go back to the lots they came from."""
    from quanyu.promotions.loyalty.desk import Order

    asked = {"programme": programme, "order": order, "points": points, "key": key}
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        request = request_of(engine, whose, operation="points.cancel", asked=asked)
        done = engine.points.cancel(request, programme, order=Order(whose, order), points=points)
    show(done, title="退回积分", json=json)


@app.command()
def transfer(
    identifier: Who,
    programme: Programme,
    to: Annotated[str, typer.Option("--to", help="Another member, kind:value.")],
    points: PointsOption,
    key: Key = None,
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """Points go to another member and keep their end."""
    asked = {"programme": programme, "identifier": identifier, "to": to, "points": points,
             "key": key}  # fmt: skip
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        request = request_of(engine, whose, operation="points.transfer", asked=asked)
        done = engine.points.transfer(request, (programme, identifier), to=to, points=points)
    show(done, title="转赠积分", json=json)


@app.command()
def freeze(
    identifier: Who,
    programme: Programme,
    thaw: Annotated[bool, typer.Option("--thaw", help="The other way.")] = False,
    key: Key = None,
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """A frozen member earns, and neither spends nor gives away."""
    asked = {"programme": programme, "identifier": identifier, "frozen": not thaw, "key": key}
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        request = request_of(engine, whose, operation="points.freeze", asked=asked)
        done = engine.loyalty.freeze(request, programme, identifier=identifier, frozen=not thaw)
    show(done, title="冻结", json=json)


@app.command()
def offer(
    programme: Programme,
    item: Annotated[str, typer.Option("--item", help="JSON file, see docs/loyalty.md; - stdin.")],
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """Something to be had for points, from a partner."""
    from quanyu.promotions.loyalty.exchange import decode_offered

    offered = decode_offered(read_file(item, option="--item"))
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        made = engine.points.offer(whose, programme, offered=offered)
    show(made.offered, title="兑换商品", json=json)


@app.command()
def exchange(
    identifier: Who,
    programme: Programme,
    item: Annotated[str, typer.Argument(help="What, by its name.")],
    key: Key = None,
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """Points for a code that the partner fulfils."""
    asked = {"programme": programme, "identifier": identifier, "item": item, "key": key}
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        request = request_of(engine, whose, operation="points.exchange", asked=asked)
        done = engine.points.exchange(request, (programme, identifier), item=item)
    show(done, title="积分兑换", json=json)


@app.command()
def fulfil(
    code: str,
    failed: Annotated[bool, typer.Option("--failed", help="It cannot be: all goes back.")] = False,
    key: Key = None,
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """The partner (--merchant) has given what a code stands for, or cannot."""
    asked = {"code": code, "given": not failed, "key": key}
    with open_session() as engine:
        whose = merchant(merchant_name, engine, may_begin=True)
        request = request_of(engine, whose, operation="points.fulfil", asked=asked)
        done = engine.points.fulfil(request, code, given=not failed)
    show(done, title="兑付", json=json)
