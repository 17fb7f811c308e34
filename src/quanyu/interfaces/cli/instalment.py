"""``quanyu instalment``: what terms cost, and the plan of a paid order to its last term."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.offer import KeyOption, key_or_new
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.interfaces.refusals import granted
from quanyu.money import FEN_MAX, format_yuan

if TYPE_CHECKING:
    from quanyu.promotions.instalments.answers import TermNotice

app = typer.Typer(help="Instalments 分期: quote, show, pay, settle.", no_args_is_help=True)
OrderArgument = Annotated[str, typer.Argument(help="The id of the order.")]
AmountOption = Annotated[
    int, typer.Option("--amount", min=0, max=FEN_MAX, help="What was paid, in fen.")
]
STATES = {"active": "还款中", "done": "已还清", "settled": "已提前结清", "cancelled": "已取消"}
STATUSES = {"paid": "已还", "due": "待还", "overdue": "已逾期", "gone": "无需还款"}
BEARERS = {"buyer": "买家承担", "merchant": "商家承担", "platform": "平台承担"}


@app.command()
def quote(
    amount: Annotated[int, typer.Option("--amount", min=0, max=FEN_MAX, help="In fen.")],
    terms: Annotated[int, typer.Option("--terms", help="3, 6 or 12.")],
    bearer: Annotated[
        str, typer.Option("--bearer", help="Who pays the fee: buyer, merchant, platform.")
    ] = "buyer",
    paid_on: Annotated[
        str | None, typer.Option("--paid-on", help="A day of China, such as 2026-01-31.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What terms would cost, to the fen. Opens no database."""
    from quanyu.promotions.instalments.preview import PreviewForm, preview
    from quanyu.promotions.pricing.instalments import BEARERS as KNOWN
    from quanyu.promotions.pricing.instalments import DEFAULT_RATES
    from quanyu.settings import Settings

    who = next((one for one in KNOWN if one == bearer), None)
    if who is None:
        raise BadInput("--bearer", f"name one of {', '.join(KNOWN)}")
    form = PreviewForm(amount, terms, who, read_day(paid_on))
    given = Settings.from_env().instalment_rates
    found = granted(preview(form, DEFAULT_RATES if given is None else given))
    if as_json:
        print_json(found)
        return
    show_terms(found["schedule"])
    sums = [f"分期 {format_yuan(found['financed'])}", f"共还 {format_yuan(found['due'])}"]
    sums.append(f"手续费 {format_yuan(found['fee'])}（{BEARERS[found['bearer']]}）")
    console.print("  ".join(sums), markup=False)


def read_day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BadInput("--paid-on", "write a day such as 2026-01-31") from None


def show_terms(schedule: list[dict[str, Any]]) -> None:
    columns = ("期数", "应还日", "本金", "手续费", "应还", "状态")
    shown = table("分期", *columns, right=(0, 2, 3, 4))
    for one in schedule:
        sums = (format_yuan(one[name]) for name in ("principal", "fee", "due"))
        status = STATUSES.get(one.get("status", ""), "")
        shown.add_row(str(one["term"]), one["due_on"] or "", *sums, status)
    console.print(shown)


@app.command()
def show(order: OrderArgument, shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """The plan of a paid order as it stands today."""
    with open_session(catch_up=False) as engine:
        found = engine.instalments.find(merchant(shop, engine), order)
        told = found.as_json(engine.clock.now_us())
    if as_json:
        print_json(told)
        return
    show_terms(told["schedule"])
    parts = [told["order"], STATES[told["state"]], f"剩余应还 {format_yuan(told['owed'])}"]
    if told["settle_now"] is not None:
        parts.append(f"现在结清 {format_yuan(told['settle_now'])}")
    parts.append(f"手续费 {format_yuan(told['fee_now'])}（{BEARERS[told['bearer']]}）")
    console.print("  ".join(parts), markup=False)


@app.command()
def pay(
    order: OrderArgument,
    term: Annotated[int, typer.Option("--term", min=1, help="From 1, in order.")],
    amount: AmountOption,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """A verified notice of the financier: a term was paid, just what is due."""
    from quanyu.promotions.instalments.answers import TermNotice

    tell(TermNotice(order, amount, term), key=key, shop=shop, as_json=as_json)


@app.command()
def settle(
    order: OrderArgument,
    amount: AmountOption,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything that is left was paid at once: `settle_now` of the plan."""
    from quanyu.promotions.instalments.answers import TermNotice

    tell(TermNotice(order, amount), key=key, shop=shop, as_json=as_json)


def tell(notice: "TermNotice", *, key: str | None, shop: str | None, as_json: bool) -> None:
    with open_session(catch_up=False) as engine:
        ask = notice.request(merchant(shop, engine), key_or_new(key))
        done = granted(engine.instalments.pay(ask, notice)).as_json()
    if as_json:
        print_json(done)
        return
    parts = [done["order"], STATES[done["state"]], f"还款 {format_yuan(done['amount'])}"]
    parts += [f"已还 {done['terms_paid']} 期", f"剩余应还 {format_yuan(done['owed'])}"]
    if done["fee_back"]:
        parts.append(f"退回手续费 {format_yuan(done['fee_back'])}")
    console.print("  ".join(parts), markup=False)
