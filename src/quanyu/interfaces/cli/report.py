"""``quanyu report``: what worked, as tables for people or one JSON document for programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quanyu.interfaces.cli.output import bar, console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.money import format_yuan

if TYPE_CHECKING:
    from quanyu.measurement.reports import Reports

app = typer.Typer(help="Reports over all touchpoints.", no_args_is_help=True)

FromOption = Annotated[
    str | None, typer.Option("--from", help="First day (2026-05-01) or time with offset.")
]
ToOption = Annotated[str | None, typer.Option("--to", help="Last day (included) or end time.")]
WhereOption = Annotated[
    list[str] | None, typer.Option("--where", help="field=value; may be repeated.")
]


@contextmanager
def reports_of(shop: str | None) -> Iterator[tuple["Reports", str]]:
    with open_session() as engine:
        yield engine.reports, merchant(shop, engine)


def shown(document: Any, *, as_json: bool) -> bool:
    """Prints the document as JSON when asked to; else first what it leaves out."""
    if as_json:
        print_json(document)
    elif document.excluded:
        left_out = document.excluded
        console.print(
            f"已剔除疑似刷单 {left_out.orders:,} 单 · {format_yuan(left_out.gmv_fen)}"
            "（quanyu fraud list）"
        )
    return as_json


@app.command()
def overview(
    shop: MerchantOption = None,
    first: FromOption = None,
    last: ToOption = None,
    as_json: JsonOption = False,
) -> None:
    """People, events, orders, GMV, conversion, repurchase, per day."""
    from quanyu.measurement.overview import OverviewQuery
    from quanyu.measurement.period import parse_period

    query = OverviewQuery(parse_period(first, last))
    with reports_of(shop) as (reports, name):
        found = reports.overview(name, query)
    if shown(found, as_json=as_json):
        return
    console.print(f"[bold]{name}[/bold]  {query.period}")
    console.print(
        f"{found.people:,} 人 · {found.events:,} 次行为 · {found.orders:,} 单 · "
        f"GMV {format_yuan(found.gmv_fen)} · 退款 {format_yuan(found.refunded_fen)} · "
        f"转化率 {found.conversion_rate:.2%} · 复购率 {found.repurchase_rate:.2%}"
    )
    for title, counts in (("行为", found.kinds), ("触点", found.touchpoints)):
        rows = table(title, title, "次数", "人数", "", right=(1, 2))
        most = max((one.events for one in counts), default=1)
        for one in counts:
            rows.add_row(one.name, f"{one.events:,}", f"{one.people:,}", bar(one.events / most))
        console.print(rows)
    _show_days(found.days)


def _show_days(days: Any) -> None:
    rows = table("每日", "日期", "人数", "订单", "GMV", "", right=(1, 2, 3))
    most = max((day.people for day in days), default=1)
    for day in days:
        gmv = format_yuan(day.gmv_fen)
        rows.add_row(day.day, f"{day.people:,}", f"{day.orders:,}", gmv, bar(day.people / most))
    console.print(rows)


@app.command()
def funnel(
    steps: Annotated[str, typer.Option(help="Kinds of events, in order, with commas.")] = (
        "view,add_to_cart,payment_completed"
    ),
    window: Annotated[str, typer.Option(help="From the first step to the last: 30m, 1d, 2w.")] = (
        "1d"
    ),
    shop: MerchantOption = None,
    first: FromOption = None,
    last: ToOption = None,
    where: WhereOption = None,
    as_json: JsonOption = False,
) -> None:
    """How far people get along the steps."""
    from quanyu.measurement.forms import funnel_query, parse_where
    from quanyu.measurement.period import parse_period

    period, wanted = parse_period(first, last), parse_where(where or ())
    query = funnel_query(steps, window, period=period, where=wanted)
    with reports_of(shop) as (reports, name):
        found = reports.funnel(name, query)
    if shown(found, as_json=as_json):
        return
    rows = table(
        f"漏斗 {window}  {period}",
        "步骤",
        "人数",
        "上一步",
        "第一步",
        "用时",
        "",
        right=(1, 2, 3, 4),
    )
    for step in found.steps:
        rows.add_row(
            step.kind,
            f"{step.people:,}",
            f"{step.rate_from_previous:.1%}",
            f"{step.rate_from_first:.1%}",
            "" if step.median_seconds is None else duration_text(step.median_seconds),
            bar(step.rate_from_first),
        )
    console.print(rows)


@app.command()
def paths(
    by: Annotated[str, typer.Option(help="kind, touchpoint or touchpoint:kind.")] = (
        "touchpoint:kind"
    ),
    gap: Annotated[str, typer.Option(help="A longer pause begins a new journey.")] = "30m",
    top: Annotated[int, typer.Option(help="How many paths.")] = 20,
    length: Annotated[int, typer.Option(help="Labels until a path is cut.")] = 8,
    shop: MerchantOption = None,
    first: FromOption = None,
    last: ToOption = None,
    where: WhereOption = None,
    as_json: JsonOption = False,
) -> None:
    """The journeys that people take most."""
    from quanyu.measurement.forms import duration_us, parse_where
    from quanyu.measurement.paths import PathsQuery, by_of
    from quanyu.measurement.period import parse_period

    query = PathsQuery(
        by=by_of(by),
        gap_us=duration_us("gap", gap),
        length=length,
        top=top,
        period=parse_period(first, last),
        where=parse_where(where or ()),
    )
    with reports_of(shop) as (reports, name):
        found = reports.paths(name, query)
    if shown(found, as_json=as_json):
        return
    rows = table(f"路径 共 {found.journeys:,} 次", "路径", "次数", "人数", "转化", right=(1, 2, 3))
    for one in found.paths:
        text = " → ".join(one.path) + (" …" if one.cut else "")
        rows.add_row(text, f"{one.journeys:,}", f"{one.people:,}", f"{one.conversions:,}")
    console.print(rows)


@app.command()
def retention(
    days: Annotated[int, typer.Option(help="How many days to follow.")] = 14,
    opens: Annotated[str | None, typer.Option("--first", help="Kind that opens a cohort.")] = None,
    again: Annotated[str | None, typer.Option(help="Kind that counts as coming again.")] = None,
    shop: MerchantOption = None,
    first: FromOption = None,
    last: ToOption = None,
    as_json: JsonOption = False,
) -> None:
    """Of the people who came on a day, how many come again n days later."""
    from quanyu.measurement.period import parse_period
    from quanyu.measurement.retention import RetentionQuery

    query = RetentionQuery(days, opens, again, parse_period(first, last))
    with reports_of(shop) as (reports, name):
        found = reports.retention(name, query)
    if shown(found, as_json=as_json):
        return
    columns = [f"+{n}" for n in range(1, found.days + 1)]
    rows = table("留存", "首日", "人数", *columns, right=tuple(range(1, found.days + 2)))
    for cohort in found.cohorts:
        shares = [f"{n / cohort.people:.0%}" if n else "·" for n in cohort.returned]
        rows.add_row(cohort.day, f"{cohort.people:,}", *shares)
    console.print(rows)


@app.command("top-items")
def top_items(
    kind: Annotated[str, typer.Option(help="Kind of event.")] = "view",
    top: Annotated[int, typer.Option(help="Items per hour.")] = 10,
    shop: MerchantOption = None,
    first: FromOption = None,
    last: ToOption = None,
    where: WhereOption = None,
    as_json: JsonOption = False,
) -> None:
    """The most popular items of each hour."""
    from quanyu.measurement.forms import parse_where
    from quanyu.measurement.items import TopItemsQuery
    from quanyu.measurement.period import parse_period

    query = TopItemsQuery(kind, top, parse_period(first, last), parse_where(where or ()))
    with reports_of(shop) as (reports, name):
        found = reports.top_items(name, query)
    if shown(found, as_json=as_json):
        return
    rows = table(f"热榜 {kind}", "小时", "商品", "次数", "人数", right=(2, 3))
    for hour in found.hours:
        for place, item in enumerate(hour.items):
            start = hour.hour[:13].replace("T", " ") + "时" if place == 0 else ""
            rows.add_row(start, item.item, f"{item.events:,}", f"{item.people:,}")
    console.print(rows)


@app.command()
def trends(
    subject: Annotated[str, typer.Option(help="category, item, touchpoint, store or content.")] = (
        "category"
    ),
    kind: Annotated[str, typer.Option(help="Kind of event.")] = "view",
    days: Annotated[int, typer.Option(help="Days to compare with as many before.")] = 7,
    last: Annotated[str | None, typer.Option("--to", help="Last day; default yesterday.")] = None,
    top: Annotated[int, typer.Option(help="How many trends.")] = 20,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """What people turn to and away from; nothing that rests on few people is shown."""
    from quanyu.measurement.trends import TrendsQuery, last_day_of, subject_of

    with open_session() as engine:
        last_day = last_day_of(last, engine.clock)
        query = TrendsQuery(last_day, days, subject_of(subject), kind, top)
        found = engine.reports.trends(merchant(shop, engine), query)
    if shown(found, as_json=as_json):
        return
    title = f"趋势 {found.from_day}–{found.to_day} 比 {found.compared_from}–{found.compared_to}"
    rows = table(title, subject, "人次", "之前", "指数", "相对大盘", "显著", right=(1, 2, 3, 4))
    for one in found.trends:
        mark = "✓" if one.significant else ""
        figures = (_index(one.index), _index(one.index_vs_all))
        rows.add_row(one.subject, f"{one.visits:,}", f"{one.visits_before:,}", *figures, mark)
    console.print(rows)
    hidden = f"不足 {found.k} 人的 {found.hidden_cells} 个日单元已隐藏"
    console.print(f"{hidden}；每日人次取 {found.k} 的整倍数", style="dim")


def _index(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f}"


def duration_text(seconds: float) -> str:
    """3725.0 → ``"1时2分"``: the two largest units."""
    whole = round(seconds)
    parts = [(whole // 86400, "天"), (whole // 3600 % 24, "时"), (whole // 60 % 60, "分")]
    named = [f"{count}{unit}" for count, unit in (*parts, (whole % 60, "秒")) if count]
    return "".join(named[:2]) or "0秒"
