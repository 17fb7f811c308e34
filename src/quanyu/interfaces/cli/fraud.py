"""``quanyu fraud``: orders that look like fake trades 刷单, in a file or in the engine."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quanyu.errors import BadInput
from quanyu.ids import random_id
from quanyu.interfaces.cli.output import console, notices, print_json, progress, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.interfaces.refusals import granted
from quanyu.money import format_yuan

if TYPE_CHECKING:
    from quanyu.compliance.trades.reading import Read
    from quanyu.compliance.trades.scan import Report
    from quanyu.events.requests import Request
    from quanyu.measurement.fake_trades.answers import Against, ScanDone, SuspectedOrder

app = typer.Typer(help="刷单识别：可疑的订单、证据与人工结论。", no_args_is_help=True)

OrderArgument = Annotated[str, typer.Argument(help="The id of the order.")]
ActorOption = Annotated[str, typer.Option("--actor", help="Who says so.")]
NoteOption = Annotated[str, typer.Option("--note", help="Why; kept in the history.")]
KeyOption = Annotated[
    str | None, typer.Option("--key", help="Idempotency key: the same one gives the same answer.")
]
STATES = {"suspected": "疑似", "confirmed": "确认刷单", "cleared": "已澄清", "withdrawn": "已撤回"}
KINDS = {"lockstep": "同购团块", "shared": "共用设备账户", "person": "人工提出"}
GROUPS_SHOWN = 20
LIST_MAX = 10_000


@app.command()
def scan(
    orders: Annotated[
        Path | None,
        typer.Option("--orders", help="CSV, docs/fake-trades.md; without it: the engine's orders."),
    ] = None,
    flagged: Annotated[
        Path | None, typer.Option("--flagged", help="Write order, score, reasons as CSV.")
    ] = None,
    days: Annotated[int, typer.Option(help="Of the engine's orders: paid in the last days.")] = 90,
    shop: MerchantOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Groups that trade in step, what speaks for and against them, and the orders in doubt."""
    if orders is None:
        if flagged is not None:
            raise BadInput("--flagged", "goes with --orders; else see `quanyu fraud list`")
        _scan_engine(shop, days, key=key, as_json=as_json)
        return
    read, report = _scan_file(orders, quiet=as_json)
    if flagged is not None:
        _write_flagged(flagged, report)
    if as_json:
        print_json(_file_json(read, report))
        return
    _show_file(read, report)


def _scan_file(path: Path, *, quiet: bool) -> "tuple[Read, Report]":
    from quanyu.compliance.trades.scan import STEPS
    from quanyu.compliance.trades.scan import scan as look
    from quanyu.storage.lake.order_file import read_orders

    with progress(quiet=quiet) as shown, _readable(path):
        reading = shown.add_task(f"{path.name}（字节）", total=path.stat().st_size)
        read = read_orders(path, lambda so_far: shown.update(reading, completed=so_far))
        shown.update(reading, completed=path.stat().st_size)
        steps = shown.add_task(STEPS[0], total=len(STEPS))
        report = look(
            read.orders,
            lambda step: shown.update(steps, description=step, completed=STEPS.index(step)),
        )
    return read, report


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise BadInput("--orders", f"is not UTF-8 ({error.reason}); save it as UTF-8") from None
    except OSError as error:
        raise BadInput("--orders", f"cannot be read: {error.strerror} {path}") from None


def _write_flagged(path: Path, report: "Report") -> None:
    from quanyu.compliance.trades.telling import suspect_rows

    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("order", "score", "reasons"))
            rows.writerows(map(_harmless, suspect_rows(report)))
    except OSError as error:
        raise BadInput("--flagged", f"cannot be written: {error.strerror} {path}") from None


def _harmless(row: tuple[str, str, str]) -> tuple[str, ...]:
    """A spreadsheet must not take a cell from outside for a formula."""
    return tuple("'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
                 for cell in row)  # fmt: skip


