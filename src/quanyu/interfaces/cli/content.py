"""``quanyu content``: the library of what is said, from a draft to people and back."""

from typing import Annotated, Any

import msgspec
import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.offer import ActorOption, KeyOption, NoteOption, key_or_new
from quanyu.interfaces.cli.output import bar, console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.interfaces.refusals import granted

app = typer.Typer(help="内容库：短视频、文章、剧集、创意，从草稿到发布。", no_args_is_help=True)
PieceArgument = Annotated[str, typer.Argument(help="The id of the piece.")]
KINDS = {
    "video": "短视频", "article": "文章", "passage": "小说段落", "slot": "剧集/综艺",
    "creative": "广告创意", "show": "直播脚本",
}  # fmt: skip
STATES = {
    "draft": "草稿", "in_review": "审核中", "approved": "已通过", "published": "已发布",
    "paused": "已暂停", "withdrawn": "已撤下",
}  # fmt: skip
SEVERITIES = {
    "pass": "通过", "warn": "提醒", "label": "须标注", "need_proof": "须举证", "block": "禁止",
}  # fmt: skip
UNITS = {"seconds": "秒", "characters": "字", "quarter_seconds": "¼秒"}
Document = dict[str, Any]


@app.command()
def add(
    file: Annotated[str, typer.Argument(help="One piece or an array, docs/content.md; - stdin.")],
    actor: ActorOption,
    note: NoteOption = "",
    mark_ad: Annotated[
        bool, typer.Option("--mark-ad", help="Mark pieces with links that sell as 广告.")
    ] = False,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """The next version of each, as a draft; what says the same as the newest is that one."""
    from quanyu.content.library.version import By
    from quanyu.interfaces.content_forms import read_pieces

    pieces = read_pieces(read_file(file, option="FILE", bytes_max=8 << 20))
    by = By(actor, note)
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine, may_begin=True)
        made = [engine.library.add(whose, one, by=by, mark_ad=mark_ad) for one in pieces]
    if as_json:
        print_json({"added": [one.as_json() for one in made]})
    else:
        console.print(_listing("内容", [one.as_json() for one in made]))


