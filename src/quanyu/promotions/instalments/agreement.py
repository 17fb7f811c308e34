"""What an order has agreed to pay in instalments, and how far that has come.

Every step is pure: it gives the agreement as it stands then, and the fee that goes back to whom.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec

from quanyu.clock import china_day, format_iso, months_later
from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.instalments.states import NEXT, PlanRefusal, PlanState, PlanStep
from quanyu.promotions.pricing.apportion import capped, shared
from quanyu.promotions.pricing.instalments import (
    InstalmentRefusal,
    Plan,
    Settlement,
    Term,
    give_back,
    owed,
    settle_early,
)


class Financed(msgspec.Struct, frozen=True):
    """Whose order it is, and who has lent the money at which rate."""

    merchant: str
    order: str
    holder: Identifier
    touchpoint: str
    method: str
    """How the order was paid: the financier."""
    rate: int
    """Basis points of what was financed."""


class Agreement(msgspec.Struct, frozen=True):
    financed: Financed
    plan: Plan
    due_on: Sequence[date]
    """Of each term, in China."""
    paid_us: Sequence[int]
    """When the terms so far were paid: one for each."""
    state: PlanState
    shares: Mapping[str, int]
    """Who bears how much of the fee: shops, or ``platform``; nobody here when the buyer does."""

    @property
    def paid(self) -> int:
        return len(self.paid_us)

    @property
    def owed_fen(self) -> int:
        return owed(self.plan, self.paid)

    def begun(self, today: date) -> int:
        """Terms that have by the calendar: the first one when the order was paid."""
        return 1 + sum(day < today for day in self.due_on)

    def as_json(self, now_us: int) -> dict[str, Any]:
        today = china_day(now_us)
        early = settle_early(self.plan, self.paid, begun=self.begun(today))
        agreed = self.plan.terms
        return {
            "order": self.financed.order,
            "state": self.state.value,
            "method": self.financed.method,
            "rate_bps": self.financed.rate,
            "bearer": self.plan.bearer,
            "financed": sum(term.agreed_principal_fen for term in agreed),
            "fee": sum(term.agreed_fee_fen for term in agreed),
            "financed_now": self.plan.financed_fen,
            "fee_now": self.plan.fee_fen,
            "borne": dict(self.shares),
            "terms_paid": self.paid,
            "owed": self.owed_fen,
            "settle_now": early.due_fen if isinstance(early, Settlement) else None,
            "schedule": [self._told(n, today) for n in range(len(agreed))],
        }

    def _told(self, number: int, today: date) -> dict[str, Any]:
        term, paid = self.plan.terms[number], number < self.paid
        at = {"paid_at": format_iso(self.paid_us[number])} if paid else {}
        told = told_of(self.plan, term)
        unpaid = "gone" if not told["due"] else "overdue" if self.due_on[number] < today else "due"
        return {
            "term": number + 1,
            "due_on": self.due_on[number].isoformat(),
            **told,
            "status": "paid" if paid else unpaid,
            **at,
        }


def told_of(plan: Plan, term: Term) -> dict[str, int]:
    """What the buyer pays for a term."""
    return {
        "principal": term.principal_fen,
        "fee": plan.own_fee_fen(term),
        "due": plan.due_of(term),
    }


class Changed(NamedTuple):
    """What a step has come to."""

    agreement: Agreement
    amount_fen: int
    """What the buyer pays, or gets in money."""
    back: Mapping[str, int]
    """Of the fee, to whom."""


def due_days(paid_us: int, terms: int) -> list[date]:
    """The day of payment in each later month, or that month's last day."""
    first = china_day(paid_us)
    return [months_later(first, month) for month in range(1, terms + 1)]


def begun(financed: Financed, plan: Plan, *, now_us: int, cash_fen: Mapping[str, int]) -> Agreement:
    """``cash_fen``: bearer → what the fee is shared out by."""
    names = sorted(cash_fen)
    parts = shared(plan.borne_fen, [cash_fen[name] for name in names])
    shares = {name: fen for name, fen in zip(names, parts, strict=True) if fen}
    days = due_days(now_us, len(plan.terms))
    return Agreement(financed, plan, days, (), PlanState.ACTIVE, shares)


