"""What the hosts of a show have earned: from its orders, to the fen, and back with every return.

Commission = ⌊Σ net · bp / 10000⌋ over the slots, where net is the cash that was paid for the units
that have not come back. It is shared out by largest remainder among the shops by what each has
sold, and within a shop among the hosts; so the parts always make up the whole, and what a return
takes back is what it had brought. A unit that comes back takes its whole commission with it, also
where less cash went back, because what was kept no longer earned its discount.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from quanyu.content.shows.show import WHOLE_BP, Show
from quanyu.promotions.parties import host_payable, shop_payable
from quanyu.promotions.pricing.apportion import shared
from quanyu.promotions.pricing.quote import LineQuote
from quanyu.promotions.shows.ports import Sold


class Earned(msgspec.Struct, frozen=True):
    """Of one item of a shop."""

    shop: str
    item: str
    rate_bp: int
    sold_fen: int
    returned_fen: int

    @property
    def net_fen(self) -> int:
        return self.sold_fen - self.returned_fen


class Due(msgspec.Struct, frozen=True):
    """A posting of the settlement as it will be made: the shop owes it to the host."""

    shop: str
    host: str
    amount_fen: int


class Commission(msgspec.Struct, frozen=True):
    show: str
    items: tuple[Earned, ...]
    gross_fen: int
    """Before returns."""
    net_fen: int
    due: tuple[Due, ...]
    withheld_orders: int = 0
    """They look like fake trades; nothing is owed for them until somebody clears them."""

    @property
    def reversed_fen(self) -> int:
        return self.gross_fen - self.net_fen

    def of_host(self, host: str) -> int:
        return sum(one.amount_fen for one in self.due if one.host == host)

    def as_json(self, merchant: str) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        postings = [
            {**msgspec.to_builtins(one), "debit": shop_payable(merchant, one.shop).id,
             "credit": host_payable(merchant, one.host).id}
            for one in self.due
        ]  # fmt: skip
        hosts = {one.host: self.of_host(one.host) for one in self.due}
        del told["due"]
        return {**told, "reversed_fen": self.reversed_fen, "hosts": hosts, "postings": postings}


def commission(show: Show, sold: Iterable[Sold]) -> Commission:
    """Orders that are not paid earn nothing yet."""
    paid = [one for one in sold if one.was_paid]
    trusted = [one for one in paid if not one.suspected]
    items = _items(show, trusted)
    gross_fen = sum(one.sold_fen * one.rate_bp for one in items) // WHOLE_BP
    net_fen = sum(one.net_fen * one.rate_bp for one in items) // WHOLE_BP
    return Commission(
        show.id, items, gross_fen, net_fen, _due(show, items, net_fen=net_fen),
        len(paid) - len(trusted),
    )  # fmt: skip


def _items(show: Show, sold: Sequence[Sold]) -> tuple[Earned, ...]:
    rates = {(slot.shop, slot.item): slot.commission_bp for slot in show.slots}
    lines = [line for order in sold for line in lines_of(order)]
    return tuple(
        Earned(
            shop, item, rate_bp,
            sum(one.sold_fen for one in lines if one.what == (shop, item)),
            sum(one.returned_fen for one in lines if one.what == (shop, item)),
        )
        for (shop, item), rate_bp in rates.items()
    )  # fmt: skip


class SoldLine(NamedTuple):
    what: tuple[str, str]
    """(Shop, item)."""
    pieces: int
    sold_fen: int
    returned_fen: int


def lines_of(order: Sold) -> list[SoldLine]:
    return [_line(order, line) for line in order.terms.quote.lines]


def _line(order: Sold, line: LineQuote) -> SoldLine:
    back = [number for name, number in order.returned if name == line.line]
    returned_fen = sum(line.units[number - 1].cash for number in back)
    return SoldLine((line.shop, line.item), line.quantity, line.cash, returned_fen)


def _due(show: Show, items: Sequence[Earned], *, net_fen: int) -> tuple[Due, ...]:
    shops = sorted({one.shop for one in items})
    weights = [sum(one.net_fen * one.rate_bp for one in items if one.shop == s) for s in shops]
    shares = [host.share_bp for host in show.hosts]
    return tuple(
        Due(shop, host.id, amount_fen)
        for shop, of_shop in zip(shops, shared(net_fen, weights), strict=True)
        for host, amount_fen in zip(show.hosts, shared(of_shop, shares), strict=True)
        if amount_fen
    )
