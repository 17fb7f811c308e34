"""``quanyu content generate``: scripts, creatives and articles out of a brief, through the gate."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import bar, console, notices, print_json, progress, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

if TYPE_CHECKING:
    from quanyu.content.generation.making import Maker, Try, Wish
    from quanyu.interfaces.generating import Batch

app = typer.Typer()
KINDS = ("show-script", "video-script", "creative", "article")
PROVIDERS = ("template", "llm")
ROLES = {
    "opening": "开场", "bridge": "引入", "pain": "痛点", "demo": "演示", "facts": "信息",
    "points": "特点", "tip": "经验", "question": "互动", "answer": "答疑", "recap": "回顾",
    "price": "价格", "call": "行动", "closing": "收尾", "hook": "钩子", "reveal": "亮相",
    "subtitle": "副标题", "intro": "引言", "heading": "小标题", "ending": "结语",
}  # fmt: skip
PROOF_BYTES_MAX = 32 << 20


@app.command()
def generate(
    kind: Annotated[str, typer.Argument(help=", ".join(KINDS))],
    brief: Annotated[str, typer.Option("--brief", help="JSON file, docs/generation.md; - stdin.")],
    count: Annotated[int, typer.Option("--count", min=1, max=10_000)] = 1,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed, the same words.")] = 0,
    provider: Annotated[str, typer.Option("--provider", help="template or llm.")] = "template",
    out: Annotated[Path | None, typer.Option("--out", help="A folder: one file a piece.")] = None,
    form: Annotated[str, typer.Option("--form", help="Of the files: json or text.")] = "json",
    save: Annotated[bool, typer.Option("--save", help="Into the library, as drafts.")] = False,
    actor: Annotated[str, typer.Option("--actor", help="Who saves.")] = "",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write, judge, mend, mark: every piece has passed the gate and carries both AIGC marks."""
    from quanyu.content.generation.making import Wish
    from quanyu.interfaces.generating import maker_for, read_brief
    from quanyu.settings import Settings

    _choice("KIND", kind, known=KINDS)
    _choice("--provider", provider, known=PROVIDERS)
    _choice("--form", form, known=("json", "text"))
    if save and not actor:
        raise BadInput("--actor", "say who saves")
    read = read_brief(read_file(brief, option="--brief"))
    wish = Wish(kind=kind, brief=read, count=count, seed=seed)  # type: ignore[arg-type]
    proofs = Path() if brief == "-" else Path(brief).parent
    settings = Settings.from_env()
    maker = maker_for(
        read, settings, merchant=shop or settings.merchant,
        provider=provider, read=lambda name: proof_in(proofs, name),  # type: ignore[arg-type]
    )  # fmt: skip
    batch, seconds = _made(maker, wish)
    told = batch.as_json() | _speed(batch, seconds) | {"provider": maker.writer.name}
    told["mean_resemblance"] = maker.seen.mean_resemblance()
    if out is not None:
        told["files"] = written(batch.pieces, out, form=form)
    if save:
        told["saved"] = _saved(batch.pieces, shop, actor=actor)
    _answer(batch, told, as_json=as_json, inline=out is None)


def _choice(option: str, value: str, *, known: tuple[str, ...]) -> None:
    if value not in known:
        raise BadInput(option, f"{value[:40]!r} is not one of {', '.join(known)}")


def proof_in(folder: Path, name: str) -> bytes | None:
    """A proof beside the brief; None for one that is not there, lies elsewhere or is too large."""
    path = (folder / name).resolve()
    inside = path.is_relative_to(folder.resolve())
    if not inside or not path.is_file() or path.stat().st_size > PROOF_BYTES_MAX:
        return None
    return path.read_bytes()


def _made(maker: "Maker", wish: "Wish") -> "tuple[Batch, float]":
    from quanyu.interfaces.generating import Batch

    begun = time.perf_counter()
    with progress(quiet=wish.count == 1) as shown:
        task = shown.add_task("写作与审核", total=wish.count)
        batch = Batch(wish).fill(maker, after=lambda made: shown.update(task, completed=made))
    return batch, time.perf_counter() - begun


