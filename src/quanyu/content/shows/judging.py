"""What is said and done in a live show, held against what is so. Pure."""

from collections.abc import Sequence

import msgspec

from quanyu.clock import MINUTE_US
from quanyu.compliance.verdict import Hit, Severity
from quanyu.content.shows.archive import Entry
from quanyu.content.shows.happenings import (
    CouponDropped,
    Happening,
    Label,
    LastChance,
    SlotShown,
    StockSaid,
)
from quanyu.content.shows.show import Show, Slot
from quanyu.content.shows.states import ShowRefusal
from quanyu.errors import Refused


class Promise(msgspec.Struct, frozen=True):
    """“最后一次”: that price was said not to come again."""

    show: str
    shop: str
    item: str
    price_fen: int
    at_us: int


class Known(msgspec.Struct, frozen=True):
    """What is on record when something happens."""

    into_us: int
    """Since the show began."""
    free: int | None = None
    """Pieces of the item that can be bought; None where nobody counts them."""
    promises: Sequence[Promise] = ()


def refusal(show: Show, happening: Happening) -> Refused | None:
    """Of what cannot happen in this show at all."""
    match happening:
        case SlotShown(slot=slot) | LastChance(slot=slot) if show.slot(slot) is None:
            return Refused(ShowRefusal.SLOT_UNKNOWN)
        case CouponDropped(offer=offer) if all(offer not in one.coupons for one in show.slots):
            return Refused(ShowRefusal.COUPON_UNKNOWN)
        case StockSaid(item=item) if all(item != one.item for one in show.slots):
            return Refused(ShowRefusal.ITEM_UNKNOWN)
        case _:
            return None


def hits(show: Show, happening: Happening, *, known: Known) -> list[Hit]:
    """What is wrong with it; it has happened all the same, and goes into the archive with this."""
    match happening:
        case SlotShown(slot=id):
            slot = show.slot(id)
            assert slot is not None, "refusal() has looked"
            return relaunched([slot], known.promises)
        case Label(on=False) if show.has_ai_host:
            return [gap(known.into_us)]
        case StockSaid(pieces=pieces) if known.free != pieces:
            return [not_so_many(pieces, known.free)]
        case _:
            return []


def relaunched(slots: Sequence[Slot], promises: Sequence[Promise]) -> list[Hit]:
    """Slots that give again, as cheap or cheaper, what was said to be given for the last time."""
    return [
        Hit(
            rule="live.relaunch", article="《广告法》第二十八条", severity=Severity.WARN,
            field=f"slots.{slot.id}", text=slot.item,
            why=f"{slot.item} 在 {promise.show} 中说过“最后一次”，又以不高于当时的价格上架",
            suggestion="不再上架，或不说“最后一次”",
        )
        for slot in slots
        for promise in _latest(promises, slot)
    ]  # fmt: skip


def _latest(promises: Sequence[Promise], slot: Slot) -> Sequence[Promise]:
    same = [one for one in promises if (one.shop, one.item) == (slot.shop, slot.item)]
    return [one for one in same if slot.price_fen <= one.price_fen][-1:]


def gap(into_us: int) -> Hit:
    """The screen no longer says that the host is made by a machine."""
    return Hit(
        rule="live.ai_label", article="《直播电商监督管理办法》第三十七条", severity=Severity.BLOCK,
        field="label", why=f"开播 {into_us // MINUTE_US} 分钟时关闭了数字人标识，标识须持续显示",
        suggestion="立即恢复标识",
    )  # fmt: skip


def not_so_many(said: int, free: int | None) -> Hit:
    """What nobody counts cannot be said either."""
    is_so = "没有库存记录可以证明" if free is None else f"实际可售 {free} 件"
    return Hit(
        rule="live.stock", article="《广告法》第二十八条", severity=Severity.BLOCK,
        field="stock", text=str(said), why=f"口播库存 {said} 件，{is_so}",
        suggestion="按库存服务的数字更正口播",
    )  # fmt: skip


def unlabelled(entries: Sequence[Entry], *, ended_us: int) -> list[tuple[int, int]]:
    """Stretches of the show without the label, in microseconds; it is on when the show starts."""
    found: list[tuple[int, int]] = []
    off_us: int | None = None
    for entry in entries:
        if entry.kind == "label":
            if entry.said["on"] and off_us is not None:
                found.append((off_us, entry.at_us))
                off_us = None
            elif not entry.said["on"] and off_us is None:
                off_us = entry.at_us
    return found if off_us is None else [*found, (off_us, ended_us)]


NO_REPLAY = Hit(
    rule="live.replay",
    article="《直播电商监督管理办法》第十六条",
    severity=Severity.BLOCK,
    why="没有登记直播回放，回放与交易记录须保存不少于三年",
    suggestion="保存回放，登记地址和文件的 SHA-256",
)
