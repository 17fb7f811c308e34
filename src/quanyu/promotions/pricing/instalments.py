"""Paying in instalments (分期): what each term costs, who bears the fee, what a refund or an early
settlement leaves. Pure; everything in integer fen.

The fee belongs to the terms by prefix rounding, whoever bears it, so that terms, refunds and
settlements always sum exactly to the whole. What is left of a term follows from what was agreed
and never from how it got there: refunds in pieces are one refund.
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
    TERMS_NOT_OFFERED = "terms_not_offered"
    NOTHING_OWED = "nothing_is_owed"
    MORE_THAN_FINANCED = "more_than_was_financed"
    NO_TERM_LEFT = "no_such_term"


class Term(msgspec.Struct, frozen=True):
    """One month: what is left of what was agreed for it."""

    principal_fen: int
    fee_fen: int
    """The buyer pays it, or merchant or platform does."""
    agreed_principal_fen: int
    agreed_fee_fen: int


class Plan(msgspec.Struct, frozen=True):
    """An instalment plan; its bearer pays the fees of the terms."""

    terms: Sequence[Term]
    bearer: Bearer

    @property
    def financed_fen(self) -> int:
        return sum(term.principal_fen for term in self.terms)

    @property
    def fee_fen(self) -> int:
        return sum(term.fee_fen for term in self.terms)

    @property
    def borne_fen(self) -> int:
        """The fee that merchant or platform pays instead of the buyer; 0 when the buyer does."""
        return 0 if self.bearer == "buyer" else self.fee_fen

    @property
    def due_fen(self) -> int:
        return owed(self, 0)

    def own_fee_fen(self, term: Term) -> int:
        """What the buyer pays for the term on top of its principal."""
        return term.fee_fen if self.bearer == "buyer" else 0

    def due_of(self, term: Term) -> int:
        return term.principal_fen + self.own_fee_fen(term)


class Settlement(msgspec.Struct, frozen=True):
    """Paying everything that is still owed at once."""

    plan: Plan
    due_fen: int
    fee_waived_fen: int
    """Fees of terms that have not begun fall away, whoever bears them."""


class Returned(msgspec.Struct, frozen=True):
    """A refund of a plan."""

    plan: Plan
    """What is left of it: a paid term shrinks only by what comes back as cash."""
    cash_fen: int
    """Of terms already paid, in money; the rest only shortens what is owed."""
    fee_waived_fen: int
    """The fee that falls away in the terms that get smaller, whoever bears it."""


def rate_of(rates: Mapping[Terms, int], terms: int) -> tuple[Terms, int] | Refused:
    """Raises BadInput for a number of terms that nobody has, or a rate that is none."""
    known = next((one for one in TERMS if one == terms), None)
    if known is None:
        raise BadInput("terms", f"offer one of {', '.join(str(t) for t in TERMS if t in rates)}")
    if known not in rates:
        return Refused(InstalmentRefusal.TERMS_NOT_OFFERED, known)
    rate = rates[known]
    if not 0 <= rate <= BASIS:
        raise BadInput(f"rates[{known}]", f"give basis points from 0 to {BASIS}")
    return known, rate


def read_rates(text: str) -> dict[Terms, int]:
    """``3:180,6:360``: basis points by number of terms; terms left out are not offered. Raises
    ValueError."""
    found: dict[Terms, int] = {}
    for part in text.split(","):
        number, _, rate = part.strip().partition(":")
        known = next((one for one in TERMS if str(one) == number), None)
        good = rate.isascii() and rate.isdigit() and len(rate) <= 5 and int(rate) <= BASIS
        if known is None or known in found or not good:
            raise ValueError("write basis points by terms, each once, such as 3:180,6:360")
        found[known] = int(rate)
    return found


def fee_of(financed_fen: int, *, rate: int) -> int:
    """Half a fen and more counts as one."""
    return (financed_fen * rate + BASIS // 2) // BASIS


def principals_of(financed_fen: int, terms: int) -> list[int]:
    """Equal terms to the fen; a quote tells the same ones."""
    return units_of(financed_fen, terms)


def plan_of(
    financed_fen: int,
    terms: int,
    *,
    bearer: Bearer = "buyer",
    rates: Mapping[Terms, int] = DEFAULT_RATES,
) -> Plan | Refused:
    """A term must be worth at least a fen."""
    if bearer not in BEARERS:
        raise BadInput("bearer", f"name one of {', '.join(BEARERS)}")
    if not 0 <= financed_fen <= FEN_MAX:
        raise BadInput("financed_fen", f"finance from 0 to {FEN_MAX} fen")
    found = rate_of(rates, terms)
    if isinstance(found, Refused):
        return found
    known, rate = found
    if financed_fen < known:
        return Refused(InstalmentRefusal.TOO_FEW_FEN, financed_fen, known)
    fees = units_of(fee_of(financed_fen, rate=rate), known)
    parts = zip(principals_of(financed_fen, known), fees, strict=True)
    return Plan([Term(*part, *part) for part in parts], bearer)


def owed(plan: Plan, paid: int) -> int:
    """Fen that the buyer still has to pay when so many terms have been paid."""
    return sum(plan.due_of(term) for term in plan.terms[paid:])


def settle_early(plan: Plan, paid: int, *, begun: int = 0) -> Settlement | Refused:
    """``begun``: how many terms have, by the calendar. The next term counts as one of them, those
    that have begun keep their fee, and the later ones lose it."""
    if not 0 <= paid <= len(plan.terms):
        return Refused(InstalmentRefusal.NO_TERM_LEFT, paid, len(plan.terms))
    if not owed(plan, paid):
        return Refused(InstalmentRefusal.NOTHING_OWED, 0, 1)
    kept = max(paid + 1, begun)
    later = [msgspec.structs.replace(term, fee_fen=0) for term in plan.terms[kept:]]
    rest = msgspec.structs.replace(plan, terms=[*plan.terms[:kept], *later])
    return Settlement(rest, owed(rest, paid), plan.fee_fen - rest.fee_fen)


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
    rest = msgspec.structs.replace(plan, terms=terms)
    cash_fen = max(0, refund_fen - unpaid)
    return Returned(rest, cash_fen, plan.fee_fen - rest.fee_fen)


def _smaller(term: Term, off: int, *, used: bool) -> Term:
    """A term that is paid keeps its fee: the money was lent. The share that stays is rounded up,
    of what was agreed."""
    principal = term.principal_fen - off
    fee = term.fee_fen
    if off and not used:
        fee = -(-term.agreed_fee_fen * principal // term.agreed_principal_fen)
    return msgspec.structs.replace(term, principal_fen=principal, fee_fen=fee)
