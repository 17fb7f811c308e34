"""``quanyu coupon``: issue, claim, redeem, gift, look at."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from quanyu.errors import BadInput, Refused
from quanyu.interfaces.cli import till
from quanyu.interfaces.cli.offer import KeyOption, key_or_new, read_json
from quanyu.interfaces.cli.output import console, notices, print_json, progress, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.interfaces.refusals import granted
from quanyu.money import format_yuan

app = typer.Typer(help="Coupons 优惠券: issue, claim, redeem, gift.", no_args_is_help=True)

app.add_typer(till.app)

IdentifierOption = Annotated[
    str, typer.Option("--identifier", "-i", help="kind:value, such as taobao_id:543462.")
]
OfferOption = Annotated[str, typer.Option("--offer", help="The id of the offer.")]
CouponArgument = Annotated[str, typer.Argument(help="The id of the coupon, c_….")]
OrderOption = Annotated[str, typer.Option("--order", help="The order.")]
StoreOption = Annotated[str, typer.Option("--store", help="The store.")]
AmountOption = Annotated[int | None, typer.Option("--amount", help="The bill in fen.")]
LinesOption = Annotated[
    Path | None,
    typer.Option(
        "--lines", help="The bill as JSON: [{item, quantity, list_price, category, flags}]."
    ),
]
STATES = {
    "issued": "可用", "locked": "已锁定", "used": "已核销", "gifting": "转赠中",
    "expired": "已过期", "void": "已作废",
}  # fmt: skip


def act(verb: str, form: dict[str, Any], *, key: str | None, where: Any) -> None:
    """``where``: merchant, JSON."""
    from quanyu.promotions.coupons.service import answer_json

    shop, as_json = where
    with open_session(catch_up=False) as engine:
        whose, request = merchant(shop, engine), key_or_new(key)
        form = {name: value for name, value in form.items() if value is not None}
        done = granted(engine.coupons.act(whose, verb, form=form, request=request))
        answer = answer_json(done)
        if verb == "gift":
            answer["gift"] = engine.coupons.gift_code(whose, done.coupon.id, request=request)
    tell(answer, as_json=as_json)


def tell(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    console.print(f"{answer['coupon']}  {STATES[answer['state']]}  {answer['offer']}", markup=False)
    if answer["discount"] is not None:
        console.print(f"优惠 {format_yuan(answer['discount'])}")
    if "gift" in answer:
        console.print(f"转赠码 {answer['gift']}")


@app.command()
def issue(
    offer: OfferOption,
    identifier: Annotated[str | None, typer.Option("--identifier", "-i")] = None,
    people: Annotated[
        Path | None, typer.Option("--people", help="A file with one kind:value per line.")
    ] = None,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """One piece to one person, or to everybody in a file (the same --key goes on after a break)."""
    if (identifier is None) is (people is None):
        raise BadInput("--identifier", "give --identifier or --people")
    if people is None:
        act("issue", {"offer": offer, "identifier": identifier}, key=key, where=(shop, as_json))
        return
    counts: dict[str, int] = {}
    lines = read_lines(people)
    with open_session(catch_up=False) as engine, progress() as shown:
        task = shown.add_task("发券", total=len(lines))
        whose, request = merchant(shop, engine), key_or_new(key)
        issued = engine.coupons.issue_to_all(whose, offer, identifiers=lines, request=request)
        for _, outcome in issued:
            said = str(outcome.reason) if isinstance(outcome, Refused) else "issued"
            counts[said] = counts.get(said, 0) + 1
            shown.advance(task)
    if as_json:
        print_json({"offer": offer, "counts": counts})
    else:
        console.print("  ".join(f"{said} {number:,}" for said, number in sorted(counts.items())))


def read_lines(path: Path) -> list[str]:
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("--people", f"cannot be read: {error}") from None
    return [line.strip() for line in lines if line.strip()]


@app.command()
def codes(
    batch: Annotated[str, typer.Argument(help="A name of yours for the batch.")],
    offer: OfferOption,
    pieces: Annotated[int, typer.Option("--pieces", help="How many.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="CSV; none writes it to stdout.")
    ] = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Anonymous printed codes with their QR text; again with the same batch: the same codes."""
    with open_session(catch_up=False) as engine, progress() as shown:
        whose = merchant(shop, engine)
        task = shown.add_task("制码", total=pieces)
        made = granted(
            engine.coupons.make_codes(
                whose, batch, form=(offer, pieces),
                told=lambda done: shown.update(task, completed=done),
            )
        )  # fmt: skip
        if out is not None or not as_json:
            opened = nullcontext(sys.stdout) if out is None else out.open("w")
            with opened as file:
                file.writelines(engine.coupons.export(whose, batch))
    if as_json:
        print_json({"batch": made.batch, "offer": made.offer, "made": made.made})
    elif out is not None:
        notices.print(f"{made.made:,} codes in {out}")


