"""``quanyu audit`` and ``quanyu rebuild``: does everything hold, and make it anew from the log."""

from typing import TYPE_CHECKING, Annotated

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.output import console, print_json
from quanyu.interfaces.cli.session import JsonOption, open_session

if TYPE_CHECKING:
    from quanyu.storage.audit import Check

app = typer.Typer()


@app.command()
def audit(as_json: JsonOption = False) -> None:
    """Recompute every invariant from the entries; exit 1 and say where one does not hold."""
    with open_session() as engine:
        checks = list(engine.audit())
    tell(checks, as_json=as_json)


def tell(checks: "list[Check]", *, as_json: bool) -> None:
    """Exit 1 when one does not hold."""
    if as_json:
        print_json(
            {
                "ok": all(check.holds for check in checks),
                "checks": [
                    {"name": c.name, "looked_at": c.looked_at, "violations": list(c.violations)}
                    for c in checks
                ],
            }
        )
    for check in () if as_json else checks:
        sign = "[green]✓[/]" if check.holds else "[red]✗[/]"
        console.print(f"{sign} {check.name} ({check.looked_at:,})")
        for violation in check.violations:
            console.print(f"    {violation}", markup=False)
    if not all(check.holds for check in checks):
        raise typer.Exit(1)


@app.command()
def rebuild(
    projection: Annotated[str, typer.Argument(help="identity, profiles, audiences or prices.")],
    as_json: JsonOption = False,
) -> None:
    """Empty one projection and fold the whole log again; gives the same state."""
    with open_session() as engine:
        if projection not in engine.projector.names:
            raise BadInput("projection", f"choose from {', '.join(engine.projector.names)}")
        applied = engine.projector.rebuild(projection)
    if as_json:
        print_json({"projection": projection, "events": applied})
    else:
        console.print(f"{projection}: {applied:,} events folded again")
