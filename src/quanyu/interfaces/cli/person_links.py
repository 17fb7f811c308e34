"""``quanyu person link | unlink | edges``: who is one customer, and why."""

from typing import TYPE_CHECKING, Annotated

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

if TYPE_CHECKING:
    from quanyu.customers.identity.answers import Edge, Refused

app = typer.Typer()

ActorOption = Annotated[str, typer.Option(help="Who says so; kept in the ledger.")]
ReasonOption = Annotated[str, typer.Option(help="Why; kept in the ledger, no personal data.")]
EdgeArgument = Annotated[str, typer.Argument(help="Such as 12-57-login; see person edges.")]


@app.command()
def link(
    one: Annotated[str, typer.Argument(help="kind:value, such as taobao_id:543462.")],
    other: Annotated[str, typer.Argument(help="kind:value")],
    rule: Annotated[str, typer.Option(help="login, same_order, import or manual.")] = "login",
    reason: ReasonOption = "",
    actor: ActorOption = "cli",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that two identifiers are one customer's."""
    with open_session() as engine:
        evidence = {"reason": reason} if reason else {}
        edge = engine.identity.link(
            merchant(shop, engine), (one, other), rule=rule, actor=actor, evidence=evidence
        )
    show([edge], as_json=as_json, single=True)


@app.command()
def unlink(
    edge: EdgeArgument,
    reason: ReasonOption = "",
    actor: ActorOption = "cli",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Retract an edge: people become what they would be without it."""
    with open_session() as engine:
        outcome = engine.identity.unlink(merchant(shop, engine), edge, actor=actor, reason=reason)
    show([accepted(outcome)], as_json=as_json, single=True)


@app.command()
def edges(
    identifier: Annotated[
        str, typer.Option("--identifier", "-i", help="kind:value, such as taobao_id:543462.")
    ],
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Every edge at a customer, what became of it, and its evidence."""
    with open_session() as engine:
        found = engine.identity.edges(merchant(shop, engine), identifier)
    show(found, as_json=as_json)


def accepted(outcome: "Edge | Refused") -> "Edge":
    """The edge of a decision that was carried out. Raises BadInput with the mend otherwise."""
    mend = getattr(outcome, "mend", None)
    if mend is not None:
        raise BadInput("edge", mend)
    return outcome  # type: ignore[return-value]


def show(found: "list[Edge]", *, as_json: bool, single: bool = False) -> None:
    documents = [edge.as_json() for edge in found]
    if as_json:
        print_json(documents[0] if single else documents)
        return
    shown = table("", "edge", "between", "rule", "status", "evidence")
    for one in documents:
        last = one["ledger"][-1]
        status = one["status"] + (f" ({one['reason']})" if one["reason"] else "")
        facts = " ".join(f"{key}={value}" for key, value in last["evidence"].items())
        said = f"{last['actor']} {last['at'][:16]} {facts}"
        shown.add_row(one["edge"], "\n".join(one["between"]), one["rule"], status, said)
    console.print(shown if documents else "no edges")
