"""Trends: what people turn to and away from, without exposing anyone (趋势)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from quanyu.clock import day_number
from quanyu.errors import BadInput
from quanyu.events.facts import FACT_TYPES
from quanyu.measurement.disclosure import (
    K_ACROSS_MERCHANTS,
    K_WITHIN_MERCHANT,
    DayCell,
    DayTotal,
    Released,
    people_days,
    release,
)
from quanyu.measurement.retention import day_text
from quanyu.measurement.significance import false_discovery, two_proportions
from quanyu.measurement.steps import Seen

Subject = Literal["category", "item", "touchpoint", "store", "content"]
DAYS_MAX = 366
FALSE_SHARE = 0.05
"""Largest expected share of false alarms among the trends called significant."""


@dataclass(frozen=True, slots=True)
class TrendsQuery:
    """``days`` whole China days up to and with ``last_day``, against as many before them."""

    last_day: int
    """Day number (clock.day_number). Name a day that is over: a running one is half a day."""
    days: int = 7
    subject: Subject = "category"
    kind: str = "view"
    top: int = 20

    def __post_init__(self) -> None:
        if self.subject not in get_args(Subject):
            raise BadInput("subject", f"use one of {', '.join(get_args(Subject))}")
        if self.kind not in FACT_TYPES:
            raise BadInput("kind", f"{self.kind!r} is no kind of event")
        if not 1 <= self.days <= DAYS_MAX:
            raise BadInput("days", f"use 1 to {DAYS_MAX}")
        if not 1 <= self.top <= 1000:
            raise BadInput("top", "use 1 to 1000")

    @property
    def first_day(self) -> int:
        """First day of the current stretch."""
        return self.last_day - self.days + 1

    @property
    def span(self) -> range:
        """Days of both stretches."""
        return range(self.first_day - self.days, self.last_day + 1)


class Trend(msgspec.Struct, frozen=True):
    """Visits are counted once per person and day."""

    subject: str
    visits: int
    visits_before: int
    index: float | None
    """100 = as before; None when there was nothing to compare with."""
    index_vs_all: float | None
    """100 = moved as everything together did."""
    p_adjusted: float
    significant: bool


class Trends(msgspec.Struct, frozen=True):
    subject: str
    kind: str
    from_day: str
    to_day: str
    compared_from: str
    compared_to: str
    k: int
    """No figure rests on fewer people than this on any day."""
    hidden_cells: int
    trends: list[Trend]
    """Significant first, then by strength of the move."""


def k_of(*, across_merchants: bool) -> int:
    return K_ACROSS_MERCHANTS if across_merchants else K_WITHIN_MERCHANT


def trends_of(query: TrendsQuery, released: Released, *, k: int) -> Trends:
    """Released day cells → the report; the same for every evaluator."""
    now = people_days(c for c in released.cells if c.day >= query.first_day)
    before = people_days(c for c in released.cells if c.day < query.first_day)
    all_now = sum(t.people for t in released.totals if t.day >= query.first_day)
    all_before = sum(t.people for t in released.totals if t.day < query.first_day)
    subjects = sorted(now.keys() | before.keys())
    counts = [(now.get(s, 0), before.get(s, 0)) for s in subjects]
    chances = false_discovery([two_proportions(c, (all_now, all_before)) for c in counts])
    trends = [
        _trend(subject, counted, (all_now, all_before), chance)
        for subject, counted, chance in zip(subjects, counts, chances, strict=True)
    ]
    ranked = sorted(trends, key=_rank)[: query.top]
    first, last = query.span[0], query.last_day
    return Trends(
        subject=query.subject,
        kind=query.kind,
        from_day=day_text(query.first_day),
        to_day=day_text(last),
        compared_from=day_text(first),
        compared_to=day_text(query.first_day - 1),
        k=k,
        hidden_cells=released.hidden,
        trends=ranked,
    )


def _trend(subject: str, visits: tuple[int, int], total: tuple[int, int], chance: float) -> Trend:
    now, before = visits
    index = now / before if before else None
    moved = total[0] / total[1] if total[1] else None
    return Trend(
        subject=subject,
        visits=now,
        visits_before=before,
        index=None if index is None else round(100 * index, 1),
        index_vs_all=round(100 * index / moved, 1) if index is not None and moved else None,
        p_adjusted=round(chance, 6),
        significant=chance <= FALSE_SHARE,
    )


def _rank(trend: Trend) -> tuple[bool, float, float, str]:
    strength = abs((trend.index_vs_all or 0.0) - 100)
    return (not trend.significant, -strength, -trend.visits, trend.subject)


def evaluate(query: TrendsQuery, seen: Iterable[Seen], *, k: int = K_WITHIN_MERCHANT) -> Trends:
    """The definition in plain Python: what the engines are held against."""
    cells: dict[tuple[int, str], list[int]] = defaultdict(list)
    totals: dict[int, list[int]] = defaultdict(list)
    for person, event in seen:
        subject, day = event.field(query.subject), day_number(event.at_us)
        if event.kind == query.kind and day in query.span and isinstance(subject, str):
            cells[day, subject].append(person)
            totals[day].append(person)
    released = release(
        (DayCell(d, s, len(who), len(set(who))) for (d, s), who in cells.items()),
        (DayTotal(d, len(who), len(set(who))) for d, who in totals.items()),
        k=k,
    )
    return trends_of(query, released, k=k)
