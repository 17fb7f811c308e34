"""``quanyu evidence``: files that prove claims of a merchant."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.papers import ActorOption, ReasonOption, withdrawn
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

app = typer.Typer(help="证据：宣传用语的依据和文件。", no_args_is_help=True)
DayOption = Annotated[str | None, typer.Option(help="A day, 2026-01-31.")]
IdArgument = Annotated[str, typer.Argument(help="Its id.")]


@app.command()
def add(
    id: IdArgument,
    claim: Annotated[str, typer.Option("--claim", help="The words; * stands for a few more.")],
    source: Annotated[str, typer.Option("--source", help="Who found it out.")],
    scope: Annotated[str, typer.Option("--scope", help="Of what, such as 化妆品零售额.")],
    file: Annotated[Path, typer.Option("--file", help="The file, at most 8 MiB.")],
    actor: ActorOption,
    region: Annotated[str | None, typer.Option("--region", help="Where, such as 全国.")] = None,
    period_from: DayOption = None,
    period_to: DayOption = None,
    valid_until: DayOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keeps the file under its hash; whoever says it again changes nothing."""
    from quanyu.merchants.papers.evidence import FILE_BYTES_MAX, EvidenceForm
    from quanyu.strict import converted

    said = {
        "id": id, "claim": claim, "source": source, "scope": scope, "file_name": file.name,
        "region": region, "period_from": period_from, "period_to": period_to,
        "valid_until": valid_until,
    }  # fmt: skip
    form = converted(said, EvidenceForm, name="evidence")
    body = read_file(str(file), option="--file", bytes_max=FILE_BYTES_MAX)
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine, may_begin=True)
        made = engine.papers.add_evidence(whose, form, body=body, actor=actor)
    if as_json:
        print_json(made)
        return
    console.print(f"已登记 {made.id}：{made.claim}（SHA-256 {made.sha256[:16]}…）", markup=False)


@app.command("list")
def list_(shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """Those that count."""
    from quanyu.merchants.papers.records import PaperKind

    with open_session(catch_up=False) as engine:
        found = engine.papers.listed(merchant(shop, engine), PaperKind.EVIDENCE)
    told = [one.as_json() for one in found]
    if as_json:
        print_json({"evidence": told})
        return
    shown = table("证据", "编号", "用语", "出处", "范围", "地域", "统计期", "有效至", "文件")
    for one in told:
        period = " 至 ".join(str(one[end]) for end in ("period_from", "period_to") if end in one)
        words = (one["claim"], one["source"], one["scope"], one.get("region", ""))
        until = str(one.get("valid_until", ""))
        shown.add_row(one["id"], *words, period, until, one["file_name"])
    console.print(shown)


@app.command()
def show(
    id: IdArgument,
    save: Annotated[Path | None, typer.Option("--save", help="Write the file here.")] = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """The record, after the file was compared with its hash."""
    with open_session(catch_up=False) as engine:
        found, body = engine.papers.evidence_file(merchant(shop, engine), id)
    if save is not None:
        save.write_bytes(body)
    if as_json:
        print_json(found)
        return
    shown = table(found.id, "字段", "内容")
    for name, value in msgspec.to_builtins(found).items():
        shown.add_row(name, str(value))
    console.print(shown)


@app.command()
def withdraw(
    id: IdArgument,
    actor: ActorOption,
    reason: ReasonOption,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """What it proved is a bare claim again."""
    from quanyu.merchants.papers.records import PaperKind

    withdrawn(PaperKind.EVIDENCE, id, signed=(actor, reason), where=(shop, as_json))
