"""``quanyu voucher``: purchased vouchers (99 抵 200), from the product to the refund."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.offer import KeyOption, key_or_new
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.interfaces.refusals import granted
from quanyu.money import FEN_MAX, format_yuan

if TYPE_CHECKING:
    from quanyu.events.requests import Request

app = typer.Typer(help="Purchased vouchers 代金券: sell, use, refund.", no_args_is_help=True)


def asked(whose: str, operation: str, *, key: str | None, content: Any) -> "Request":
    """Spelled as the API spells it: one key is one intent through either door."""
    from quanyu.events.requests import Request

    return Request(whose, operation, key_or_new(key), msgspec.json.encode(content))


@app.command()
def product(
    file: Annotated[str, typer.Argument(help="A JSON file, docs/cli.md; - reads stdin.")],
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """What an order line with this item sells; sold vouchers keep their terms."""
    from quanyu.promotions.vouchers.voucher import VoucherProduct
    from quanyu.strict import decoded

    told = decoded(read_file(file, option="FILE"), VoucherProduct, name="product")
    with open_session(catch_up=False) as engine:
        engine.vouchers.define(merchant(shop, engine), told)
    if as_json:
        print_json(msgspec.to_builtins(told))
        return
    stores = ", ".join(told.stores) or "全部门店"
    face = format_yuan(told.face_fen)
    console.print(f"{told.item}  面值 {face}  {told.valid_days} 天有效  {stores}", markup=False)


@app.command("list")
def list_vouchers(
    identifier: Annotated[
        str, typer.Option("--identifier", "-i", help="kind:value, such as taobao_id:543462.")
    ],
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything that an identifier holds, with the codes."""
    from quanyu.customers.identity.identifiers import read_identifier

    kind, value = read_identifier(identifier)
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        holder = (kind, engine.tokeniser(whose).token(kind, value))
        found = engine.vouchers.held_by(whose, [holder])
    told = [{**voucher.as_json(), "code": code} for voucher, code in found]
    if as_json:
        print_json({"vouchers": told})
        return
    columns = ("代金券", "商品", "面值", "剩余", "可退", "到期", "券码")
    shown = table("代金券", *columns, right=(2, 3, 4))
    for one in told:
        sums = (format_yuan(one[name]) for name in ("face", "rest", "refundable"))
        shown.add_row(one["voucher"], one["item"], *sums, one["expires_at"][:19], one["code"])
    console.print(shown if told else "没有代金券")


@app.command()
def use(
    code: Annotated[str, typer.Argument(help="The code that the holder shows.")],
    amount: Annotated[
        int, typer.Option("--amount", min=1, max=FEN_MAX, help="Of the face value, in fen.")
    ],
    store: Annotated[str, typer.Option("--store", help="The store.")],
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """核销: pays so much of the face value at a store, at once."""
    from quanyu.promotions.vouchers.voucher import Visit

    if not 1 <= len(store) <= 128:
        raise BadInput("--store", "use 1 to 128 characters")
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        ask = asked(whose, "voucher.use", key=key, content=[store, amount])
        visit = Visit(store, amount, engine.clock.now_us())
        used = granted(engine.vouchers.use(ask, code, visit=visit))
    if as_json:
        print_json(msgspec.to_builtins(used))
        return
    sums = f"核销 {format_yuan(used.amount_fen)}  剩余 {format_yuan(used.rest_fen)}"
    console.print(f"{used.voucher}  {sums}  核销号 {used.use}", markup=False)


@app.command()
def undo(
    use: Annotated[str, typer.Argument(help="What `voucher use` answered, use_….")],
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Takes a mistaken scan back, within half an hour."""
    with open_session(catch_up=False) as engine:
        ask = asked(merchant(shop, engine), "voucher.undo", key=key, content=[use])
        back = granted(engine.vouchers.undo(ask, use))
    tell_back("撤销核销", back, as_json=as_json)


@app.command()
def refund(
    voucher: Annotated[str, typer.Argument(help="The id of the voucher.")],
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """What has not been used goes back to the buyer, also after the voucher's end."""
    with open_session(catch_up=False) as engine:
        ask = asked(merchant(shop, engine), "voucher.refund", key=key, content=[voucher])
        back = granted(engine.vouchers.refund(ask, voucher))
    tell_back("退款", back, as_json=as_json)


def tell_back(what: str, back: Any, *, as_json: bool) -> None:
    if as_json:
        print_json(msgspec.to_builtins(back))
        return
    sums = f"{what} {format_yuan(back.amount_fen)}  剩余 {format_yuan(back.rest_fen)}"
    console.print(f"{back.voucher}  {sums}", markup=False)
