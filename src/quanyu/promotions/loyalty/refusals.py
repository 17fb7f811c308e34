"""Why a command about points is not carried out. Nothing has changed then."""

from enum import StrEnum

from quanyu.errors import Refused

__all__ = ["MEND", "Reason", "Refused"]


class Reason(StrEnum):
    FROZEN = "frozen"
    NOT_ENOUGH_POINTS = "not_enough_points"
    NOT_TRANSFERABLE = "not_transferable"
    SAME_MEMBER = "same_member"
    IN_DEBT = "in_debt"
    """Who owes points cannot give any away."""
    ALREADY_EARNED = "already_earned"
    ALREADY_SPENT = "already_spent"
    NOTHING_SPENT = "nothing_spent"
    NOTHING_EARNED = "nothing_earned"
    MORE_THAN_SPENT = "more_than_spent"
    MORE_THAN_PAID = "more_than_paid"
    SOLD_OUT = "sold_out"
    PER_PERSON_LIMIT = "per_person_limit"
    WRONG_STATE = "wrong_state"


MEND: dict[Reason, str] = {
    Reason.FROZEN: "thaw the member first",
    Reason.NOT_ENOUGH_POINTS: "spend no more than is available",
    Reason.NOT_TRANSFERABLE: "points of this programme stay with who earned them",
    Reason.SAME_MEMBER: "name somebody else",
    Reason.IN_DEBT: "earn the owed points first",
    Reason.ALREADY_EARNED: "an order earns once",
    Reason.ALREADY_SPENT: "an order spends once; cancel that first",
    Reason.NOTHING_SPENT: "name an order that spent points",
    Reason.NOTHING_EARNED: "name an order that earned points",
    Reason.MORE_THAN_SPENT: "give back no more than was spent",
    Reason.MORE_THAN_PAID: "refund no more cash than was paid",
    Reason.SOLD_OUT: "load more pieces",
    Reason.PER_PERSON_LIMIT: "this person has had as many as one may",
    Reason.WRONG_STATE: "look at its state first",
}
