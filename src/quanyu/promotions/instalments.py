"""Paying in instalments (分期): what each term costs, who bears the fee, what a refund or an early
settlement leaves. Pure; everything in integer fen.

The fee belongs to the terms in proportion to what is financed, by prefix rounding, so that terms,
refunds and settlements always sum exactly to the whole.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Literal

import msgspec

from quanyu.errors import BadInput, Refused
from quanyu.money import FEN_MAX
from quanyu.promotions.pricing.apportion import units_of

Terms = Literal[3, 6, 12]
Bearer = Literal["merchant", "platform", "buyer"]
TERMS: tuple[Terms, ...] = (3, 6, 12)
BEARERS: tuple[Bearer, ...] = ("merchant", "platform", "buyer")
BASIS = 10_000
"""Basis points of the whole."""
DEFAULT_RATES: Mapping[Terms, int] = {3: 180, 6: 360, 12: 660}
"""Basis points of what is financed, for all terms together."""


class InstalmentRefusal(StrEnum):
    TOO_FEW_FEN = "less_than_a_fen_per_term"
    NOTHING_OWED = "nothing_is_owed"
    MORE_THAN_FINANCED = "more_than_was_financed"
    NO_TERM_LEFT = "no_such_term"


class Term(msgspec.Struct, frozen=True):
    """What the buyer pays in one month."""

    principal_fen: int
    fee_fen: int

    @property
    def due_fen(self) -> int:
        return self.principal_fen + self.fee_fen


class Plan(msgspec.Struct, frozen=True):
    """An instalment plan as it was agreed."""

    terms: Sequence[Term]
    bearer: Bearer
    borne_fen: int
    """The fee that merchant or platform pays instead of the buyer; 0 when the buyer does."""

    @property
    def financed_fen(self) -> int:
        return sum(term.principal_fen for term in self.terms)

    @property
    def due_fen(self) -> int:
        return sum(term.due_fen for term in self.terms)


class Settlement(msgspec.Struct, frozen=True):
    """Paying everything that is still owed at once."""

    due_fen: int
    fee_waived_fen: int
    """Fees of terms that have not begun are not owed."""


class Returned(msgspec.Struct, frozen=True):
    """A refund of a plan."""

    plan: Plan
    """What is left of it: a paid term shrinks only by what comes back as cash."""
    cash_fen: int
    """Of terms already paid, in money; the rest only shortens what is owed."""
    fee_waived_fen: int
    """The buyer's fee that falls away in the terms that get smaller."""


def rate_of(rates: Mapping[Terms, int], terms: int) -> tuple[Terms, int]:
    """Raises BadInput for a number of terms without a rate, or a rate that is none."""
    known = next((one for one in TERMS if one == terms), None)
    if known is None or known not in rates:
        raise BadInput("terms", f"offer one of {', '.join(str(t) for t in TERMS if t in rates)}")
    rate = rates[known]
    if not 0 <= rate <= BASIS:
        raise BadInput(f"rates[{known}]", f"give basis points from 0 to {BASIS}")
    return known, rate


def fee_of(financed_fen: int, *, rate: int) -> int:
    """Half a fen and more counts as one."""
    return (financed_fen * rate + BASIS // 2) // BASIS


def plan_of(
    financed_fen: int,
    terms: int,
    *,
    bearer: Bearer = "buyer",
    rates: Mapping[Terms, int] = DEFAULT_RATES,
) -> Plan | Refused:
    """Equal terms to the fen. A term must be worth at least a fen."""
    if bearer not in BEARERS:
        raise BadInput("bearer", f"name one of {', '.join(BEARERS)}")
    if not 0 <= financed_fen <= FEN_MAX:
        raise BadInput("financed_fen", f"finance from 0 to {FEN_MAX} fen")
    known, rate = rate_of(rates, terms)
    if financed_fen < known:
        return Refused(InstalmentRefusal.TOO_FEW_FEN, financed_fen, known)
    fee = fee_of(financed_fen, rate=rate)
    own = fee if bearer == "buyer" else 0
    parts = zip(units_of(financed_fen, known), units_of(own, known), strict=True)
    return Plan([Term(*part) for part in parts], bearer, fee - own)


def owed(plan: Plan, paid: int) -> int:
    """Fen that the buyer still has to pay when so many terms have been paid."""
    return sum(term.due_fen for term in plan.terms[paid:])


def settle_early(plan: Plan, paid: int) -> Settlement | Refused:
    """The term that has begun still bears its fee; those after it do not."""
    if not 0 <= paid <= len(plan.terms):
        return Refused(InstalmentRefusal.NO_TERM_LEFT, paid, len(plan.terms))
    left = plan.terms[paid:]
    if not any(term.due_fen for term in left):
        return Refused(InstalmentRefusal.NOTHING_OWED, 0, 1)
    waived = sum(term.fee_fen for term in left[1:])
    return Settlement(sum(term.due_fen for term in left) - waived, waived)


def give_back(plan: Plan, refund_fen: int, *, paid: int) -> Returned | Refused:
    """Takes a refund off the terms still to come, from the last backwards, each with its share of
    the fee; what is more than those comes back as cash, without the fees of the terms that were
    used."""
    if refund_fen < 0:
        raise BadInput("refund_fen", "give back 0 fen or more")
    if not 0 <= paid <= len(plan.terms):
        return Refused(InstalmentRefusal.NO_TERM_LEFT, paid, len(plan.terms))
    if refund_fen > plan.financed_fen:
        return Refused(InstalmentRefusal.MORE_THAN_FINANCED, refund_fen, plan.financed_fen)
    terms, left = list(plan.terms), refund_fen
    for number in reversed(range(len(terms))):
        off = min(left, terms[number].principal_fen)
        terms[number] = _smaller(terms[number], off, used=number < paid)
        left -= off
    unpaid = sum(term.principal_fen for term in plan.terms[paid:])
    waived = sum(a.fee_fen - b.fee_fen for a, b in zip(plan.terms, terms, strict=True))
    rest = msgspec.structs.replace(plan, terms=terms)
    return Returned(rest, max(0, refund_fen - unpaid), waived)


def _smaller(term: Term, off: int, *, used: bool) -> Term:
    """A term that is paid keeps its fee: the money was lent. The share that stays is rounded up."""
    principal = term.principal_fen - off
    if used or not off:
        return Term(principal, term.fee_fen)
    return Term(principal, -(-term.fee_fen * principal // term.principal_fen))
