"""B8 for flash sales: whatever buyers do, the desk on PostgreSQL says what a naive till says; and
seven mutants of the rules are caught."""

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.flash_till import SAME_PERSON, Piece, Till
from tests.loyalty_ground import ANN, BEN, SHOP, Street, street

from quanyu.clock import SECOND_US, FixedClock, format_iso
from quanyu.promotions.flash_sales import deciding, service
from quanyu.promotions.flash_sales.sales import Attempt, Sale, State
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.flash_sales.reservations import PostgresReservations

pytestmark = pytest.mark.drill

EXAMPLES, STEPS, HOLD_S, WINDOW_S = 40, 25, 30, 120
BUYERS = (ANN, BEN, *SAME_PERSON)
ORDERS = ("o1", "o2")
_sales = count(1)


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with street(database, clock, data_dir) as made:
        made.link(*SAME_PERSON)
        yield made


def word(said: Any) -> str:
    return said.state.value if hasattr(said, "state") else str(said.reason)


def machine_of(shop: Street) -> type[RuleBasedStateMachine]:
    desk, clock = shop.engine.flash_sales.desk, shop.clock

    class Buying(RuleBasedStateMachine):
        @initialize(stock=st.integers(1, 4), limit=st.integers(1, 2), wait=st.sampled_from((0, 5)))
        def open(self, stock: int, limit: int, wait: int) -> None:
            self.name = f"sale-{next(_sales)}"
            now_us = clock.now_us()
            opens_us, ends_us = now_us + wait * SECOND_US, now_us + WINDOW_S * SECOND_US
            self.till = Till(now_us, opens_us, ends_us, stock, limit, HOLD_S * SECOND_US)
            shop.sale(
                name=self.name, pieces=stock, per_person=limit, hold_seconds=HOLD_S,
                starts=format_iso(opens_us), ends=format_iso(ends_us),
            )  # fmt: skip
            self.holds: dict[str, str] = {}

        def asked(self, who: str, request: str) -> Attempt:
            return shop.engine.flash_sales.asked(
                SHOP, self.name, identifier=who, request=request, words=frozenset()
            )

        @rule(
            wanted=st.lists(
                st.tuples(st.sampled_from(BUYERS), st.integers(1, 8)), min_size=1, max_size=4
            )
        )
        def attempt(self, wanted: list[tuple[str, int]]) -> None:
            """A group: what one of it takes, the next one does not find."""
            group = [(who, f"r{number}") for who, number in wanted]
            said = desk.write([self.asked(who, request) for who, request in group])
            expected = [self.till.attempt(who, request) for who, request in group]
            assert [word(one) for one in said] == expected
            for (_, request), one in zip(group, said, strict=True):
                if hasattr(one, "hold"):
                    self.holds.setdefault(request, one.hold)
                    assert self.holds[request] == one.hold

        def piece(self, data: st.DataObject) -> Piece:
            return data.draw(st.sampled_from(self.till.pieces))

        @precondition(lambda self: self.till.pieces)
        @rule(data=st.data(), order=st.sampled_from(ORDERS), sold=st.booleans())
        def end(self, data: st.DataObject, order: str, sold: bool) -> None:
            piece = self.piece(data)
            expected = self.till.end(piece, order, word="sold" if sold else "released")
            do = desk.confirm if sold else desk.release
            with shop.engine.database.transaction() as tx:
                said = do(tx, SHOP, hold=self.holds[piece.request], order=order)
            assert word(said) == expected

        @precondition(lambda self: self.till.pieces)
        @rule(data=st.data(), order=st.sampled_from(ORDERS))
        def claim(self, data: st.DataObject, order: str) -> None:
            piece = self.piece(data)
            kind, _, value = piece.who.partition(":")
            holder = kind, shop.engine.tokeniser(SHOP).token(kind, value)
            hold = self.holds[piece.request]
            with shop.engine.database.transaction() as tx:
                said = desk.claim(tx, SHOP, hold=hold, order=order, holder=holder)
            assert word(said) == self.till.claim(piece, order)

        @rule(seconds=st.sampled_from((1, 5, 15, 30, 60)))
        def wait(self, seconds: int) -> None:
            clock.advance(seconds * SECOND_US)
            self.till.now_us = clock.now_us()

        @rule()
        def book_chore(self) -> None:
            shop.engine.ledger_writer.expire()
            self.till.book_expires()

        @rule()
        def row_chore(self) -> None:
            shop.engine.flash_sales.expire()
            self.till.rows_expire()

        @precondition(lambda self: len(self.till.pieces) > 2)
        @rule()
        def close(self) -> None:
            shop.engine.flash_sales.close(SHOP, self.name)
            self.till.closed = True

        @invariant()
        def the_same(self) -> None:
            if not hasattr(self, "till"):
                return
            _, found = shop.engine.flash_sales.show(SHOP, self.name)
            assert (found.free, found.sold) == (self.till.free, self.till.sold)
            assert found.free + found.held + found.sold == found.loaded == self.till.stock

        def teardown(self) -> None:
            shop.conserved()

    return Buying


