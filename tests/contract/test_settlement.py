"""Settlement on a real book: its closing is the balance of the ledger, day by day of China."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import opened

from quanyu.clock import DAY_US, FixedClock, day_number, day_text, parse_iso
from quanyu.ledger.accounts import Account
from quanyu.ledger.transfers import Phase, Transfer, transfer_id
from quanyu.promotions.parties import (
    clearing,
    deferred,
    forgone,
    given,
    platform_payable,
    shop_payable,
)
from quanyu.promotions.settlement import Days
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

MARKET, OTHER = "市场", "别家"
A, B = shop_payable(MARKET, "A"), shop_payable(MARKET, "B")
ELSEWHERE = shop_payable(OTHER, "A")
CASH, PLATFORM = clearing("alipay"), platform_payable()
ACCOUNTS = (A, B, ELSEWHERE, CASH, PLATFORM)
MIDNIGHT_US = parse_iso("2026-11-11T00:00:00+08:00")


class Till:
    """A book at a clock that goes where the test wants it."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self.engine = engine
        self.clock = clock
        self._number = 0
        with engine.database.transaction() as tx:
            engine.book.open(tx, [*ACCOUNTS, deferred(MARKET, "A")])

    def move(
        self, debit: Account, credit: Account, fen: int, *, code: str = "order.paid.cash",
        **more: Any,
    ) -> Transfer:  # fmt: skip
        self._number += 1
        id = transfer_id("till", str(self._number))
        transfer = Transfer(id, debit.id, credit.id, fen, code, **more)
        with self.engine.database.transaction() as tx:
            (outcome,) = self.engine.book.post(tx, [[transfer]])
        assert not hasattr(outcome, "reason"), outcome
        return transfer

    def at(self, at_us: int) -> "Till":
        self.clock.advance(at_us - self.clock.now_us())
        return self

    def report(self, first: str, last: str, owner: str | None = MARKET) -> dict[str, Any]:
        return self.engine.settlement.report(Days.parse(first, last), owner=owner)

    def balances(self, accounts: Sequence[Account] = ACCOUNTS) -> dict[str, int]:
        with self.engine.database.transaction() as tx:
            found = self.engine.book.balances(tx, [one.id for one in accounts])
        return {id: one.posted for id, one in found.items()}


@pytest.fixture
def till(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Till]:
    with opened(database, clock, data_dir) as engine:
        yield Till(engine, clock).at(MIDNIGHT_US)


def closings(found: dict[str, Any]) -> dict[str, int]:
    return {one["account"]: one["closing"] for one in found["accounts"]}


def test_a_book_without_entries(till: Till) -> None:
    found = till.report("2026-11-11", "2026-11-11")
    assert (found["accounts"], found["closing"]) == ([], 0)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-11-11T00:00:00+08:00", "2026-11-11"),
        ("2026-11-11T07:59:59.999999+08:00", "2026-11-11"),
        ("2026-11-11T08:00:00+08:00", "2026-11-11"),
        ("2026-11-11T23:59:59.999999+08:00", "2026-11-11"),
        ("2026-11-12T00:00:00+08:00", "2026-11-12"),
        ("2026-12-31T23:59:59.999999+08:00", "2026-12-31"),
        ("2027-01-01T00:00:00+08:00", "2027-01-01"),
    ],
)
def test_a_day_is_a_day_of_china(till: Till, instant: str, day: str) -> None:
    """From its midnight to the last microsecond; the report of the day alone agrees."""
    till.at(parse_iso(instant)).move(CASH, A, 100)
    number = day_number(parse_iso(instant))
    span = till.report(day_text(number - 2), day_text(number + 2))
    (account,) = span["accounts"]
    assert [one["day"] for one in account["days"]] == [day]
    (alone,) = till.report(day, day)["accounts"]
    assert (alone["opening"], alone["closing"], len(alone["days"])) == (0, 100, 1)
    before = till.report(day_text(number - 1), day_text(number - 1))
    assert before["accounts"] == []
    (after,) = till.report(day_text(number + 1), day_text(number + 1))["accounts"]
    assert (after["opening"], after["days"]) == (100, [])


def test_reasons_are_summed_by_the_day(till: Till) -> None:
    for fen in (100, 250, 1):
        till.move(CASH, A, fen)
    till.move(PLATFORM, A, 40, code="order.paid.platform")
    till.move(A, CASH, 50, code="order.refunded.cash")
    (account,) = till.report("2026-11-11", "2026-11-11")["accounts"]
    (day,) = account["days"]
    assert day["entries"] == [
        {"code": "order.paid.cash", "in": 351, "out": 0, "transfers": 3},
        {"code": "order.paid.platform", "in": 40, "out": 0, "transfers": 1},
        {"code": "order.refunded.cash", "in": 0, "out": 50, "transfers": 1},
    ]
    assert day["closing"] == account["closing"] == till.balances()[A.id] == 341


