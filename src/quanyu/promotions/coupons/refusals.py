"""Every reason for which a coupon command is refused."""

from enum import StrEnum

from quanyu.errors import Refused

__all__ = ["Reason", "Refused"]


class Reason(StrEnum):
    NOT_FOUND = "not_found"
    """Nothing of that name here; a coupon of another merchant is not here either."""
    KEY_USED_FOR_ANOTHER_REQUEST = "key_used_for_another_request"
    WRONG_STATE = "wrong_state"
    LOCKED_BY_OTHER_ORDER = "locked_by_other_order"
    USED_BY_OTHER_ORDER = "used_by_other_order"
    EXPIRED = "expired"
    OFFER_NOT_ACTIVE = "offer_not_active"
    OFFER_PAUSED = "offer_paused"
    KILLED = "killed"
    BREAKER_TRIPPED = "breaker_tripped"
    TOO_FAST = "too_fast"
    """More attempts of one person, device, account or address than a person makes."""
    CAP_PIECES = "cap_pieces"
    CAP_MONEY = "cap_money"
    PER_PERSON_LIMIT = "per_person_limit"
    NOT_CLAIMABLE = "not_claimable"
    ALREADY_BOUND = "already_bound"
    NOT_THE_HOLDER = "not_the_holder"
    NOT_IN_AUDIENCE = "not_in_audience"
    NOT_GIFTABLE = "not_giftable"
    BAD_CODE = "bad_code"
    """A redemption or gift code that does not match, or whose time is over."""
    WRONG_STORE = "wrong_store"
    WRONG_TOUCHPOINT = "wrong_touchpoint"
    OUTSIDE_HOURS = "outside_hours"
    BELOW_THRESHOLD = "below_threshold"
    VIRTUAL_GOODS = "virtual_goods"
    ONLY_IN_ORDERS = "only_in_orders"
    """A bill alone does not say what the benefit is worth."""
    NEEDS_LINES = "needs_lines"
    """The offer counts some items, and the bill does not say which it has."""
    OVER_FACE = "over_face"
    UNDO_WINDOW_OVER = "undo_window_over"
