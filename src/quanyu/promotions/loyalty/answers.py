"""What commands about points answer. Each is kept under the caller's key and given again."""

from typing import Any

import msgspec

from quanyu.clock import format_iso
from quanyu.promotions.loyalty.lots import Lot

Document = dict[str, Any]


class IssueOffer(msgspec.Struct, frozen=True):
    """An effect for the caller to carry out: a piece of an offer for this order's buyer."""

    offer: str
    because: str


class Joined(msgspec.Struct, frozen=True, tag=True):
    member: str
    new: bool
    gift_points: int


class Earned(msgspec.Struct, frozen=True, tag=True):
    points: int
    available_us: int
    """Pending until then."""
    effects: tuple[IssueOffer, ...] = ()


class Spent(msgspec.Struct, frozen=True, tag=True):
    points: int
    value_fen: int


class GivenBack(msgspec.Struct, frozen=True, tag=True):
    points: int
    gone: int = 0
    """Of these, points whose lot had ended: they came back too late to be used."""


class TakenBack(msgspec.Struct, frozen=True, tag=True):
    points: int
    debt: int
    """What the person owes now, in points."""


class HandedOver(msgspec.Struct, frozen=True, tag=True):
    points: int


class Frozen(msgspec.Struct, frozen=True, tag=True):
    frozen: bool


class Balance(msgspec.Struct, frozen=True, tag=True):
    available: int
    pending: int
    debt: int
    tier_points: int
    tier: str | None
    frozen: bool
    value_fen: int
    next_expiry_us: int | None = None
    next_expiry_points: int = 0


def as_json(answer: Any) -> Document:
    """The public form: instants are ISO 8601."""
    document: Document = msgspec.to_builtins(answer)
    return {
        name.removesuffix("_us"): format_iso(value) if name.endswith("_us") and value else value
        for name, value in document.items()
        if name != "type"
    }


def lot_json(lot: Lot) -> Document:
    return {
        "lot": lot.id,
        "state": lot.state.value,
        "source": lot.source.value,
        "order": lot.reference.partition("/")[2] or None,
        "granted": lot.granted,
        "remaining": lot.remaining,
        "available": format_iso(lot.available_us),
        "expires": format_iso(lot.expires_us),
        "funder": lot.funder,
    }