def test_a_reason_may_go_both_ways(till: Till) -> None:
    till.move(CASH, A, 70, code="correction")
    till.move(A, CASH, 30, code="correction")
    (account,) = till.report("2026-11-11", "2026-11-11")["accounts"]
    (entry,) = account["days"][0]["entries"]
    assert (entry["in"], entry["out"], entry["transfers"]) == (70, 30, 2)


def test_between_two_accounts_of_one_owner_nothing_is_made(till: Till) -> None:
    till.move(CASH, A, 100)
    till.move(A, B, 60, code="moved")
    found = till.report("2026-11-11", "2026-11-11")
    assert closings(found) == {A.id: 40, B.id: 60}
    assert found["closing"] == 100


def test_a_merchant_sees_its_own_accounts_only(till: Till) -> None:
    till.move(CASH, A, 100)
    till.move(CASH, ELSEWHERE, 777, code="order.paid.canary")
    till.move(PLATFORM, A, 5, code="order.paid.platform")
    mine, theirs = till.report("2026-11-11", "2026-11-11"), till.report(
        "2026-11-11", "2026-11-11", OTHER
    )  # fmt: skip
    assert closings(mine) == {A.id: 105}
    assert "canary" not in str(mine)
    assert closings(theirs) == {ELSEWHERE.id: 777}
    everybody = till.report("2026-11-11", "2026-11-11", None)
    assert closings(everybody) == {A.id: 105, ELSEWHERE.id: 777, PLATFORM.id: -5}


def test_only_what_is_owed_is_settled(till: Till) -> None:
    """Deferred voucher money and forgone list prices are no debts."""
    memo = given(MARKET, "A"), forgone(MARKET, "A")
    with till.engine.database.transaction() as tx:
        till.engine.book.open(tx, memo)
    till.move(CASH, deferred(MARKET, "A"), 9_900)
    till.move(*memo, 1_000)
    assert till.report("2026-11-11", "2026-11-11")["accounts"] == []


def test_what_is_only_held_is_not_owed_yet(till: Till) -> None:
    held = till.move(CASH, A, 100, phase=Phase.HOLD, timeout_us=DAY_US)
    assert till.report("2026-11-11", "2026-11-11")["accounts"] == []
    till.at(MIDNIGHT_US + DAY_US - 1)
    till.move(CASH, A, 80, phase=Phase.SETTLE, pending_id=held.id)
    found = till.report("2026-11-11", "2026-11-11")
    assert closings(found) == {A.id: 80}
    assert till.balances()[A.id] == 80


def test_what_was_let_go_is_never_owed(till: Till) -> None:
    held = till.move(CASH, A, 100, phase=Phase.HOLD, timeout_us=DAY_US)
    till.move(CASH, A, 100, phase=Phase.RELEASE, pending_id=held.id)
    assert till.report("2026-11-11", "2026-11-11")["accounts"] == []


@pytest.mark.parametrize("seed", range(4))
def test_random_postings_against_a_plain_sum(till: Till, seed: int) -> None:
    """However days are cut, openings meet closings, and the last closing is the balance."""
    chance, model = random.Random(seed), defaultdict[tuple[int, str], int](int)
    first = day_number(MIDNIGHT_US)
    at_us = MIDNIGHT_US
    for _ in range(60):
        at_us += chance.choice((0, 1, DAY_US // 3, DAY_US - 1))
        debit, credit = chance.sample(ACCOUNTS, 2)
        fen = chance.choice((1, 99, 36_890, 10**9))
        till.at(at_us).move(debit, credit, fen, code=chance.choice(("paid", "refunded")))
        model[day_number(at_us), credit.id] += fen
        model[day_number(at_us), debit.id] -= fen
    last, cut = day_number(at_us), chance.randrange(first, day_number(at_us))
    spans = [(first, cut), (cut + 1, last), (first, last)]
    early, late, whole = (till.report(*map(day_text, span), None) for span in spans)
    balances = till.balances()
    for one in whole["accounts"]:
        assert one["closing"] == balances[one["account"]]
        for day in one["days"]:
            number = day_number(parse_iso(f"{day['day']}T00:00:00+08:00"))
            moved = sum(entry["in"] - entry["out"] for entry in day["entries"])
            assert moved == model[number, one["account"]]
    openings = {one["account"]: one["opening"] for one in late["accounts"]}
    assert all(openings[name] == fen for name, fen in closings(early).items())
    assert closings(late) == closings(whole)


def test_the_sums_of_everybody_and_the_buyers_money_are_nothing(till: Till) -> None:
    """Each fen that somebody is owed is a fen that came in."""
    till.move(CASH, A, 300)
    till.move(PLATFORM, B, 35)
    till.move(B, CASH, 10)
    everybody = till.report("2026-11-11", "2026-11-11", None)
    assert everybody["closing"] + till.balances()[CASH.id] == 0
