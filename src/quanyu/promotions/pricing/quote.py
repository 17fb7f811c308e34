"""The quote: what is paid for each line, by whom the rest is borne, and why."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from quanyu.promotions.pricing.instalments import Bearer, Terms


class Discount(msgspec.Struct, frozen=True):
    offer: str
    amount: int
    funders: Mapping[str, int]
    """merchant | platform → fen; they sum to the amount."""


class Unit(msgspec.Struct, frozen=True):
    cash: int


class LineQuote(msgspec.Struct, frozen=True):
    line: str
    shop: str
    item: str
    quantity: int
    list: int
    """List price of all units."""
    activity: int
    """After lanes 1 and 2: the base of every threshold (活动价)."""
    cash: int
    units: Sequence[Unit]
    discounts: Sequence[Discount]


class ShipmentQuote(msgspec.Struct, frozen=True):
    shop: str
    amount: int
    cash: int
    discounts: Sequence[Discount]


class GiftLine(msgspec.Struct, frozen=True):
    offer: str
    item: str
    quantity: int


class After(msgspec.Struct, frozen=True, omit_defaults=True):
    """What paying brings: points earned, or a coupon to issue."""

    offer: str
    points: int | None = None
    coupon: str | None = None


class Instalments(msgspec.Struct, frozen=True, omit_defaults=True):
    terms: Terms
    schedule: Sequence[int]
    """Fen per term; they sum to the payable. A fee of the buyer comes on top."""
    fee_bearer: Bearer
    offer: str | None = None


class Trace(msgspec.Struct, frozen=True, omit_defaults=True):
    offer: str
    status: str
    """applied | beaten_by | failed"""
    amount: int | None = None
    by: str | None = None
    code: str | None = None
    have: int | None = None
    need: int | None = None
    short_by: int | None = None
    """Fen to the next threshold, also of an offer that applies."""


class Quote(msgspec.Struct, frozen=True):
    cash: int
    shipping: int
    payable: int
    optimal: bool
    lines: Sequence[LineQuote]
    shipments: Sequence[ShipmentQuote]
    points_spent: int
    funded: Mapping[str, Any]
    """``{"merchant": {shop: fen}, "platform": fen}``"""
    settlement: Mapping[str, int]
    """Shop → what it is owed: cash and shipping paid, and what the platform bears."""
    gifts: Sequence[GiftLine]
    after: Sequence[After]
    instalments: Sequence[Instalments]
    trace: Sequence[Trace]

    @property
    def off(self) -> dict[str, int]:
        """Offer → what it took off."""
        return {one.offer: one.amount for one in self.trace if one.amount is not None}

    def as_json(self) -> dict[str, Any]:
        """The public form (contracts: quote)."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found
