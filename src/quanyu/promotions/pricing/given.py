"""What one offer took off in all, and what of it the platform bears."""

from collections.abc import Sequence

from quanyu.promotions.pricing.apportion import capped, percent_of
from quanyu.promotions.pricing.index import Prepared


class Given:
    """Everything that one offer took off."""

    __slots__ = ("amount", "lines", "offer", "shipments")

    def __init__(self, offer: Prepared) -> None:
        self.offer = offer
        self.amount = 0
        self.lines: dict[int, int] = {}
        self.shipments: dict[int, int] = {}

    def take(self, line: int, amount: int) -> None:
        if amount:
            self.lines[line] = self.lines.get(line, 0) + amount
            self.amount += amount

    def ship(self, shipment: int, amount: int) -> None:
        self.shipments[shipment] = amount
        self.amount += amount

    def borne_by_platform(self) -> tuple[Sequence[int], Sequence[int]]:
        """Fen of each line and of each shipment. The platform's part of the whole is rounded once,
        and shared out by largest remainder."""
        amounts = [*self.lines.values(), *self.shipments.values()]
        total = percent_of(self.amount, self.offer.platform_percent)
        shares = capped(total, amounts, caps=amounts, respread=True)
        return shares[: len(self.lines)], shares[len(self.lines) :]
