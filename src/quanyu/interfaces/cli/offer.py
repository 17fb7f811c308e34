"""``quanyu offer``: 券批次 from the draft to the end."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from quanyu.errors import BadInput
from quanyu.ids import random_id
from quanyu.interfaces.cli.output import console, print_json, progress, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.interfaces.refusals import granted
from quanyu.money import format_yuan

if TYPE_CHECKING:
    from quanyu.wiring import Engine

app = typer.Typer(help="Offers 券批次: create, approve, pause, stop, kill.", no_args_is_help=True)
breaker = typer.Typer(help="The breaker of an offer.", no_args_is_help=True)
app.add_typer(breaker, name="breaker")

ActorOption = Annotated[str, typer.Option("--actor", help="Who does it.")]
KeyOption = Annotated[
    str | None, typer.Option("--key", help="Idempotency key: the same one gives the same answer.")
]
NoteOption = Annotated[str, typer.Option("--note", help="Why; kept in the history.")]
OfferArgument = Annotated[str, typer.Argument(help="The id of the offer.")]
STATES = {
    "draft": "草稿", "auditing": "待审核", "active": "进行中", "paused": "已暂停",
    "exhausted": "已发完", "stopped": "已停发", "ended": "已结束",
}  # fmt: skip


def read_json(path: Path, option: str) -> Any:
    """A JSON file, or standard input for ``-``. Raises BadInput."""
    try:
        text = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return msgspec.json.decode(text)
    except OSError as error:
        raise BadInput(option, f"cannot be read: {error.strerror} {path}") from None
    except msgspec.DecodeError as error:
        raise BadInput(option, f"is not JSON: {error}") from None


def key_or_new(key: str | None) -> str:
    return random_id("cli") if key is None else key


@app.command()
def create(
    template: Annotated[Path, typer.Option("--template", help="JSON file; - reads stdin.")],
    actor: ActorOption,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """A draft out of a template (docs/coupons.md); caps in pieces and in money are mandatory."""
    document = read_json(template, "--template")
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        made = engine.offers.create(whose, document, actor=actor, request=key_or_new(key))
        answer(engine, granted(made), as_json=as_json)


def _move(offer: str, verb: str, *, signed: tuple[str, str, str | None], where: Any) -> None:
    """``signed``: actor, note, key; ``where``: merchant, JSON."""
    actor, note, key = signed
    shop, as_json = where
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        by = engine.offers.by(actor, key_or_new(key), note=note)
        done = granted(engine.offers.move(whose, offer, verb=verb, by=by))
        answer(engine, done, as_json=as_json)


@app.command()
def submit(
    offer: OfferArgument, actor: ActorOption, note: NoteOption = "", key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Draft → waiting for approval."""
    _move(offer, "submit", signed=(actor, note, key), where=(shop, as_json))


