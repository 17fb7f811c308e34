"""``quanyu coupon device|pass|offline-accept|reconcile``: tills without a network."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from quanyu.errors import BadInput, Refused
from quanyu.interfaces.cli.offer import KeyOption, key_or_new, read_json
from quanyu.interfaces.cli.output import console, notices, print_json, progress, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session
from quanyu.interfaces.refusals import granted
from quanyu.money import format_yuan

if TYPE_CHECKING:
    from quanyu.promotions.coupons.bills import Bill
    from quanyu.promotions.coupons.offline import Accepted, Kit

app = typer.Typer(no_args_is_help=True)
device = typer.Typer(help="Tills 门店设备 that may take coupons offline.", no_args_is_help=True)
app.add_typer(device, name="device")

OUTCOMES = {"redeemed": "已核销", "conflict": "冲突", "rejected": "拒绝"}
JournalOption = Annotated[
    Path, typer.Option("--journal", help="A file that only grows; made when it is not there.")
]


@device.command("add")
def add_device(
    store: Annotated[str, typer.Argument(help="The store.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the kit goes; none prints it.")
    ] = None,
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Enrol a till: prints, once, what it needs to judge alone. Its secret stays on the till."""
    from quanyu.events.requests import Request

    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        request = Request(whose, "device.add", key_or_new(key), store.encode())
        kit = granted(engine.devices.add(request, store))
    if out is None:
        print_json(kit)
        return
    _write(out, msgspec.json.encode(kit))
    if as_json:
        print_json({"device": kit.device, "store": kit.store})
    else:
        notices.print(f"{kit.device} in {out}", markup=False)


def _write(path: Path, text: bytes) -> None:
    """Readable for its owner alone."""
    try:
        path.touch(mode=0o600)
        path.write_bytes(text + b"\n")
    except OSError as error:
        raise BadInput("--out", f"cannot be written: {error.strerror} {path}") from None