def _speed(batch: "Batch", seconds: float) -> dict[str, float]:
    return {"seconds": round(seconds, 3), "per_second": round(batch.tally.made / seconds, 1)}


def written(pieces: "list[Try]", folder: Path, *, form: str) -> list[str]:
    """One file a piece, named by its id. Raises BadInput for a folder that cannot be written."""
    from msgspec import json

    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = []
        for one in pieces:
            assert one.made is not None, "a try that made something"
            name = folder / f"{one.made.piece.id}.{'json' if form == 'json' else 'txt'}"
            text = one.made.as_text().encode() if form == "text" else json.format(
                json.encode(one.made.as_json()), indent=1
            )  # fmt: skip
            name.write_bytes(text)
            names.append(str(name))
    except OSError as error:
        raise BadInput("--out", f"cannot be written: {error.strerror} {folder}") from None
    return names


def _saved(pieces: "list[Try]", shop: str | None, *, actor: str) -> list[str]:
    from quanyu.content.library.version import By

    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine, may_begin=True)
        by = By(actor, "generated")
        made = [one.made.piece for one in pieces if one.made is not None]
        return [engine.library.add(whose, piece, by=by).piece.id for piece in made]


def _answer(batch: "Batch", told: dict[str, Any], *, as_json: bool, inline: bool) -> None:
    from quanyu.interfaces.generating import piece_json

    if as_json:
        if inline:
            told["pieces"] = [piece_json(one) for one in batch.pieces]
        print_json(told)
        return
    if inline and batch.tally.asked == 1:
        show_script(batch.pieces[0])
    show_tally(told)


def show_script(one: "Try") -> None:
    """A piece for people: what is said, what it is for, how long it takes."""
    made = one.made
    assert made is not None, "a try that made something"
    rows = table(made.draft.title, "秒", "段落", "内容", right=(0,))
    rows.columns[2].overflow = "fold"
    for part in made.draft.parts:
        seen = f"\n画面：{part.picture}\n字幕：{part.subtitle}" if part.picture else ""
        seconds = "" if part.seconds is None else str(part.seconds)
        rows.add_row(seconds, ROLES.get(part.role, part.role), part.text + seen)
    console.print(rows)
    told = made.as_json()["marketing"]
    share = told["sells"] / told["of"] if told["of"] else 0.0
    console.print(f"营销占比  {bar(share):<20}  {share:.1%}", markup=False)
    for change in one.outcome.changes:
        after = "删去" if change.after is None else f"改为“{change.after}”"
        console.print(f"改动  “{change.before}”{after}：{change.article}", markup=False)
    console.print(f"编号 {made.piece.id}", markup=False)


def show_tally(told: dict[str, Any]) -> None:
    rows = table(
        "生成结果", "要求", "写成", "重复剔除", "放弃", "改过词", "每秒", right=(0, 1, 2, 3, 4, 5)
    )
    names = ("asked", "made", "duplicates", "given_up", "changed", "per_second")
    rows.add_row(*(f"{told[name]:,}" for name in names))
    console.print(rows)
    if (likeness := told["mean_resemblance"]) is not None:
        console.print(f"两两平均相似度 {likeness:.2f}（1 为相同）", markup=False)
    if told["stopped"]:
        notices.print(f"中途停止：{told['stopped']}", style="yellow", markup=False)
    elif told["made"] < told["asked"]:
        notices.print("写成的少于要求：再写就会与已有的太像，或没有通过审核", style="yellow")
    if files := told.get("files"):
        console.print(f"已写入 {len(files)} 个文件：{Path(files[0]).parent}", markup=False)
    if saved := told.get("saved"):
        console.print(f"已存入内容库 {len(saved)} 件（草稿）", markup=False)
