"""Every reason to refuse, by a case that produces it; the model gives the same answer each time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from tests.ledger_ground import ACCOUNTS, HOUR_US, NOW_US, held, moved, named
from tests.ledger_model import Model

from quanyu.ledger import posting
from quanyu.ledger.posting import AMOUNT_MAX, BALANCE_MAX, TIMEOUT_MAX_US, Books
from quanyu.ledger.refusals import Posted, Refusal, Refused
from quanyu.ledger.transfers import Chain, Phase, Transfer

R = Refusal


@dataclass(frozen=True)
class Case:
    """What is there, what comes, and why and where it is refused."""

    reason: Refusal
    comes: Chain
    there: tuple[Transfer, ...] = ()
    index: int = 0
    after_us: int = 0
    frozen: tuple[str, ...] = ()
    expired: bool = False
    turnover: dict[str, int] = field(default_factory=dict)


PUT_IN = moved("put in", 100)
HOLD = held("hold", 60)
SHORT = held("short", 60, timeout_us=HOUR_US)


def other(transfer: Transfer, **changes: Any) -> Transfer:
    return msgspec.structs.replace(transfer, **changes)


CASES = (
    Case(R.CHAIN_IS_EMPTY, ()),
    Case(R.ID_TWICE_IN_CHAIN, (moved("a"), moved("b"), moved("a")), index=2),
    Case(R.ID_TWICE_IN_CHAIN, (PUT_IN, PUT_IN), there=(PUT_IN,), index=1),
    Case(R.CHAIN_PARTLY_EXISTS, (moved("a"), PUT_IN), there=(PUT_IN,)),
    Case(R.CHAIN_PARTLY_EXISTS, (PUT_IN, moved("a")), there=(PUT_IN,), index=1),
    Case(R.EXISTS_WITH_DIFFERENT_PHASE, [other(PUT_IN, phase=Phase.HOLD)], there=(PUT_IN,)),
    Case(R.EXISTS_WITH_DIFFERENT_DEBIT, [other(PUT_IN, debit="till")], there=(PUT_IN,)),
    Case(R.EXISTS_WITH_DIFFERENT_CREDIT, [other(PUT_IN, credit="till")], there=(PUT_IN,)),
    Case(R.EXISTS_WITH_DIFFERENT_AMOUNT, [other(PUT_IN, amount=99)], there=(PUT_IN,)),
    Case(
        R.EXISTS_WITH_DIFFERENT_PENDING_ID,
        [other(HOLD.settled(named("s")), pending_id=named("no"))],
        there=(PUT_IN, HOLD, HOLD.settled(named("s"))),
    ),
    Case(R.EXISTS_WITH_DIFFERENT_TIMEOUT, [other(SHORT, timeout_us=1)], there=(PUT_IN, SHORT)),
    Case(R.EXISTS_WITH_DIFFERENT_CODE, [other(PUT_IN, code="else")], there=(PUT_IN,)),
    Case(R.EXISTS_WITH_DIFFERENT_REFERENCE, [other(PUT_IN, reference="o1")], there=(PUT_IN,)),
    Case(R.ID_NOT_16_BYTES, [other(PUT_IN, id=b"short")]),
    Case(R.CODE_MALFORMED, [other(PUT_IN, code="")]),
    Case(R.CODE_MALFORMED, [other(PUT_IN, code="a\x00b")]),
    Case(R.CODE_MALFORMED, [other(PUT_IN, code="x" * 81)]),
    Case(R.REFERENCE_MALFORMED, [other(PUT_IN, reference="\ud800")]),
    Case(R.REFERENCE_MALFORMED, [other(PUT_IN, reference="x" * 201)]),
    Case(R.AMOUNT_NOT_POSITIVE, [moved("a", 0)]),
    Case(R.AMOUNT_NOT_POSITIVE, [moved("a", -5)]),
    Case(R.AMOUNT_TOO_LARGE, [moved("a", AMOUNT_MAX + 1)]),
    Case(R.PHASE_IS_THE_BOOKS_OWN, [HOLD.expired()], there=(PUT_IN, HOLD)),
    Case(R.TIMEOUT_ONLY_FOR_HOLDS, [moved("a", timeout_us=5)]),
    Case(R.TIMEOUT_NOT_POSITIVE, [held("a", timeout_us=0)]),
    Case(R.TIMEOUT_TOO_LONG, [held("a", timeout_us=TIMEOUT_MAX_US + 1)]),
    Case(R.PENDING_ID_MISSING, [moved("a", phase=Phase.SETTLE)]),
    Case(R.PENDING_ID_NOT_EXPECTED, [moved("a", pending_id=named("b"))]),
    Case(R.ACCOUNTS_MUST_DIFFER, [moved("a", credit="bank")]),
    Case(R.DEBIT_ACCOUNT_NOT_FOUND, [moved("a", debit="nobody")]),
    Case(R.CREDIT_ACCOUNT_NOT_FOUND, [moved("a", credit="nobody")]),
    Case(R.UNITS_DIFFER, [moved("a", credit="points")]),
    Case(R.DEBIT_ACCOUNT_FROZEN, [moved("a")], frozen=("bank",)),
    Case(R.CREDIT_ACCOUNT_FROZEN, [moved("a")], frozen=("purse",)),
    Case(R.EXCEEDS_BALANCE, [held("a", 101)], there=(PUT_IN,)),
    Case(R.EXCEEDS_BALANCE, [held("a", 41)], there=(PUT_IN, HOLD)),
    Case(R.EXCEEDS_BALANCE, [moved("a", 1, credit="loan")]),
    Case(R.OVERFLOWS_BALANCE, [moved("a", 2)], turnover={"bank": BALANCE_MAX - 1}),
    Case(R.OVERFLOWS_BALANCE, [moved("a", 2)], turnover={"purse": BALANCE_MAX - 1}),
    Case(R.PENDING_TRANSFER_NOT_FOUND, [HOLD.settled(named("s"))]),
    Case(R.PENDING_TRANSFER_NOT_PENDING, [PUT_IN.settled(named("s"))], there=(PUT_IN,)),
    Case(
        R.PENDING_TRANSFER_HAS_DIFFERENT_ACCOUNTS,
        [other(HOLD.settled(named("s")), credit="bank")],
        there=(PUT_IN, HOLD),
    ),
    Case(
        R.PENDING_TRANSFER_ALREADY_SETTLED,
        [HOLD.released(named("r"))],
        there=(PUT_IN, HOLD, HOLD.settled(named("s"), amount=1)),
    ),
    Case(
        R.PENDING_TRANSFER_ALREADY_RELEASED,
        [HOLD.settled(named("s"))],
        there=(PUT_IN, HOLD, HOLD.released(named("r"))),
    ),
    Case(
        R.PENDING_TRANSFER_EXPIRED,
        [SHORT.settled(named("s"))],
        there=(PUT_IN, SHORT),
        after_us=HOUR_US,
    ),
    Case(
        R.PENDING_TRANSFER_EXPIRED,
        [SHORT.released(named("s"))],
        there=(PUT_IN, SHORT),
        after_us=HOUR_US,
        expired=True,
    ),
    Case(R.EXCEEDS_PENDING_AMOUNT, [HOLD.settled(named("s"), amount=61)], there=(PUT_IN, HOLD)),
    Case(
        R.RELEASE_MUST_BE_WHOLE,
        [other(HOLD.released(named("r")), amount=59)],
        there=(PUT_IN, HOLD),
    ),
)


def books_of(case: Case) -> Books:
    books = Books()
    for account in ACCOUNTS:
        books.open(account)
    for transfer in case.there:
        assert isinstance(posting.post(books, [transfer], now_us=NOW_US), Posted)
    for name in case.frozen:
        books.balances[name].frozen = True
    for name, amount in case.turnover.items():
        books.balances[name].debits_posted += amount
        books.balances[name].credits_posted += amount
    if case.expired:
        posting.expire(books, books.holds[SHORT.id], now_us=NOW_US + case.after_us)
    return books


def model_of(case: Case) -> Model:
    model = Model()
    model.open(ACCOUNTS)
    assert all(isinstance(o, Posted) for o in model.post([[t] for t in case.there], NOW_US))
    model.frozen = set(case.frozen)
    if case.expired:
        model.expire(NOW_US + case.after_us)
    return model


def snapshot(books: Books) -> Any:
    entries = [(entry.transfer, entry.at_us) for entry in books.new]
    holds = {id_: hold.state for id_, hold in books.holds.items()}
    return msgspec.json.encode(books.balances), entries, holds, dict(books.entries)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.reason.value)
def test_each_reason_is_given_at_its_place_and_nothing_changes(case: Case) -> None:
    books = books_of(case)
    before = snapshot(books)
    outcome = posting.post(books, case.comes, now_us=NOW_US + case.after_us)
    assert outcome == Refused(case.reason, case.index)
    assert snapshot(books) == before


@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.turnover], ids=lambda case: case.reason.value
)
def test_the_model_refuses_for_the_same_reason(case: Case) -> None:
    model = model_of(case)
    assert model.post([case.comes], NOW_US + case.after_us) == [Refused(case.reason, case.index)]


def test_every_refusal_of_the_enumeration_has_a_case() -> None:
    assert {case.reason for case in CASES} == set(Refusal)


FIRST: tuple[tuple[str, Chain, Callable[[Books], int]], ...] = (
    ("direct", [moved("x", 70)], lambda b: b.balances["purse"].available - 170),
    ("hold", [held("x", 30)], lambda b: b.balances["purse"].available - 10),
    ("settle", [HOLD.settled(named("x"), amount=25)], lambda b: b.balances["till"].posted - 25),
    ("release", [HOLD.released(named("x"))], lambda b: b.balances["purse"].available - 100),
)


@pytest.mark.parametrize(
    ("chain", "difference"), [one[1:] for one in FIRST], ids=[one[0] for one in FIRST]
)
def test_what_is_not_refused_moves_as_it_says(
    chain: Chain, difference: Callable[[Books], int]
) -> None:
    there = () if chain[0].phase is Phase.DIRECT else (PUT_IN, HOLD)
    books = books_of(Case(R.CHAIN_IS_EMPTY, (), there=there or (PUT_IN,)))
    assert posting.post(books, chain, now_us=NOW_US) == Posted(NOW_US)
    assert difference(books) == 0
