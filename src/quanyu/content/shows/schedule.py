"""When a show comes again: daily, on days of the week, with days off. Pure; days are China's."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from quanyu.clock import CHINA, china_datetime, to_us
from quanyu.errors import BadInput

DAYS_MAX = 400
"""How far one plan reaches: a year of daily shows and some room."""
DAY = timedelta(days=1)


class Repeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The first show says the hour; ``until`` is the last day on which one may start."""

    until: date
    weekdays: Annotated[tuple[Annotated[int, Meta(ge=1, le=7)], ...], Meta(max_length=7)] = ()
    """1 is Monday; empty: every day."""
    days_off: Annotated[tuple[date, ...], Meta(max_length=400)] = ()
    """Holidays, rehearsals: no show on these."""
    on_day_off: Literal["skip", "next_day"] = "skip"
    """``next_day``: it comes on the next day that is neither off nor has a show of this plan."""
    on_overlap: Literal["refuse", "skip"] = "refuse"
    """What a special in the same room at that hour does to a show of this plan."""


def occurrences(first: datetime, repeat: Repeat | None) -> list[datetime]:
    """The starts of all shows, in order, the first one included where its own day is a day of the
    plan. Raises BadInput for a plan without a show, and for one that reaches too far."""
    if repeat is None:
        return [first]
    begin = first.astimezone(CHINA)
    if repeat.until < begin.date():
        raise BadInput("repeat.until", f"choose {begin.date()} or a later day")
    if (repeat.until - begin.date()).days >= DAYS_MAX:
        raise BadInput("repeat.until", f"plan at most {DAYS_MAX} days ahead")
    wanted = list(_wanted(begin.date(), repeat))
    days = wanted if repeat.on_day_off == "skip" else _moved(wanted, repeat)
    days = [day for day in days if day not in repeat.days_off]
    if not days:
        raise BadInput("repeat", "no day is left on which there is a show")
    return [datetime.combine(day, begin.timetz()) for day in days]


def _wanted(first: date, repeat: Repeat) -> Iterator[date]:
    for number in range((repeat.until - first).days + 1):
        day = first + number * DAY
        if not repeat.weekdays or day.isoweekday() in repeat.weekdays:
            yield day


def _moved(wanted: list[date], repeat: Repeat) -> list[date]:
    """Each show on a day off goes to the next free day, not past the end of the plan."""
    off, taken = set(repeat.days_off), set(wanted) - set(repeat.days_off)
    for day in wanted:
        if day in off:
            place = day
            while place in off or place in taken:
                place += DAY
            if place <= repeat.until:
                taken.add(place)
    return sorted(taken)


def show_id(plan: str, starts: datetime, *, repeats: bool) -> str:
    """``plan`` itself, or with the day of the show: ``evening.20260501``."""
    return f"{plan}.{starts.astimezone(CHINA):%Y%m%d}" if repeats else plan


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Of two stretches of time, ends excluded: a show may begin when another ends."""
    return one[0] < other[1] and other[0] < one[1]


def stretch(starts: datetime, minutes: int) -> tuple[int, int]:
    """(From, to) in microseconds; over midnight it simply goes on."""
    start_us = to_us(starts)
    return start_us, to_us(china_datetime(start_us) + timedelta(minutes=minutes))
