"""What is said to orders, and what they answer."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from quanyu.clock import format_iso
from quanyu.promotions.orders.states import OrderState
from quanyu.promotions.pricing.cart import Fen, Word


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the payment channel says; it was verified before it comes here."""

    order: Word
    amount: Fen
    method: Annotated[str, Meta(min_length=1, max_length=64)]


class Done(msgspec.Struct, frozen=True, tag="done"):
    """A step that was taken."""

    order: str
    state: OrderState
    payable_fen: int
    deadline_us: int | None = None

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "order": self.order, "state": self.state.value, "payable": self.payable_fen,
        }  # fmt: skip
        if self.deadline_us is not None:
            told["pay_until"] = format_iso(self.deadline_us)
        return told
