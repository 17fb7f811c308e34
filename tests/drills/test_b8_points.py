"""B8 for points: whatever a member does, the desk on PostgreSQL says what a naive model says; and
six mutants of the rules are caught."""

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.loyalty_ground import STARS, Street, street
from tests.points_model import DAY_US, Model

from quanyu.clock import FixedClock
from quanyu.promotions.loyalty import desk, shelf
from quanyu.promotions.loyalty.answers import GivenBack, Spent, TakenBack
from quanyu.promotions.loyalty.lots import Lot
from quanyu.promotions.loyalty.refusals import Reason, Refused
from quanyu.storage.postgres.database import Database

pytestmark = pytest.mark.drill

_members = count(1)
EXAMPLES, STEPS = 25, 20


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with street(database, clock, data_dir) as made:
        made.programme(expiry={"kind": "days", "count": 20}, join_gift=0)
        yield made


def machine_of(shop: Street) -> type[RuleBasedStateMachine]:
    class Points(RuleBasedStateMachine):
        """One member and their model; orders are numbered."""

        def __init__(self) -> None:
            super().__init__()
            self.me = f"taobao_id:b8-{next(_members)}"
            shop.join(self.me)
            self.model = Model(shop.clock.now_us())
            self.earned: dict[str, int] = {}
            self.made = 0
            self.earn(2_000)
            self.wait(7)

        def order(self) -> str:
            self.made += 1
            return f"{self.me.partition(':')[2]}-{self.made}"

        @rule(cash_fen=st.integers(0, 3_000))
        def earn(self, cash_fen: int) -> None:
            order = self.order()
            points = self.model.earn(order, cash_fen)
            assert shop.earn(order, cash_fen, self.me).points == points
            if points:
                self.earned[order] = cash_fen

        @rule(days=st.integers(0, 12))
        def wait(self, days: int) -> None:
            shop.clock.advance(days * DAY_US)
            self.model.pass_time(days)

        @rule()
        def sweep(self) -> None:
            shop.engine.loyalty.sweep()

        @rule(points=st.integers(1, 40))
        def spend(self, points: int) -> None:
            order = self.order()
            said = shop.try_spend(order, points, self.me)
            if self.model.spend(order, points):
                assert isinstance(said, Spent), said
            else:
                assert said.reason == Reason.NOT_ENOUGH_POINTS

        @precondition(lambda self: self.model.spends)
        @rule(data=st.data())
        def cancel(self, data: st.DataObject) -> None:
            order = data.draw(st.sampled_from(sorted(self.model.spends)))
            out = self.model.out(order)
            points = data.draw(st.integers(1, out + 1))
            said = shop.cancel(order, points)
            if points > out:
                assert said == Refused(Reason.MORE_THAN_SPENT, out, points)
            else:
                assert said == GivenBack(points, self.model.cancel(order, points))

        @precondition(lambda self: any(self.earned.values()))
        @rule(data=st.data())
        def refund(self, data: st.DataObject) -> None:
            order = data.draw(st.sampled_from([o for o, left in self.earned.items() if left]))
            cash_fen = data.draw(st.integers(1, self.earned[order]))
            self.earned[order] -= cash_fen
            points = self.model.refund(order, cash_fen)
            assert shop.refund(order, cash_fen) == TakenBack(points, self.model.debt)

        @invariant()
        def the_same(self) -> None:
            said = shop.balance(self.me)
            model = self.model
            expected = (model.count("available"), model.count("pending"), model.debt)
            assert (said.available, said.pending, said.debt) == expected

        @invariant()
        def lot_by_lot(self) -> None:
            """As of the last write: what time alone has changed is not written yet."""
            shop.engine.loyalty.sweep()
            lots = shop.engine.points.lots("shop", (STARS, self.me))
            said = {lot.reference.partition("/")[2]: lot.remaining for lot in lots}
            live = ("available", "pending")
            assert said == {grant.order: grant.count(*live) for grant in self.model.grants}

        def teardown(self) -> None:
            shop.conserved()

    return Points


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


def test_the_desk_and_the_model_agree(shop: Street) -> None:
    run(shop, examples=EXAMPLES)
    checks = [check for check in shop.engine.audit() if not check.holds]
    told = sum(int(one.props["points"]) for one in shop.facts("points_expired"))
    line = {"drill": "B8", "subject": "points", "attempted": EXAMPLES, "expired_points": told,
            "lost": 0, "duplicates": 0, "violations": len(checks)}  # fmt: skip
    print(json.dumps(line))
    assert checks == []
    assert told > 0


def latest_first(lot: Lot) -> tuple[int, int, int]:
    return -lot.expires_us, -lot.available_us, -lot.id


def never_gone(one: shelf.Shelf, lot_id: int, *, points: int, until: tuple[int, int]) -> int:
    shelf._move(one, shelf.Kind.RESTORE, lot=lot_id, points=points)
    return 0


def debt_is_forgotten(one: shelf.Shelf, member: int) -> None:
    return None


def rounds_down(lot: Lot, refunded_fen: int) -> int:
    return lot.granted * refunded_fen // lot.cash_fen if lot.cash_fen else 0


def a_day_late(one: shelf.Shelf, *, now_us: int) -> list[Any]:
    return shelf.catch_up(one, now_us=now_us - DAY_US)


def owes_nothing(one: shelf.Shelf, member: int, *, points: int) -> None:
    return None


def only_its_own_lot(one: shelf.Shelf, lot_id: int, *, points: int) -> int:
    return points if one.lots[lot_id].remaining == 0 else REVERSE(one, lot_id, points=points)


REVERSE = shelf._reverse
CAUGHT_BY = (AssertionError, ExceptionGroup, psycopg.errors.CheckViolation)
"""The model, or several faults at once, or the second lock in the database."""
MUTANTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "the latest expiry is spent first": (shelf, "order_of_spending", latest_first),
    "what comes back too late lives on": (shelf, "_put_back", never_gone),
    "debt is never paid": (shelf, "pay_debt", debt_is_forgotten),
    "a refund takes back too little": (shelf, "owed_for_refund", rounds_down),
    "points end a day late": (desk, "catch_up", a_day_late),
    "nobody owes anything": (shelf, "_owe", owes_nothing),
    "what is gone is not asked for": (shelf, "_reverse", only_its_own_lot),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught(shop: Street, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, function, mutant = MUTANTS[name]
    monkeypatch.setattr(module, function, mutant)
    with pytest.raises(CAUGHT_BY) as caught:
        run(shop, examples=100, phases=(Phase.generate,))
    print(json.dumps({"drill": "B8", "mutant": name, "caught": type(caught.value).__name__}))
