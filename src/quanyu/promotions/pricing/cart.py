"""The cart: all that a price may depend on. There is no field for who the buyer is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from quanyu.clock import to_us
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX
from quanyu.strict import decoded

LINES_MAX = 1000
QUANTITY_MAX = 10_000
CROSS_SHOP = "cross_shop"

Word = Annotated[str, Meta(min_length=1, max_length=128)]
Fen = Annotated[int, Meta(ge=0, le=FEN_MAX)]
Price = Annotated[int, Meta(ge=0, le=10**11)]
"""Of one unit: with QUANTITY_MAX units still within FEN_MAX."""
Instant = Annotated[datetime, Meta(tz=True)]


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    line: Word
    shop: Word
    item: Word
    quantity: Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]
    list_price: Price
    """Per unit."""
    category: str = ""
    flags: Sequence[Word] = ()


class Shipment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shop: Word
    amount: Fen


class Payment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    method: str = ""
    instalments: Literal[0, 3, 6, 12] = 0


class Cart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    now: Instant
    lines: Annotated[Sequence[Line], Meta(min_length=1, max_length=LINES_MAX)]
    shipping: Annotated[Sequence[Shipment], Meta(max_length=LINES_MAX)] = ()
    points_to_spend: Annotated[int, Meta(ge=0, le=FEN_MAX)] = 0
    payment: Payment = Payment()
    eligibility: Annotated[Sequence[Word], Meta(max_length=1000)] = ()
    """Published conditions that the buyer meets."""

    def __post_init__(self) -> None:
        _once("lines", [line.line for line in self.lines])
        _once("shipping", [shipment.shop for shipment in self.shipping])
        total = sum(line.quantity * line.list_price for line in self.lines)
        total += sum(shipment.amount for shipment in self.shipping)
        if total > FEN_MAX:
            raise BadInput("cart.lines", f"keep the sum of the cart within {FEN_MAX} fen")

    @property
    def now_us(self) -> int:
        return to_us(self.now)


def _once(field: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            raise BadInput(f"cart.{field}[{place}]", f"{name[:80]!r} stands there already")
        seen.add(name)


def decode_cart(text: bytes | str) -> Cart:
    """The public form (contracts: cart). Raises BadInput with the path of the field."""
    return decoded(text, Cart, name="cart")
