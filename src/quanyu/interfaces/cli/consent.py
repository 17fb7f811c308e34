"""``quanyu consent``: what a customer said yes and no to."""

from typing import TYPE_CHECKING, Annotated

import typer

from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

if TYPE_CHECKING:
    from quanyu.customers.privacy.consent import Subject

app = typer.Typer(help="The consent ledger of a customer.", no_args_is_help=True)

IdentifierOption = Annotated[
    str, typer.Option("--identifier", "-i", help="kind:value, such as taobao_id:543462.")
]
PurposeOption = Annotated[str, typer.Option("--purpose", help="See `quanyu consent show`.")]
ActorOption = Annotated[str, typer.Option(help="Who says so.")]
RecipientOption = Annotated[
    str, typer.Option(help="Who receives the data; sharing needs a yes to each (PIPL 23).")
]


@app.command()
def grant(
    identifier: IdentifierOption,
    purpose: PurposeOption,
    notice_version: Annotated[
        int | None, typer.Option(help="Which notice was shown; default the one in force.")
    ] = None,
    recipient: RecipientOption = "",
    actor: ActorOption = "customer",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note a yes."""
    with open_session() as engine:
        whose = merchant(shop, engine)
        if names_recipient(purpose, recipient):
            subject = engine.privacy.share(
                whose, identifier, recipient=recipient, actor=actor, notice_version=notice_version
            )
        else:
            subject = engine.privacy.grant(
                whose, identifier, purpose=purpose, actor=actor, notice_version=notice_version
            )
        answer(subject, engine.clock.now_us(), as_json=as_json)


@app.command()
def withdraw(
    identifier: IdentifierOption,
    purpose: PurposeOption,
    recipient: RecipientOption = "",
    actor: ActorOption = "customer",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note a no; it counts at once, for sharing without --recipient towards everybody."""
    with open_session() as engine:
        whose = merchant(shop, engine)
        if names_recipient(purpose, recipient):
            subject = engine.privacy.unshare(whose, identifier, recipient=recipient, actor=actor)
        else:
            subject = engine.privacy.withdraw(whose, identifier, purpose=purpose, actor=actor)
        answer(subject, engine.clock.now_us(), as_json=as_json)


def names_recipient(purpose: str, recipient: str) -> bool:
    """Whether the word is about one recipient. Raises BadInput where there cannot be one."""
    from quanyu.customers.privacy.purposes import purpose_named
    from quanyu.customers.privacy.sending import recipient_of

    return bool(recipient) and bool(recipient_of(purpose_named(purpose), recipient))


@app.command()
def show(
    identifier: IdentifierOption, shop: MerchantOption = None, as_json: JsonOption = False
) -> None:
    """Every purpose with the answer for this person, and the ledger."""
    with open_session() as engine:
        subject = engine.privacy.known_subject(merchant(shop, engine), identifier)
        answer(subject, engine.clock.now_us(), as_json=as_json)


def answer(subject: "Subject", at_us: int, *, as_json: bool) -> None:
    from quanyu.customers.privacy.answers import consents_json, ledger_json

    consents, ledger = consents_json(subject, at_us), ledger_json(subject)
    if as_json:
        print_json({"consents": consents, "ledger": ledger})
        return
    shown = table("同意情况", "用途", "说明", "可用", "依据")
    for one in consents:
        yes = "是" if one["allowed"] else "否"
        shown.add_row(one["purpose"], one["label"], yes, one["ground"])
    console.print(shown)
    for line in ledger:
        to = f" → {line['recipient']}" if "recipient" in line else ""
        console.print(
            f"{line['at']}  {line['action']}  {line['purpose']}{to}  {line['actor']}", markup=False
        )