def pay_term(
    agreement: Agreement, number: int, *, amount_fen: int, now_us: int
) -> Changed | Refused:
    """A term each once, in order, and just what is due."""
    plan, paid = agreement.plan, agreement.paid
    if not 1 <= number <= len(plan.terms):
        return Refused(InstalmentRefusal.NO_TERM_LEFT, number, len(plan.terms))
    if number <= paid:
        return Refused(PlanRefusal.TERM_PAID, paid, number)
    due_fen = plan.due_of(plan.terms[number - 1])
    if agreement.state is not PlanState.ACTIVE or not due_fen:
        return Refused(InstalmentRefusal.NOTHING_OWED)
    if number > paid + 1:
        return Refused(PlanRefusal.OUT_OF_ORDER, number, paid + 1)
    if amount_fen != due_fen:
        return Refused(PlanRefusal.AMOUNT_DIFFERS, amount_fen, due_fen)
    step = PlanStep.PAY if owed(plan, number) else PlanStep.PAY_LAST
    after = msgspec.structs.replace(
        agreement,
        paid_us=[*agreement.paid_us, now_us],
        state=NEXT[agreement.state, step],
    )
    return Changed(after, amount_fen, {})


def settle(agreement: Agreement, *, amount_fen: int, now_us: int) -> Changed | Refused:
    """Everything that is left, at once."""
    if (agreement.state, PlanStep.SETTLE) not in NEXT:
        return Refused(InstalmentRefusal.NOTHING_OWED)
    started = agreement.begun(china_day(now_us))
    early = settle_early(agreement.plan, agreement.paid, begun=started)
    assert isinstance(early, Settlement), "an active plan owes something"
    if amount_fen != early.due_fen:
        return Refused(PlanRefusal.AMOUNT_DIFFERS, amount_fen, early.due_fen)
    left = sum(early.plan.due_of(term) > 0 for term in early.plan.terms[agreement.paid :])
    after = msgspec.structs.replace(
        agreement,
        plan=early.plan,
        paid_us=[*agreement.paid_us, *[now_us] * left],
        state=NEXT[agreement.state, PlanStep.SETTLE],
    )
    return _returned(after, amount_fen, weights=agreement.shares)


def refund(
    agreement: Agreement, refund_fen: int, *, weights: Mapping[str, int]
) -> Changed | Refused:
    """``weights``: bearer → what goes back of its goods; its fee goes with them."""
    back = give_back(agreement.plan, refund_fen, paid=agreement.paid)
    if isinstance(back, Refused):
        return back
    if not back.plan.financed_fen:
        step = PlanStep.REFUND_ALL
    elif agreement.state is PlanState.ACTIVE and not owed(back.plan, agreement.paid):
        step = PlanStep.REFUND_OWED
    else:
        step = PlanStep.REFUND
    state = NEXT[agreement.state, step]
    after = msgspec.structs.replace(agreement, plan=back.plan, state=state)
    return _returned(after, back.cash_fen, weights=weights)


def _returned(after: Agreement, amount_fen: int, *, weights: Mapping[str, int]) -> Changed:
    """The fee that is borne no longer goes back: by the weights as far as each bears something,
    the rest by what each still bears. Nobody gets more than was taken."""
    names = sorted(after.shares)
    kept = [after.shares[name] for name in names]
    back_fen = sum(kept) - after.plan.borne_fen
    first = capped(back_fen, [weights.get(n, 0) for n in names], caps=kept, respread=True)
    left = [fen - part for fen, part in zip(kept, first, strict=True)]
    rest = shared(back_fen - sum(first), left)
    parts = {n: a + b for n, a, b in zip(names, first, rest, strict=True)}
    shares = {name: after.shares[name] - parts[name] for name in names}
    after = msgspec.structs.replace(after, shares={n: fen for n, fen in shares.items() if fen})
    return Changed(after, amount_fen, {n: fen for n, fen in parts.items() if fen})