def _file_json(read: "Read", report: "Report") -> dict[str, Any]:
    from quanyu.compliance.trades.telling import report_json

    faults = [{"line": f.line, "field": f.field, "mend": f.mend} for f in read.first]
    return report_json(report) | {
        "bad_rows": read.faulty,
        "faults": faults,
        "ignored_columns": read.ignored,
    }


def _show_file(read: "Read", report: "Report") -> None:
    console.print(
        f"{report.orders.count:,} 单 · 疑似 {len(report.suspects):,} 单 · "
        f"{format_yuan(report.flagged_fen)} · {len(report.groups)} 个团伙"
    )
    rows = _groups_table()
    for group in report.groups[:GROUPS_SHOWN]:
        sizes = (len(group.buyers), group.accounts, len(group.items), len(group.orders))
        what = (group.kind, group.score)
        _add_group(rows, what, sizes=sizes, density=group.density, told=group.evidence)
    if report.groups:
        console.print(rows)
    for fault in read.first:
        notices.print(f"第 {fault.line} 行：{fault.field} {fault.mend}", markup=False)
    if read.faulty:
        notices.print(f"共 {read.faulty:,} 行无法读取，未计入", markup=False)
    if read.ignored:
        notices.print(f"未使用的列：{'、'.join(read.ignored)}", markup=False)


def _groups_table() -> Any:
    return table("可疑团伙", "类型", "评分", "买家", "账户", "商品", "订单", "密度", "证据",
                 right=(1, 2, 3, 4, 5, 6))  # fmt: skip


def _add_group(
    rows: Any,
    what: tuple[str, float],
    *,
    sizes: tuple[int, int, int, int],
    density: float,
    told: Any,
) -> None:
    kind, score = what
    speaks = [f"{one.label} {one.value:.0%}（平时 {one.usual:.1%}）" for one in told
              if one.points > 0 and one.feature not in KINDS]  # fmt: skip
    counts = (f"{size:,}" for size in sizes)
    rows.add_row(KINDS[kind], f"{score:.2f}", *counts, f"{density:.0%}", "\n".join(speaks))


def _scan_engine(shop: str | None, days: int, *, key: str | None, as_json: bool) -> None:
    from quanyu.compliance.trades.scan import STEPS

    with open_session() as engine, progress(quiet=as_json) as shown:
        task = shown.add_task("读取订单", total=len(STEPS))
        request = _request(merchant(shop, engine), "scan", key=key, content=str(days))
        found = granted(
            engine.fake_trades.scan(
                request,
                days=days,
                told=lambda step: shown.update(task, description=step, completed=STEPS.index(step)),
            )
        )
    if as_json:
        print_json(found.as_json())
        return
    _show_scan(found)


def _request(whose: str, verb: str, *, key: str | None, content: str) -> "Request":
    from quanyu.events.requests import Request

    name = random_id("cli") if key is None else key
    return Request(whose, f"fraud.{verb}", name, content.encode())


def _show_scan(found: "ScanDone") -> None:
    console.print(
        f"{found.orders:,} 单（近 {found.days} 天）· 疑似 {found.flagged:,} 单 · "
        f"{format_yuan(found.flagged_fen)}"
    )
    console.print(
        f"新增 {found.new:,} · 仍疑似 {found.still:,} · 已有人工结论 {found.decided:,} · "
        f"撤回 {found.withdrawn:,}"
    )
    rows = _groups_table()
    for block in found.blocks[:GROUPS_SHOWN]:
        _add_block(rows, block)
    if found.blocks:
        console.print(rows)


def _add_block(rows: Any, block: "Against") -> None:
    sizes = (block.buyers, block.accounts, block.items, block.orders)
    what = (block.kind, block.score)
    _add_group(rows, what, sizes=sizes, density=block.density, told=block.evidence)


