"""``quanyu person``: one customer's profile, a copy of the data, the off switch, erasure."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from quanyu.errors import NotFound
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

if TYPE_CHECKING:
    from quanyu.customers.privacy.erasure import Receipt
    from quanyu.customers.profile.service import Profile

app = typer.Typer(help="One customer: profile, identifiers, erasure.", no_args_is_help=True)

IdentifierOption = Annotated[
    str, typer.Option("--identifier", "-i", help="kind:value, such as taobao_id:543462.")
]


@app.command()
def show(
    identifier: IdentifierOption,
    shop: MerchantOption = None,
    timeline: Annotated[int, typer.Option(min=0, max=1000, help="Newest events to show.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """The profile: portrait, tags with the events they come from, timeline, consents."""
    with open_session() as engine:
        shop = merchant(shop, engine)
        profile = engine.profiles.profile(shop, identifier, timeline=timeline)
        if profile is None:
            raise NotFound(f"nobody with {identifier} at {shop}")
        if as_json:
            print_json(profile.as_json())
        else:
            show_profile(profile)


def show_profile(profile: "Profile") -> None:
    document = profile.as_json()
    portrait = escape(profile.portrait) or "（尚无画像）"
    console.print(f"[bold]{portrait}[/bold]  {document['person']}")
    shown = "  ".join(one["identifier"] for one in document["identifiers"])
    console.print(shown, style="dim", markup=False)
    if document["off_switch"] or document["minor"]:
        why = "个性化已关闭" if document["off_switch"] else "未成年人"
        console.print(f"[yellow]{why}：不保留画像标签[/yellow]")
    if profile.tags:
        tags = table("标签", "标签", "内容", "来源事件", right=(2,))
        for line in profile.tags:
            tags.add_row(line.reading.tag.label, line.reading.text, str(len(line.events)))
        console.print(tags)
    show_timeline(document["timeline"])
    allowed = [one["label"] for one in document["consents"] if one["allowed"]]
    console.print(f"可用于：{'、'.join(allowed)}")


def show_timeline(events: list[dict[str, object]]) -> None:
    if events:
        shown = table("最近行为", "时间", "行为", "触点", "对象")
        for event in events:
            about = event.get("item") or event.get("store") or event.get("query") or ""
            at = str(event["at"])[:16].replace("T", " ")
            shown.add_row(at, str(event["kind"]), str(event["touchpoint"]), str(about))
        console.print(shown)


@app.command()
def export(identifier: IdentifierOption, shop: MerchantOption = None) -> None:
    """Everything held of a person as one JSON document, to hand over."""
    with open_session() as engine:
        shop = merchant(shop, engine)
        document = engine.copies.of(shop, identifier)
        if document is None:
            raise NotFound(f"nobody with {identifier} at {shop}")
        print_json(document)


@app.command()
def erase(
    identifier: IdentifierOption,
    shop: MerchantOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Erase a person and all linked identifiers, everywhere. Cannot be undone."""
    if not yes:
        typer.confirm(f"Erase the person with {identifier} for ever?", abort=True, err=True)
    with open_session() as engine:
        shop = merchant(shop, engine)
        receipt = engine.privacy.erase(shop, identifier)
        if receipt is None:
            raise NotFound(f"nobody with {identifier} at {shop}")
        if as_json:
            print_json(receipt.as_json())
        else:
            show_receipt(receipt)


def show_receipt(receipt: "Receipt") -> None:
    console.print(f"Erased. Receipt: {receipt.number}", soft_wrap=True)
    shown = table("", "where", "removed", right=(1,))
    for place, count in receipt.erased.items():
        shown.add_row(place, str(count))
    console.print(shown)


@app.command()
def personalisation(
    state: Annotated[Literal["on", "off"], typer.Argument(help="off deletes all tags at once.")],
    identifier: IdentifierOption,
    shop: MerchantOption = None,
    actor: Annotated[str, typer.Option(help="Who says so.")] = "customer",
    as_json: JsonOption = False,
) -> None:
    """The off switch: no tags, no profile, no personalised offers."""
    with open_session() as engine:
        shop = merchant(shop, engine)
        subject = engine.privacy.personalise(shop, identifier, on=state == "on", actor=actor)
        off = engine.privacy.is_off(subject)
        if as_json:
            print_json({"identifier": identifier, "off_switch": off})
        else:
            console.print(f"personalisation is {'off' if off else 'on'}")
