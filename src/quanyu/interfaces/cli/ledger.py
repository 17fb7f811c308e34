"""``quanyu ledger``: what is owed, why, and whether the book holds together."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quanyu.clock import format_iso
from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, open_session
from quanyu.interfaces.cli.upkeep import tell

if TYPE_CHECKING:
    from quanyu.ledger.reading import Statement
    from quanyu.ledger.refusals import Outcome
    from quanyu.ledger.transfers import Entry

app = typer.Typer(help="The double-entry ledger: balances, entries, proof.", no_args_is_help=True)

CALLER = "operator"
"""Keys of `quanyu ledger post` never meet those of an API key's merchant."""
PHASES = {
    "direct": "直接",
    "hold": "冻结",
    "settle": "结清",
    "release": "解冻",
    "expire": "到期释放",
}
LIMITS = {"none": "无", "debits": "不可透支", "credits": "不可多收"}


@app.command()
def balance(
    account: Annotated[str | None, typer.Argument(help="Such as bank/cash.")] = None,
    owner: Annotated[str | None, typer.Option(help="All accounts of a merchant.")] = None,
    prefix: Annotated[str, typer.Option(help="All accounts whose id begins so.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    as_json: JsonOption = False,
) -> None:
    """What accounts hold: posted, held, available."""
    if (account is None) == (owner is None and not prefix):
        raise BadInput("account", "name one account, or use --owner or --prefix")
    with open_session(catch_up=False) as engine:
        reader = engine.ledger_reader
        if account is None:
            found = reader.listed(owner=owner, prefix=prefix, limit=limit)
        elif not (found := reader.statements([account])):
            raise NotFound(f"account {account!r}")
    show_balances(found, as_json=as_json)


def show_balances(found: "list[Statement]", *, as_json: bool) -> None:
    from quanyu.ledger.forms import balance_json

    documents = [balance_json(one.account, one.balance) for one in found]
    if as_json:
        print_json({"balances": documents})
        return
    columns = ("账户", "单位", "归属", "余额", "可用", "借方冻结", "贷方冻结", "限制", "状态")
    shown = table("账户余额", *columns, right=(3, 4, 5, 6))
    for one in documents:
        sums = (one[key] for key in ("posted", "available", "debits_pending", "credits_pending"))
        state = "已停用" if one["frozen"] else "正常"
        names = (one["account"], one["unit"], one["owner"])
        shown.add_row(*names, *(f"{number:,}" for number in sums), LIMITS[one["limit"]], state)
    console.print(shown if documents else "没有账户")


@app.command()
def entries(
    account: Annotated[str, typer.Argument(help="Such as bank/cash.")],
    after: Annotated[int, typer.Option(min=0, help="Only entries after this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    as_json: JsonOption = False,
) -> None:
    """The entries of an account, oldest first; page on with the last number."""
    with open_session(catch_up=False) as engine:
        found = engine.ledger_reader.entries(account, after=after, limit=limit)
    show_entries(account, found, as_json=as_json)


def show_entries(account: str, found: "list[tuple[int, Entry]]", *, as_json: bool) -> None:
    from quanyu.ledger.forms import entry_json

    if as_json:
        said = [entry_json(no, one.transfer, at_us=one.at_us) for no, one in found]
        print_json({"account": account, "entries": said})
        return
    columns = ("序号", "时间", "阶段", "借", "贷", "金额", "事由", "关联")
    shown = table(f"分录 {account}", *columns, right=(0, 5))
    for no, one in found:
        t = one.transfer
        when = format_iso(one.at_us)[:19]
        names = (PHASES[t.phase.value], t.debit, t.credit, f"{t.amount:,}", t.code, t.reference)
        shown.add_row(str(no), when, *names)
    console.print(shown if found else "没有分录")


@app.command()
def verify(as_json: JsonOption = False) -> None:
    """Replay the whole book; exit 1 and say where it does not hold together."""
    with open_session(catch_up=False) as engine:
        checks = list(engine.verify_ledger())
    tell(checks, as_json=as_json)


@app.command()
def post(
    file: Annotated[str, typer.Argument(help="A JSON file, or - for standard input.")],
    as_json: JsonOption = False,
) -> None:
    """Open accounts and post transfers from JSON; exit 1 when one was refused."""
    from quanyu.ledger.forms import decode_book

    accounts, chains = decode_book(read(file), CALLER)
    with open_session(catch_up=False) as engine:
        outcomes = engine.ledger.post(chains, accounts=accounts)
    if not show_outcomes(outcomes, as_json=as_json):
        raise typer.Exit(1)


def read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise BadInput("file", f"{file} cannot be read: {error.strerror}") from None


def show_outcomes(outcomes: "list[Outcome]", *, as_json: bool) -> bool:
    """Whether all of them were posted."""
    from quanyu.ledger.forms import outcome_json

    said: list[dict[str, Any]] = [outcome_json(one) for one in outcomes]
    posted = sum(bool(one["posted"]) for one in said)
    if as_json:
        print_json({"posted": posted, "refused": len(said) - posted, "outcomes": said})
        return bool(posted == len(said))
    shown = table("入账结果", "序号", "结果", "说明", right=(0,))
    for number, one in enumerate(said):
        if one["posted"]:
            shown.add_row(str(number), "已入账", "此前已入账" if one["repeated"] else one["at"])
        else:
            shown.add_row(str(number), "被拒", f"{one['reason']} (第 {one['index'] + 1} 笔)")
    console.print(shown if said else "没有转账")
    return bool(posted == len(said))
