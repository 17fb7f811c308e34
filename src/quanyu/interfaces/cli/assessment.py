"""``quanyu privacy assessment``: impact assessments, and what is switched on with one."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, open_session

if TYPE_CHECKING:
    from quanyu.customers.privacy.assessments import Assessment

app = typer.Typer(help="影响评估（《个人信息保护法》第五十五条）。", no_args_is_help=True)
switches = typer.Typer()
ActorOption = Annotated[str, typer.Option(help="Who says so.")]
FeatureArgument = Annotated[str, typer.Argument(help="See `quanyu privacy features`.")]


@app.command()
def add(
    number: Annotated[str, typer.Argument(help="Its number, such as PIA-2026-01.")],
    subject: Annotated[str, typer.Option(help="What is processed, for whom and how.")],
    feature: Annotated[list[str], typer.Option(help="What it covers; may be given repeatedly.")],
    risks: Annotated[str, typer.Option(help="Effect on people's rights, and risks.")],
    measures: Annotated[str, typer.Option(help="What is done about them.")],
    approver: Annotated[str, typer.Option(help="Who approved it.")],
    valid_until: Annotated[str, typer.Option(help="Last day, such as 2027-11-30.")],
    actor: ActorOption = "operator",
    as_json: JsonOption = False,
) -> None:
    """File an assessment. It is never changed; a new state of things is a new one."""
    from quanyu.customers.privacy.assessments import Assessment

    draft = Assessment(
        id=number, subject=subject, features=tuple(feature), risks=risks, measures=measures,
        approver=approver, valid_until_us=end_of(valid_until), filed_by=actor,
    )  # fmt: skip
    with open_session(catch_up=False) as engine:
        filed = engine.assessments.file(draft)
        at_us = engine.clock.now_us()
    tell(filed, at_us, as_json=as_json)


def end_of(day: str) -> int:
    """The end of a China day. Raises BadInput."""
    from quanyu.measurement.period import parse_period

    try:
        until_us = parse_period(None, day).to_us
    except BadInput as error:
        raise BadInput("valid_until", error.mend) from None
    assert until_us is not None, "a day has an end"
    return until_us


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """All of them, newest first."""
    with open_session(catch_up=False) as engine:
        found, at_us = engine.assessments.all(), engine.clock.now_us()
    documents = [one.as_json(at_us) for one in found]
    if as_json:
        print_json({"assessments": documents})
        return
    rows = table("影响评估", "编号", "处理活动", "覆盖", "批准人", "有效至", "有效")
    for one in documents:
        rows.add_row(
            one["assessment"], one["subject"], "、".join(one["features"]), one["approver"],
            one["valid_until"][:10], "是" if one["in_force"] else "否",
        )  # fmt: skip
    console.print(rows)


@app.command()
def show(number: str, as_json: JsonOption = False) -> None:
    """One of them in full."""
    with open_session(catch_up=False) as engine:
        found, at_us = engine.assessments.get(number), engine.clock.now_us()
    tell(found, at_us, as_json=as_json)


def tell(one: "Assessment", at_us: int, *, as_json: bool) -> None:
    document = one.as_json(at_us)
    if as_json:
        print_json(document)
        return
    rows = table(f"影响评估 {one.id}", "项目", "内容")
    for name, label in LABELS.items():
        value = document[name]
        rows.add_row(label, "、".join(value) if isinstance(value, list) else str(value))
    console.print(rows)


LABELS = {
    "subject": "处理活动",
    "features": "覆盖",
    "risks": "影响与风险",
    "measures": "保护措施",
    "approver": "批准人",
    "valid_until": "有效至",
    "filed_at": "登记于",
    "filed_by": "登记人",
}


@switches.command()
def enable(
    feature: FeatureArgument,
    assessment: Annotated[str, typer.Option(help="Number of the assessment that covers it.")],
    actor: ActorOption = "operator",
    as_json: JsonOption = False,
) -> None:
    """Switch processing on, on an assessment in force; it ends when the assessment runs out."""
    with open_session(catch_up=False) as engine:
        engine.assessments.enable(feature, assessment=assessment, actor=actor)
        document = states(engine)
    said(document, feature, as_json=as_json)


@switches.command()
def disable(
    feature: FeatureArgument, actor: ActorOption = "operator", as_json: JsonOption = False
) -> None:
    """Switch processing off at this installation, for everybody and at once."""
    with open_session(catch_up=False) as engine:
        engine.assessments.disable(feature, actor=actor)
        document = states(engine)
    said(document, feature, as_json=as_json)


def said(document: list[dict[str, Any]], feature: str, *, as_json: bool) -> None:
    one = next(state for state in document if state["feature"] == feature)
    if as_json:
        print_json(one)
    else:
        console.print(f"{one['label']}：{'已开启' if one['works'] else '已关闭'}")


@switches.command()
def features(as_json: JsonOption = False) -> None:
    """What needs an assessment, and whether it is on."""
    with open_session(catch_up=False) as engine:
        document = states(engine)
    if as_json:
        print_json({"features": document})
        return
    rows = table("需要影响评估的处理", "功能", "说明", "状态", "评估", "有效至")
    for one in document:
        until = (one["valid_until"] or "")[:10]
        state = "开启" if one["works"] else "关闭"
        rows.add_row(one["feature"], one["label"], state, one["assessment"] or "", until)
    console.print(rows)


def states(engine: Any) -> list[dict[str, Any]]:
    from quanyu.customers.privacy.assessments import states_json

    found: list[dict[str, Any]] = states_json(engine.assessments.switches(), engine.clock.now_us())
    return found
