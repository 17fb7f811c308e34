"""``quanyu identity``: matching in bulk, the review queue, and the rebuild of all people."""

from pathlib import Path
from typing import Annotated

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.output import console, print_json, progress
from quanyu.interfaces.cli.person_links import ActorOption, ReasonOption, accepted, show
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

app = typer.Typer(help="Who is one customer: matching, review, rebuild.", no_args_is_help=True)


@app.command()
def match(
    source: Annotated[Path, typer.Option("--table", help="CSV or Parquet; see docs/identity.md.")],
    actor: ActorOption = "match",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find customers who are likely one person by name, birth date and the like."""
    with open_session() as engine, progress() as shown:
        shown.add_task("matching", total=None)
        report = engine.identity.match(merchant(shop, engine), source, actor=actor).as_json()
    if as_json:
        print_json(report)
    else:
        console.print("  ".join(f"{name} {count:,}" for name, count in report.items()))


@app.command()
def review(
    accept: Annotated[str | None, typer.Option(help="Edge that joins one person's ends.")] = None,
    reject: Annotated[str | None, typer.Option(help="Edge that does not.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Edges to list.")] = 50,
    reason: ReasonOption = "",
    actor: ActorOption = "cli",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the edges that wait for a decision, or decide one with --accept or --reject."""
    if accept is not None and reject is not None:
        raise BadInput("--accept", "give either --accept or --reject")
    with open_session() as engine:
        shop = merchant(shop, engine)
        edge = accept if accept is not None else reject
        if edge is None:
            show(engine.identity.review(shop, limit), as_json=as_json)
            return
        decide = engine.identity.reject_review if accept is None else engine.identity.accept_review
        decided = accepted(decide(shop, edge, actor=actor, reason=reason))
    show([decided], as_json=as_json, single=True)


@app.command()
def rebuild(
    shop: Annotated[str | None, typer.Option("--merchant", help="Only this merchant.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Work out all people again from the ledger of edges."""
    with open_session() as engine:
        only = None if shop is None else merchant(shop, engine)
        totals = [total.as_json() for total in engine.identity.rebuild(only)]
    if as_json:
        print_json(totals)
        return
    for total in totals:
        console.print("  ".join(f"{name} {value}" for name, value in total.items()))
