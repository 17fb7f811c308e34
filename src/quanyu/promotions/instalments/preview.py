"""What paying in instalments would cost. Pure: no order, no clock."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from quanyu.clock import months_later
from quanyu.errors import BadInput, Refused
from quanyu.promotions.instalments.agreement import told_of
from quanyu.promotions.pricing.cart import Fen
from quanyu.promotions.pricing.instalments import Bearer, Terms, plan_of

YEAR_MAX = 9000


class PreviewForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    amount: Fen
    terms: int
    bearer: Bearer = "buyer"
    paid_on: date | None = None
    """A day of China; terms are due on it in the months after."""


def preview(form: PreviewForm, rates: Mapping[Terms, int]) -> dict[str, Any] | Refused:
    """Raises BadInput for terms that nobody has, or a day too late."""
    if form.paid_on and form.paid_on.year > YEAR_MAX:
        raise BadInput("paid_on", f"name a day up to the year {YEAR_MAX}")
    plan = plan_of(form.amount, form.terms, bearer=form.bearer, rates=rates)
    if isinstance(plan, Refused):
        return plan
    schedule = []
    for number, term in enumerate(plan.terms, 1):
        due = months_later(form.paid_on, number).isoformat() if form.paid_on else None
        schedule.append({"term": number, "due_on": due, **told_of(plan, term)})
    return {
        "financed": plan.financed_fen,
        "bearer": plan.bearer,
        "fee": plan.fee_fen,
        "borne": plan.borne_fen,
        "due": plan.due_fen,
        "schedule": schedule,
    }
