"""``quanyu show``: live shows, from the plan to the archive."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from quanyu.errors import BadInput, Refused
from quanyu.interfaces.cli.content import print_hits
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.offer import ActorOption, KeyOption, NoteOption, key_or_new
from quanyu.interfaces.cli.output import console, print_json
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.interfaces.cli.show_tables import STATES, print_board, print_commission, print_plans
from quanyu.interfaces.refusals import granted

if TYPE_CHECKING:
    from quanyu.events.requests import Request
    from quanyu.wiring import Engine

app = typer.Typer(help="直播：排期、审核、开播、记录、看板、佣金、归档。", no_args_is_help=True)
ShowArgument = Annotated[str, typer.Argument(help="The id of the show.")]
Document = dict[str, Any]


@app.command()
def plan(
    file: Annotated[str, typer.Argument(help="A plan, docs/shows.md; - reads stdin.")],
    actor: ActorOption,
    note: NoteOption = "",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """All shows of the plan, or none; one that changes is to be approved again."""
    from quanyu.content.library.version import By
    from quanyu.interfaces.show_forms import read_plan

    wanted = read_plan(read_file(file, option="FILE", bytes_max=8 << 20))
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine, may_begin=True)
        made = granted(engine.show_plans.plan(whose, wanted, by=By(actor, note)))
    told = [one.as_json() for one in made]
    if as_json:
        print_json({"planned": told})
    else:
        print_plans(f"已排期 {len(told)} 场", told)


@app.command("next")
def next_(
    days: Annotated[int, typer.Option("--days", help="How far to look, 1 to 400.")] = 7,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Shows of now and of the days to come."""
    with open_session(catch_up=False) as engine:
        found = engine.show_plans.next(merchant(shop, engine), days=days)
    told = [one.as_json() for one in found]
    if as_json:
        print_json({"shows": told})
    else:
        print_plans(f"未来 {days} 天", told)


