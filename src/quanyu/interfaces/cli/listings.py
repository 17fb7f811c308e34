"""What ``quanyu item`` and ``quanyu store`` share: files in, and what was refused."""

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quanyu.interfaces.cli.output import console, notices, print_json, progress, table
from quanyu.interfaces.cli.session import merchant, open_session

if TYPE_CHECKING:
    from quanyu.errors import BadInput
    from quanyu.merchants.listings.catalogue import Tally

FileArgument = Annotated[
    Path, typer.Argument(help="JSON array, JSON lines or CSV (docs/merchants.md), also gzipped.")
]
AfterOption = Annotated[str, typer.Option("--after", help="The last id of the page before.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many at most.")]


def bring(file: Path, form: Any, *, shop: str | None, as_json: bool) -> None:
    """Good rows are stored, the others told with their line."""
    from quanyu.merchants.listings.files import rows_of
    from quanyu.touchpoints.importing import opened

    begun = perf_counter()
    with opened(file) as (lines, below), open_session(catch_up=False) as engine:
        whose = merchant(shop, engine, may_begin=True)
        with progress(quiet=as_json) as shown:
            task = shown.add_task(f"{file.name} (bytes)", total=file.stat().st_size)
            tally = engine.listings.bring(
                whose, rows_of(lines.uncut()), form=form,
                told=lambda rows: shown.update(task, completed=below.tell()),
            )  # fmt: skip
    report(tally, perf_counter() - begun, as_json=as_json)


def report(tally: "Tally", seconds: float, *, as_json: bool) -> None:
    counts = {
        "received": tally.received, "changed": tally.changed,
        "same": tally.received - tally.rejected - tally.changed,
        "rejected": tally.rejected, "unlawful": tally.unlawful,
    }  # fmt: skip
    if as_json:
        first = [fault_json(line, why) for line, why in tally.first]
        print_json({**counts, "seconds": round(seconds, 3), "first": first})
        return
    names = ("读入", "新增或更新", "没有变化", "未收下", "其中违法", "秒")
    shown = table("导入", *names, right=tuple(range(len(names))))
    shown.add_row(*(f"{count:,}" for count in counts.values()), f"{seconds:.2f}")
    console.print(shown)
    for line, why in tally.first:
        notices.print(f"第 {line} 行 {why.field}: {why.mend}", markup=False)
    if tally.rejected > len(tally.first):
        notices.print(f"… 还有 {tally.rejected - len(tally.first):,} 行未收下", markup=False)


def fault_json(line: int, why: "BadInput") -> dict[str, Any]:
    from quanyu.compliance.showing import Unlawful

    told: dict[str, Any] = {"line": line, "field": why.field, "mend": why.mend}
    return {**told, **(why.verdict.as_json() if isinstance(why, Unlawful) else {})}


def show_one(form: Any, id: str, *, shop: str | None, as_json: bool) -> None:
    import msgspec

    with open_session(catch_up=False) as engine:
        found = msgspec.to_builtins(engine.listings.find(merchant(shop, engine), form, id=id))
    if as_json:
        print_json(found)
        return
    shown = table(id, "字段", "内容")
    for name, value in found.items():
        shown.add_row(
            name, value if isinstance(value, str) else msgspec.json.encode(value).decode()
        )
    console.print(shown)