@app.command("list")
def list_(
    kind: Annotated[str, typer.Option("--kind", help=", ".join(KINDS))] = "",
    state: Annotated[str, typer.Option("--state", help=", ".join(STATES))] = "",
    after: Annotated[str, typer.Option("--after", help="Page on behind this id.")] = "",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """The newest version of each piece, 500 at most."""
    from quanyu.content.library.states import PieceState

    for name, value, known in (("--kind", kind, KINDS), ("--state", state, STATES)):
        if value and value not in known:
            raise BadInput(name, f"choose from {', '.join(known)}")
    with open_session(catch_up=False) as engine:
        found = engine.library.listed(
            merchant(shop, engine), kind=kind or None,  # type: ignore[arg-type]
            state=PieceState(state) if state else None, after=after,
        )  # fmt: skip
    told = [one.as_json() for one in found]
    if as_json:
        print_json({"contents": told})
    else:
        console.print(_listing("内容", told))


def _listing(title: str, told: list[Document]) -> Any:
    rows = table(title, "编号", "版本", "类型", "标题", "状态", "作者", right=(1,))
    for one in told:
        kind, state = KINDS[one["kind"]], STATES[one["state"]]
        rows.add_row(one["id"], str(one["version"]), kind, one["title"], state, one["author"])
    return rows


@app.command()
def show(
    piece: PieceArgument,
    version: Annotated[int | None, typer.Option("--version", min=1, help="Not the newest.")] = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """A version with its segments, its shares, what the gate says of it today, and its history."""
    from quanyu.content.library.telling import shares_json

    with open_session(catch_up=False) as engine:
        whose, library = merchant(shop, engine), engine.library
        found = library.find(whose, piece, number=version)
        verdict = library.rules.review(found.piece, whose).as_json()
        history = [one.as_json() for one in library.history(whose, piece)]
        told = shares_json(found.piece, library.rules.policy)
    body: Document = msgspec.to_builtins(found.piece)
    if as_json:
        extra = {"piece": body, "shares": told, "review": verdict, "history": history}
        print_json({**found.as_json(), **extra})
        return
    console.print(_listing("内容", [found.as_json()]))
    segments = table("段落", "#", "用途", "秒", "内容", "链接", right=(0, 2))
    for place, one in enumerate(body["segments"]):
        purpose = {"value": "内容", "marketing": "营销"}[one["purpose"]]
        links = " ".join([*one.get("items", ()), *one.get("stores", ())])
        segments.add_row(str(place), purpose, str(one.get("seconds", "")), one["text"], links)
    console.print(segments)
    _print_shares(told)
    print_hits(verdict["hits"])
    for one in history:
        parts = (one["at"][:19], one["actor"], one["verb"], f"v{one['number']}", one["note"])
        console.print("  ".join(part for part in parts if part), markup=False)


@app.command()
def shares(
    piece: PieceArgument, shop: MerchantOption = None, as_json: JsonOption = False
) -> None:  # fmt: skip
    """Value and marketing, exact, the ad label, and where its links lead."""
    from quanyu.content.library.telling import shares_json

    with open_session(catch_up=False) as engine:
        found = engine.library.find(merchant(shop, engine), piece)
        told = shares_json(found.piece, engine.library.rules.policy)
    if as_json:
        print_json({"id": piece, **told})
    else:
        _print_shares(told)


def _print_shares(told: Document) -> None:
    unit, whole = UNITS[told["unit"]], told["value"] + told["marketing"]
    limit = f"{told['limit_permille'] // 10}.{told['limit_permille'] % 10}%"
    for label, part in (("内容", told["value"]), ("营销", told["marketing"])):
        share = part / whole if whole else 0.0
        console.print(f"{label}  {bar(share):<20}  {part} {unit}", markup=False)
    held = "符合" if told["within"] else "超过"
    console.print(f"营销占比 {told['marketing_share']}，{held}上限 {limit}", markup=False)
    if told["needs_ad_mark"]:
        console.print("有购买链接但未标“广告”：quanyu content add --mark-ad", style="yellow")
    if links := [*told["items"], *told["stores"]]:
        console.print(f"链接到：{'、'.join(links)}", markup=False)


def print_hits(hits: list[Document]) -> None:
    """What the gate says, the article and the mend with each."""
    if not hits:
        console.print("审核：未发现问题", style="green")
        return
    for one in hits:
        said = SEVERITIES[one["severity"]] if one["exempt"] is None else "豁免"
        text = f"“{one['text']}”  " if one["text"] else ""
        console.print(
            f"{said}  {one['field']}  {text}{one['article']}", markup=False, soft_wrap=True
        )
        line = f"      {one['why']}。{one['suggestion']}"
        console.print(line, markup=False, soft_wrap=True)


def _move(piece: str, verb: str, *, signed: tuple[str, str, str | None], where: Any) -> None:
    """``signed``: actor, note, key; ``where``: merchant, JSON."""
    from quanyu.content.library.states import PieceVerb
    from quanyu.content.library.version import By
    from quanyu.events.requests import Request
    from quanyu.interfaces.content_forms import told_by

    actor, note, key = signed
    shop, as_json = where
    content = msgspec.json.encode([piece, verb, *told_by(actor, note)])
    with open_session(catch_up=False) as engine:
        ask = Request(merchant(shop, engine), "content.move", key_or_new(key), content)
        by = By(actor, note)
        done = granted(engine.library.move(ask, piece, verb=PieceVerb(verb), by=by))
    if as_json:
        print_json(done.as_json())
    else:
        console.print(f"{piece}  v{done.number}  {STATES[done.state]}", markup=False)


def _command(verb: str, help: str) -> None:
    @app.command(verb, help=help)
    def run(
        piece: PieceArgument, actor: ActorOption, note: NoteOption = "", key: KeyOption = None,
        shop: MerchantOption = None, as_json: JsonOption = False,
    ) -> None:  # fmt: skip
        _move(piece, verb, signed=(actor, note, key), where=(shop, as_json))


for _verb, _help in (
    ("submit", "Draft → waiting for approval."),
    ("reject", "Back to its draft."),
    ("approve", "It has passed the gate and a person; not shown yet."),
    ("publish", "Shown from now on, in the place of the version that was."),
    ("pause", "Not shown until resumed."),
    ("resume", "Shown again, if it still passes the gate."),
    ("withdraw", "Never shown again; a change of mind is a new version."),
):
    _command(_verb, _help)
