"""``quanyu order``: place, pay, ship, confirm, cancel, refund, look at."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.offer import KeyOption, key_or_new
from quanyu.interfaces.cli.output import console, print_json
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.interfaces.refusals import granted
from quanyu.money import format_yuan

if TYPE_CHECKING:
    from quanyu.promotions.orders.order import OrderForm
    from quanyu.promotions.orders.states import Step
    from quanyu.promotions.pricing.refunds import Unit

app = typer.Typer(help="Orders 订单: place, pay, ship, refund.", no_args_is_help=True)

FileArgument = Annotated[str, typer.Argument(help="A JSON file, docs/cli.md; - reads stdin.")]
CouponOption = Annotated[
    list[str] | None,
    typer.Option("--coupon", help="One that the buyer holds, besides those of the file."),
]
OrderArgument = Annotated[str, typer.Argument(help="The id of the order.")]
STATES = {
    "placed": "待付款", "paid": "已付款", "shipped": "已发货", "confirmed": "已收货",
    "cancelled": "已取消", "refunded": "已全部退款",
}  # fmt: skip


def tell(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    parts = [answer["order"], STATES[answer["state"]], f"应付 {format_yuan(answer['payable'])}"]
    if answer.get("refunded"):
        parts.append(f"已退 {format_yuan(answer['refunded'])}")
    if answer["state"] == "placed":
        parts.append(f"付款截止 {answer['pay_until'][:19]}")
    console.print("  ".join(parts), markup=False)


def read_order(file: str, coupons: list[str] | None) -> "OrderForm":
    """Raises BadInput. ``coupons`` come besides those of the file."""
    from quanyu.promotions.orders.order import decode_order

    form = decode_order(read_file(file, option="FILE"))
    return msgspec.structs.replace(form, coupons=(*form.coupons, *(coupons or ())))


@app.command()
def quote(
    file: FileArgument,
    coupon: CouponOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """What the order would cost at the time of its cart, and why; nothing is locked."""
    from quanyu.interfaces.cli.quote import show_quote

    form = read_order(file, coupon)
    with open_session(catch_up=False) as engine:
        found = granted(engine.orders.quote(merchant(shop, engine), form))
    if as_json:
        print_json(found.as_json())
    else:
        show_quote(found)


@app.command()
def place(
    file: FileArgument,
    coupon: CouponOption = None,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """At the price of now: coupons are locked and pieces held until it is paid."""
    from quanyu.promotions.orders.asking import Asking

    form = read_order(file, coupon)
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        ask = Asking(whose, key_or_new(key)).place(form, tokeniser=engine.tokeniser(whose))
        done = granted(engine.orders.place(ask, form))
    tell(done.as_json(), as_json=as_json)


@app.command()
def pay(
    order: OrderArgument,
    amount: Annotated[int, typer.Option("--amount", min=0, help="What was paid, in fen.")],
    method: Annotated[str, typer.Option("--method", help="alipay, wechat, ….")],
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """A verified payment notice, of just the payable."""
    from quanyu.promotions.orders.answers import Notice
    from quanyu.promotions.orders.asking import Asking

    if not 1 <= len(method) <= 64:
        raise BadInput("--method", "use 1 to 64 characters")
    with open_session(catch_up=False) as engine:
        notice = Notice(order, amount, method)
        ask = Asking(merchant(shop, engine), key_or_new(key)).pay(notice)
        done = granted(engine.orders.pay(ask, notice))
    tell(done.as_json(), as_json=as_json)


@app.command()
def show(order: OrderArgument, shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """As it stands, with the quote it was placed at."""
    from quanyu.interfaces.cli.quote import show_quote

    with open_session(catch_up=False) as engine:
        found = engine.orders.find(merchant(shop, engine), order)
    tell(found.as_json(), as_json=as_json)
    if not as_json:
        show_quote(found.terms.quote)


def _step(step: "Step", order: str, *, key: str | None, where: Any) -> None:
    """``where``: merchant, JSON."""
    from quanyu.promotions.orders.asking import Asking
    from quanyu.promotions.orders.states import Step

    shop, as_json = where
    with open_session(catch_up=False) as engine:
        ask = Asking(merchant(shop, engine), key_or_new(key)).step(step, order)
        if step is Step.CANCEL:
            done = granted(engine.orders.cancel(ask, order))
        else:
            done = granted(engine.orders.advance(ask, order, step=step))
    tell(done.as_json(), as_json=as_json)


@app.command()
def ship(
    order: OrderArgument, key: KeyOption = None, shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """On its way; from now on coupons do not come back."""
    from quanyu.promotions.orders.states import Step

    _step(Step.SHIP, order, key=key, where=(shop, as_json))


@app.command()
def confirm(
    order: OrderArgument, key: KeyOption = None, shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """The buyer has it."""
    from quanyu.promotions.orders.states import Step

    _step(Step.CONFIRM, order, key=key, where=(shop, as_json))


@app.command()
def cancel(
    order: OrderArgument, key: KeyOption = None, shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Before it is paid: everything it holds is free again."""
    from quanyu.promotions.orders.states import Step

    _step(Step.CANCEL, order, key=key, where=(shop, as_json))


@app.command()
def refund(
    order: OrderArgument,
    unit: Annotated[list[str], typer.Option("--unit", help="LINE:NUMBER, such as A2:1; several.")],
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Units that come back: their stored amounts, never recomputed."""
    from quanyu.promotions.orders.asking import Asking

    units = [read_unit(text) for text in unit]
    with open_session(catch_up=False) as engine:
        ask = Asking(merchant(shop, engine), key_or_new(key)).refund(order, units)
        back = granted(engine.orders.refund(ask, order, units=units))
    if as_json:
        print_json(msgspec.to_builtins(back))
        return
    parts = [f"{order}  退款 {format_yuan(back.cash_fen)}"]
    if back.points:
        parts.append(f"退积分 {back.points:,}")
    parts += [f"退红包 {offer} {format_yuan(fen)}" for offer, fen in back.red_packets.items()]
    parts += [f"退回优惠券 {coupon}" for coupon in back.coupons]
    console.print("  ".join(parts), markup=False)


def read_unit(text: str) -> "Unit":
    """``A2:1`` is the first unit of line A2. Raises BadInput."""
    line, colon, number = text.rpartition(":")
    if not colon or not line or not (number.isascii() and number.isdigit()) or len(number) > 9:
        raise BadInput("--unit", "write LINE:NUMBER such as A2:1; units count from 1")
    return line, int(number)
