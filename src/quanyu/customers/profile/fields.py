"""What a measure reads from an event: public fields, the calendar in China, props. All as text."""

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec

from quanyu.clock import CHINA_OFFSET_US, DAY_US, HOUR_US, day_text
from quanyu.events.event import FIELDS, Event

CALENDAR = ("day", "hour", "weekday", "day_type")
"""China day as YYYY-MM-DD; hour 0–23; ISO weekday 1–7; ``weekday`` or ``weekend``."""
_MONDAY_SHIFT = 3
"""1970-01-01 was a Thursday."""


def text_of(value: Any) -> str:
    """The text that stands for a scalar wherever values are compared: JSON, a string as it is."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def weekday_of(day: int) -> int:
    """ISO weekday, 1 to 7, of a day number."""
    return (day + _MONDAY_SHIFT) % 7 + 1


def hour_of(at_us: int) -> int:
    """Hour of the day in China."""
    return (at_us + CHINA_OFFSET_US) % DAY_US // HOUR_US


@lru_cache(maxsize=8192)
def calendar_text(name: str, hours: int) -> str:
    """``hours``: whole hours since 1970 in China. Cached: neighbours in the log share them."""
    day, hour = divmod(hours, 24)
    weekday = weekday_of(day)
    texts = {
        "day": day_text(day),
        "hour": str(hour),
        "weekday": str(weekday),
        "day_type": "weekend" if weekday > 5 else "weekday",
    }
    return texts[name]


Reader = Callable[[Event], str | None]


def reader(name: str) -> Reader:
    """What reads the text of a field from an event; None when the event does not have it."""
    if name in CALENDAR:
        return lambda event: calendar_text(name, (event.at_us + CHINA_OFFSET_US) // HOUR_US)
    read: Callable[[Event], Any] = (
        attrgetter(FIELDS[name]) if name in FIELDS else lambda event: event.props.get(name)
    )

    def text(event: Event) -> str | None:
        value = read(event)
        return value if value is None or type(value) is str else text_of(value)

    return text


def field_text(event: Event, name: str) -> str | None:
    """Text of a field; None when the event does not have it."""
    return reader(name)(event)
