"""``quanyu gate``: why something was let through or refused, and other readings of rules."""

from typing import Annotated

import msgspec
import typer

from quanyu.interfaces.cli import withheld
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.papers import ActorOption, ReasonOption, withdrawn
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

app = typer.Typer(help="审查：行业、每次结论的依据、停止展示、运营方改判。", no_args_is_help=True)
app.add_typer(withheld.app)
VERDICTS = {
    "pass": "通过",
    "warn": "提醒",
    "label": "缺标识",
    "need_proof": "缺证据",
    "block": "禁止",
}
RuleArgument = Annotated[str, typer.Argument(help="The id of the rule.")]


@app.command()
def industry(
    name: Annotated[str | None, typer.Argument(help="None: show it.")] = None,
    actor: Annotated[str, typer.Option("--actor", help="Who says so.")] = "",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Of everything that says no other; decides which rules and licences count."""
    from quanyu.compliance.industries import LABELS

    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine, may_begin=name is not None)
        if name is not None:
            engine.papers.say_industry(whose, name, actor=actor)
        found = engine.papers.industry(whose)
    if as_json:
        print_json({"industry": found})
        return
    told = (
        "未登记（按所有行业中最严的规则审查）" if found is None else f"{LABELS[found]}（{found}）"
    )
    console.print(f"行业：{told}", markup=False)


@app.command()
def explain(
    kind: Annotated[str, typer.Argument(help="item, store, offer, promotion …; docs/gate.md.")],
    id: Annotated[str, typer.Argument(help="Its id.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many at most.")] = 20,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Every verdict on it, newest first, with the articles that counted on that day."""
    with open_session(catch_up=False) as engine:
        found = engine.reviews.of(merchant(shop, engine), kind, id=id, limit=limit)
    if as_json:
        print_json({"kind": kind, "id": id, "reviews": [one.as_json() for one in found]})
        return
    if not found:
        console.print(f"{kind} {id} 没有审查记录", markup=False)
    for one in found:
        told = one.as_json()
        head = f"{told['at']}  按 {told['on']} 的规则，行业 {one.industry}：{VERDICTS[one.verdict]}"
        shown = table(head, "字段", "文字", "结论", "依据", "说明", "怎么改")
        for hit in one.hits:
            said = f"豁免：{hit.exempt}" if hit.exempt else VERDICTS[hit.severity]
            shown.add_row(hit.field, hit.text, said, hit.article, hit.why, hit.suggestion)
        console.print(shown if one.hits else head)


@app.command()
def override(
    rule: RuleArgument,
    severity: Annotated[str, typer.Option("--severity", help="pass, warn, label … block.")],
    reason: ReasonOption,
    actor: ActorOption,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """The operator reads a rule otherwise that nobody has read in the published text."""
    from quanyu.compliance.copy import Override
    from quanyu.merchants.papers.forms import OverrideUpload
    from quanyu.strict import converted

    said = {"rule": rule, "severity": severity, "reason": reason, "actor": actor}
    form = converted(said, OverrideUpload, name="override")
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine, may_begin=True)
        engine.papers.override(whose, Override(**msgspec.structs.asdict(form)))
    if as_json:
        print_json(form)
        return
    console.print(f"{rule} 改判为{VERDICTS[form.severity]}", markup=False)


@app.command()
def overrides(shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """Those that count."""
    from quanyu.merchants.papers.records import PaperKind

    with open_session(catch_up=False) as engine:
        found = engine.papers.listed(merchant(shop, engine), PaperKind.OVERRIDE)
    told = [one.as_json() for one in found]
    if as_json:
        print_json({"overrides": told})
        return
    shown = table("改判", "规则", "结论", "理由", "谁", "何时")
    for one in told:
        words = (one["rule"], VERDICTS[one["severity"]], one["reason"])
        shown.add_row(*words, one["actor"], one["at"])
    console.print(shown)


@app.command()
def withdraw(
    rule: RuleArgument,
    actor: ActorOption,
    reason: ReasonOption,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """The strict reading counts again."""
    from quanyu.merchants.papers.records import PaperKind

    withdrawn(PaperKind.OVERRIDE, rule, signed=(actor, reason), where=(shop, as_json))
