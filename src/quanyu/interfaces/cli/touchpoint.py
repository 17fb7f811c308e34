"""``quanyu touchpoint``: where something can be shown, as the ecosystem's file describes it."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import console, print_json, table
from quanyu.interfaces.cli.session import JsonOption

if TYPE_CHECKING:
    from quanyu.touchpoints.ecosystem import Ecosystem
    from quanyu.touchpoints.touchpoint import Touchpoint

app = typer.Typer(help="触点：每个广告位、推荐位能放什么、放多少、怎么计费。", no_args_is_help=True)
PLACES = {
    "search": "搜索", "feed": "信息流", "detail": "详情页", "live": "直播间", "map": "地图",
    "route": "途中", "wallet": "钱包", "paid": "支付后", "points": "积分", "member": "会员",
    "video": "视频", "pause": "暂停", "passage": "章节", "work": "办公",
}  # fmt: skip
KINDS = {"ad": "广告", "item": "商品", "offer": "优惠", "content": "内容", "store": "门店"}
BILLING = {"impression": "按展示", "click": "按点击", "arrival": "按到店"}
CAP_ON = {
    "creative": "每个创意", "campaign": "每个计划", "advertiser": "每个广告主",
    "category": "每个类目", "all": "全部广告",
}  # fmt: skip
DAYS = "一二三四五六日"


def configured() -> "Ecosystem":
    from quanyu.settings import Settings
    from quanyu.touchpoints.ecosystem import ecosystem

    settings = Settings.from_env()
    return ecosystem(settings.ecosystem, policy=settings.policy)


@app.command("list")
def list_(
    shipped: Annotated[
        bool, typer.Option("--shipped", help="Names of the definitions that come with it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Every touchpoint of QUANYU_ECOSYSTEM."""
    if shipped:
        _print_shipped(as_json)
        return
    found = configured()
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    rows = _overview(found)
    console.print(rows)
    for cap in found.caps:
        console.print(f"{CAP_ON[cap.on]}每人 {cap.hours} 小时最多 {cap.most} 次", markup=False)


def _print_shipped(as_json: bool) -> None:
    from quanyu.touchpoints.ecosystem import ecosystem
    from quanyu.touchpoints.ecosystem import shipped as names

    found = {name: ecosystem(name).label for name in names()}
    if as_json:
        print_json({"shipped": list(found)})
        return
    for name, label in found.items():
        console.print(f"{name}  {label}", markup=False)


def _overview(found: "Ecosystem") -> Any:
    title = f"{found.label}（{found.id}）"
    rows = table(title, "触点", "名称", "位置", "坑位", "内容", "广告上限", "计费", right=(3, 5))
    for one in found.touchpoints:
        kinds = " ".join(KINDS[kind] for kind in one.kinds)
        ads = _ads(one)
        billed = BILLING[one.billing] if ads else ""
        rows.add_row(one.id, one.label, PLACES[one.place], str(one.slots), kinds, ads, billed)
    return rows


def _ads(one: "Touchpoint") -> str:
    whole, rest = divmod(one.ad_permille_max, 10)
    return f"{whole}.{rest}%" if "ad" in one.kinds else ""


@app.command()
def show(
    touchpoint: Annotated[str, typer.Argument(help="Its id, app.place.")],
    as_json: JsonOption = False,
) -> None:
    """One of them, field by field."""
    found = configured().touchpoint(touchpoint)
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    for label, told in _fields(found):
        console.print(f"{label}  {told}", markup=False)


def _fields(one: "Touchpoint") -> list[tuple[str, str]]:
    kinds = "、".join(KINDS[kind] for kind in one.kinds)
    told = [
        ("触点", one.id),
        ("名称", one.label),
        ("位置", PLACES[one.place]),
        ("坑位", f"{one.slots} 个：{kinds}"),
        ("信号", "、".join(one.signals) or "无"),
    ]
    if "ad" in one.kinds:
        told += [
            ("广告", f"最多占 {_ads(one)}，间隔 {one.ad_gap} 个模块，标“{one.ad_label}”"),
            ("计费", f"{BILLING[one.billing]}，保留价 {one.reserve_fen} 分/点击"),
        ]
    if one.members_see_no_ads:
        told.append(("会员", f"{one.membership} 不看广告"))
    caps = [
        ("频次", f"{CAP_ON[cap.on]}每人 {cap.hours} 小时最多 {cap.most} 次") for cap in one.caps
    ]
    return told + caps + [("场景", _scene(scene)) for scene in one.scenes]


def _scene(scene: Any) -> str:
    days = "".join(DAYS[day] for day in scene.weekdays)
    when = f"周{days} " if days else ""
    return f"{when}{scene.hours[0]}–{scene.hours[1]} 点：{'、'.join(scene.words)}"


@app.command()
def check(
    file: Annotated[str, typer.Argument(help="A TOML file, docs/touchpoints.md; - reads stdin.")],
    as_json: JsonOption = False,
) -> None:
    """Can this definition be used? The first fault is told with its field and the mend."""
    from quanyu.settings import Settings
    from quanyu.touchpoints.ecosystem import read_ecosystem

    name = "standard input" if file == "-" else file
    raw = read_file(file, option="FILE")
    found = read_ecosystem(raw, name, policy=Settings.from_env().policy)
    if as_json:
        told = {"id": found.id, "apps": len(found.apps), "touchpoints": len(found.touchpoints)}
        print_json({"ok": True, **told})
        return
    console.print(f"{found.label}：{len(found.touchpoints)} 个触点，可以使用", markup=False)
