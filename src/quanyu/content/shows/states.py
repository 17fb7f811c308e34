"""The life of a show as a table: state × verb → state. What is not in it is refused."""

from enum import StrEnum


class ShowState(StrEnum):
    PLANNED = "planned"
    APPROVED = "approved"
    """Script, hosts and goods were looked at; a change of the plan asks for it again."""
    LIVE = "live"
    ENDED = "ended"
    ARCHIVED = "archived"
    """Nothing is added any more; it is kept for three years at least."""
    CANCELLED = "cancelled"


class ShowVerb(StrEnum):
    REVISE = "revise"
    APPROVE = "approve"
    START = "start"
    LOG = "log"
    END = "end"
    ARCHIVE = "archive"
    CANCEL = "cancel"


_S, _V = ShowState, ShowVerb
MOVES: dict[tuple[ShowState, ShowVerb], ShowState] = {
    (_S.PLANNED, _V.REVISE): _S.PLANNED,
    (_S.PLANNED, _V.APPROVE): _S.APPROVED,
    (_S.PLANNED, _V.CANCEL): _S.CANCELLED,
    (_S.APPROVED, _V.REVISE): _S.PLANNED,
    (_S.APPROVED, _V.START): _S.LIVE,
    (_S.APPROVED, _V.CANCEL): _S.CANCELLED,
    (_S.LIVE, _V.LOG): _S.LIVE,
    (_S.LIVE, _V.END): _S.ENDED,
    (_S.ENDED, _V.ARCHIVE): _S.ARCHIVED,
}


class ShowRefusal(StrEnum):
    WRONG_STATE = "wrong_state"
    NOT_APPROVED = "show_not_approved"
    TOO_EARLY = "show_too_early"
    """Have: the time now; need: from when on. Both are microseconds since 1970."""
    OVER = "show_is_over"
    NOT_LIVE = "show_not_live"
    SLOT_UNKNOWN = "slot_not_in_show"
    COUPON_UNKNOWN = "coupon_not_in_show"
    ITEM_UNKNOWN = "item_not_in_show"
    PLANNER_APPROVES = "planner_approves"
