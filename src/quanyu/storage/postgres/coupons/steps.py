"""What was asked and answered: a command has one effect and one answer per key."""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import msgspec
import psycopg

from quanyu.events.once import Raced
from quanyu.promotions.coupons.coupon import AnyCommand, OnCoupon, Outcome
from quanyu.promotions.coupons.deciding import operation
from quanyu.promotions.coupons.refusals import Reason, Refused
from quanyu.promotions.coupons.step import Step
from quanyu.storage.postgres.sql_files import sql

Key = tuple[str, str, str]
"""(merchant, operation, request)"""
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Outcome).decode


class Answer(NamedTuple):
    key: Key
    merchant_no: int
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

    def note(self, tx: psycopg.Connection, answers: Sequence[Answer], *, at_us: int) -> None:
        """Raises Raced when one of the keys is not free any more."""
        steps = [one.step for one in answers]
        args = {
            "merchants": [one.merchant_no for one in answers],
            "operations": [one.key[1] for one in answers],
            "requests": [one.key[2] for one in answers],
            "fingerprints": [one.fingerprint for one in answers],
            "coupons": [step and step.coupon.id for step in steps],
            "befores": [step and step.before and step.before.value for step in steps],
            "afters": [step and step.coupon.state.value for step in steps],
            "times": [at_us] * len(answers),
            "outcomes": [_encode(one.outcome) for one in answers],
        }
        if tx.execute(sql("coupons/note"), args).rowcount < len(answers):
            raise Raced


class NoMoney(Exception):
    """Offers have nothing left for the losses of these: their stores bear them."""

    def __init__(self, keys: frozenset[Key]) -> None:
        super().__init__(str(sorted(keys)))
        self.keys = keys


def key_of(command: AnyCommand) -> Key:
    return command.merchant, operation(command), command.request


def is_stale(command: AnyCommand) -> bool:
    """Refused unless its key has an answer; the refusal is not kept, so that the same key may come
    again with a fresh code."""
    return isinstance(command, OnCoupon) and command.stale


def fingerprint(command: AnyCommand) -> bytes:
    """Of everything that was asked; tokens stand in it, no personal values. A code that has grown
    old since asks for the same."""
    if is_stale(command):
        command = msgspec.structs.replace(command, stale=False)
    return sha256(msgspec.msgpack.encode(command)).digest()


def answered(known: tuple[bytes, Outcome], print_: bytes) -> Outcome:
    before, outcome = known
    if before != print_:
        return Refused(Reason.KEY_USED_FOR_ANOTHER_REQUEST)
    return outcome
