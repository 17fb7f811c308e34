"""``quanyu demo``: behaviour in, people, audiences and reports out, then the API."""

import gzip
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from quanyu.clock import DAY_US
from quanyu.errors import BadInput
from quanyu.interfaces.cli import import_, report, serve
from quanyu.interfaces.cli.feed import feed_market
from quanyu.interfaces.cli.output import console, table
from quanyu.interfaces.cli.person import show_profile
from quanyu.interfaces.cli.session import bring_up_to_date, open_session

if TYPE_CHECKING:
    from quanyu.wiring import Engine

app = typer.Typer()

MERCHANT = "demo"
SEED = 20261111
AUDIENCES = {
    "加购未购": {"all": [
        {"event": "add_to_cart", "op": "ge", "value": 1},
        {"not": {"event": "payment_completed", "op": "ge", "value": 1}},
    ]},
    "复购客": {"event": "payment_completed", "op": "ge", "value": 2},
    "先看视频再加购": {"sequence": [
        {"event": "watch"}, {"event": "view"}, {"event": "add_to_cart"},
    ], "within": "1d"},
}  # fmt: skip
FEATURE = "personalisation"
DEMO_DAYS = 90
PORTRAITS = 6
CANDIDATES = 60


@app.command()
def demo(
    data: Annotated[
        Path | None, typer.Option(help="A file in the Taobao UserBehavior format.")
    ] = None,
    people: Annotated[int, typer.Option(min=1, help="People of the generated market.")] = 1500,
    days: Annotated[int, typer.Option(min=1, max=400, help="Days of the generated market.")] = 30,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to serve the API.")] = 8000,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop after the reports.")] = False,
) -> None:
    """Take in behaviour, build people, audiences and reports, print the loop, serve the API."""
    if data is not None and not data.is_file():
        raise BadInput(str(data), "no such file")
    with open_session(catch_up=False) as engine:
        headline("0 影响评估 / impact assessment")
        assess(engine)
        headline("1 行为进入 / behaviour in")
        if data is None:
            generate(engine, people, days=days)
        else:
            import_.taobao_userbehavior(data, to=MERCHANT)
        headline("2 同一个人 / one customer")
        applied = bring_up_to_date(engine)
        engine.lake.flush()
        console.print(f"{applied:,} projected events")
        show_people(engine, shown_accounts(data))
        headline("3 人群 / audiences")
        make_audiences(engine)
        headline("4 闭环报告 / the loop")
        report.overview(shop=MERCHANT)
        report.funnel(shop=MERCHANT)
        report.paths(shop=MERCHANT, top=10)
        report.trends(shop=MERCHANT) if data is None else report.top_items(shop=MERCHANT)
        if data is None:
            headline("5 此刻展示什么 / decisions")
            show_decisions(engine)
    console.print(
        "\n[bold]Next:[/bold] quanyu decide --touchpoint … --merchant demo · quanyu report "
        "trends · quanyu person show --identifier … · quanyu audience list · quanyu touchpoint "
        "list · quanyu key create --merchant demo --scopes events:write,reports:read"
    )
    if not no_serve:
        serve.serve(port=port)


def assess(engine: "Engine") -> None:
    """Personalisation needs an assessment (PIPL 55). The demo files one, openly, for itself."""
    from quanyu.customers.privacy.assessments import Assessment

    now_us = engine.clock.now_us()
    if not engine.assessments.works(FEATURE):
        filed = engine.assessments.file(
            Assessment(
                id=f"DEMO-{now_us}", features=(FEATURE,), approver="demo", filed_by="demo",
                subject="演示：用模拟市场的行为数据生成画像与人群",
                risks="数据是模拟的，不涉及真实的个人；用真实数据前须另行评估",
                measures="标识加密、位置成网格、关闭开关、未成年人不画像",
                valid_until_us=now_us + DEMO_DAYS * DAY_US,
            )
        )  # fmt: skip
        engine.assessments.enable(FEATURE, assessment=filed.id, actor="demo")
    used = engine.assessments.switches()[FEATURE].assessment
    assert used is not None, "a feature that works stands on an assessment"
    console.print(f"{used.id}: {used.subject}；{used.risks}", markup=False)


def headline(text: str) -> None:
    console.rule(f"[bold]{text}", align="left")


def generate(engine: "Engine", people: int, *, days: int) -> None:
    from quanyu.simulator.market import Market

    market = Market(seed=SEED, people=people, days=days, end_us=engine.clock.now_us())
    receipt = feed_market(engine, MERCHANT, market=market)
    console.print(
        f"{receipt.received:,} received · {receipt.accepted:,} accepted · "
        f"{receipt.duplicate:,} duplicate · {len(receipt.refusals):,} rejected"
    )


def shown_accounts(data: Path | None) -> list[str]:
    """Accounts to look at: the first of the market, or those in the first rows of the file."""
    if data is None:
        return [f"taobao_id:taobao-{number:07d}" for number in range(CANDIDATES)]
    with gzip.open(data, "rt") if data.suffix == ".gz" else data.open() as lines:
        return [f"taobao_id:{line.split(',')[0]}" for line in islice(lines, CANDIDATES)]


def show_people(engine: "Engine", named: list[str]) -> None:
    """One profile in full, and the portraits of a few more of whom much is known."""
    known = [p for who in named if (p := engine.profiles.profile(MERCHANT, who, timeline=8))]
    best = sorted(known, key=lambda profile: -len(profile.portrait))[:PORTRAITS]
    for profile in best[:1]:
        show_profile(profile)
    for profile in best[1:]:
        if profile.portrait:
            console.print(f"· {profile.portrait}", markup=False)


def show_decisions(engine: "Engine") -> None:
    """The market's shelves and map are listed, what goes with what is learned from the lake, and
    two touchpoints are asked for somebody who is known."""
    from quanyu.interfaces.cli.decide import print_answer
    from quanyu.interfaces.decision_forms import new_trace, read_ask
    from quanyu.simulator.listings import ASKED, items, stores

    for listed, place in ((list(items()), "items"), (list(stores()), "stores")):
        engine.listings.put(MERCHANT, listed, place=place)
    engine.fit_recall(MERCHANT)
    who = {"taobao_id": "taobao-0000000"}
    for touchpoint, context in ASKED.items():
        body = {"touchpoint": touchpoint, "identifiers": who, "context": context, "slots": 5}
        ask = read_ask(msgspec.json.encode(body))
        question = engine.decisions.question(
            MERCHANT, ask, tokeniser=engine.tokeniser(MERCHANT), trace=new_trace()
        )
        (answer,) = engine.decisions.answer([question])
        print_answer(answer.as_json())


def make_audiences(engine: "Engine") -> None:
    rows = table("人群", "人群", "人数", right=(1,))
    for name, definition in AUDIENCES.items():
        made = engine.audiences.create(MERCHANT, name, definition=definition)
        rows.add_row(name, f"{made.people:,}")
    console.print(rows)
