"""Transfers: one amount from one account to another, at once or in two phases."""

from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256
from typing import NewType

import msgspec

ID_BYTES = 16
TransferId = NewType("TransferId", bytes)
"""16 bytes; ``transfer_id`` makes them out of the caller's key."""


class Phase(StrEnum):
    DIRECT = "direct"
    HOLD = "hold"
    SETTLE = "settle"
    RELEASE = "release"
    EXPIRE = "expire"
    """Made by the book itself when a hold has timed out."""


class Transfer(msgspec.Struct, frozen=True):
    """``settle`` and ``release`` name their hold; their accounts are those of the hold."""

    id: TransferId
    debit: str
    credit: str
    amount: int
    """> 0. A settlement of less than was held gives the rest back."""
    code: str
    """Why, in a word: ``coupon.issue``."""
    phase: Phase = Phase.DIRECT
    pending_id: TransferId | None = None
    timeout_us: int | None = None
    """Of a hold: after so long it expires. None holds until it is ended."""
    reference: str = ""
    """What it belongs to: an order, a coupon."""

    def settled(self, id: TransferId, *, amount: int | None = None) -> "Transfer":
        """The settlement of this hold, whole unless said."""
        return self._ended(id, Phase.SETTLE, amount=self.amount if amount is None else amount)

    def released(self, id: TransferId) -> "Transfer":
        return self._ended(id, Phase.RELEASE, amount=self.amount)

    def expired(self) -> "Transfer":
        """What the book enters when this hold has timed out; its id follows from the hold's."""
        return self._ended(transfer_id("expire", self.id.hex()), Phase.EXPIRE, amount=self.amount)

    def _ended(self, id: TransferId, phase: Phase, *, amount: int) -> "Transfer":
        return msgspec.structs.replace(
            self, id=id, phase=phase, amount=amount, pending_id=self.id, timeout_us=None
        )


Chain = Sequence[Transfer]
"""Transfers that succeed or fail together."""


class Entry(msgspec.Struct, frozen=True):
    """A transfer that stands in the book."""

    transfer: Transfer
    at_us: int


def transfer_id(*parts: str) -> TransferId:
    """One id per key of the caller; lengths stand before the parts, so that ("a", "bc") differs
    from ("ab", "c")."""
    text = b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in parts)
    return TransferId(sha256(text).digest()[:ID_BYTES])
