"""Purchased vouchers (99 抵 200): a paid asset that is used up in one or several visits.

The buyer's money belongs to the store only as far as the voucher has been used; the rest stays
refundable, also after the voucher has expired (预付式消费司法解释 2025).
"""

from enum import StrEnum
from typing import Any

import msgspec

from quanyu.clock import MINUTE_US, format_iso
from quanyu.compliance.doorkeeper import Page, names_of
from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import BadInput, Refused
from quanyu.money import FEN_MAX

DAYS_MAX = 3650
STORES_MAX = 1000
UNDO_WINDOW_US = 30 * MINUTE_US
"""How long a store may take back a scan."""


class VoucherRefusal(StrEnum):
    NOT_FOUND = "voucher_not_found"
    REFUNDED = "voucher_refunded"
    USED_UP = "voucher_used_up"
    EXPIRED = "voucher_expired"
    WRONG_STORE = "wrong_store"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    EXCEEDS_REST = "exceeds_rest_of_voucher"
    USED_ALREADY = "voucher_used_already"
    USE_NOT_FOUND = "use_not_found"
    USE_UNDONE = "use_already_undone"
    UNDO_WINDOW_OVER = "undo_window_over"


class VoucherProduct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an order line sells: a face value, where and how long it is taken."""

    item: str
    shop: str
    face_fen: int
    valid_days: int
    stores: tuple[str, ...] = ()
    """Empty: every store of the merchant."""

    def __post_init__(self) -> None:
        if not 0 < self.face_fen <= FEN_MAX:
            raise BadInput("face_fen", "give the face value in fen, above 0")
        if not 1 <= self.valid_days <= DAYS_MAX:
            raise BadInput("valid_days", f"use 1 to {DAYS_MAX} days")
        if len(self.stores) > STORES_MAX:
            raise BadInput("stores", f"list at most {STORES_MAX} stores, or none for all")
        for name, value in (("item", self.item), ("shop", self.shop)):
            if not 1 <= len(value) <= 128:
                raise BadInput(name, "use 1 to 128 characters")


def page_of(product: VoucherProduct) -> Page:
    """The names that holders read."""
    return Page(kind="voucher", id=product.item, texts=names_of(product), shops=(product.shop,))


class Voucher(msgspec.Struct, frozen=True):
    """One voucher in somebody's hands, as far as it has been used."""

    id: str
    product: VoucherProduct
    holder: Identifier
    order: str
    paid_fen: int
    method: str
    """How it was paid; a refund goes the same way back."""
    expires_us: int
    used_fen: int = 0
    """Of the face value."""
    earned_fen: int = 0
    """Of the price: what the uses so far have made the store's own."""
    refunded: bool = False

    @property
    def rest_fen(self) -> int:
        """Face value that is still there to use."""
        return 0 if self.refunded else self.product.face_fen - self.used_fen

    @property
    def refundable_fen(self) -> int:
        """Money that is still the buyer's."""
        return 0 if self.refunded else self.paid_fen - self.earned_fen

    def as_json(self) -> dict[str, Any]:
        """Without its code, which is shown to the holder only."""
        return {
            "voucher": self.id,
            "item": self.product.item,
            "face": self.product.face_fen,
            "paid": self.paid_fen,
            "rest": self.rest_fen,
            "refundable": self.refundable_fen,
            "expires_at": format_iso(self.expires_us),
            "stores": list(self.product.stores),
        }


class Visit(msgspec.Struct, frozen=True):
    """A scan at a store: so much of the face value."""

    store: str
    amount_fen: int
    at_us: int


class Use(msgspec.Struct, frozen=True):
    id: str
    visit: Visit
    earned_fen: int
    undone: bool = False


def use_refusal(voucher: Voucher, visit: Visit) -> Refused | None:
    """Why this visit cannot be paid with the voucher."""
    if visit.amount_fen <= 0:
        return Refused(VoucherRefusal.AMOUNT_NOT_POSITIVE, have=visit.amount_fen, need=1)
    if voucher.refunded:
        return Refused(VoucherRefusal.REFUNDED)
    if visit.at_us >= voucher.expires_us:
        return Refused(VoucherRefusal.EXPIRED)
    if voucher.product.stores and visit.store not in voucher.product.stores:
        return Refused(VoucherRefusal.WRONG_STORE)
    if voucher.rest_fen == 0:
        return Refused(VoucherRefusal.USED_UP)
    if visit.amount_fen > voucher.rest_fen:
        return Refused(VoucherRefusal.EXCEEDS_REST, have=voucher.rest_fen, need=visit.amount_fen)
    return None


def earned_by(voucher: Voucher, amount_fen: int) -> int:
    """What a use of so much face value makes the store's own.

    ⌊price · used / face⌋ so far, so that the last use earns exactly the rest of the price.
    """
    face_fen = voucher.product.face_fen
    due_fen = voucher.paid_fen * (voucher.used_fen + amount_fen) // face_fen
    return max(0, due_fen - voucher.earned_fen)


def undo_refusal(voucher: Voucher, use: Use, *, now_us: int) -> Refused | None:
    if use.undone:
        return Refused(VoucherRefusal.USE_UNDONE)
    if voucher.refunded:
        return Refused(VoucherRefusal.REFUNDED)
    if now_us - use.visit.at_us > UNDO_WINDOW_US:
        return Refused(VoucherRefusal.UNDO_WINDOW_OVER)
    return None


def refund_refusal(voucher: Voucher) -> Refused | None:
    if voucher.refunded:
        return Refused(VoucherRefusal.REFUNDED)
    return Refused(VoucherRefusal.USED_UP) if voucher.rest_fen == 0 else None
