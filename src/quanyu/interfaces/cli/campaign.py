"""``quanyu campaign``: 投放计划 from a draft to people, and the money behind it."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.offer import ActorOption, KeyOption, NoteOption, key_or_new
from quanyu.interfaces.cli.output import bar, console, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.interfaces.refusals import granted
from quanyu.money import format_yuan

if TYPE_CHECKING:
    from quanyu.events.requests import Request

app = typer.Typer(help="投放计划：草稿、审核、投放、预算、充值。", no_args_is_help=True)
CampaignArgument = Annotated[str, typer.Argument(help="The id of the campaign.")]
STATES = {
    "draft": "草稿", "in_review": "审核中", "approved": "已通过", "running": "投放中",
    "paused": "已暂停", "ended": "已结束",
}  # fmt: skip
VERSIONS = {
    "draft": "草稿", "in_review": "审核中", "in_force": "生效", "replaced": "已替换",
}  # fmt: skip
VERBS = {
    "put": "提交内容", "budget": "改预算", "submit": "送审", "approve": "通过", "reject": "退回",
    "start": "开始", "pause": "暂停", "resume": "恢复", "end": "结束",
}  # fmt: skip
INVALID = {
    "repeated": "重复", "over": "已失效", "other_person": "非本人", "flagged_buyer": "刷单账号",
    "not_seen": "未曝光", "too_soon": "过快", "campaign_too_often": "同一计划过频",
    "too_many": "短时过多",
}  # fmt: skip
Document = dict[str, Any]


def _asked(whose: str, verb: str, *, key: str | None, content: Any) -> "Request":
    from quanyu.events.requests import Request

    return Request(whose, f"campaign.{verb}", key_or_new(key), msgspec.json.encode(content))


@app.command()
def create(
    file: Annotated[str, typer.Argument(help="A JSON object, docs/campaigns.md; - reads stdin.")],
    actor: ActorOption,
    note: NoteOption = "",
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """A draft; of an id that exists, its next version. What is in force stays in force."""
    from quanyu.content.library.version import By
    from quanyu.decisions.campaigns.checking import read_campaign
    from quanyu.interfaces.campaign_forms import spelt
    from quanyu.strict import decoded

    raw = read_file(file, option="FILE", bytes_max=8 << 20)
    made, by = read_campaign(decoded(raw, object, name="campaign")), By(actor, note)
    with open_session(catch_up=False) as engine:
        content = [spelt(made), by.actor, by.note]
        ask = _asked(merchant(shop, engine), "put", key=key, content=content)
        done = granted(engine.campaigns.put(ask, made, by=by))
    _answer(done.as_json(), as_json=as_json)


def _answer(told: Document, *, as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        console.print(_listing([told]))


def _listing(told: list[Document]) -> Any:
    rows = table("投放计划", "编号", "广告主", "标题", "状态", "版本", "最新", "日预算", "总预算",
                 "起止", right=(4, 6, 7))  # fmt: skip
    for one in told:
        newest = f"v{one['newest']} {VERSIONS[one['newest_state']]}"
        budget = (format_yuan(one["budget"][name]) for name in ("day_fen", "total_fen"))
        times = f"{one['from'][:16]} – {one['to'][:16]}"
        version = f"v{one['version']}" if one["version"] else ""
        head = (one["id"], one["advertiser"], one["title"], STATES[one["state"]])
        rows.add_row(*head, version, newest, *budget, times)
    return rows


@app.command("list")
def list_(
    state: Annotated[str, typer.Option("--state", help=", ".join(STATES))] = "",
    after: Annotated[str, typer.Option("--after", help="Page on behind this id.")] = "",
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """By id, 500 at most."""
    from quanyu.decisions.campaigns.states import CampaignState

    if state and state not in STATES:
        raise BadInput("--state", f"choose from {', '.join(STATES)}")
    wanted = CampaignState(state) if state else None
    with open_session(catch_up=False) as engine:
        found = engine.campaigns.listed(merchant(shop, engine), state=wanted, after=after)
    told = [one.as_json() for one in found]
    if as_json:
        print_json({"campaigns": told})
    else:
        console.print(_listing(told))


@app.command()
def show(
    campaign: CampaignArgument, shop: MerchantOption = None, as_json: JsonOption = False
) -> None:
    """How it stands, what it says, where its money is."""
    from quanyu.interfaces.campaign_forms import told

    with open_session(catch_up=False) as engine:
        found = told(engine.campaigns, merchant(shop, engine), campaign=campaign)
    if as_json:
        print_json(found)
        return
    console.print(_listing([found]))
    _print_money(found)
    creatives = table("创意（最新版本）", "编号", "标题", "内容", "落地", "价格", right=(4,))
    for one in found["campaign"]["creatives"]:
        ((kind, id),) = one["landing"].items()
        price = format_yuan(one["price_fen"]) if "price_fen" in one else ""
        creatives.add_row(one["id"], one["title"], one["text"], f"{kind} {id}", price)
    console.print(creatives)
    words = [one["text"] for one in found["campaign"].get("keywords", ())]
    if words:
        more = f" …共 {len(words)} 个" if len(words) > 20 else ""
        console.print(f"关键词  {'、'.join(words[:20])}{more}", markup=False)


def _print_money(found: Document) -> None:
    money, whole = found["money"], found["budget"]["total_fen"]
    for label, name in (("已花费", "spent_fen"), ("投放占用", "out_fen"), ("当日账户", "days_fen"),
                        ("未分配", "left_fen")):  # fmt: skip
        fen = money[name]
        console.print(f"{label:<5}{bar(fen / max(1, whole)):<20}  {format_yuan(fen)}", markup=False)
    console.print(f"广告主余额  {format_yuan(found['purse_fen'])}", markup=False)


@app.command()
def spend(
    campaign: CampaignArgument, shop: MerchantOption = None, as_json: JsonOption = False
) -> None:
    """What is held, settled and released, and which clicks cost nothing, by day."""
    with open_session() as engine:
        found = engine.ad_spending.of(merchant(shop, engine), campaign).as_json()
    if as_json:
        print_json(found)
        return
    rows = table(f"{campaign} 的花费", "日期", "已计费", "占用中", "已释放", "计费次数", "无效点击",
                 right=(1, 2, 3, 4))  # fmt: skip
    for one in [*found["days"], {"day": "合计", **found["total"]}]:
        held, released = (one[f"{name}_millifen"] // 1000 for name in ("held", "released"))
        money = (format_yuan(fen) for fen in (one["spent_fen"], held, released))
        rows.add_row(one["day"], *money, str(one["billed"]), _invalid(one["invalid"]))
    console.print(rows)


def _invalid(counts: dict[str, int]) -> str:
    return "、".join(f"{INVALID[reason]} {count}" for reason, count in counts.items())


@app.command()
def history(
    campaign: CampaignArgument, shop: MerchantOption = None, as_json: JsonOption = False
) -> None:
    """Who did what, and why; oldest first."""
    with open_session(catch_up=False) as engine:
        found = engine.campaigns.history(merchant(shop, engine), campaign)
    told = [one.as_json() for one in found]
    if as_json:
        print_json({"history": told})
        return
    rows = table(
        f"{campaign} 的历史", "时间", "谁", "做了什么", "版本", "从", "到", "说明", right=(3,)
    )
    for one in told:
        ends = (STATES.get(one[name], one[name]) for name in ("before", "after"))
        head = (one["at"][:19], one["actor"], VERBS[one["verb"]], f"v{one['number']}")
        rows.add_row(*head, *ends, one["note"])
    console.print(rows)


@app.command()
def budget(
    campaign: CampaignArgument,
    actor: ActorOption,
    day: Annotated[int, typer.Option("--day", help="Fen a day.")],
    total: Annotated[int, typer.Option("--total", help="Fen in all.")],
    note: NoteOption = "",
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Counts at once; never below what is spent or at work."""
    from quanyu.content.library.version import By
    from quanyu.decisions.campaigns.campaign import Budget
    from quanyu.strict import converted

    wanted = converted({"day_fen": day, "total_fen": total}, Budget, name="budget")
    by = By(actor, note)
    with open_session(catch_up=False) as engine:
        content = [campaign, msgspec.to_builtins(wanted), by.actor, by.note]
        ask = _asked(merchant(shop, engine), "budget", key=key, content=content)
        done = granted(engine.campaigns.budget(ask, campaign, budget=wanted, by=by))
    _answer(done.as_json(), as_json=as_json)


