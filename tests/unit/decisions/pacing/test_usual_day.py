"""Past days by the hour: what is cheap later today is waited for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.decisions.pacing.curve import DAY_KEEP, DayCurve
from quanyu.decisions.pacing.landscape import Landscape
from quanyu.decisions.pacing.pacer import Pacer
from quanyu.decisions.pacing.usual_day import HOURS, UsualDay, hour_at

TICKS = 48
EVEN = DayCurve(np.full(TICKS, 1 / TICKS))


def hours(*prices: float) -> list[Landscape]:
    """An auction of worth 1 in each hour, at these prices in turn."""
    return [
        Landscape.of(np.array([prices[hour % len(prices)]]), np.array([1.0]))
        for hour in range(HOURS)
    ]


def test_the_rest_of_a_day_is_what_its_hours_are() -> None:
    day = UsualDay.of(hours(10.0, 20.0))
    assert day.rest(0).auctions == 24
    assert day.rest(0.5).auctions == 12
    assert day.rest(0.5).means == pytest.approx((15, 1))
    assert day.rest(23.5 / 24).auctions == pytest.approx(0.5)
    assert day.rest(1).auctions == pytest.approx(0)
    assert (day.means(0), day.means(1)) == (pytest.approx((10, 1)), pytest.approx((20, 1)))


def test_older_days_weigh_less() -> None:
    both = UsualDay.of(hours(10.0), before=UsualDay.of(hours(40.0)))
    assert both.means(5)[0] == pytest.approx((10 + DAY_KEEP * 40) / (1 + DAY_KEEP))


def test_an_hour_that_nobody_saw_is_empty_and_exactly_so() -> None:
    some = hours(10.1, 20.3)
    some[7] = Landscape.empty()
    assert UsualDay.of(some, before=UsualDay.of(some)).means(7) == (0, 0)


@pytest.mark.parametrize(("done", "hour"), [(0, 0), (0.04, 0), (0.5, 12), (0.99, 23), (1, 23)])
def test_the_hour_of_a_share_of_the_day(done: float, hour: int) -> None:
    assert hour_at(done) == hour


def lived(pacer: Pacer, price: np.ndarray, worth: float = 0.01, *, until: int = TICKS) -> Pacer:
    """100 auctions per tick, at the price of the tick give or take a half."""
    spread = np.linspace(0.5, 1.5, 100)
    for tick in range(until):
        pacer = pacer.after(price[tick] * spread, np.full(100, worth))
    return pacer


CHEAP_EVENING = np.where(np.arange(TICKS) < TICKS // 2, 30.0, 10.0)


def test_what_is_cheap_later_is_waited_for() -> None:
    yesterday = lived(Pacer(EVEN), CHEAP_EVENING)
    knows, blind = yesterday.next_day(), lived(Pacer(EVEN, by_hour=False), CHEAP_EVENING)
    budget = 0.2 * 100 * CHEAP_EVENING.sum()
    noon = TICKS // 2 - 1
    assert lived(knows, CHEAP_EVENING, until=noon).multiplier(budget) * 0.01 < 15, "buys later"
    assert lived(blind.next_day(), CHEAP_EVENING, until=noon).multiplier(budget) * 0.01 > 15


def test_without_hours_nothing_is_kept_of_them() -> None:
    pacer = lived(Pacer(EVEN, by_hour=False), CHEAP_EVENING)
    assert not any(hour.auctions for hour in pacer.today.hours)
    assert pacer.next_day().day is None


@pytest.mark.parametrize("times", [0.5, 2.0])
def test_a_day_that_is_dearer_from_the_morning_on_is_seen_as_such(times: float) -> None:
    """All prices and the budget change alike: so does the multiplier."""
    usual = lived(Pacer(EVEN), CHEAP_EVENING).next_day()
    as_ever = lived(usual, CHEAP_EVENING, until=12).multiplier(5000)
    dearer = lived(usual, times * CHEAP_EVENING, until=12).multiplier(times * 5000)
    assert dearer / as_ever == pytest.approx(times, rel=0.1)


@pytest.mark.parametrize("times", [0.5, 3.0])
def test_another_model_of_clicks_overnight_changes_the_multiplier_and_not_the_bids(
    times: float,
) -> None:
    usual = lived(Pacer(EVEN), CHEAP_EVENING).next_day()
    as_ever = lived(usual, CHEAP_EVENING, until=12).multiplier(5000)
    louder = lived(usual, CHEAP_EVENING, times * 0.01, until=12).multiplier(5000)
    assert louder * times == pytest.approx(as_ever, rel=0.1)


def test_traffic_at_hours_that_never_had_any_is_bid_for_as_lately() -> None:
    first = Pacer(EVEN)
    for tick in range(TICKS):
        count = 100 if tick < 24 else 0
        first = first.after(np.full(count, 10.0), np.full(count, 0.01))
    today = lived(first.next_day(), np.full(TICKS, 10.0), until=30)
    assert today.multiplier(1000) > 0


@settings(max_examples=30)
@given(st.lists(st.integers(0, 3), min_size=TICKS, max_size=TICKS), st.floats(0, 1e4))
def test_days_full_of_gaps_do_no_harm(counts: list[int], left: float) -> None:
    pacer = Pacer(EVEN)
    for _ in range(2):
        for count in counts:
            bid = pacer.multiplier(left)
            assert bid >= 0
            assert np.isfinite(bid)
            pacer = pacer.after(np.full(count, 5.0), np.full(count, 0.01))
        pacer = pacer.next_day()
