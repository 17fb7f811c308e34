"""Instalments: terms are what was financed, and the book holds the fees that are left of them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import psycopg

from quanyu.promotions.instalments.postings import bearer_account
from quanyu.promotions.instalments.states import PlanState
from quanyu.promotions.parties import financier_fees
from quanyu.promotions.pricing.instalments import Bearer
from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.postgres.sql_files import sql

PLANS = 2_000


class Kept(NamedTuple):
    """A plan as its rows and those of its order say."""

    merchant_no: int
    order: str
    merchant: str
    method: str
    bearer: Bearer
    state: str
    shares: Mapping[str, int]
    payable_fen: int
    refunded_fen: int
    agreed_fen: int
    left_fen: int
    fee_fen: int
    unpaid_fen: int
    in_order: bool


def _plans(conn: psycopg.Connection) -> Iterator[Kept]:
    merchant_no, order = 0, ""
    while True:
        args = {"merchant_no": merchant_no, "order": order, "limit": PLANS}
        rows = conn.execute(sql("audit/instalments"), args).fetchall()
        if not rows:
            return
        yield from (Kept(*row) for row in rows)
        merchant_no, order = rows[-1][:2]


def plans_are_what_was_financed(parts: Audited) -> Check:
    """Per plan: Σ terms as agreed = what was paid for the order, Σ terms left = that less what
    was refunded, shares of the fee = Σ fees, paid terms first, and the state that follows. Every
    paid order that agreed to terms has its plan."""
    looked_at, faults = 0, []
    with parts.database.transaction() as conn:
        for looked_at, plan in enumerate(_plans(conn), 1):  # noqa: B007
            faults += [f"plan of {plan.merchant}/{plan.order}: {one}" for one in _faults(plan)]
        missing = conn.execute(sql("audit/instalments_missing")).fetchall()
    faults += [
        f"order {merchant}/{order} was paid by terms and has no plan" for merchant, order in missing
    ]
    return Check("instalments: terms sum to what was financed", looked_at, tuple(faults))


def _faults(plan: Kept) -> Iterator[str]:
    if plan.agreed_fen != plan.payable_fen:
        yield f"{plan.payable_fen} financed, terms of {plan.agreed_fen}"
    left_fen = plan.payable_fen - plan.refunded_fen
    if plan.left_fen != left_fen:
        yield f"{left_fen} not refunded, terms of {plan.left_fen} left"
    borne_fen, shared_fen = 0 if plan.bearer == "buyer" else plan.fee_fen, sum(plan.shares.values())
    if shared_fen != borne_fen:
        yield f"fees of {borne_fen}, {shared_fen} shared out"
    if not plan.in_order:
        yield "terms are missing, or paid out of order"
    if _state_differs(plan):
        yield f"{plan.state}, with {plan.left_fen} left and {plan.unpaid_fen} unpaid"


def _state_differs(plan: Kept) -> bool:
    if not plan.left_fen:
        return plan.state != PlanState.CANCELLED
    if plan.unpaid_fen:
        return plan.state != PlanState.ACTIVE
    return plan.state not in (PlanState.DONE, PlanState.SETTLED)


def fees_are_in_the_book(parts: Audited) -> Check:
    """Σ postings of an order's fee = what each bearer bears of it still, and of no other order.
    Memory is linear in plans."""
    with parts.database.transaction() as conn:
        said, looked_at = {}, 0
        for looked_at, plan in enumerate(_plans(conn), 1):  # noqa: B007
            fees = financier_fees(plan.merchant, plan.method).id
            for name, fen in plan.shares.items():
                bearer = bearer_account(plan.bearer, plan.merchant, name=name)
                said[fees, bearer.id, plan.order] = fen
        rows = conn.execute(sql("audit/instalment_fees")).fetchall()
    book = {tuple(names): fen for *names, fen in rows}
    places = sorted(said.keys() | book.keys())
    faults = [
        f"{fees} of order {order}, {bearer}: {said.get(place, 0)} in the plan, "
        f"{book.get(place, 0)} in the book"
        for place in places
        if said.get(place, 0) != book.get(place, 0)
        for fees, bearer, order in [place]
    ]
    return Check("instalments: fees in the book are those of the plans", looked_at, tuple(faults))
