"""``quanyu events``: the log's place, and what was refused."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

if TYPE_CHECKING:
    from quanyu.events.service import Kept, Receipt

app = typer.Typer(help="The event log and its quarantine.", no_args_is_help=True)

EntryArgument = Annotated[int, typer.Argument(min=1, help="Number in the list.")]


@app.command("status")
def status(as_json: JsonOption = False) -> None:
    """How far the log goes, and how far each projection has read."""
    from quanyu.storage.postgres.consumers import offsets

    with open_session(catch_up=False) as engine, engine.database.transaction() as conn:
        hot = engine.log.hot_range(conn)
        reached = offsets(conn)
    if as_json:
        print_json({"head": hot.head, "hot_from": hot.first, "consumers": reached})
        return
    shown = table(f"log: {hot.head:,} events", "consumer", "offset", "behind", right=(1, 2))
    for name, offset in reached.items():
        shown.add_row(name, f"{offset:,}", f"{hot.head - offset:,}")
    console.print(shown)


@app.command("quarantine")
def quarantine(
    of: MerchantOption = None,
    after: Annotated[int, typer.Option(min=0, help="Go on after this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List refused events, oldest first, without their bytes."""
    with open_session(catch_up=False) as engine:
        whose = merchant(of, engine)
        entries = engine.quarantine.entries(whose, after=after, limit=limit)
        counts = engine.quarantine.counts(whose)
    if as_json:
        print_json({"counts": counts, "entries": [entry.as_json() for entry in entries]})
        return
    print_entries(entries, waiting=sum(counts.values()))


def print_entries(entries: "list[Kept]", *, waiting: int) -> None:
    columns = ("id", "place", "event", "field", "reason", "mend", "times")
    shown = table(f"{waiting:,} refused events wait", *columns, right=(0, 1, 6))
    for entry in entries:
        row = (entry.event_id, entry.field, entry.reason, entry.mend)
        shown.add_row(
            str(entry.id), str(entry.index), *(cell or "" for cell in row), str(entry.times)
        )
    console.print(shown)


@app.command("show")
def show(entry: EntryArgument, of: MerchantOption = None, as_json: JsonOption = False) -> None:
    """The text of a refused event, with every personal value masked."""
    from quanyu.errors import NotFound

    with open_session(catch_up=False) as engine:
        text = engine.events.shown(merchant(of, engine), entry)
    if text is None:
        raise NotFound(f"no quarantined event {entry}")
    if as_json:
        print_json({"id": entry, "text": text})
        return
    console.print(text, markup=False)


@app.command("replay")
def replay(
    entry: EntryArgument,
    repaired: Annotated[
        Path | None, typer.Option("--with", help="File with the repaired event as JSON.")
    ] = None,
    of: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a refused event through the intake again, as it came or repaired."""
    from quanyu.errors import BadInput, NotFound
    from quanyu.events.bodies import Unusable

    replacement = None if repaired is None else repaired_event(repaired)
    with open_session(catch_up=False) as engine:
        outcome = engine.events.replay(merchant(of, engine), entry, replacement=replacement)
    if outcome is None:
        raise NotFound(f"no quarantined event {entry}")
    if isinstance(outcome, Unusable):
        raise BadInput("event", outcome.mend)
    print_receipt(outcome, as_json=as_json)


def repaired_event(path: Path) -> bytes:
    from quanyu.errors import BadInput

    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(str(path), (error.strerror or "cannot be read").lower()) from error


def print_receipt(receipt: "Receipt", *, as_json: bool) -> None:
    document: dict[str, Any] = receipt.as_json()
    if as_json:
        print_json(document)
        return
    for refusal in document["refusals"]:
        console.print(f"refused: {refusal['field'] or ''} {refusal['mend']}", markup=False)
    if receipt.accepted or receipt.duplicate:
        console.print("taken in" if receipt.accepted else "was taken in before")
