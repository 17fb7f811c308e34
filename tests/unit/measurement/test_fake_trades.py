"""Scans and people, over ports in memory: what stands after whatever they say in turn."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trades_town import Plot, market, orders_of, trades_of

from quanyu.clock import DAY_US, HOUR_US, FixedClock, parse_iso
from quanyu.compliance.trades.orders import Orders
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.events.once import Once
from quanyu.events.requests import Conflict, Request
from quanyu.measurement.fake_trades.answers import (
    BY_PERSON,
    Change,
    ScanDone,
    Standing,
    SuspectedOrder,
)
from quanyu.measurement.fake_trades.ports import By, Moved, Page
from quanyu.measurement.fake_trades.service import DUE_AFTER_US, FakeTrades

SHOP = "tea"
NOW_US = parse_iso("2026-12-01T03:10:00+08:00")
SIGNED = ("陈", "看过聊天记录")
SUSPECTED, CONFIRMED, CLEARED = Standing.SUSPECTED, Standing.CONFIRMED, Standing.CLEARED


class Ledger:
    """Transactions and requests: everything happens at once, and once."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], tuple[bytes, bytes]] = {}

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield None

    def attempt(self, tx: None, do: Callable[[], Any]) -> Any:
        return do()

    def begin(self, tx: None, request: Request) -> bytes | Conflict | None:
        known = self.kept.get((request.merchant, request.operation, request.key))
        if known is None:
            return None
        return known[1] if known[0] == request.content else next(iter(Conflict))

    def answer(self, tx: None, request: Request, *, answer: bytes) -> None:
        name = (request.merchant, request.operation, request.key)
        self.kept[name] = (request.content, answer)


@dataclass
class Paid:
    """The port PaidOrders, with whatever a test puts in."""

    orders: Orders
    asked: list[tuple[str, int, int]] = field(default_factory=list)

    def paid(self, merchant: str, *, from_us: int, to_us: int) -> Orders:
        self.asked.append((merchant, from_us, to_us))
        return self.orders

    def is_paid(self, merchant: str, *, order: str) -> bool:
        return order in self.orders.names["order"]


class Store:
    """The port SuspectedOrders as its docstrings have it."""

    def __init__(self) -> None:
        self.rows: dict[str, SuspectedOrder] = {}
        self.past: list[tuple[str, Change]] = []
        self.scans: dict[str, int] = {}

    def note(self, order: str, became: Standing, *, by: By, score: int) -> None:
        change = Change(by.now_us, became, by.actor, by.note, score, by.scan)
        self.past.append((order, change))

    def keep(
        self,
        tx: None,
        merchant: str,
        *,
        suspects: Sequence[SuspectedOrder],
        looked_at: Collection[str],
        by: By,
    ) -> Moved:
        found = {one.order: one for one in suspects}
        new = [order for order in found if order not in self.rows]
        still = [o for o in found if o in self.rows and self.rows[o].state is SUSPECTED]
        stale = [
            order
            for order, row in self.rows.items()
            if order in looked_at
            and order not in found
            and row.state is SUSPECTED
            and not row.by_person
        ]
        for order in new:
            self.rows[order] = found[order]
            self.note(order, SUSPECTED, by=by, score=found[order].score_ppm)
        for order in still:
            by_person = self.rows[order].by_person
            self.rows[order] = msgspec.structs.replace(found[order], by_person=by_person)
        for order in stale:
            self.note(order, Standing.WITHDRAWN, by=by, score=self.rows.pop(order).score_ppm)
        return Moved(len(new), len(still), len(stale))

    def add_scan(self, tx: None, merchant: str, *, done: ScanDone) -> None:
        self.scans[merchant] = done.at_us

    def last_scan_us(self, tx: None, merchant: str) -> int | None:
        return self.scans.get(merchant)

    def listed(self, tx: None, merchant: str, *, page: Page) -> Sequence[SuspectedOrder]:
        return [one for one in self.rows.values() if page.state in (None, one.state)]

    def find(self, tx: None, merchant: str, *, order: str) -> SuspectedOrder | None:
        return self.rows.get(order)

    def history(self, tx: None, merchant: str, *, order: str) -> Sequence[Change]:
        return [change for name, change in self.past if name == order]

    def suspect(self, tx: None, merchant: str, *, found: SuspectedOrder, by: By) -> None:
        self.rows[found.order] = msgspec.structs.replace(found, state=SUSPECTED, by_person=True)
        self.note(found.order, SUSPECTED, by=by, score=found.score_ppm)

    def move(
        self, tx: None, merchant: str, *, found: SuspectedOrder, state: Standing, by: By
    ) -> None:
        self.rows[found.order] = msgspec.structs.replace(found, state=state)
        self.note(found.order, state, by=by, score=found.score_ppm)

    def set_aside(self, tx: None, merchant: str) -> Sequence[str]:
        return [order for order, one in self.rows.items() if one.state is not CLEARED]


