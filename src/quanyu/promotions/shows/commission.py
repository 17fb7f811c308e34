"""What the hosts of a show have earned: from its orders, to the fen, and back with every return.

Commission = ⌊Σ net · bp / 10000⌋ over the slots, where net is the cash that was paid for the units
that have not come back. It is shared out by largest remainder among the shops by what each has
sold, and within a shop among the hosts; so the parts always make up the whole, and what a return
takes back is what it had brought. A unit that comes back takes its whole commission with it, also
where less cash went back, because what was kept no longer earned its discount.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from quanyu.content.shows.show import WHOLE_BP, Show
from quanyu.promotions.parties import host_payable, shop_payable
from quanyu.promotions.pricing.apportion import shared
from quanyu.promotions.shows.ports import Booked, Due, Totals


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


class Commission(msgspec.Struct, frozen=True):
    show: str
    items: tuple[Earned, ...]
    gross_fen: int
    """Before returns."""
    net_fen: int
    due: tuple[Due, ...]
    withheld_orders: int = 0
    """They look like fake trades; nothing is owed for them until somebody clears them."""
    booked: Booked | None = None
    """What the ledger says; None before the show is closed."""

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
        del told["due"], told["booked"]
        booked_fen = None if self.booked is None else owed_fen(self.booked.due)
        return {
            **told, "reversed_fen": self.reversed_fen, "hosts": hosts, "postings": postings,
            "booked_fen": booked_fen,
        }  # fmt: skip


def owed_fen(due: Iterable[Due]) -> int:
    return sum(one.amount_fen for one in due)


def commission(show: Show, totals: Totals) -> Commission:
    items = _items(show, totals)
    gross_fen = sum(one.sold_fen * one.rate_bp for one in items) // WHOLE_BP
    net_fen = sum(one.net_fen * one.rate_bp for one in items) // WHOLE_BP
    due = _due(show, items, net_fen=net_fen)
    return Commission(show.id, items, gross_fen, net_fen, due, totals.withheld_orders)


def _items(show: Show, totals: Totals) -> tuple[Earned, ...]:
    """What no slot shows earns nothing."""
    rates = {(slot.shop, slot.item): slot.commission_bp for slot in show.slots}
    sold = {(one.shop, one.item): (one.sold_fen, one.returned_fen) for one in totals.items}
    return tuple(Earned(*what, rate_bp, *sold.get(what, (0, 0))) for what, rate_bp in rates.items())


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
