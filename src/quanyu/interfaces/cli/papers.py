"""What licences, evidence and other readings of rules share at the terminal."""

from typing import TYPE_CHECKING, Annotated

import typer

from quanyu.interfaces.cli.output import console, print_json
from quanyu.interfaces.cli.session import merchant, open_session

if TYPE_CHECKING:
    from quanyu.merchants.papers.records import PaperKind

ActorOption = Annotated[str, typer.Option("--actor", help="Who does it.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept on record.")]


def withdrawn(
    kind: "PaperKind", id: str, *, signed: tuple[str, str], where: tuple[str | None, bool]
) -> None:
    """``signed``: actor, reason; ``where``: merchant, JSON."""
    (actor, reason), (shop, as_json) = signed, where
    with open_session(catch_up=False) as engine:
        engine.papers.withdraw(merchant(shop, engine), kind, id=id, actor=actor, reason=reason)
    if as_json:
        print_json({"withdrawn": id})
    else:
        console.print(f"已撤回 {id}", markup=False)
