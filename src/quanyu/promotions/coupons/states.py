"""The life of a coupon as a table."""

from enum import StrEnum


class State(StrEnum):
    ISSUED = "issued"
    LOCKED = "locked"
    """In force on one order, for a limited time."""
    USED = "used"
    GIFTING = "gifting"
    """On its way to somebody else."""
    EXPIRED = "expired"
    VOID = "void"


class Verb(StrEnum):
    BIND = "bind"
    GIFT = "gift"
    ACCEPT = "accept"
    TAKE_BACK = "take_back"
    LOCK = "lock"
    UNLOCK = "unlock"
    USE = "use"
    REDEEM = "redeem"
    UNDO = "undo"
    RETURN = "return"
    VOID = "void"
    EXPIRE = "expire"
    LAPSE = "lapse"
    """A lock or a gift whose time is over falls back."""
    RECONCILE = "reconcile"
    """A till that had no network tells what it has given: a redemption, where it can be one."""


_S, _V = State, Verb
TRANSITIONS: dict[tuple[State, Verb], State] = {
    (_S.ISSUED, _V.BIND): _S.ISSUED,
    (_S.ISSUED, _V.GIFT): _S.GIFTING,
    (_S.GIFTING, _V.ACCEPT): _S.ISSUED,
    (_S.GIFTING, _V.TAKE_BACK): _S.ISSUED,
    (_S.GIFTING, _V.LAPSE): _S.ISSUED,
    (_S.ISSUED, _V.LOCK): _S.LOCKED,
    (_S.LOCKED, _V.UNLOCK): _S.ISSUED,
    (_S.LOCKED, _V.LAPSE): _S.ISSUED,
    (_S.LOCKED, _V.USE): _S.USED,
    (_S.ISSUED, _V.REDEEM): _S.USED,
    (_S.USED, _V.UNDO): _S.ISSUED,
    (_S.USED, _V.RETURN): _S.ISSUED,
    (_S.ISSUED, _V.VOID): _S.VOID,
    (_S.ISSUED, _V.EXPIRE): _S.EXPIRED,
}
"""What is not in the table is refused as ``wrong_state``. A coupon that comes back after its end
is at once expired."""