HONEST = trades_of(market(1_500), telling=True)
PLANTED = trades_of(market(1_500, Plot(20, 6, 1.0)), telling=True)
PLOT = {f"o{n}" for n in range(1_500, 1_500 + 120)}
SOMEBODYS = "o7"
SMALL = orders_of(HONEST[:50])


@dataclass
class Bench:
    paid: Paid
    store: Store
    clock: FixedClock
    made: FakeTrades[None]
    keys: int = 0

    def key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def scan(self, **asked: Any) -> ScanDone:
        done = self.made.scan(Request(SHOP, "fraud.scan", self.key(), b""), **asked)
        assert isinstance(done, ScanDone)
        return done

    def suspect(self, order: str = SOMEBODYS, *, key: str | None = None) -> SuspectedOrder:
        request = Request(SHOP, "fraud.suspect", key or self.key(), order.encode())
        found = self.made.suspect(request, order, signed=SIGNED)
        assert isinstance(found, SuspectedOrder)
        return found

    def decide(self, state: Standing, order: str = SOMEBODYS) -> SuspectedOrder:
        request = Request(SHOP, f"fraud.{state}", self.key(), order.encode())
        found = self.made.decide(request, order, state=state, signed=SIGNED)
        assert isinstance(found, SuspectedOrder)
        return found

    def became(self, order: str = SOMEBODYS) -> list[str]:
        return [str(one.became) for one in self.store.history(None, SHOP, order=order)]


def bench_of(orders: Orders) -> Bench:
    ledger, store, clock = Ledger(), Store(), FixedClock(NOW_US)
    paid = Paid(orders)
    return Bench(paid, store, clock, FakeTrades(Once(ledger, ledger), store, paid, clock))


@pytest.fixture(scope="module")
def planted() -> Orders:
    return orders_of(PLANTED)


@pytest.fixture(scope="module")
def honest() -> Orders:
    return orders_of(HONEST)


@pytest.fixture
def bench(honest: Orders) -> Bench:
    return bench_of(honest)


class TestSuspecting:
    def test_an_order_that_no_scan_has_found(self, bench: Bench) -> None:
        told = bench.suspect()
        assert (told.order, told.state, told.by_person) == (SOMEBODYS, SUSPECTED, True)
        assert (told.score_ppm, told.scan, told.against) == (0, "", BY_PERSON)
        assert [(one.became, one.actor, one.note) for one in told.history] == [
            ("suspected", *SIGNED)
        ]
        assert told.as_json()["by_person"] is True
        assert bench.store.set_aside(None, SHOP) == [SOMEBODYS]

    def test_no_scan_withdraws_it(self, bench: Bench) -> None:
        bench.suspect()
        done = bench.scan()
        assert (done.flagged, done.withdrawn) == (0, 0)
        assert bench.store.rows[SOMEBODYS].state is SUSPECTED

    def test_a_scan_adds_its_evidence_and_takes_nothing(
        self, planted: Orders, honest: Orders
    ) -> None:
        bench, order = bench_of(planted), min(PLOT)
        bench.suspect(order)
        done = bench.scan()
        assert (done.new, done.still) == (len(PLOT) - 1, 1)
        row = bench.store.rows[order]
        assert (row.against.kind, row.by_person) == ("lockstep", True)
        bench.paid.orders = replace(honest, names=honest.names | {"order": planted.names["order"]})
        later = bench.scan()
        assert later.withdrawn == len(PLOT) - 1
        assert bench.store.set_aside(None, SHOP) == [order]

    def test_a_person_backs_what_a_scan_suspects(self, planted: Orders) -> None:
        bench, order = bench_of(planted), min(PLOT)
        bench.scan()
        scored = bench.store.rows[order]
        told = bench.suspect(order)
        assert (told.score_ppm, told.against) == (scored.score_ppm, scored.against)
        assert [one.actor for one in told.history] == ["scan", "陈"]

    def test_saying_it_again_changes_nothing(self, bench: Bench) -> None:
        first = bench.suspect(key="a")
        assert bench.suspect(key="a") == first
        bench.clock.advance(DAY_US)
        assert bench.suspect(key="b") == first

    def test_confirmed_stays_confirmed_and_cleared_comes_back(self, bench: Bench) -> None:
        bench.suspect()
        bench.decide(CONFIRMED)
        assert bench.suspect().state is CONFIRMED
        bench.decide(CLEARED)
        assert bench.suspect().state is SUSPECTED
        assert bench.became() == ["suspected", "confirmed", "cleared", "suspected"]

    @pytest.mark.parametrize("order", ["nobody's", "", "x" * 129, "a\0b"])
    def test_only_what_was_paid(self, bench: Bench, order: str) -> None:
        with pytest.raises(NotFound, match="paid order"):
            bench.suspect(order)
        assert bench.store.rows == {}

    @pytest.mark.parametrize(
        ("signed", "at"),
        [(("", "why"), "actor"), (("x" * 65, "why"), "actor"), (("陈", " "), "note"),
         (("陈", "a\nb"), "note"), (("陈", "x" * 501), "note")],
    )  # fmt: skip
    def test_who_and_why(self, bench: Bench, signed: tuple[str, str], at: str) -> None:
        request = Request(SHOP, "fraud.suspect", "k", b"")
        with pytest.raises(BadInput) as caught:
            bench.made.suspect(request, SOMEBODYS, signed=signed)
        assert caught.value.field == at
        assert bench.store.rows == {}

    def test_a_phone_number_in_the_note_is_not_kept(self, bench: Bench) -> None:
        request = Request(SHOP, "fraud.suspect", "k", b"")
        told = bench.made.suspect(request, SOMEBODYS, signed=("陈", "回电 13812345678"))
        assert isinstance(told, SuspectedOrder)
        assert "13812345678" not in told.history[0].note

    def test_a_key_belongs_to_one_order(self, bench: Bench) -> None:
        bench.suspect(key="k")
        request = Request(SHOP, "fraud.suspect", "k", b"o8")
        assert isinstance(bench.made.suspect(request, "o8", signed=SIGNED), Refused)
        assert list(bench.store.rows) == [SOMEBODYS]


