"""``quanyu person correct | corrections``: what is known of somebody is put right."""

from typing import TYPE_CHECKING, Annotated

import typer

from quanyu.ids import random_id
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

if TYPE_CHECKING:
    from quanyu.customers.profile.correcting import Correction

app = typer.Typer()

IdentifierOption = Annotated[
    str, typer.Option("--identifier", "-i", help="kind:value, such as taobao_id:543462.")
]


@app.command()
def correct(
    field: Annotated[str, typer.Argument(help="birth_year, gender or city.")],
    value: Annotated[str, typer.Argument(help="What it is: 1990, female, 上海.")],
    identifier: IdentifierOption,
    reason: Annotated[str, typer.Option(help="Why; no personal data.")] = "",
    proof: Annotated[
        str, typer.Option(help="Which document was seen; ends the protection of a minor.")
    ] = "",
    actor: Annotated[str, typer.Option(help="Who says so.")] = "customer",
    key: Annotated[str | None, typer.Option(help="One per intent; a retry says it again.")] = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a stated fact right by an event of its own; what was said before stays on record."""
    from quanyu.customers.profile.correcting import Words
    from quanyu.interfaces.refusals import granted

    words = Words(
        field=field,
        value=value,
        actor=actor,
        key=key or random_id("cli"),
        reason=reason,
        proof=proof,
    )
    with open_session() as engine:
        outcome = engine.corrections.correct(merchant(shop, engine), identifier, words=words)
    made = granted(outcome)
    if as_json:
        print_json(made.as_json())
    else:
        show([made])


@app.command()
def corrections(
    identifier: IdentifierOption, shop: MerchantOption = None, as_json: JsonOption = False
) -> None:
    """Every correction of a customer, newest first."""
    with open_session() as engine:
        found = engine.corrections.history(merchant(shop, engine), identifier)
    if as_json:
        print_json({"corrections": [one.as_json() for one in found]})
    else:
        show(found)


LABELS = {"birth_year": "出生年份", "gender": "性别", "city": "城市"}


def show(found: "list[Correction]") -> None:
    rows = table("更正", "时间", "项目", "原为", "现为", "经办", "原因", "依据")
    for one in found:
        told = one.as_json()
        was = "（未填）" if one.was is None else str(one.was)
        at = str(told["at"])[:16].replace("T", " ")
        texts = [str(told.get(name, "")) for name in ("is", "actor", "reason", "proof")]
        rows.add_row(at, LABELS[told["field"]], was, *texts)
    console.print(rows)