@app.command()
def claim(
    offer: OfferOption,
    identifier: IdentifierOption,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """A person takes a piece."""
    act("claim", {"offer": offer, "identifier": identifier}, key=key, where=(shop, as_json))


@app.command()
def show(coupon: CouponArgument, shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """One coupon."""
    with open_session(catch_up=False) as engine:
        found = dict(engine.coupons.find(merchant(shop, engine), coupon).as_json())
    tell(found, as_json=as_json)


@app.command("list")
def list_coupons(
    identifier: Annotated[str | None, typer.Option("--identifier", "-i")] = None,
    order: Annotated[str | None, typer.Option("--order", help="What is on an order.")] = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a person holds and held, over all identifiers, or what is on an order."""
    if (identifier is None) is (order is None):
        raise BadInput("--identifier", "give --identifier or --order")
    with open_session() as engine:
        whose = merchant(shop, engine)
        if identifier is not None:
            found = engine.coupons.of_person(whose, identifier)
        else:
            found = engine.coupons.of_order(whose, order or "")
    if as_json:
        print_json({"coupons": [dict(one.as_json()) for one in found]})
        return
    shown = table("优惠券", "编号", "批次", "状态", "面额", "到期", right=(3,))
    for one in found:
        told = one.as_json()
        face = format_yuan(one.face_fen)
        shown.add_row(one.id, one.offer, STATES[one.state], face, told["expires"])
    console.print(shown)


@app.command()
def redeem(
    code: Annotated[str, typer.Argument(help="Printed code, QR text, or the id of the coupon.")],
    store: StoreOption,
    amount: AmountOption = None,
    lines: LinesOption = None,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """At a store; answers with the discount."""
    name = "coupon" if code.startswith("c_") else "code"
    bill = None if lines is None else read_json(lines, "--lines")
    form = {name: code, "amount": amount, "lines": bill, "store": store}
    act("redeem", form, key=key, where=(shop, as_json))


@app.command()
def undo(
    coupon: CouponArgument,
    store: StoreOption,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Takes back a redemption at a store, inside the window of the offer."""
    act("undo", {"coupon": coupon, "store": store}, key=key, where=(shop, as_json))


@app.command()
def void(
    coupon: CouponArgument,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Puts an unused coupon out of force."""
    act("void", {"coupon": coupon}, key=key, where=(shop, as_json))


@app.command()
def gift(
    coupon: CouponArgument,
    identifier: IdentifierOption,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Gives it away; prints the code that the other person needs."""
    form = {"coupon": coupon, "identifier": identifier}
    act("gift", form, key=key, where=(shop, as_json))


@app.command()
def accept(
    coupon: CouponArgument,
    code: Annotated[str, typer.Option("--gift", help="The code that came with the gift.")],
    identifier: IdentifierOption,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Takes a gift."""
    form = {"coupon": coupon, "gift": code, "identifier": identifier}
    act("accept", form, key=key, where=(shop, as_json))


@app.command("take-back")
def take_back(
    coupon: CouponArgument,
    identifier: IdentifierOption,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """A gift that nobody has taken yet comes back to its giver."""
    form = {"coupon": coupon, "identifier": identifier}
    act("take_back", form, key=key, where=(shop, as_json))


@app.command()
def bind(
    code: Annotated[str, typer.Argument(help="A printed code.")],
    identifier: IdentifierOption,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """A printed code becomes somebody's."""
    act("bind", {"code": code, "identifier": identifier}, key=key, where=(shop, as_json))


@app.command("show-code")
def show_code(
    coupon: CouponArgument,
    identifier: IdentifierOption,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """The text of the QR on the holder's screen; good for half a minute and its neighbours."""
    with open_session(catch_up=False) as engine:
        qr = engine.coupons.shown_code(
            merchant(shop, engine), coupon, identifier=identifier, now_us=engine.clock.now_us()
        )
    if as_json:
        print_json({"qr": qr})
    else:
        console.print(qr, markup=False)


@app.command()
def lock(
    coupon: CouponArgument,
    order: OrderOption,
    ttl: Annotated[str | None, typer.Option("--ttl", help="How long; 30m, at most 7d.")] = None,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """For an order outside Quanyu: in force on it alone, for a while."""
    form = {"coupon": coupon, "order": order, "ttl": ttl}
    act("lock", form, key=key, where=(shop, as_json))


@app.command()
def unlock(
    coupon: CouponArgument,
    order: OrderOption,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """The order was not paid."""
    act("unlock", {"coupon": coupon, "order": order}, key=key, where=(shop, as_json))


@app.command()
def use(
    coupon: CouponArgument,
    order: OrderOption,
    amount: Annotated[int, typer.Option("--amount", help="What it took off, in fen.")],
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """The order was paid."""
    form = {"coupon": coupon, "order": order, "amount": amount}
    act("use", form, key=key, where=(shop, as_json))


@app.command("return")
def return_(
    coupon: CouponArgument,
    order: OrderOption,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """The order was cancelled after it was paid: the holder has it again."""
    act("return", {"coupon": coupon, "order": order}, key=key, where=(shop, as_json))