VERBS: dict[str, Callable[[Bench], object]] = {
    "suspect": lambda bench: bench.suspect(),
    "confirm": lambda bench: bench.decide(CONFIRMED),
    "clear": lambda bench: bench.decide(CLEARED),
    "scan": lambda bench: bench.scan(),
}


@settings(max_examples=25, deadline=None)
@given(said=st.lists(st.sampled_from(sorted(VERBS)), max_size=6))
def test_the_last_word_of_a_person_stands(said: list[str]) -> None:
    """But ``suspect`` takes nothing from a confirmed one. Scans that find nothing are silent."""
    bench = bench_of(SMALL)
    expected: str | None = None
    for verb in said:
        if verb in ("confirm", "clear") and expected is None:
            with pytest.raises(NotFound):
                VERBS[verb](bench)
            continue
        VERBS[verb](bench)
        if verb == "suspect" and expected != "confirmed":
            expected = "suspected"
        elif verb in ("confirm", "clear"):
            expected = {"confirm": "confirmed", "clear": "cleared"}[verb]
    row = bench.store.rows.get(SOMEBODYS)
    assert (None if row is None else str(row.state)) == expected
    became = bench.became()
    assert all(a != b for a, b in pairwise(became)), "each word is a change"
    assert (SOMEBODYS in bench.store.set_aside(None, SHOP)) == (
        expected in ("suspected", "confirmed")
    )


class TestAtNight:
    def test_who_was_looked_at_today_is_left_alone(self, bench: Bench) -> None:
        assert bench.made.scan_due(["a", "b"]) == 2
        assert [merchant for merchant, _, _ in bench.paid.asked] == ["a", "b"]
        bench.clock.advance(DUE_AFTER_US - 1)
        assert bench.made.scan_due(["a", "b", "c"]) == 1, "only c"
        bench.clock.advance(1)
        assert bench.made.scan_due(["a", "b", "c"]) == 2, "c is from just now"

    def test_what_is_told_ends_it_between_steps_and_keeps_what_is_done(self, bench: Bench) -> None:
        steps: list[str] = []

        def told(step: str) -> None:
            steps.append(step)
            if len(steps) == 7:
                raise InterruptedError

        with pytest.raises(InterruptedError):
            bench.made.scan_due(["a", "b"], told)
        assert set(bench.store.scans) == {"a"}
        assert bench.made.scan_due(["a", "b"]) == 1

    @pytest.mark.parametrize("days", [1, 90, 3_660])
    def test_the_days_end_now_and_hold_their_length(self, bench: Bench, days: int) -> None:
        bench.scan(days=days)
        assert bench.paid.asked == [(SHOP, NOW_US - days * DAY_US, NOW_US + 1)]

    @pytest.mark.parametrize("days", [0, -1, 3_661])
    def test_days_that_are_none(self, bench: Bench, days: int) -> None:
        with pytest.raises(BadInput, match="days"):
            bench.scan(days=days)
        assert bench.paid.asked == []

    def test_an_hour_later_the_same_key_is_the_same_scan(self, bench: Bench) -> None:
        request = Request(SHOP, "fraud.scan", "k", b"")
        first = bench.made.scan(request)
        bench.clock.advance(HOUR_US)
        assert bench.made.scan(request) == first
