"""Trends: what people turn to and away from, without exposing anyone (趋势)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast, get_args

import msgspec

from quanyu.clock import CHINA_OFFSET_US, DAY_US, Clock, day_number, day_text
from quanyu.errors import BadInput
from quanyu.events.facts import FACT_TYPES
from quanyu.measurement.disclosure import (
    K_ACROSS_MERCHANTS,
    K_WITHIN_MERCHANT,
    DayCell,
    DayTotal,
    Released,
    Veil,
    release,
)
from quanyu.measurement.excluded import NOTHING, Excluded
from quanyu.measurement.period import Period, parse_period
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
        subject_of(self.subject)
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

    @property
    def period(self) -> Period:
        """Of both stretches."""
        first, end = (day * DAY_US - CHINA_OFFSET_US for day in (self.span[0], self.last_day + 1))
        return Period(first, end)

    def veiled(self, veil: Veil) -> Veil:
        """Each kind and subject is a table of its own; its cells are rounded for themselves."""
        return veil.of(self.kind, self.subject)


def subject_of(text: str) -> Subject:
    """Raises BadInput for anything that has no trends."""
    for known in get_args(Subject):
        if text == known:
            return cast(Subject, known)
    raise BadInput("subject", f"use one of {', '.join(get_args(Subject))}")


def last_day_of(text: str | None, clock: Clock) -> int:
    """Day number of ``"2026-05-01"``; yesterday where nothing is said. Raises BadInput."""
    if text is None:
        return day_number(clock.now_us()) - 1
    end_us = parse_period(None, text).to_us
    assert end_us is not None, "a text gives an end"
    return day_number(end_us - 1)


class Trend(msgspec.Struct, frozen=True):
    """Visits are counted once per person and day, each day's to a multiple of k."""

    subject: str
    visits: int
    visits_before: int
    index: float | None
    """Visits a day; 100 = as before. None when there was nothing to compare with."""
    index_vs_all: float | None
    """Share of all visitors; 100 = moved as everything together did."""
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
    """No figure rests on fewer people than this on any day; counts are multiples of it."""
    hidden_cells: int
    trends: list[Trend]
    """Significant first, then by strength of the move."""
    excluded: Excluded = NOTHING


def veil_of(secret: bytes, merchant: str | None) -> Veil:
    """Over the trends of one merchant, or (None) of all merchants together."""
    if merchant is None:
        return Veil(K_ACROSS_MERCHANTS, secret).of("industry")
    return Veil(K_WITHIN_MERCHANT, secret).of("merchant", merchant)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One subject over some days, as far as its day cells were released."""

    visits: int = 0
    visits_of_all: int = 0
    """Of everybody, on the same days: a day that is hidden counts on neither side."""
    days: int = 0


def trends_of(query: TrendsQuery, released: Released, *, veil: Veil) -> Trends:
    """Released day cells → the report; the same for every evaluator."""
    now = _stretches(released, range(query.first_day, query.last_day + 1))
    before = _stretches(released, range(query.span[0], query.first_day))
    pairs = [(s, now.get(s, _Stretch()), before.get(s, _Stretch())) for s in {**before, **now}]
    noise = veil.variance_max
    chances = false_discovery([_chance(a, b, noise=noise) for _, a, b in pairs])
    trends = [
        _trend(subject, now=recent, before=earlier, chance=chance)
        for (subject, recent, earlier), chance in zip(pairs, chances, strict=True)
    ]
    return Trends(
        subject=query.subject,
        kind=query.kind,
        from_day=day_text(query.first_day),
        to_day=day_text(query.last_day),
        compared_from=day_text(query.span[0]),
        compared_to=day_text(query.first_day - 1),
        k=veil.k,
        hidden_cells=released.hidden,
        trends=sorted(trends, key=_rank)[: query.top],
    )


def _stretches(released: Released, days: range) -> dict[str, _Stretch]:
    totals = {total.day: total.people for total in released.totals}
    sums: dict[str, _Stretch] = {}
    for cell in released.cells:
        if cell.day in days:
            so_far = sums.get(cell.subject, _Stretch())
            sums[cell.subject] = _Stretch(
                so_far.visits + cell.people,
                so_far.visits_of_all + totals[cell.day],
                so_far.days + 1,
            )
    return sums


def _chance(now: _Stretch, before: _Stretch, *, noise: float) -> float:
    return two_proportions(
        (now.visits, before.visits),
        (now.visits_of_all, before.visits_of_all),
        noise=(now.days * noise, before.days * noise),
    )


def _trend(subject: str, *, now: _Stretch, before: _Stretch, chance: float) -> Trend:
    per_day = index_vs_all = None
    if now.days and before.days:
        per_day = now.visits * before.days / (now.days * before.visits)
        share_now = now.visits / now.visits_of_all
        index_vs_all = share_now * before.visits_of_all / before.visits
    return Trend(
        subject=subject,
        visits=now.visits,
        visits_before=before.visits,
        index=None if per_day is None else round(100 * per_day, 1),
        index_vs_all=None if index_vs_all is None else round(100 * index_vs_all, 1),
        p_adjusted=round(chance, 6),
        significant=chance <= FALSE_SHARE,
    )


def _rank(trend: Trend) -> tuple[bool, float, float, str]:
    strength = abs((trend.index_vs_all or 0.0) - 100)
    return (not trend.significant, -strength, -trend.visits, trend.subject)


def evaluate(query: TrendsQuery, seen: Iterable[Seen], *, veil: Veil) -> Trends:
    """The definition in plain Python: what the engines are held against."""
    cells: dict[tuple[int, str], set[int]] = {}
    totals: dict[int, set[int]] = {}
    for person, event in seen:
        subject, day = event.field(query.subject), day_number(event.at_us)
        if event.kind == query.kind and day in query.span and isinstance(subject, str):
            cells.setdefault((day, subject), set()).add(person)
            totals.setdefault(day, set()).add(person)
    released = release(
        (DayCell(d, s, len(who)) for (d, s), who in cells.items()),
        (DayTotal(d, len(who)) for d, who in totals.items()),
        veil=query.veiled(veil),
    )
    return trends_of(query, released, veil=veil)
