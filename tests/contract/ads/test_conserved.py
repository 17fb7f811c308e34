"""Any sequence of what workers, clicks and the clock do: the money is what a naive till says."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ads_ground import Ads, faults
from tests.campaigns_ground import stock

from quanyu.clock import DAY_US, MINUTE_US, FixedClock, day_number
from quanyu.decisions.billing.closing import IN_FLIGHT_US
from quanyu.decisions.billing.win import Lease, Win
from quanyu.wiring import Engine

_numbers = count(1)
DAY_FEN, TOTAL_FEN, PURSE_FEN = 1_000, 2_500, 4_000
STEP = st.one_of(
    st.tuples(st.just("lease")),
    st.tuples(st.just("win"), st.integers(0, 9), st.integers(1, 120_000), st.integers(1, 90)),
    st.tuples(st.just("win"), st.integers(0, 9), st.integers(1, 120_000), st.integers(1, 90)),
    st.tuples(st.just("click"), st.integers(0, 9), st.integers(0, 5)),
    st.tuples(st.just("click"), st.integers(0, 9), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.sampled_from([1, 12, 40, 600, 1_500])),
    st.tuples(st.just("chore")),
    st.tuples(st.just("rebuild")),
    st.tuples(st.sampled_from(["pause", "resume", "end"])),
    st.tuples(st.just("settle")),
)


@dataclass
class Slice:
    """As the model knows a lease."""

    lease: Lease
    left: int
    """Millifen that no win has taken."""
    settled: int = 0
    held: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    """Trace → (price, expires)."""
    open: bool = True

    @property
    def out_fen(self) -> int:
        return self.lease.amount_fen - self.settled // 1_000 if self.open else 0


class Walk:
    def __init__(self, engine: Engine, merchant: str) -> None:
        budget = {"day_fen": DAY_FEN, "total_fen": TOTAL_FEN}
        self.ads = Ads(engine, merchant, fen=PURSE_FEN, budget=budget)
        self.earned_before = self.ads.fen()["revenue"]
        first = day_number(self.ads.now_us)
        self.days = tuple(range(first, first + 30))
        self.slices: list[Slice] = []
        self.wins: list[tuple[Slice, Win]] = []

    def step(self, *step: Any) -> None:
        match step:
            case ("lease",):
                self.lease()
            case ("win", number, price, minutes) if self.slices:
                self.win(self.slices[number % len(self.slices)], price, minutes * MINUTE_US)
            case ("click", number, who) if self.wins:
                self.click(*self.wins[-1 - number % len(self.wins)], who=who)
            case ("wait", minutes):
                self.ads.later(minutes * MINUTE_US)
            case ("chore",):
                self.chore()
            case ("rebuild",):
                self.ads.engine.projector.rebuild("ad_billing")
            case ("settle",):
                self.ads.engine.campaigns.settle()
            case ("pause" | "resume" | "end" as verb,):
                self.ads.board.move(verb)

    def lease(self) -> None:
        made = self.ads.lease()
        if made is not None:
            self.slices.append(Slice(made, made.amount_fen * 1_000))

    def win(self, slice: Slice, price: int, lasts_us: int) -> None:
        now_us = self.ads.now_us
        fits = price <= slice.left and now_us < slice.lease.ends_us and slice.open
        made = self.ads.win(slice.lease, price_millifen=price, expires_us=now_us + lasts_us)
        try:
            self.ads.won(made)
        except AssertionError:
            assert not fits
            return
        assert fits
        slice.left -= price
        slice.held[made.trace] = price, made.expires_us
        self.wins.append((slice, made))

    def click(self, slice: Slice, win: Win, *, who: int) -> None:
        self.ads.happens(win, who={"taobao_id": f"p{who}"}, at_us=self.ads.now_us)
        state, _ = self.ads.state(win)
        price, expires_us = slice.held.get(win.trace, (0, 0))
        if state == "settled":
            assert not price or self.ads.now_us < expires_us
            slice.settled += price
        if state != "held":
            slice.held.pop(win.trace, None)

    def chore(self) -> None:
        self.ads.chore()
        now_us = self.ads.now_us
        for one in self.slices:
            one.held = {k: (fen, end) for k, (fen, end) in one.held.items() if end > now_us}
            over = one.lease.ends_us + IN_FLIGHT_US <= now_us
            one.open = one.open and not (over and not one.held)

    def holds(self) -> None:
        found = self.ads.fen(days=self.days)
        earned = found["revenue"] - self.earned_before
        days = sum(found[f"day {day}"] for day in self.days)
        assert found["out"] == sum(one.out_fen for one in self.slices)
        assert earned == sum(one.settled // 1_000 for one in self.slices) <= TOTAL_FEN
        assert found["purse"] + found["total"] + days + found["out"] + earned == PURSE_FEN
        assert min(found["purse"], found["total"], days, found["out"]) >= 0
        total = self.ads.spend().as_json()["total"]
        assert total["spent_fen"] == earned
        assert total["held_millifen"] == sum(
            fen for one in self.slices for fen, _ in one.held.values()
        )
        for spent in self.ads.spend().days:
            assert spent.spent_fen <= DAY_FEN


@settings(max_examples=30)
@given(steps=st.lists(STEP, max_size=24))
def test_not_a_fen_is_made_lost_or_spent_twice(
    engine: Engine, clock: FixedClock, steps: list[tuple[Any, ...]]
) -> None:
    noon_us = clock.now_us()
    merchant = f"百货{next(_numbers)}"
    stock(engine, merchant)
    try:
        walk = Walk(engine, merchant)
        for step in [("lease",), *steps]:
            walk.step(*step)
            walk.holds()
        clock.advance(2 * DAY_US)
        walk.chore()
        walk.holds()
        assert walk.ads.fen()["out"] == 0, "two days later nothing is at work"
        assert faults(engine) == []
    finally:
        clock.advance(noon_us - clock.now_us())
