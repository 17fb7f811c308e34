"""A grant of points is a lot; these are its states and how it passes from one to another."""

from enum import StrEnum

import msgspec

FOREVER_US = 2**62


class State(StrEnum):
    PENDING = "pending"
    AVAILABLE = "available"
    SPENT = "spent"
    EXPIRED = "expired"
    REVERSED = "reversed"


class Source(StrEnum):
    ORDER = "order"
    JOINING = "joining"
    GIFT = "gift"
    TRANSFER = "transfer"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.AVAILABLE, State.REVERSED}),
    State.AVAILABLE: frozenset({State.SPENT, State.EXPIRED, State.REVERSED}),
    State.SPENT: frozenset({State.AVAILABLE}),
    State.EXPIRED: frozenset({State.AVAILABLE}),
    State.REVERSED: frozenset({State.AVAILABLE}),
}
"""The last three are what became of a lot's last points; points that come back open it again."""


class Lot(msgspec.Struct, frozen=True):
    id: int
    member: int
    granted: int
    remaining: int
    """What can still be spent, or will be once the lot is available."""
    state: State
    available_us: int
    expires_us: int
    source: Source = Source.ORDER
    reference: str = ""
    """``merchant/order`` of a lot that an order earned."""
    funder: str = ""
    cash_fen: int = 0
    refunded_fen: int = 0
    reversed: int = 0
    """Points of this grant that refunds took back, wherever they were taken from."""
    version: int = 0
    """Counts the changes: an update that meets another version than it read is a bug."""


def passed(lot: Lot, state: State) -> Lot:
    """The lot in another state; staying in a state is no transition."""
    assert state is lot.state or state in TRANSITIONS[lot.state], (lot.state, state)
    return msgspec.structs.replace(lot, state=state)


def order_of_spending(lot: Lot) -> tuple[int, int, int]:
    """Earliest expiry first; then what was available first."""
    return lot.expires_us, lot.available_us, lot.id


def owed_for_refund(lot: Lot, refunded_fen: int) -> int:
    """Points that must have gone back once so much of the cash is refunded in all.

    What stays is rounded down, so that the parts of a full refund, in any order, sum to the grant.
    """
    if lot.cash_fen == 0:
        return 0
    return lot.granted - lot.granted * (lot.cash_fen - refunded_fen) // lot.cash_fen
