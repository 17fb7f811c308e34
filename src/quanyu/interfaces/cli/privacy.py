"""``quanyu privacy``: what may be done with personal data here, and the account of it."""

from typing import Annotated, Any

import typer

from quanyu.errors import Refused
from quanyu.interfaces.cli import assessment, retention
from quanyu.interfaces.cli.consent import IdentifierOption
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

app = typer.Typer(help="个人信息保护：评估、开关、发送许可、留存、登记表。", no_args_is_help=True)
app.add_typer(assessment.app, name="assessment")
app.add_typer(retention.app, name="retention")
app.add_typer(assessment.switches)

ChannelOption = Annotated[
    str, typer.Option("--channel", help="sms, push, mail, call, in_app, chat, export; * for all.")
]


@app.command()
def permit(
    identifier: IdentifierOption,
    channel: ChannelOption,
    purpose: Annotated[str, typer.Option(help="What the message is for.")] = "marketing_messages",
    recipient: Annotated[str, typer.Option(help="Who receives the data.")] = "",
    personalised: Annotated[bool, typer.Option(help="It hangs on the profile.")] = False,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """May it be sent to this person now? Good for the moment; ask again before each message."""
    from quanyu.customers.privacy.sending import wish_of
    from quanyu.interfaces.refusals import mend_of

    wish = wish_of(channel, purpose, recipient=recipient, personalised=personalised)
    with open_session() as engine:
        whose = merchant(shop, engine)
        token = engine.privacy.token(whose, identifier)
        answer = engine.sending.ask(whose, token, wish=wish)
    if isinstance(answer, Refused):
        document: dict[str, Any] = {
            "permitted": False, "reason": answer.reason, "mend": mend_of(answer)
        }  # fmt: skip
    else:
        document = answer.as_json()
    if as_json:
        print_json(document)
    elif document["permitted"]:
        console.print(f"可以发送（依据：{document['ground']}）")
    else:
        console.print(f"不可发送：{document['reason']}；{document['mend']}", markup=False)


@app.command()
def suppress(
    identifier: IdentifierOption,
    channel: ChannelOption,
    reason: Annotated[
        str, typer.Option(help="unsubscribed, complaint, bounced or blocked.")
    ] = "unsubscribed",
    actor: Annotated[str, typer.Option(help="Who says so.")] = "customer",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send nothing to this person on a channel; in force at once."""
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        token = engine.privacy.token(whose, identifier)
        engine.sending.suppress(whose, token, channel=channel, said=(reason, actor))
    if as_json:
        print_json({"identifier": identifier, "channel": channel, "suppressed": True})
    else:
        console.print(f"{channel} 渠道不再发送", markup=False)


@app.command()
def lift(
    identifier: IdentifierOption,
    channel: ChannelOption,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open a channel again; consent is still asked before each message."""
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        token = engine.privacy.token(whose, identifier)
        found = engine.sending.lift(whose, token, channel=channel)
    if as_json:
        print_json({"identifier": identifier, "channel": channel, "lifted": found})
    else:
        console.print("已恢复" if found else "本来就没有停发")


@app.command("minors-report")
def minors_report(
    year: Annotated[int | None, typer.Option(help="Default: the running year.")] = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """The yearly account of how minors were treated; exit 1 where something should be 0."""
    import msgspec

    with open_session() as engine:
        report = engine.minors.report(merchant(shop, engine), year)
    if as_json:
        print_json({**msgspec.to_builtins(report), "faults": list(report.faults)})
    else:
        rows = table(f"未成年人保护年度审计 {report.year}", "项目", "数量", right=(1,))
        for name, label in LABELS.items():
            rows.add_row(label, f"{getattr(report, name):,}")
        console.print(rows)
    if report.faults:
        raise typer.Exit(1)


LABELS = {
    "minors": "已知的未成年人",
    "came_of_age": "本年成年",
    "said_yes_since": "成年后同意个性化",
    "profiled": "有画像的未成年人（应为 0）",
    "in_audiences": "人群中的未成年人（应为 0）",
    "marketing_sent": "发给未成年人的营销信息（应为 0）",
    "refused_words": "未成年时作出、不生效的同意",
}


@app.command()
def register(
    what: Annotated[str | None, typer.Option("--table", help="One table only.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Every stored field that concerns a person: class, purpose, term, erasure, copy."""
    from quanyu.customers.privacy.register_answers import fields

    found = [one for one in fields() if what in (None, one["table"])]
    if as_json:
        print_json({"fields": found})
        return
    rows = table("个人信息登记表", "表", "字段", "类别", "敏感", "用途", "留存", "删除时")
    for one in found:
        days = "随账户" if one["days"] is None else f"{one['days']} 天"
        rows.add_row(
            one["table"], one["field"], one["class"], "是" if one["sensitive"] else "",
            "、".join(one["purposes"]), days, one["erased"],
        )  # fmt: skip
    console.print(rows)
