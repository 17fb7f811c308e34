"""How a show is going: what was sold, slot by slot, and how it was looked at. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from quanyu.clock import format_iso
from quanyu.content.shows.show import Slot, Standing
from quanyu.promotions.shows.ports import Looked, Sold
from quanyu.promotions.shows.sold_lines import SoldLine, lines_of


class SlotLine(msgspec.Struct, frozen=True):
    slot: str
    shop: str
    item: str
    title: str
    orders: int
    pieces: int
    gmv_fen: int
    clicks: int


class Board(msgspec.Struct, frozen=True):
    """GMV is the cash that was paid for goods, before returns and without shipping. Orders that
    look like fake trades are in none of the figures."""

    show: str
    title: str
    state: str
    started_us: int | None
    ended_us: int | None
    gmv_fen: int
    returned_fen: int
    placed_orders: int
    paid_orders: int
    suspected_orders: int
    redemptions: int
    """Coupons that paid orders have used, in-show ones and others."""
    viewers: int
    impressions: int
    clicks: int
    slots: tuple[SlotLine, ...]
    """The most sold first."""
    other_fen: int
    """Goods in the same orders that no slot shows."""

    @property
    def ctr_permille(self) -> int | None:
        """Clicks of impressions; None where nothing was seen."""
        return self.clicks * 1000 // self.impressions if self.impressions else None

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        times = {name: told.pop(f"{name}_us") for name in ("started", "ended")}
        shown = {name: at_us and format_iso(at_us) for name, at_us in times.items()}
        return {**told, **shown, "ctr_permille": self.ctr_permille}


def board(standing: Standing, sold: Sequence[Sold], *, looked: Looked) -> Board:
    trusted = [one for one in sold if not one.suspected]
    paid = [one for one in trusted if one.was_paid]
    lines = [(order.order, line) for order in paid for line in lines_of(order)]
    slots = _slots(standing.show.slots, lines, looked=looked)
    gmv_fen = sum(line.sold_fen for _, line in lines)
    return Board(
        show=standing.show.id,
        title=standing.show.title,
        state=standing.state.value,
        started_us=standing.started_us,
        ended_us=standing.ended_us,
        gmv_fen=gmv_fen,
        returned_fen=sum(line.returned_fen for _, line in lines),
        placed_orders=len(trusted),
        paid_orders=len(paid),
        suspected_orders=len(sold) - len(trusted),
        redemptions=sum(len(one.terms.coupons) for one in paid),
        viewers=looked.viewers,
        impressions=looked.impressions,
        clicks=looked.clicks,
        slots=slots,
        other_fen=gmv_fen - sum(one.gmv_fen for one in slots),
    )


def _slots(
    slots: Sequence[Slot], lines: Sequence[tuple[str, SoldLine]], *, looked: Looked
) -> tuple[SlotLine, ...]:
    """An item that comes in several slots is counted in its first one."""
    first: dict[tuple[str, str], Slot] = {}
    for slot in slots:
        first.setdefault((slot.shop, slot.item), slot)
    fen: Counter[tuple[str, str]] = Counter()
    pieces: Counter[tuple[str, str]] = Counter()
    orders: dict[tuple[str, str], set[str]] = {}
    for order, line in lines:
        fen[line.what] += line.sold_fen
        pieces[line.what] += line.pieces
        orders.setdefault(line.what, set()).add(order)
    told = [
        SlotLine(
            slot.id, slot.shop, slot.item, slot.title or slot.item, len(orders.get(what, ())),
            pieces[what], fen[what], looked.clicks_of.get(slot.item, 0),
        )
        for what, slot in first.items()
    ]  # fmt: skip
    return tuple(sorted(told, key=lambda one: (-one.gmv_fen, -one.clicks)))