@app.command()
def checklist(show: ShowArgument, shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """What must be in order before it may be approved, point by point."""
    with open_session(catch_up=False) as engine:
        found = engine.preparing_shows.checklist(merchant(shop, engine), show).as_json()
    if as_json:
        print_json(found)
        return
    for point in found["points"]:
        console.print(f"{'✓' if point['holds'] else '✗'} {point['label']}", markup=False)
        if point["hits"]:
            print_hits(point["hits"])
    console.print("可以审核通过" if found["may_start"] else "还不能审核通过")


Step = Callable[["Engine", "Request"], Any | Refused]


Where = tuple[str | None, str | None, bool]
"""Merchant, key, JSON."""


def _step(show: str, verb: str, *, content: Any, where: Where, do: Step) -> None:
    """``content``: what is asked besides, so that a key stands for one intent."""
    from quanyu.events.requests import Request

    shop, key, as_json = where
    with open_session(catch_up=False) as engine:
        name = f"show.{verb}"
        body = msgspec.json.encode([show, content])
        ask = Request(merchant(shop, engine), name, key_or_new(key), body)
        told: Document = granted(do(engine, ask)).as_json()
    if as_json:
        print_json(told)
        return
    console.print(f"{show}  {STATES[told['state']]}", markup=False)
    for one in told["violations"]:
        line = f"违规  {one['article']}  {one['why']}。{one['suggestion']}"
        console.print(line, style="red", markup=False, soft_wrap=True)


@app.command()
def approve(
    show: ShowArgument, actor: ActorOption, note: NoteOption = "", key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Script, hosts and goods are in order; a change of the plan asks for it again."""
    from quanyu.content.library.version import By
    from quanyu.interfaces.content_forms import told_by

    by = By(actor, note)
    do: Step = lambda engine, ask: engine.preparing_shows.approve(ask, show, by=by)  # noqa: E731
    _step(show, "approve", content=told_by(actor, note), where=(shop, key, as_json), do=do)


@app.command()
def cancel(
    show: ShowArgument, actor: ActorOption, note: NoteOption = "", key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """It will not take place."""
    from quanyu.content.library.version import By
    from quanyu.interfaces.content_forms import told_by

    by = By(actor, note)
    do: Step = lambda engine, ask: engine.preparing_shows.cancel(ask, show, by=by)  # noqa: E731
    _step(show, "cancel", content=told_by(actor, note), where=(shop, key, as_json), do=do)


@app.command()
def start(
    show: ShowArgument,
    actor: ActorOption,
    label: Annotated[
        bool, typer.Option("--label", help="The screen says that the host is made by a machine.")
    ] = False,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """On air: its offers hold from now on."""
    from quanyu.content.library.version import By

    by = By(actor)
    _step(
        show, "start", content=[actor, label], where=(shop, key, as_json),
        do=lambda engine, ask: engine.airing_shows.start(ask, show, by=by, label=label),
    )  # fmt: skip


@app.command()
def log(
    show: ShowArgument,
    kind: Annotated[
        str,
        typer.Argument(help="slot, coupon, label, stock, last_chance, recording or note."),
    ],
    what: Annotated[
        str, typer.Argument(help="SLOT, OFFER, on|off, ITEM=PIECES, SLOT, URI=SHA256, or a text.")
    ],
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """What happens while it is live; what is wrong with it is told and archived."""
    from quanyu.interfaces.show_forms import read_happening

    happening = read_happening(msgspec.json.encode(happening_of(kind, what)))
    _step(
        show, "log", content=happening, where=(shop, key, as_json),
        do=lambda engine, ask: engine.airing_shows.log(ask, show, happening=happening),
    )  # fmt: skip


def happening_of(kind: str, what: str) -> Document:
    """As it stands in a body of the API. Raises BadInput."""
    left, _, right = what.rpartition("=")
    forms: dict[str, Callable[[], Document]] = {
        "slot": lambda: {"slot": what},
        "last_chance": lambda: {"slot": what},
        "coupon": lambda: {"offer": what},
        "note": lambda: {"text": what},
        "label": lambda: {"on": {"on": True, "off": False}.get(what, what)},
        "stock": lambda: {"item": left, "pieces": int(right) if right.isdecimal() else right},
        "recording": lambda: {"uri": left, "sha256": right},
    }
    if kind not in forms:
        raise BadInput("KIND", f"choose from {', '.join(forms)}")
    return {"kind": kind, **forms[kind]()}


@app.command()
def end(
    show: ShowArgument, actor: ActorOption, key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Off air: its offers hold no longer."""
    from quanyu.content.library.version import By

    by = By(actor)
    do: Step = lambda engine, ask: engine.airing_shows.end(ask, show, by=by)  # noqa: E731
    _step(show, "end", content=actor, where=(shop, key, as_json), do=do)


@app.command()
def close(
    show: ShowArgument,
    actor: ActorOption,
    recording: Annotated[
        str, typer.Option("--recording", help="Where the replay is kept: URI=SHA256.")
    ] = "",
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Closes the archive, kept for three years at least, and books what its hosts have earned."""
    from quanyu.content.library.version import By
    from quanyu.interfaces.show_forms import read_happening

    by = By(actor)
    body = msgspec.json.encode(happening_of("recording", recording))
    replay: Any = read_happening(body) if recording else None
    _step(
        show, "archive", content=[actor, replay], where=(shop, key, as_json),
        do=lambda engine, ask: engine.airing_shows.archive(ask, show, by=by, recording=replay),
    )  # fmt: skip


@app.command()
def archive(show: ShowArgument, shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """Every entry in order, and whether the chain of hashes holds; exit 1 where it does not."""
    with open_session(catch_up=False) as engine:
        entries, faults = engine.airing_shows.entries(merchant(shop, engine), show)
    told = [one.as_json() for one in entries]
    if as_json:
        print_json({"intact": not faults, "faults": faults, "entries": told})
    else:
        for one in told:
            rest = {n: v for n, v in one.items() if n not in ("number", "at", "kind", "hash")}
            said = "  ".join(f"{name}={value}" for name, value in rest.items())
            line = f"{one['number']:>4}  {one['at'][:19]}  {one['kind']:<12}  {said}"
            console.print(line, markup=False, soft_wrap=True)
        console.print("链条完整" if not faults else "链条断裂：" + "；".join(faults))
    if faults:
        raise typer.Exit(1)


@app.command("forget-host")
def forget_host(
    host: Annotated[str, typer.Argument(help="Number or name.")],
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a host's name, number and age out of every show that need not be kept."""
    with open_session(catch_up=False) as engine:
        done = engine.show_hosts.forget(merchant(shop, engine), host).as_json()
    if as_json:
        print_json(done)
        return
    console.print(f"已删除主播信息的场次：{'、'.join(done['changed']) or '无'}", markup=False)
    for one in done["kept"]:
        console.print(f"依法保存至 {one['until'][:10]}：{one['show']}", markup=False)
    if done["to_come"]:
        console.print(f"尚未开播，请先修改计划：{'、'.join(done['to_come'])}", markup=False)


@app.command()
def board(show: ShowArgument, shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """GMV, orders, CTR, redemptions, viewers, and each slot with a bar."""
    with open_session() as engine:
        told = engine.show_figures.board(merchant(shop, engine), show).as_json()
    if as_json:
        print_json(told)
    else:
        print_board(told)


@app.command()
def commission(
    show: ShowArgument, shop: MerchantOption = None, as_json: JsonOption = False
) -> None:  # fmt: skip
    """What its hosts have earned net of returns, the postings, and what is booked."""
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        told = engine.show_figures.commission(whose, show).as_json(whose)
    if as_json:
        print_json(told)
    else:
        print_commission(told)
