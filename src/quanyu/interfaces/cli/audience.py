"""``quanyu audience …``: define, count, explain, combine, export, expand."""

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

if TYPE_CHECKING:
    from quanyu.customers.audiences.studying import Explanation

app = typer.Typer(
    help="Audiences 人群: define, count, explain, combine, export.", no_args_is_help=True
)

Definition = Annotated[
    Path, typer.Option("--definition", help="JSON file, see docs/audiences.md; - reads stdin.")
]
Identifier = Annotated[
    str, typer.Option("--identifier", "-i", help="kind:value, such as taobao_id:543462.")
]


def read_definition(path: Path) -> Any:
    """The JSON value in the file. Raises BadInput."""
    from quanyu.customers.audiences.decode import parse_definition

    try:
        text = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise BadInput("--definition", f"cannot be read: {error.strerror} {path}") from None
    return parse_definition(text)


def form(thing: Any) -> Any:
    return msgspec.to_builtins(thing)


@app.command()
def create(
    name: str,
    definition: Definition,
    merchant_name: MerchantOption = None,
    version: Annotated[
        int | None, typer.Option(help="The version that this replaces; 0: none yet.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Create an audience, or give it its next version; evaluates everybody."""
    wanted = read_definition(definition)
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        made = engine.audiences.create(whose, name, definition=wanted, version=version)
    if json:
        print_json({"audience": made.name, "version": made.version, "people": made.people})
    else:
        console.print(f"{made.name} v{made.version}: {made.people:,} people")


@app.command("list")
def list_(merchant_name: MerchantOption = None, json: JsonOption = False) -> None:
    """All audiences with their people now."""
    with open_session() as engine:
        found = engine.audiences.list(merchant(merchant_name, engine))
    if json:
        print_json([one.as_json() for one in found])
        return
    shown = table("Audiences 人群", "name", "version", "people", right=(1, 2))
    for one in found:
        shown.add_row(one.name, str(one.version), f"{one.people:,}")
    console.print(shown)


@app.command()
def show(name: str, merchant_name: MerchantOption = None, json: JsonOption = False) -> None:
    """One audience with its definition."""
    with open_session() as engine:
        found = engine.audiences.get(merchant(merchant_name, engine), name)
    if json:
        print_json(found.as_json())
    else:
        console.print(f"{found.name} v{found.version}: {found.people:,} people")
        console.print_json(msgspec.json.encode(found.definition).decode())


@app.command()
def count(name: str, merchant_name: MerchantOption = None, json: JsonOption = False) -> None:
    """How many people are in it now, exactly."""
    with open_session() as engine:
        people = engine.audiences.count(merchant(merchant_name, engine), name)
    if json:
        print_json({"audience": name, "people": people})
    else:
        console.print(f"{people:,}")


@app.command()
def explain(
    name: str,
    identifier: Identifier,
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """Why somebody is in the audience, or not."""
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        found = engine.audiences.explain(whose, name, identifier=identifier)
    if json:
        print_json(form(found))
    else:
        _print_explanation(found)


def _print_explanation(found: "Explanation") -> None:
    verdict = "在人群中" if found.member else "不在人群中"
    shown = table(f"{found.person} {verdict}「{found.name}」", "", "condition", "path", "until")
    for one in found.conditions:
        mark = "✓" if one.met is one.wanted else "✗"
        shown.add_row(mark, one.text, one.path, one.until or "")
    console.print(shown)


@app.command()
def estimate(
    definition: Definition, merchant_name: MerchantOption = None, json: JsonOption = False
) -> None:
    """How many people a definition would have, and a masked sample; keeps nothing."""
    wanted = read_definition(definition)
    with open_session() as engine:
        found = engine.audiences.estimate(merchant(merchant_name, engine), wanted)
    if json:
        print_json(form(found))
    else:
        console.print(f"{found.people:,} people{'' if found.exact else ' (estimated)'}")
        console.print("  ".join(found.sample))


@app.command()
def export(
    name: str,
    format: Annotated[str, typer.Option("--format", help="csv or json.")] = "csv",
    purpose: Annotated[
        str, typer.Option(help="What for; people who did not allow it are left out.")
    ] = "marketing_messages",
    recipient: Annotated[
        str, typer.Option(help="Who receives it; needs --purpose partner_sharing.")
    ] = "",
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """Public ids of the members whose data may be used for the purpose."""
    if format not in ("csv", "json"):
        raise BadInput("--format", "use csv or json")
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        people = list(engine.audiences.members(whose, name, purpose=purpose, recipient=recipient))
    if json or format == "json":
        print_json({"audience": name, "purpose": purpose, "people": people})
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["person"])
    writer.writerows([person] for person in people)


@app.command()
def combine(
    operation: Annotated[str, typer.Argument(help="union, intersect or minus.")],
    names: Annotated[list[str], typer.Argument(help="Audiences, in order.")],
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """People in the union, the intersection, or the first minus the others."""
    with open_session() as engine:
        people = engine.audiences.combine(merchant(merchant_name, engine), operation, names=names)
    if json:
        print_json({"operation": operation, "audiences": names, "people": people})
    else:
        console.print(f"{people:,}")


@app.command()
def lookalike(
    seed: Annotated[str, typer.Argument(help="The audience to look like.")],
    size: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="How many people to find.")
    ] = 1000,
    random_seed: Annotated[
        int, typer.Option(min=0, max=2**63 - 1, help="Same seed, same answer.")
    ] = 0,
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """People outside an audience who look like it, best first, with the model's AUC."""
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        found = engine.audiences.lookalike(whose, seed, size=size, random_seed=random_seed)
    if json:
        print_json(form(found))
        return
    title = f"{len(found.people):,} people like {seed} · AUC {found.auc:.3f}"
    shown = table(title, "person", "score", right=(1,))
    for person, score in found.people[:20]:
        shown.add_row(person, f"{score:.3f}")
    console.print(shown)


@app.command()
def tiers(merchant_name: MerchantOption = None, json: JsonOption = False) -> None:
    """Lifecycle tiers and RFM segments of everybody."""
    with open_session() as engine:
        whose = merchant(merchant_name, engine)
        document = {
            "lifecycle": engine.audiences.lifecycle(whose),
            "rfm": engine.audiences.rfm(whose),
        }
    if json:
        print_json(document)
        return
    for title, counted in document.items():
        shown = table(title, "segment", "people", right=(1,))
        for segment, people in counted.items():
            shown.add_row(segment, f"{people:,}")
        console.print(shown)


@app.command()
def delete(name: str, merchant_name: MerchantOption = None, json: JsonOption = False) -> None:
    """Delete an audience that no other one refers to."""
    with open_session(catch_up=False) as engine:
        engine.audiences.delete(merchant(merchant_name, engine), name)
    if json:
        print_json({"deleted": name})
