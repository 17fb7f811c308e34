"""Paths: the journeys that people take across kinds of events and touchpoints (路径)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, cast, get_args

import msgspec

from quanyu.clock import MINUTE_US
from quanyu.errors import BadInput
from quanyu.events.event import Event
from quanyu.events.facts import FACT_TYPES
from quanyu.measurement.excluded import NOTHING, Excluded
from quanyu.measurement.period import ALL_TIME, Period
from quanyu.measurement.steps import Seen, Where, matches_all

By = Literal["kind", "touchpoint", "touchpoint:kind"]
LENGTH_MAX = 12
TOP_MAX = 1000
CONVERSIONS = tuple(kind for kind, fact in FACT_TYPES.items() if fact.conversion)


@dataclass(frozen=True, slots=True)
class PathsQuery:
    """A journey is a person's events with no pause longer than ``gap_us``; its path is the row
    of labels, equal neighbours taken as one, cut after ``length`` of them."""

    by: By = "touchpoint:kind"
    gap_us: int = 30 * MINUTE_US
    length: int = 8
    top: int = 20
    conversions: tuple[str, ...] = ("payment_completed",)
    period: Period = ALL_TIME
    where: Where = ()

    def __post_init__(self) -> None:
        by_of(self.by)
        if self.gap_us <= 0:
            raise BadInput("gap", "write a duration such as 30m")
        if not 1 <= self.length <= LENGTH_MAX:
            raise BadInput("length", f"use 1 to {LENGTH_MAX}")
        if not 1 <= self.top <= TOP_MAX:
            raise BadInput("top", f"use 1 to {TOP_MAX}")
        unknown = [kind for kind in self.conversions if kind not in FACT_TYPES]
        if unknown:
            raise BadInput("conversions", f"{unknown[0]!r} is no kind of event")

    def label(self, event: Event) -> str:
        if self.by == "touchpoint:kind":
            return f"{event.touchpoint}:{event.kind}"
        return event.kind if self.by == "kind" else event.touchpoint


def by_of(text: str) -> By:
    """Raises BadInput for anything that paths cannot be told by."""
    for known in get_args(By):
        if text == known:
            return cast(By, known)
    raise BadInput("by", f"use one of {', '.join(get_args(By))}")


class Path(msgspec.Struct, frozen=True):
    path: list[str]
    cut: bool
    """True when the journey went on after the last label."""
    journeys: int
    people: int
    conversions: int
    """Journeys that hold a conversion."""


class Paths(msgspec.Struct, frozen=True):
    paths: list[Path]
    """Most journeys first; ties by path."""
    journeys: int
    """All journeys, also those of paths that are not listed."""
    excluded: Excluded = NOTHING
    k: int = 0
    """0: every figure is exact. Else it is told of a group: multiples of k, reached at least."""


def evaluate(query: PathsQuery, seen: Iterable[Seen]) -> Paths:
    """The definition in plain Python: what the engines are held against."""
    found: dict[tuple[tuple[str, ...], bool], list[tuple[int, bool]]] = defaultdict(list)
    for person, journey in _journeys(query, seen):
        labels = tuple(label for label, _ in groupby(map(query.label, journey)))
        converted = any(event.kind in query.conversions for event in journey)
        found[labels[: query.length], len(labels) > query.length].append((person, converted))
    paths = [
        Path(
            path=list(labels),
            cut=cut,
            journeys=len(journeys),
            people=len({person for person, _ in journeys}),
            conversions=sum(converted for _, converted in journeys),
        )
        for (labels, cut), journeys in found.items()
    ]
    ranked = sorted(paths, key=lambda p: (-p.journeys, p.path, p.cut))
    return Paths(ranked[: query.top], sum(p.journeys for p in paths))


def _journeys(query: PathsQuery, seen: Iterable[Seen]) -> Iterator[tuple[int, Sequence[Event]]]:
    chosen = [
        one
        for one in seen
        if query.period.holds(one.event.at_us) and matches_all(one.event, query.where)
    ]
    chosen.sort(key=lambda one: (one.person, one.event.at_us, one.event.event_id))
    journey: list[Seen] = []
    for one in chosen:
        if journey and not _goes_on(query, journey[-1], now=one):
            yield journey[0].person, [past.event for past in journey]
            journey = []
        journey.append(one)
    if journey:
        yield journey[0].person, [past.event for past in journey]


def _goes_on(query: PathsQuery, before: Seen, *, now: Seen) -> bool:
    near = now.event.at_us - before.event.at_us <= query.gap_us
    return near and now.person == before.person
