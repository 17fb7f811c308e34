"""Time comes in through a Clock; nothing else in the product asks what time it is.

Instants are integer microseconds since 1970-01-01 UTC (``…_us``): they compare, store and
travel without time-zone surprises. Days and hours shown to people are those of CHINA.
"""

import calendar
import time
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Protocol

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
CHINA_OFFSET_US = 8 * HOUR_US
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    def now_us(self) -> int: ...


class SystemClock:
    def now_us(self) -> int:
        return time.time_ns() // 1000


class FixedClock:
    """A clock that moves only when told to."""

    def __init__(self, at_us: int) -> None:
        self._at_us = at_us

    def now_us(self) -> int:
        return self._at_us

    def advance(self, by_us: int) -> None:
        self._at_us += by_us


def to_us(moment: datetime) -> int:
    """Microseconds of an aware datetime. Raises ValueError when it has no offset."""
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset, such as +08:00")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def parse_iso(text: str) -> int:
    """ISO 8601 with offset → microseconds. Raises ValueError."""
    return to_us(datetime.fromisoformat(text))


def china_datetime(at_us: int) -> datetime:
    return (_EPOCH + timedelta(microseconds=at_us)).astimezone(CHINA)


def format_iso(at_us: int) -> str:
    """Microseconds → ISO 8601 in China's offset, as people and JSON read it."""
    return china_datetime(at_us).isoformat()


def china_day(at_us: int) -> date:
    return china_datetime(at_us).date()


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def day_number(at_us: int) -> int:
    """Count of whole days in China since 1970-01-01: the bucket of daily aggregates."""
    return (at_us + CHINA_OFFSET_US) // DAY_US


@lru_cache(maxsize=8192)
def day_text(day: int) -> str:
    """Day number → ``"2026-05-01"``."""
    return (_EPOCH.date() + timedelta(days=day)).isoformat()


def parse_day(text: str) -> int:
    """``"2026-05-01"`` → day number. Raises ValueError."""
    return (date.fromisoformat(text) - _EPOCH.date()).days


def parse_duration(text: str) -> int:
    """``"90s" | "30m" | "12h" | "7d" | "2w"`` → microseconds. Raises ValueError."""
    units = {"s": SECOND_US, "m": MINUTE_US, "h": HOUR_US, "d": DAY_US, "w": 7 * DAY_US}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isascii() or not number.isdigit() or len(number) > 6:
        raise ValueError(f"{text!r} is not a duration such as 30m, 12h or 7d")
    duration_us = int(number) * units[unit]
    if duration_us == 0:
        raise ValueError("a duration must be longer than nothing")
    return duration_us
