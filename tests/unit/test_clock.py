"""Instants, days of China and durations."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import (
    DAY_US,
    HOUR_US,
    FixedClock,
    SystemClock,
    china_datetime,
    china_day,
    day_number,
    format_iso,
    parse_duration,
    parse_iso,
    to_us,
)

SINGLES_DAY = "2026-11-11T20:00:00+08:00"


def test_an_instant_reads_back_as_it_was_written() -> None:
    assert format_iso(parse_iso(SINGLES_DAY)) == SINGLES_DAY


@pytest.mark.parametrize(
    ("written", "same_as"),
    [
        ("2026-11-11T12:00:00+00:00", SINGLES_DAY),
        ("2026-11-11T12:00:00Z", SINGLES_DAY),
        ("2026-11-11T07:00:00-05:00", SINGLES_DAY),
    ],
)
def test_offsets_name_the_same_instant(written: str, same_as: str) -> None:
    assert parse_iso(written) == parse_iso(same_as)


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        to_us(datetime(2026, 11, 11, 20))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-10T15:59:59+00:00", "2026-11-10"),
        ("2026-11-10T16:00:00+00:00", "2026-11-11"),
        ("1969-12-31T16:00:00+00:00", "1970-01-01"),
    ],
)
def test_the_day_turns_at_midnight_in_china(written: str, day: str) -> None:
    assert china_day(parse_iso(written)).isoformat() == day


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_day_numbers_agree_with_the_calendar(moment: datetime) -> None:
    at_us = to_us(moment.replace(tzinfo=UTC))
    epoch_day = china_day(at_us).toordinal() - datetime(1970, 1, 1).toordinal()
    assert day_number(at_us) == epoch_day
    assert to_us(china_datetime(at_us)) == at_us


@pytest.mark.parametrize(
    ("text", "duration_us"),
    [("90s", 90 * 1_000_000), ("12h", 12 * HOUR_US), ("7d", 7 * DAY_US), ("2w", 14 * DAY_US)],
)
def test_durations(text: str, duration_us: int) -> None:
    assert parse_duration(text) == duration_us


@pytest.mark.parametrize(
    "text", ["", "d", "7", "7y", "-1d", "1.5h", "0d", "９d", "1234567d", "1 d"]
)
def test_nonsense_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError):
        parse_duration(text)


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(5)
    assert clock.now_us() == clock.now_us() == 5
    clock.advance(HOUR_US)
    assert clock.now_us() == 5 + HOUR_US


def test_the_system_clock_is_in_this_century() -> None:
    assert parse_iso("2020-01-01T00:00:00Z") < SystemClock().now_us()
