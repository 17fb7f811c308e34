"""What is said and done in a live show, held against what is so and what the law asks. Pure."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from quanyu.clock import MINUTE_US, china_day
from quanyu.compliance.law import Law
from quanyu.compliance.policy import DEFAULT, Policy
from quanyu.compliance.streams import Deal, Switch, gaps, review_relaunch, review_stock
from quanyu.compliance.verdict import Hit
from quanyu.content.shows import happenings as told
from quanyu.content.shows.archive import Entry
from quanyu.content.shows.show import Show, Slot
from quanyu.content.shows.states import ShowRefusal
from quanyu.errors import Refused


class Known(msgspec.Struct, frozen=True):
    """What is on record when something happens."""

    at_us: int
    started_us: int
    free: int | None = None
    """Pieces of the item that can be bought; None where nobody counts them."""
    last_calls: Sequence[Deal] = ()
    """“最后一次”: deals that were said not to come again."""
    policy: Policy = DEFAULT


def refusal(show: Show, happening: told.Happening) -> Refused | None:
    """Of what cannot happen in this show at all."""
    match happening:
        case told.SlotShown(slot=slot) | told.LastChance(slot=slot) if show.slot(slot) is None:
            return Refused(ShowRefusal.SLOT_UNKNOWN)
        case told.CouponDropped(offer=offer) if all(offer not in s.coupons for s in show.slots):
            return Refused(ShowRefusal.COUPON_UNKNOWN)
        case told.StockSaid(item=item) if all(item != one.item for one in show.slots):
            return Refused(ShowRefusal.ITEM_UNKNOWN)
        case _:
            return None


def hits(show: Show, happening: told.Happening, *, known: Known) -> Sequence[Hit]:
    """What is wrong with it; it has happened all the same, and goes into the archive with this."""
    match happening:
        case told.SlotShown(slot=id):
            slot = show.slot(id)
            assert slot is not None, "refusal() has looked"
            return relaunched(slot, known)
        case told.Label(on=False) if show.has_ai_host:
            minutes = (known.at_us - known.started_us) // MINUTE_US
            why = f"开播 {minutes} 分钟时关闭了标识，恢复之前持续违规"
            return list(_law(known).hits("stream.ai_label", "label", why=why))
        case told.StockSaid(pieces=pieces):
            return list(_stock(pieces, known))
        case _:
            return ()


def relaunched(slot: Slot, known: Known) -> Sequence[Hit]:
    deal = Deal(shop=slot.shop, item=slot.item, price_fen=slot.price_fen, at_us=known.at_us)
    found = review_relaunch(deal, known.last_calls, policy=known.policy)
    field = f"slots.{slot.id}"
    return [msgspec.structs.replace(one, field=field, text=slot.item) for one in found.hits]


def no_replay(at_us: int) -> Sequence[Hit]:
    why = "没有登记直播回放"
    law = Law.of("live", china_day(at_us))
    return list(law.hits("stream.archive", "recording", why=why))


def unlabelled(entries: Iterable[Entry], *, from_us: int, to_us: int) -> Sequence[tuple[int, int]]:
    """Stretches of a show with an AI host without its label; it is on when the show starts."""
    off = [Switch(one.at_us, bool(one.said["on"])) for one in entries if one.kind == "label"]
    return gaps([Switch(from_us, True), *off], from_us=from_us, to_us=to_us)


def _stock(said: int, known: Known) -> Iterator[Hit]:
    """What nobody counts cannot be said either."""
    if known.free is None:
        why = f"说仅剩 {said} 件，没有库存记录可以证明，按不符处理"
        yield from _law(known).hits("stream.stock", "stock", why=why)
    else:
        yield from review_stock(said, stock=known.free, on=china_day(known.at_us)).hits


def _law(known: Known) -> Law:
    return Law.of("live", china_day(known.at_us))
