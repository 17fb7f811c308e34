"""Who of a group gets a piece. Pure: from one reading of stock and counts, in order of arrival."""

from collections.abc import Mapping
from dataclasses import dataclass

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.flash_sales.sales import Attempt, Reason, Sale

_NOT_FOUND = Refused(Reason.NOT_FOUND)
_CLOSED = Refused(Reason.CLOSED)
_WITHHELD = Refused(Reason.WITHHELD)
_OVER = Refused(Reason.OVER)
_NOT_STARTED = Refused(Reason.NOT_STARTED)
_MEMBERS_FIRST = Refused(Reason.MEMBERS_FIRST)
_NOT_ELIGIBLE = Refused(Reason.NOT_ELIGIBLE)
_SOLD_OUT = Refused(Reason.SOLD_OUT, 0, 1)


@dataclass(slots=True)
class Counter:
    """What is left of each sale, and what each person has; both change while a group decides."""

    free: dict[int, int]
    had: dict[tuple[int, Identifier], int]
    person: Mapping[Identifier, Identifier]
    """One name per person, so that two identifiers do not get twice."""

    def decide(self, attempt: Attempt, sale: Sale | None, *, now_us: int) -> Refused | None:
        """None: the piece is this person's, and counted."""
        refused = _NOT_FOUND if sale is None else closed_to(sale, attempt, now_us=now_us)
        if sale is None or refused is not None:
            return refused
        who = sale.id, self.person.get(attempt.holder, attempt.holder)
        had, limit = self.had.get(who, 0), sale.terms.per_person
        if had >= limit:
            return Refused(Reason.PER_PERSON_LIMIT, had, limit)
        if self.free[sale.id] <= 0:
            return _SOLD_OUT
        self.free[sale.id] -= 1
        self.had[who] = had + 1
        return None


def closed_to(sale: Sale, attempt: Attempt, *, now_us: int) -> Refused | None:
    """Switches, window and eligibility."""
    if sale.closed:
        return _CLOSED
    if sale.withheld:
        return _WITHHELD
    if now_us >= sale.ends_us:
        return _OVER
    if now_us < sale.starts_us:
        if now_us < sale.early_us:
            return _NOT_STARTED
        if sale.terms.early_for not in attempt.eligibility:
            return _MEMBERS_FIRST
    only = sale.terms.only
    return None if only is None or only in attempt.eligibility else _NOT_ELIGIBLE
