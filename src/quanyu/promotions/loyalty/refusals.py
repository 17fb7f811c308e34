"""Why a command about points is not carried out. Nothing has changed then."""

from enum import StrEnum

from quanyu.errors import Refused

__all__ = ["Reason", "Refused"]


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
    ONLY_IN_ORDERS = "only_in_orders"
    """Points of the ecosystem cost a shop money, which an order settles."""
    WITHHELD = "withheld"
    """The gate has taken the programme or the item off show."""
