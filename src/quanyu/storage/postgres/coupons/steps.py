"""What was asked and answered: a command has one effect and one answer per key."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import psycopg

from quanyu.promotions.coupons.coupon import Outcome
from quanyu.promotions.coupons.step import Step
from quanyu.storage.postgres.sql_files import sql

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Outcome).decode


class StepRow(NamedTuple):
    merchant_no: int
    operation: str
    request: str
    fingerprint: bytes
    step: Step | None
    """None: it was refused."""
    outcome: Outcome


class Steps:
    def known(
        self,
        tx: psycopg.Connection,
        keys: Sequence[tuple[str, str, str]],
        *,
        merchants: dict[str, int],
    ) -> dict[tuple[str, str, str], tuple[bytes, Outcome]]:
        args = {
            "merchants": [merchants[merchant] for merchant, _, _ in keys],
            "operations": [operation for _, operation, _ in keys],
            "requests": [request for _, _, request in keys],
        }
        names = {number: name for name, number in merchants.items()}
        return {
            (names[number], operation, request): (bytes(print_), _decode(bytes(outcome)))
            for number, operation, request, print_, outcome in tx.execute(
                sql("coupons/steps"), args
            )
        }

    def note(self, tx: psycopg.Connection, rows: Sequence[StepRow], *, at_us: int) -> int:
        """How many of the keys were free."""
        steps = [row.step for row in rows]
        args = {
            "merchants": [row.merchant_no for row in rows],
            "operations": [row.operation for row in rows],
            "requests": [row.request for row in rows],
            "fingerprints": [row.fingerprint for row in rows],
            "coupons": [step and step.coupon.id for step in steps],
            "befores": [step and step.before and step.before.value for step in steps],
            "afters": [step and step.coupon.state.value for step in steps],
            "times": [at_us] * len(rows),
            "outcomes": [_encode(row.outcome) for row in rows],
        }
        return tx.execute(sql("coupons/note"), args).rowcount