@app.command()
def reject(
    offer: OfferArgument, actor: ActorOption, note: NoteOption = "", key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Back to a draft, with a --note that says why."""
    _move(offer, "reject", signed=(actor, note, key), where=(shop, as_json))


@app.command()
def approve(
    offer: OfferArgument, actor: ActorOption, note: NoteOption = "", key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Publish; above QUANYU_FOUR_EYES_FEN by somebody other than who submitted."""
    _move(offer, "approve", signed=(actor, note, key), where=(shop, as_json))


@app.command()
def pause(
    offer: OfferArgument, actor: ActorOption, note: NoteOption = "", key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Nothing is issued or redeemed until it is resumed."""
    _move(offer, "pause", signed=(actor, note, key), where=(shop, as_json))


@app.command()
def resume(
    offer: OfferArgument, actor: ActorOption, note: NoteOption = "", key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """After a pause."""
    _move(offer, "resume", signed=(actor, note, key), where=(shop, as_json))


@app.command()
def stop(
    offer: OfferArgument, actor: ActorOption, note: NoteOption = "", key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Nothing more is issued; what is out can be used."""
    _move(offer, "stop", signed=(actor, note, key), where=(shop, as_json))


@app.command()
def end(
    offer: OfferArgument, actor: ActorOption, note: NoteOption = "", key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """For good: nothing is issued any more."""
    _move(offer, "end", signed=(actor, note, key), where=(shop, as_json))


@app.command()
def issue(
    offer: OfferArgument,
    audience: Annotated[str, typer.Option("--audience", help="Its name.")],
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """One piece to everybody in an audience; the same --key goes on after a break."""
    request = key_or_new(key)
    with open_session() as engine, progress() as shown:
        task, whose = shown.add_task("发券", total=None), merchant(shop, engine)
        given = granted(
            engine.giving.to_audience(
                whose, offer, audience=audience, request=request,
                told=lambda done, people: shown.update(task, completed=done, total=people),
            )
        )  # fmt: skip
    if as_json:
        print_json(given)
    else:
        counts = sorted(given.counts.items())
        console.print("  ".join(f"{said} {number:,}" for said, number in counts) or "0")


@app.command()
def kill(
    actor: ActorOption,
    offer: Annotated[str | None, typer.Argument(help="One offer; none means all.")] = None,
    revive: Annotated[bool, typer.Option("--revive", help="Turn the switch back.")] = False,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """The kill switch: counts for the very next redemption."""
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        if offer is not None:
            engine.offers.find(whose, offer)
        by = engine.offers.by(actor, random_id("cli"))
        turned = engine.offers.kill(whose, offer, killed=not revive, by=by)
    if as_json:
        print_json({"revived" if revive else "killed": turned})
    else:
        console.print(
            f"{'已恢复' if revive else '已熔断'}: {', '.join(turned) or '无'}", markup=False
        )


@breaker.command("reset")
def reset(
    offer: OfferArgument, actor: ActorOption, note: NoteOption = "", key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Let an offer run again whose breaker has tripped."""
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        by = engine.offers.by(actor, key_or_new(key), note=note)
        done = granted(engine.offers.reset_breaker(whose, offer, by=by))
        answer(engine, done, as_json=as_json)


@app.command()
def show(offer: OfferArgument, shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """The offer, its balances in the book, and who changed it when."""
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        answer(engine, engine.offers.find(whose, offer), as_json=as_json)


@app.command("list")
def list_offers(shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """All offers of a merchant."""
    with open_session(catch_up=False) as engine:
        found = engine.offers.listed(merchant(shop, engine))
    if as_json:
        print_json({"offers": [one.as_json() for one in found]})
        return
    shown = table("券批次", "编号", "状态", "面额", "数量上限", "金额上限", right=(2, 3, 4))
    for one in found:
        caps = (f"{one.template.pieces:,}", format_yuan(one.template.money))
        shown.add_row(one.id, state_of(one), format_yuan(one.template.face_fen), *caps)
    console.print(shown)


def state_of(offer: Any) -> str:
    switches = ("（已熔断）" if offer.killed else "") + ("（已跳闸）" if offer.tripped else "")
    return STATES[offer.state] + switches


def answer(engine: "Engine", offer: Any, *, as_json: bool) -> None:
    balances = engine.offers.balances(offer.merchant, offer.id)
    history = [change.as_json() for change in engine.offers.history(offer.merchant, offer.id)]
    if as_json:
        print_json({**offer.as_json(), "balances": balances, "history": history})
        return
    console.print(f"{offer.id}  {state_of(offer)}", markup=False)
    shown = table("账本", "账户", "余额", right=(1,))
    for name, amount in balances.items():
        shown.add_row(name, format_yuan(amount) if name.startswith("fen") else f"{amount:,}")
    console.print(shown)
    for line in history:
        told = f"{line['at']}  {line['actor']}  {line['before']} → {line['after']}  {line['note']}"
        console.print(told, markup=False)
