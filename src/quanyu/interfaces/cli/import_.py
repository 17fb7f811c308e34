"""``quanyu import``: files become events. Importing a file again changes nothing."""

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from quanyu.interfaces.cli.output import console, notices, print_json, progress, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

if TYPE_CHECKING:
    from quanyu.touchpoints.importing import Lines, Tally, Told
    from quanyu.wiring import Engine

    class Bring(Protocol):
        def __call__(self, engine: Engine, lines: Lines, *, told: Told) -> Tally: ...


app = typer.Typer(help="Bring files in.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(help="Plain or gzipped.", show_default=False)]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Check every row, store nothing, look for no duplicates.")
]


@app.command("taobao-userbehavior")
def taobao_userbehavior(
    file: FileArgument,
    to: MerchantOption = None,
    as_json: JsonOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Rows user,item,category,behaviour(pv|fav|cart|buy),unix seconds, without a header."""
    from quanyu.touchpoints.importing import import_rows, try_rows
    from quanyu.wiring.connectors import FILE_CONNECTORS

    def bring(engine: "Engine", lines: "Lines", *, told: "Told") -> "Tally":
        rows = FILE_CONNECTORS["taobao-userbehavior"].rows(lines)
        whose = merchant(to, engine, may_begin=True)
        if dry_run:
            return try_rows(engine.events, whose, rows=rows)
        return import_rows(engine.events, whose, rows=rows, told=told)

    run(file, bring, as_json=as_json)


@app.command("events")
def events(
    file: FileArgument,
    to: MerchantOption = None,
    as_json: JsonOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Our own event form, one JSON object per line (docs/events.md)."""
    from quanyu.touchpoints.importing import candidates, import_lines, try_rows

    def bring(engine: "Engine", lines: "Lines", *, told: "Told") -> "Tally":
        whose = merchant(to, engine, may_begin=True)
        if dry_run:
            return try_rows(engine.events, whose, rows=candidates(lines))
        return import_lines(engine.events, whose, lines=lines, told=told)

    run(file, bring, as_json=as_json)


def run(file: Path, bring: "Bring", *, as_json: bool) -> None:
    from quanyu.touchpoints.importing import opened

    begun = perf_counter()
    with opened(file) as (lines, below), open_session(catch_up=False) as engine:
        with progress(quiet=as_json) as shown:
            task = shown.add_task(f"{file.name} (bytes)", total=file.stat().st_size)
            tally = bring(
                engine, lines, told=lambda rows: shown.update(task, completed=below.tell())
            )
        seconds = perf_counter() - begun
    report(tally, seconds, as_json=as_json)


def report(tally: "Tally", seconds: float, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "received": tally.received,
                "accepted": tally.accepted,
                "duplicate": tally.duplicate,
                "rejected": tally.rejected,
                "seconds": round(seconds, 3),
            }
        )
        return
    shown = table(
        "import", "received", "accepted", "duplicate", "rejected", "seconds", right=(0, 1, 2, 3, 4)
    )
    counts = (tally.received, tally.accepted, tally.duplicate, tally.rejected)
    shown.add_row(*(f"{count:,}" for count in counts), f"{seconds:.2f}")
    console.print(shown)
    for line, fault in tally.first:
        what = f"{fault.field}: " if fault.field else ""
        notices.print(f"line {line}: {what}{fault.reason.value} — {fault.mend}", markup=False)
    if tally.rejected > len(tally.first):
        notices.print("… all refused rows are kept: `quanyu events quarantine`", markup=False)
