"""``quanyu licence``: licences, filings and approvals of a merchant, and what is lacking."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from quanyu.errors import BadInput
from quanyu.ids import fingerprint
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.papers import ActorOption, ReasonOption, withdrawn
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

if TYPE_CHECKING:
    from quanyu.compliance.licences import Licence

app = typer.Typer(help="资质：登记、查看、核对。", no_args_is_help=True)
STATES = {"not_yet": "未生效", "valid": "有效", "expiring": "将到期", "expired": "已到期"}
FILE_BYTES_MAX = 64 << 20


@app.command()
def kinds(as_json: JsonOption = False) -> None:
    """Kinds of licences that rules ask for."""
    from quanyu.compliance.licences import licence_kinds

    found = licence_kinds().values()
    if as_json:
        print_json({"kinds": [msgspec.to_builtins(one) for one in found]})
        return
    shown = table("资质种类", "种类", "名称", "依据", "起")
    for one in found:
        shown.add_row(one.name, one.label, one.instrument, one.since.isoformat())
    console.print(shown)


@app.command()
def add(
    kind: Annotated[str, typer.Option("--kind", help="See `quanyu licence kinds`.")],
    number: Annotated[str, typer.Option("--number", help="As it stands on the licence.")],
    holder: Annotated[str, typer.Option("--holder", help="The company that it names.")],
    begins: Annotated[str, typer.Option("--from", help="First day, 2026-01-31.")],
    actor: ActorOption,
    ends: Annotated[str | None, typer.Option("--to", help="Last day.")] = None,
    scope: Annotated[list[str] | None, typer.Option("--scope", help="Allowed; repeatable.")] = None,
    shops: Annotated[
        list[str] | None, typer.Option("--shop", help="Only this shop; repeatable.")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Its scan; its hash is kept.")] = None,
    creative: Annotated[
        list[Path] | None,
        typer.Option("--creative", help="Approved text, one field per line; repeatable."),
    ] = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """New, or in the place of the one of that number."""
    made = licence_of(
        {"kind": kind, "number": number, "holder": holder, "valid_from": begins, "valid_to": ends},
        files=(file, creative or []),
        lists={"scope": scope or [], "shops": shops or []},
    )
    with open_session(catch_up=False) as engine:
        engine.papers.add_licence(merchant(shop, engine, may_begin=True), made, actor=actor)
        today = engine.papers.today
    if as_json:
        print_json({"id": made.id, **msgspec.to_builtins(made)})
        return
    console.print(f"已登记 {made.id}（{STATES[made.state(today)]}）", markup=False)


def licence_of(
    said: dict[str, str | None],
    *,
    files: tuple[Path | None, list[Path]],
    lists: dict[str, list[str]],
) -> "Licence":
    """``files``: the scan, and the approved texts. Raises BadInput."""
    from quanyu.compliance.licences import Licence
    from quanyu.strict import converted

    scan, creatives = files
    document: dict[str, Any] = {**said, **lists}
    if scan is not None:
        document["file_sha256"] = fingerprint(
            read_file(str(scan), option="--file", bytes_max=FILE_BYTES_MAX)
        )
    document["creatives"] = [creative_hash(path) for path in creatives]
    return converted(document, Licence, name="licence")


def creative_hash(path: Path) -> str:
    """To the letter, but for the end of the last line."""
    try:
        text = read_file(str(path), option="--creative").decode()
    except UnicodeDecodeError:
        raise BadInput("--creative", f"write {path} in UTF-8") from None
    return fingerprint(text.replace("\r\n", "\n").rstrip("\n").encode())


@app.command("list")
def list_(shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """Those that count, with their state today."""
    from quanyu.merchants.papers.records import PaperKind

    with open_session(catch_up=False) as engine:
        whose, today = merchant(shop, engine), engine.papers.today
        found = engine.papers.listed(whose, PaperKind.LICENCE)
        licences = engine.papers.of(whose).licences
    if as_json:
        states = {one.id: one.state(today) for one in licences}
        print_json({"licences": [{**p.as_json(), "state": states[p.id]} for p in found]})
        return
    console.print(licence_table(licences, today))


def licence_table(licences: Any, today: Any) -> Any:
    from quanyu.compliance.licences import licence_kinds

    shown = table("资质", "种类", "编号", "持有人", "起", "止", "门店", "状态")
    for one in licences:
        ends = "长期" if one.valid_to is None else one.valid_to.isoformat()
        where = "、".join(one.shops) or "全部"
        state = STATES[one.state(today)]
        days = (one.valid_from.isoformat(), ends)
        label = licence_kinds()[one.kind].label
        shown.add_row(label, one.number, one.holder, *days, where, state)
    return shown


@app.command()
def check(shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """What the law asks of the merchant's industry and is not there, and what ends soon."""
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        standing = engine.reminders.standing(whose)
    if as_json:
        print_json(standing)
        return
    console.print(f"行业：{standing.industry or '未登记（按最严规则审查）'}", markup=False)
    shown = table("缺少的资质", "规则", "依据", "说明", "怎么办")
    for hit in standing.lacking:
        shown.add_row(hit.rule, hit.article, hit.why, hit.suggestion)
    console.print(shown if standing.lacking else "没有缺少的资质")
    due = table("将到期或已到期", "资质", "剩余天数", "任务", right=(1,))
    for one in standing.due:
        due.add_row(one.licence, str(one.days_left), one.task)
    console.print(due if standing.due else "30 天内没有到期的资质")


@app.command()
def withdraw(
    licence: Annotated[str, typer.Argument(help="Its id: kind/number.")],
    actor: ActorOption,
    reason: ReasonOption,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """It does not count any more, and stays on record."""
    from quanyu.merchants.papers.records import PaperKind

    withdrawn(PaperKind.LICENCE, licence, signed=(actor, reason), where=(shop, as_json))