@device.command("list")
def list_devices(
    store: Annotated[str | None, typer.Option("--store", help="Of one store.")] = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tills of a merchant."""
    with open_session(catch_up=False) as engine:
        found = [one.as_json() for one in engine.devices.listed(merchant(shop, engine), store)]
    if as_json:
        print_json({"devices": found})
        return
    shown = table("门店设备", "设备", "门店", "登记", "停用")
    for one in found:
        shown.add_row(one["device"], one["store"], one["added"], one["revoked"] or "")
    console.print(shown)


@device.command("revoke")
def revoke_device(
    name: Annotated[str, typer.Argument(metavar="DEVICE", help="Its id, d_….")],
    key: KeyOption = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Nothing more is taken from it; let an honest till reconcile before."""
    from quanyu.events.requests import Request

    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        request = Request(whose, "device.revoke", key_or_new(key), name.encode())
        done = granted(engine.devices.revoke(request, name)).as_json()
    if as_json:
        print_json(done)
    else:
        console.print(f"{done['device']}  已停用", markup=False)


@app.command("pass")
def make_pass(
    coupon: Annotated[str, typer.Argument(help="The id of the coupon, c_….")],
    identifier: Annotated[str, typer.Option("--identifier", "-i", help="The holder.")],
    ttl: Annotated[str | None, typer.Option("--ttl", help="How long; 4h, at most 12h.")] = None,
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """The text of a QR that a till without a network takes."""
    with open_session(catch_up=False) as engine:
        whose = merchant(shop, engine)
        made = granted(engine.passes.pass_for(whose, coupon, identifier=identifier, ttl=ttl))
    if as_json:
        print_json(made.as_json())
    else:
        console.print(made.text, markup=False, soft_wrap=True)


@app.command("offline-accept")
def accept(
    kit: Annotated[Path, typer.Option("--kit", help="What `coupon device add` gave this till.")],
    text: Annotated[str, typer.Option("--pass", help="The text of the holder's QR.")],
    journal: JournalOption,
    amount: Annotated[int | None, typer.Option("--amount", help="The bill in fen.")] = None,
    lines: Annotated[
        Path | None, typer.Option("--lines", help="The bill as JSON, as for redeem.")
    ] = None,
    virtual: Annotated[bool, typer.Option("--virtual", help="It is for virtual goods.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The reference till: judges a pass alone and journals it. No server, no database."""
    known, bill = read_kit(kit), read_bill(amount, lines, virtual=virtual)
    accepted = granted(_taken(known, text, bill=bill, journal=journal))
    if as_json:
        found = {"coupon": accepted.told.coupon, "offer": accepted.told.offer}
        print_json({**found, "discount": accepted.off_fen})
    else:
        console.print(f"优惠 {format_yuan(accepted.off_fen)}")


def _taken(kit: "Kit", text: str, *, bill: "Bill", journal: Path) -> "Accepted | Refused":
    from quanyu.clock import SystemClock
    from quanyu.promotions.coupons.offline import Till, judge
    from quanyu.storage.till.journal import opened

    with opened(journal) as book:
        till = Till.after(kit, book.entries())
        if isinstance(till, Refused):
            return till
        now_us = SystemClock().now_us()
        told = judge(text.strip(), till, public_key=kit.pass_key, bill=bill, now_us=now_us)
        if not isinstance(told, Refused):
            book.append(till.entry(text.strip(), told))
        return told


def read_kit(path: Path) -> "Kit":
    from quanyu.promotions.coupons.offline import Kit

    try:
        kit = msgspec.convert(read_json(path, "--kit"), Kit)
        assert kit.signer, kit.pass_key
    except (msgspec.ValidationError, ValueError) as error:
        raise BadInput("--kit", f"is not what a till was given: {error}") from None
    return kit


def read_bill(amount: int | None, lines: Path | None, *, virtual: bool) -> "Bill":
    from quanyu.promotions.coupons.bills import Bill, whole_fen
    from quanyu.promotions.coupons.forms import read_form

    form = {"amount": amount, "lines": None if lines is None else read_json(lines, "--lines")}
    read = read_form({name: value for name, value in form.items() if value is not None})
    bill_fen = whole_fen(read.amount, read.lines)
    if bill_fen is None:
        raise BadInput("--amount", "say what the bill comes to, or give its --lines")
    return Bill(bill_fen, tuple(read.lines), virtual)


@app.command()
def reconcile(
    journal: Annotated[Path, typer.Argument(help="The journal of a till; - reads stdin.")],
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the server what a till has taken. Again with the same file: the same answers."""
    from quanyu.interfaces.cli.files import read_file
    from quanyu.promotions.coupons.back_online import ENTRIES_MAX
    from quanyu.storage.till.journal import read_lines

    whole, _, _ = read_file(str(journal), option="FILE", bytes_max=1 << 28).rpartition(b"\n")
    entries = read_lines(whole)
    found: list[dict[str, Any]] = []
    with open_session(catch_up=False) as engine, progress() as shown:
        task, whose = shown.add_task("对账", total=len(entries)), merchant(shop, engine)
        for start in range(0, len(entries), ENTRIES_MAX):
            some = entries[start : start + ENTRIES_MAX]
            told = engine.reconciling.reconcile(
                whose, some, told=lambda done, start=start: shown.update(  # type: ignore[misc]
                    task, completed=start + done
                ),
            )  # fmt: skip
            found += [one.as_json() for one in told]
    _tell(found, as_json=as_json)


def _tell(found: list[dict[str, Any]], *, as_json: bool) -> None:
    counts = Counter(one["outcome"] for one in found)
    if as_json:
        print_json({"counts": counts, "entries": found})
        return
    console.print("  ".join(f"{OUTCOMES[name]} {counts[name]:,}" for name in OUTCOMES))
    shown = table("未核销", "序号", "结果", "原因", "券", "批次承担", "门店承担", right=(4, 5))
    for one in found:
        if one["outcome"] != "redeemed":
            borne = [format_yuan(one.get(name, 0)) for name in ("funder", "store")]
            coupon = one.get("coupon", "")
            shown.add_row(
                str(one["sequence"]), OUTCOMES[one["outcome"]], one["reason"], coupon, *borne
            )
    if len(found) > counts["redeemed"]:
        console.print(shown)