@app.command()
def fund(
    advertiser: Annotated[str, typer.Argument(help="The shop whose purse it is.")],
    amount: Annotated[int, typer.Option("--amount", help="Fen that have been paid in.")],
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """A payment of an advertiser has come in."""
    with open_session(catch_up=False) as engine:
        ask = _asked(merchant(shop, engine), "fund", key=key, content=[advertiser, amount])
        done = granted(engine.campaigns.fund(ask, advertiser, fen=amount))
    if as_json:
        print_json(done.as_json())
    else:
        console.print(f"{advertiser} 余额 {format_yuan(done.balance_fen)}", markup=False)


def _move(
    campaign: str, verb: str, *, signed: tuple[str, str, str | None], where: Any,
    version: int | None = None,
) -> None:  # fmt: skip
    """``signed``: actor, note, key; ``where``: merchant, JSON."""
    from quanyu.content.library.version import By
    from quanyu.decisions.campaigns.states import CampaignVerb

    actor, note, key = signed
    shop, as_json = where
    by = By(actor, note)
    with open_session(catch_up=False) as engine:
        content = [campaign, verb, by.actor, by.note, version]
        ask = _asked(merchant(shop, engine), verb, key=key, content=content)
        move = engine.campaigns.move
        done = granted(move(ask, campaign, verb=CampaignVerb(verb), by=by, version=version))
    _answer(done.as_json(), as_json=as_json)


@app.command()
def approve(
    campaign: CampaignArgument,
    actor: ActorOption,
    version: Annotated[
        int | None, typer.Option("--version", min=1, help="The one that was looked at.")
    ] = None,
    note: NoteOption = "",
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """By somebody else than who wrote or submitted it; puts its total budget aside."""
    _move(campaign, "approve", signed=(actor, note, key), where=(shop, as_json), version=version)


def _command(verb: str, help: str) -> None:
    @app.command(verb, help=help)
    def run(
        campaign: CampaignArgument, actor: ActorOption, note: NoteOption = "",
        key: KeyOption = None, shop: MerchantOption = None, as_json: JsonOption = False,
    ) -> None:  # fmt: skip
        _move(campaign, verb, signed=(actor, note, key), where=(shop, as_json))


for _verb, _help in (
    ("submit", "Draft → waiting for approval."),
    ("reject", "Back to a draft, with a --note that says why."),
    ("pause", "Not shown until it is resumed."),
    ("resume", "Shown again, if it still passes the gate."),
    ("end", "For good; what was not spent goes back to the purse."),
):
    _command(_verb, _help)