def run(shop: Street, *, examples: int, phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine_of(shop),
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            phases=phases,
            database=None,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_desk_and_the_till_agree(shop: Street) -> None:
    run(shop, examples=EXAMPLES)
    checks = [check for check in shop.engine.audit() if not check.holds]
    line = {"drill": "B8", "subject": "flash_sales", "attempted": EXAMPLES, "lost": 0,
            "duplicates": 0, "violations": len(checks)}  # fmt: skip
    print(json.dumps(line))
    assert checks == []


DECIDE = deciding.Counter.decide
CLOSED_TO = deciding.closed_to
COUNTS = PostgresReservations.counts
HOLDING = service.holding


def forgets_the_group(
    self: deciding.Counter, attempt: Attempt, sale: Sale | None, *, now_us: int
) -> Any:
    free, had = dict(self.free), dict(self.had)
    said = DECIDE(self, attempt, sale, now_us=now_us)
    self.free, self.had = free, had
    return said


def knows_no_persons(self: Any, tx: Any, asked: Any) -> deciding.Counter:
    made = COUNTER(self, tx, asked)
    return deciding.Counter(made.free, made.had, {})


COUNTER = service.FlashDesk._counter


def closes_late(sale: Sale, attempt: Attempt, *, now_us: int) -> Any:
    return CLOSED_TO(sale, attempt, now_us=now_us - SECOND_US)


def never_closes(sale: Sale, attempt: Attempt, *, now_us: int) -> Any:
    return CLOSED_TO(msgspec.structs.replace(sale, closed=False), attempt, now_us=now_us)


def counts_old_holds(self: Any, tx: Any, asked: Any, *, now_us: int) -> Any:
    return COUNTS(self, tx, asked, now_us=0)


def holds_twice_as_long(sale: Sale, request: str) -> Any:
    made = HOLDING(sale, request)
    return msgspec.structs.replace(made, timeout_us=2 * (made.timeout_us or 0))


def sells_what_is_let_go(reservation: Any, state: State) -> Any:
    return ENDING(reservation, State.SOLD)


ENDING = service.ending
CAUGHT_BY = (AssertionError, ExceptionGroup, KeyError, psycopg.errors.IntegrityError)
MUTANTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "a group does not count itself": (deciding.Counter, "decide", forgets_the_group),
    "two names are two persons": (service.FlashDesk, "_counter", knows_no_persons),
    "the window is open too long": (deciding, "closed_to", closes_late),
    "the kill switch does nothing": (deciding, "closed_to", never_closes),
    "a hold that is over still counts": (PostgresReservations, "counts", counts_old_holds),
    "the book holds longer than was said": (service, "holding", holds_twice_as_long),
    "what is let go is sold": (service, "ending", sells_what_is_let_go),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught(shop: Street, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, function, mutant = MUTANTS[name]
    monkeypatch.setattr(module, function, mutant)
    with pytest.raises(CAUGHT_BY) as caught:
        run(shop, examples=150, phases=(Phase.generate,))
    print(json.dumps({"drill": "B8", "mutant": name, "caught": type(caught.value).__name__}))
