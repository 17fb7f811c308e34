"""Instalment plans in PostgreSQL. Every changing statement is guarded and counted."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
import psycopg

from quanyu.ids import Token
from quanyu.promotions.instalments.agreement import Agreement, Financed
from quanyu.promotions.instalments.states import PlanState
from quanyu.promotions.pricing.instalments import Plan, Term
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class Row(NamedTuple):
    """What changes of a term."""

    principal_fen: int
    fee_fen: int
    paid_us: int | None


class PostgresAgreements:
    """The port ``AgreementStore``. The row of the order is the lock of its plan."""

    def add(self, tx: psycopg.Connection, agreement: Agreement) -> None:
        of, terms = agreement.financed, agreement.plan.terms
        plan = {
            "method": of.method, "bearer": agreement.plan.bearer, "rate_bps": of.rate,
            "state": agreement.state.value, "shares": _json(agreement.shares),
        }  # fmt: skip
        _changed(tx, of, statement="add", arguments=plan, rows=1)
        columns = {
            "numbers": list(range(1, len(terms) + 1)),
            "due_on": list(agreement.due_on),
            "principal_fen": [term.principal_fen for term in terms],
            "fee_fen": [term.fee_fen for term in terms],
        }
        _changed(tx, of, statement="add_terms", arguments=columns, rows=len(terms))
        killpoint("instalments.added")

    def locked(self, tx: psycopg.Connection, merchant: str, *, order: str) -> Agreement | None:
        args = {"merchant_no": merchant_no(tx, merchant), "order": order}
        tx.execute(sql("instalments/lock_order"), args)
        return self.find(tx, merchant, order=order)

    def find(self, tx: psycopg.Connection, merchant: str, *, order: str) -> Agreement | None:
        args = {"merchant_no": merchant_no(tx, merchant), "order": order}
        row = tx.execute(sql("instalments/find"), args).fetchone()
        if row is None:
            return None
        kind, token, touchpoint, method, rate, bearer, state, shares = row
        terms = tx.execute(sql("instalments/terms"), args).fetchall()
        return Agreement(
            Financed(merchant, order, (kind, Token(bytes(token))), touchpoint, method, rate),
            Plan([Term(*term[:4]) for term in terms], bearer),
            [due_on for *_, due_on, _ in terms],
            [paid_us for *_, paid_us in terms if paid_us is not None],
            PlanState(state),
            shares,
        )

    def change(self, tx: psycopg.Connection, before: Agreement, *, after: Agreement) -> None:
        of = before.financed
        plan = {
            "state": after.state.value, "state_before": before.state.value,
            "shares": _json(after.shares), "shares_before": _json(before.shares),
        }  # fmt: skip
        _changed(tx, of, statement="move", arguments=plan, rows=1)
        pairs = zip(_rows(before), _rows(after), strict=True)
        moved = [(n, old, new) for n, (old, new) in enumerate(pairs, 1) if old != new]
        columns = {
            "numbers": [n for n, _, _ in moved],
            **{name: [getattr(new, name) for _, _, new in moved] for name in Row._fields},
            "principal_before": [old.principal_fen for _, old, _ in moved],
            "fee_before": [old.fee_fen for _, old, _ in moved],
            "paid_before": [old.paid_us for _, old, _ in moved],
        }
        _changed(tx, of, statement="move_terms", arguments=columns, rows=len(moved))
        killpoint("instalments.changed")


def _rows(agreement: Agreement) -> list[Row]:
    unpaid = len(agreement.plan.terms) - agreement.paid
    at = [*agreement.paid_us, *[None] * unpaid]
    return [
        Row(term.principal_fen, term.fee_fen, paid_us)
        for term, paid_us in zip(agreement.plan.terms, at, strict=True)
    ]


def _json(shares: Mapping[str, int]) -> str:
    return msgspec.json.encode(shares).decode()


def _changed(
    tx: psycopg.Connection,
    of: Financed,
    *,
    statement: str,
    arguments: Mapping[str, Any],
    rows: int,
) -> None:
    place = {"merchant_no": merchant_no(tx, of.merchant), "order": of.order}
    changed = tx.execute(sql(f"instalments/{statement}"), {**place, **arguments}).rowcount
    assert changed == rows, f"instalments/{statement} changed {changed} rows of {of.order}"
