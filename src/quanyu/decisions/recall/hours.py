"""Opening hours as merchants write them, as stretches of a week's minutes."""

import re
from collections.abc import Iterable

from quanyu.clock import CHINA_OFFSET_US, DAY_US, MINUTE_US
from quanyu.errors import BadInput

DAYS = "一二三四五六日"
DAY = 24 * 60
WEEK = 7 * DAY
EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday."""
_LINE = re.compile(
    r"(?:(?:周([一二三四五六日])(?:至周([一二三四五六日]))?|每天) )?"
    r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)"
)
Stretch = tuple[int, int]
"""From, to (exclusive), minutes from Monday 00:00; ``to`` may lie in the next week."""


def stretches(lines: Iterable[str]) -> tuple[Stretch, ...]:
    """``周一至周五 10:00-22:00``, ``每天 18:00-02:00``, ``10:00-22:00`` (every day). What ends
    before it begins goes over midnight; what begins and ends at once is the whole day. Raises
    BadInput."""
    return tuple(one for line in lines for one in _of_line(line))


def _of_line(line: str) -> Iterable[Stretch]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise BadInput("hours", f"write 10:00-22:00 or 周一至周五 10:00-22:00, not {line[:40]!r}")
    first, last, *clock = found.groups()
    from_hour, from_minute, to_hour, to_minute = map(int, clock)
    begin, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    if begin >= DAY or end > DAY:
        raise BadInput("hours", f"a day has 24 hours: {line[:40]!r}")
    if end <= begin:
        end += DAY
    return [(day * DAY + begin, day * DAY + end) for day in _days(first, last)]


def _days(first: str | None, last: str | None) -> list[int]:
    """周六至周一 goes over Sunday."""
    if first is None:
        return list(range(7))
    begin = DAYS.index(first)
    count = (DAYS.index(last) - begin) % 7 if last else 0
    return [(begin + one) % 7 for one in range(count + 1)]


def minute_of_week(at_us: int) -> int:
    """In China."""
    day, rest = divmod(at_us + CHINA_OFFSET_US, DAY_US)
    return int((day + EPOCH_WEEKDAY) % 7 * DAY + rest // MINUTE_US)


def is_open(hours: Iterable[Stretch], minute: int) -> bool:
    return any(begin <= minute < end or begin <= minute + WEEK < end for begin, end in hours)
