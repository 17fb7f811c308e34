"""When a show comes again: China's days, days off, over midnight, and two at one time."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import CHINA, HOUR_US, MINUTE_US, to_us
from quanyu.content.shows.schedule import (
    DAYS_MAX,
    Repeat,
    occurrences,
    overlap,
    show_id,
    stretch,
)
from quanyu.errors import BadInput

EVENING = datetime(2026, 9, 28, 18, 0, tzinfo=CHINA)
"""A Monday."""
GOLDEN_WEEK = tuple(date(2026, 10, day) for day in range(1, 8))


def days(first: datetime = EVENING, **repeat: Any) -> list[str]:
    return [f"{one:%m-%d %H:%M}" for one in occurrences(first, Repeat(**repeat))]


def test_once() -> None:
    assert occurrences(EVENING, None) == [EVENING]


def test_daily() -> None:
    assert days(until=date(2026, 9, 30)) == ["09-28 18:00", "09-29 18:00", "09-30 18:00"]


def test_weekly_with_a_kol_on_fridays_and_saturdays() -> None:
    found = days(until=date(2026, 10, 10), weekdays=(5, 6))
    assert found == ["10-02 18:00", "10-03 18:00", "10-09 18:00", "10-10 18:00"]


def test_the_first_day_counts_only_where_it_is_a_day_of_the_plan() -> None:
    assert days(until=date(2026, 10, 5), weekdays=(1,)) == ["09-28 18:00", "10-05 18:00"]
    assert days(until=date(2026, 9, 30), weekdays=(3,)) == ["09-30 18:00"]


def test_no_show_on_days_off() -> None:
    found = days(until=date(2026, 10, 8), days_off=GOLDEN_WEEK)
    assert found == ["09-28 18:00", "09-29 18:00", "09-30 18:00", "10-08 18:00"]


def test_a_weekly_show_moves_to_the_next_free_day() -> None:
    found = days(
        until=date(2026, 10, 12), weekdays=(5,), days_off=GOLDEN_WEEK, on_day_off="next_day"
    )
    assert found == ["10-08 18:00", "10-09 18:00"]


def test_two_shows_do_not_move_to_one_day() -> None:
    found = days(
        until=date(2026, 10, 12), weekdays=(4, 5), days_off=GOLDEN_WEEK, on_day_off="next_day"
    )
    assert found == ["10-08 18:00", "10-09 18:00", "10-10 18:00", "10-11 18:00"]


def test_a_moved_show_does_not_go_past_the_end() -> None:
    repeat = {"weekdays": (5,), "days_off": GOLDEN_WEEK, "on_day_off": "next_day"}
    with pytest.raises(BadInput, match="no day is left"):
        days(until=date(2026, 10, 7), **repeat)


def test_hours_are_china_s_wherever_it_was_written() -> None:
    utc = EVENING.astimezone(tz=datetime.fromisoformat("2026-01-01T00:00:00+00:00").tzinfo)
    assert days(utc, until=date(2026, 9, 29)) == ["09-28 18:00", "09-29 18:00"]
    late = datetime.fromisoformat("2026-09-28T17:30:00+00:00")
    assert days(late, until=date(2026, 9, 30)) == ["09-29 01:30", "09-30 01:30"]


@pytest.mark.parametrize(
    ("repeat", "field"),
    [
        ({"until": date(2026, 9, 27)}, "repeat.until"),
        ({"until": EVENING.date() + timedelta(days=DAYS_MAX)}, "repeat.until"),
        ({"until": date(2026, 9, 28), "weekdays": (2,)}, "repeat"),
        ({"until": date(2026, 9, 28), "days_off": (date(2026, 9, 28),)}, "repeat"),
    ],
)
def test_plans_that_cannot_be(repeat: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        days(**repeat)
    assert caught.value.field == field


DAY = st.dates(date(2026, 9, 28), date(2026, 11, 30))


@given(
    st.sets(st.integers(1, 7), max_size=7),
    st.sets(DAY, max_size=20),
    st.sampled_from(["skip", "next_day"]),
)
def test_what_holds_for_every_plan(weekdays: set[int], off: set[date], on_day_off: Any) -> None:
    until = date(2026, 11, 30)
    repeat = Repeat(until, tuple(weekdays), tuple(off), on_day_off)
    try:
        found = occurrences(EVENING, repeat)
    except BadInput:
        return
    held = [one.date() for one in found]
    assert held == sorted(set(held)), "one show a day, in order"
    assert not set(held) & off
    assert all(EVENING.date() <= day <= until for day in held)
    regular = {day for day in held if not weekdays or day.isoweekday() in weekdays}
    span = [EVENING.date() + timedelta(days=n) for n in range((until - EVENING.date()).days + 1)]
    wanted = {day for day in span if not weekdays or day.isoweekday() in weekdays}
    assert regular == wanted - off or on_day_off == "next_day"
    assert len(held) <= len(wanted)
    assert wanted - off <= set(held)


def test_names() -> None:
    assert show_id("evening", EVENING, repeats=True) == "evening.20260928"
    assert show_id("launch", EVENING, repeats=False) == "launch"


class TestOverlap:
    def test_a_show_over_midnight_goes_on(self) -> None:
        late = datetime(2026, 9, 28, 23, 0, tzinfo=CHINA)
        start_us, end_us = stretch(late, 120)
        assert end_us - start_us == 2 * HOUR_US
        early = stretch(datetime(2026, 9, 29, 0, 30, tzinfo=CHINA), 30)
        assert overlap((start_us, end_us), early)

    def test_one_may_begin_when_another_ends(self) -> None:
        one = stretch(EVENING, 240)
        assert not overlap(one, stretch(EVENING + timedelta(minutes=240), 60))
        assert overlap(one, stretch(EVENING + timedelta(minutes=239), 60))

    @given(st.integers(0, 100), st.integers(1, 50), st.integers(0, 100), st.integers(1, 50))
    def test_it_is_the_same_both_ways(self, a: int, length: int, b: int, other: int) -> None:
        one, two = (a, a + length), (b, b + other)
        assert overlap(one, two) == overlap(two, one)
        shared = set(range(*one)) & set(range(*two))
        assert overlap(one, two) == bool(shared)

    def test_minutes_are_minutes(self) -> None:
        assert stretch(EVENING, 1)[1] == to_us(EVENING) + MINUTE_US
