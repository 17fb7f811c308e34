"""The life of a plan as a table: state × step → state. What is not in it is refused."""

from enum import StrEnum


class PlanState(StrEnum):
    ACTIVE = "active"
    """The buyer still owes something."""
    DONE = "done"
    """Every term that is left was paid when its turn came."""
    SETTLED = "settled"
    """Everything that was left was paid at once."""
    CANCELLED = "cancelled"
    """Everything that was financed has gone back."""


class PlanStep(StrEnum):
    PAY = "pay"
    PAY_LAST = "pay_last"
    SETTLE = "settle"
    REFUND = "refund"
    REFUND_OWED = "refund_owed"
    """What is left is paid already: nothing is owed any more."""
    REFUND_ALL = "refund_all"


NEXT: dict[tuple[PlanState, PlanStep], PlanState] = {
    (PlanState.ACTIVE, PlanStep.PAY): PlanState.ACTIVE,
    (PlanState.ACTIVE, PlanStep.PAY_LAST): PlanState.DONE,
    (PlanState.ACTIVE, PlanStep.SETTLE): PlanState.SETTLED,
    (PlanState.ACTIVE, PlanStep.REFUND): PlanState.ACTIVE,
    (PlanState.ACTIVE, PlanStep.REFUND_OWED): PlanState.DONE,
    (PlanState.ACTIVE, PlanStep.REFUND_ALL): PlanState.CANCELLED,
    (PlanState.DONE, PlanStep.REFUND): PlanState.DONE,
    (PlanState.DONE, PlanStep.REFUND_ALL): PlanState.CANCELLED,
    (PlanState.SETTLED, PlanStep.REFUND): PlanState.SETTLED,
    (PlanState.SETTLED, PlanStep.REFUND_ALL): PlanState.CANCELLED,
}


class PlanRefusal(StrEnum):
    NO_PLAN = "order_without_instalments"
    TERM_PAID = "term_paid_already"
    OUT_OF_ORDER = "term_out_of_order"
    AMOUNT_DIFFERS = "amount_differs"
