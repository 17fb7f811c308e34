"""Periods are half open; days are China's and include the last one."""

import pytest

from quanyu.clock import DAY_US, parse_iso
from quanyu.errors import BadInput
from quanyu.measurement.period import ALL_TIME, Period, parse_period

MAY_1_US = parse_iso("2026-05-01T00:00:00+08:00")


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        (None, None, ALL_TIME),
        ("2026-05-01", None, Period(MAY_1_US)),
        ("2026-05-01", "2026-05-01", Period(MAY_1_US, MAY_1_US + DAY_US)),
        (None, "2026-05-01T00:00:00+08:00", Period(None, MAY_1_US)),
        ("2026-04-30T16:00:00+00:00", "2026-05-02", Period(MAY_1_US, MAY_1_US + 2 * DAY_US)),
    ],
)
def test_what_people_write(first: str | None, last: str | None, period: Period) -> None:
    assert parse_period(first, last) == period


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("yesterday", None, "from"),
        ("2026-05-40", None, "from"),
        (None, "2026-05-01T00:00:00", "to"),
        ("2026-05-02", "2026-05-01", "from"),
        (None, "9999-12-31", "to"),
        ("2026-05-01T00:00:00+08:00", "2026-05-01T00:00:00+08:00", "from"),
    ],
)
def test_what_is_no_period(first: str | None, last: str | None, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_period(first, last)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("at_us", "held"),
    [(MAY_1_US - 1, False), (MAY_1_US, True), (MAY_1_US + 9, True), (MAY_1_US + 10, False)],
)
def test_half_open(at_us: int, held: bool) -> None:
    assert Period(MAY_1_US, MAY_1_US + 10).holds(at_us) is held
    assert ALL_TIME.holds(at_us)


def test_it_reads_as_people_say_it() -> None:
    assert str(Period(MAY_1_US)) == "2026-05-01T00:00 to now"
