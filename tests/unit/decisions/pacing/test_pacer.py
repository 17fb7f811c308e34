"""The budget pacer over whole days: spends what there is, where it buys most, without foresight."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.decisions.pacing.curve import DayCurve
from quanyu.decisions.pacing.pacer import HALF_LIFE_DAYS, Pacer

TICKS = 96
Columns = list[tuple[np.ndarray, np.ndarray]]


def day(*, seed: int, level: np.ndarray | None = None, auctions: int = 20_000) -> Columns:
    """Auctions (price, pctr) of each tick: traffic of a typical day, prices at ``level``."""
    chance = np.random.default_rng(seed)
    counts = chance.multinomial(auctions, DayCurve.typical(TICKS).share)
    level = np.ones(TICKS) if level is None else level
    return [
        (level[tick] * np.exp(chance.normal(3, 0.6, count)), np.exp(chance.normal(-5, 0.8, count)))
        for tick, count in enumerate(counts)
    ]


def play(pacer: Pacer, ticks: Columns, budget: float) -> tuple[Pacer, list[float], float]:
    """Spend per tick, and the clicks to be expected of what was won."""
    left, spent, worth = budget, [], 0.0
    for price, pctr in ticks:
        bid = pacer.multiplier(left) * pctr
        tick = 0.0
        for place in np.flatnonzero(bid >= price):
            if price[place] <= left - tick:
                tick += price[place]
                worth += pctr[place]
        left -= tick
        spent.append(tick)
        pacer = pacer.after(price, pctr)
    return pacer, spent, worth


def cost_of(ticks: Columns) -> float:
    return float(sum(price.sum() for price, _ in ticks))


@pytest.mark.parametrize("share", [0.03, 0.2, 0.6])
def test_a_budget_is_spent_to_the_end_and_never_passed(share: float) -> None:
    ticks = day(seed=1)
    budget = share * cost_of(ticks)
    _, spent, _ = play(Pacer(DayCurve.typical(TICKS)), ticks, budget)
    assert 0.98 * budget <= sum(spent) <= budget


def test_it_spends_with_the_traffic_and_not_with_the_clock() -> None:
    ticks = day(seed=2)
    budget = 0.2 * cost_of(ticks)
    yesterday, _, _ = play(Pacer(DayCurve.typical(TICKS)), day(seed=3), budget)
    _, spent, _ = play(yesterday.next_day(), ticks, budget)
    shares = np.array(spent) / budget
    hours = DayCurve.typical(TICKS).share
    assert np.corrcoef(shares, hours)[0, 1] > 0.9
    assert shares[: TICKS // 4].sum() == pytest.approx(hours[: TICKS // 4].sum(), abs=0.03)


def test_it_waits_where_prices_are_high_and_buys_where_they_fall() -> None:
    level = np.where(np.arange(TICKS) < TICKS // 2, 3.0, 1.0)
    ticks = day(seed=4, level=level)
    budget = 0.1 * cost_of(ticks)
    usual, _, _ = play(Pacer(DayCurve.typical(TICKS)), day(seed=5), budget)
    _, spent, _ = play(usual.next_day(), ticks, budget)
    traffic = DayCurve.typical(TICKS).share[: TICKS // 2].sum()
    assert sum(spent[: TICKS // 2]) / budget < traffic
    assert sum(spent) >= 0.95 * budget


def test_it_comes_near_to_the_best_multiplier_in_hindsight() -> None:
    ticks = day(seed=6)
    budget = 0.1 * cost_of(ticks)
    price = np.concatenate([one for one, _ in ticks])
    pctr = np.concatenate([one for _, one in ticks])
    order = np.argsort(price / pctr)
    bought = np.cumsum(price[order]) <= budget
    yesterday, _, _ = play(Pacer(DayCurve.typical(TICKS)), day(seed=7), budget)
    _, _, worth = play(yesterday.next_day(), ticks, budget)
    assert worth >= 0.97 * pctr[order][bought].sum()


def test_nothing_of_a_tick_is_known_before_it_is_over() -> None:
    """Change the future: what is bid before it stays the same, to the last bit."""
    ticks, other = day(seed=8), day(seed=9)
    changed = ticks[:50] + other[50:]
    for given_ticks in (ticks, changed):
        pacer, bids = Pacer(DayCurve.typical(TICKS)), []
        for price, pctr in given_ticks:
            bids.append(pacer.multiplier(1000.0))
            pacer = pacer.after(price, pctr)
        if given_ticks is ticks:
            first = bids
    assert bids[:51] == first[:51]
    assert bids[52:] != first[52:]


def test_before_anything_was_seen_it_only_looks_on() -> None:
    fresh = Pacer(DayCurve.typical(TICKS), usual=1000.0)
    assert fresh.multiplier(1e9) == 0
    seen = fresh.after(np.array([10.0]), np.array([0.1]))
    assert seen.multiplier(1e9) == pytest.approx(100, rel=0.06)
    assert seen.multiplier(0) == 0


def test_when_the_day_is_over_nothing_is_bid() -> None:
    pacer = Pacer(DayCurve(np.array([1.0])), usual=10.0)
    assert pacer.after(np.array([10.0]), np.array([0.1])).multiplier(1000) == 0


def test_the_plan_of_ticks_adds_up_to_the_budget() -> None:
    pacer, left = Pacer(DayCurve.typical(TICKS)), 1000.0
    for _ in range(TICKS):
        left -= pacer.planned(left)
        pacer = pacer.after(np.array([]), np.array([]))
    assert left == pytest.approx(0, abs=1e-9)


def test_an_auction_counts_half_after_an_eighth_of_a_day() -> None:
    pacer = Pacer(DayCurve.typical(TICKS), usual=1000.0)
    pacer = pacer.after(np.full(1, 10.0), np.full(1, 0.1))
    count = round(1000 * HALF_LIFE_DAYS)
    pacer = pacer.after(np.full(count, 10.0), np.full(count, 0.1))
    assert pacer.landscape.auctions == pytest.approx(count + 0.5)


def test_the_morning_after_keeps_what_was_learned() -> None:
    pacer = Pacer(DayCurve.typical(4)).after(np.full(100, 10.0), np.full(100, 0.1))
    morning = pacer.next_day()
    assert (morning.tick, morning.today.seen, morning.usual) == (0, 0, 100)
    assert morning.landscape is pacer.landscape
    later = morning.after(np.full(300, 10.0), np.full(300, 0.1)).next_day()
    assert later.usual == 200


@settings(max_examples=30)
@given(st.lists(st.integers(0, 5), min_size=4, max_size=4), st.floats(0, 1e6))
def test_gaps_in_traffic_do_no_harm(counts: list[int], left: float) -> None:
    pacer = Pacer(DayCurve.typical(4))
    for count in counts:
        assert pacer.multiplier(left) >= 0
        pacer = pacer.after(np.full(count, 5.0), np.full(count, 0.01))
    assert pacer.multiplier(left) == 0
