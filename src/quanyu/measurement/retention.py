"""Retention: of the people who came on a day, how many come again n days later (留存)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from quanyu.clock import day_number, day_text
from quanyu.errors import BadInput
from quanyu.events.facts import FACT_TYPES
from quanyu.measurement.excluded import NOTHING, Excluded
from quanyu.measurement.period import ALL_TIME, Period
from quanyu.measurement.steps import Seen

DAYS_MAX = 366


@dataclass(frozen=True, slots=True)
class RetentionQuery:
    """Cohort = the China day of a person's first event in the period; day n = seen again on the
    n-th day after it. ``first`` and ``again`` narrow which kinds of events open and count."""

    days: int = 14
    first: str | None = None
    again: str | None = None
    period: Period = ALL_TIME

    def __post_init__(self) -> None:
        if not 1 <= self.days <= DAYS_MAX:
            raise BadInput("days", f"use 1 to {DAYS_MAX}")
        for field, kind in (("first", self.first), ("again", self.again)):
            if kind is not None and kind not in FACT_TYPES:
                raise BadInput(field, f"{kind!r} is no kind of event")


class Cohort(msgspec.Struct, frozen=True):
    day: str
    people: int
    returned: list[int]
    """Position n − 1: how many of them were seen on day n."""


class Retention(msgspec.Struct, frozen=True):
    cohorts: list[Cohort]
    days: int
    excluded: Excluded = NOTHING


def retention_of(
    query: RetentionQuery, sizes: Mapping[int, int], *, returned: Mapping[tuple[int, int], int]
) -> Retention:
    """Counts by day number and by (day number, n) → the table; the same for every evaluator."""
    numbers = range(1, query.days + 1)
    cohorts = [
        Cohort(day_text(day), sizes[day], [returned.get((day, n), 0) for n in numbers])
        for day in sorted(sizes)
    ]
    return Retention(cohorts, query.days)


def evaluate(query: RetentionQuery, seen: Iterable[Seen]) -> Retention:
    """The definition in plain Python: what the engines are held against."""
    opened: dict[int, int] = {}
    active: dict[int, set[int]] = defaultdict(set)
    for person, event in seen:
        if not query.period.holds(event.at_us):
            continue
        day = day_number(event.at_us)
        if query.first in (None, event.kind):
            opened[person] = min(opened.get(person, day), day)
        if query.again in (None, event.kind):
            active[person].add(day)
    returned: Counter[tuple[int, int]] = Counter()
    for person, day in opened.items():
        returned.update((day, later - day) for later in active[person])
    return retention_of(query, Counter(opened.values()), returned=returned)