@app.command("list")
def list_(
    state: Annotated[
        str | None, typer.Option(help="suspected, confirmed or cleared; default all.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=LIST_MAX)] = 100,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Orders that were suspected, by falling score, and what became of them."""
    from quanyu.measurement.fake_trades.answers import Standing
    from quanyu.measurement.fake_trades.ports import Page

    if state is not None and state not in ("suspected", "confirmed", "cleared"):
        raise BadInput("--state", "choose suspected, confirmed or cleared")
    page = Page(None if state is None else Standing(state), None, limit)
    with open_session(catch_up=False) as engine:
        found = engine.fake_trades.listed(merchant(shop, engine), page)
    if as_json:
        print_json({"orders": [one.as_json() for one in found]})
        return
    rows = table("疑似刷单的订单", "订单", "结论", "评分", "该订单的表现", "团伙", right=(2,))
    for one in found:
        rows.add_row(*_cells(one))
    console.print(rows)


def _cells(one: "SuspectedOrder") -> tuple[str, ...]:
    from quanyu.compliance.trades.telling import LABELS

    group = one.against
    shows = "、".join(LABELS[name] for name in group.shows)
    sizes = f" {group.buyers} 人 × {group.items} 件" if group.buyers else ""
    return one.order, STATES[one.state], _score(one), shows, KINDS[group.kind] + sizes


def _score(one: "SuspectedOrder") -> str:
    """A person's word has none."""
    return f"{one.score_ppm / 1e6:.2f}" if one.against.buyers else "–"


@app.command()
def show(order: OrderArgument, shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """One of them: everything that speaks for and against it, and who said what."""
    with open_session(catch_up=False) as engine:
        found = engine.fake_trades.show(merchant(shop, engine), order)
    _answer(found, as_json=as_json)


@app.command()
def suspect(
    order: OrderArgument, actor: ActorOption, note: NoteOption, key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """It looks fake, though no scan has found it: it counts nowhere until somebody decides."""
    with open_session() as engine:
        whose = merchant(shop, engine)
        request = _request(whose, "suspect", key=key, content="\n".join((order, actor, note)))
        found = engine.fake_trades.suspect(request, order, signed=(actor, note))
        _answer(granted(found), as_json=as_json)


@app.command()
def confirm(
    order: OrderArgument, actor: ActorOption, note: NoteOption, key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """It is fake: it counts nowhere."""
    _decide(order, "confirmed", signed=(actor, note, key), where=(shop, as_json))


@app.command()
def clear(
    order: OrderArgument, actor: ActorOption, note: NoteOption, key: KeyOption = None,
    shop: MerchantOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """It is real: it counts again, and later scans leave it alone."""
    _decide(order, "cleared", signed=(actor, note, key), where=(shop, as_json))


def _decide(
    order: str,
    state: str,
    *,
    signed: tuple[str, str, str | None],
    where: tuple[str | None, bool],
) -> None:
    from quanyu.measurement.fake_trades.answers import Standing

    actor, note, key = signed
    shop, as_json = where
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        request = _request(whose, state, key=key, content="\n".join((order, actor, note)))
        found = engine.fake_trades.decide(
            request, order, state=Standing(state), signed=(actor, note)
        )
        _answer(granted(found), as_json=as_json)


def _answer(found: "SuspectedOrder", *, as_json: bool) -> None:
    if as_json:
        print_json(found.as_json())
        return
    console.print(f"{found.order}  {STATES[found.state]}  评分 {_score(found)}", markup=False)
    rows = table("证据", "特征", "本团伙", "其他订单", "该订单", "说明", right=(1, 2))
    for one in found.against.evidence:
        mark = "有" if one.feature in found.against.shows else ""
        rows.add_row(one.label, f"{one.value:.1%}", f"{one.usual:.1%}", mark, one.why)
    if found.against.evidence:
        console.print(rows)
    past = table("经过", "时间", "结论", "经手人", "说明")
    for change in found.history:
        told = change.as_json()
        past.add_row(told["at"], STATES[change.became], change.actor, change.note)
    console.print(past)
