"""Funnels: how far people get along a row of steps (漏斗)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import msgspec

from quanyu.clock import DAY_US, SECOND_US
from quanyu.errors import BadInput
from quanyu.events.event import Event
from quanyu.measurement.excluded import NOTHING, Excluded
from quanyu.measurement.period import ALL_TIME, Period
from quanyu.measurement.steps import Seen, Step, Where, matches_all

STEPS_MAX = 10
WINDOW_MAX_US = 3660 * DAY_US


@dataclass(frozen=True, slots=True)
class FunnelQuery:
    """A chain is one event per step, each later in line than the one before, the last at most
    ``window_us`` after the first. Events stand in line by time; at the same instant by the first
    step that they match, then by event id. A person counts at the deepest step of any chain.
    """

    steps: tuple[Step, ...]
    window_us: int = DAY_US
    period: Period = ALL_TIME
    where: Where = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= STEPS_MAX:
            raise BadInput("steps", f"name 1 to {STEPS_MAX} steps, not {len(self.steps)}")
        if not 0 < self.window_us <= WINDOW_MAX_US:
            raise BadInput("window", "write a duration of up to ten years, such as 1d")

    @property
    def disjoint(self) -> bool:
        """True when no event can match two steps."""
        return len({step.kind for step in self.steps}) == len(self.steps)


class FunnelStep(msgspec.Struct, frozen=True):
    kind: str
    people: int
    """Who got at least this far."""
    rate_from_previous: float
    """Share (0 to 1) of the people of the step before; of the first step: 1."""
    rate_from_first: float
    median_seconds: float | None
    """Over these people: the shortest time since the step before, in a chain that counts."""


class Funnel(msgspec.Struct, frozen=True):
    steps: list[FunnelStep]
    window_seconds: int
    excluded: Excluded = NOTHING
    k: int = 0
    """0: every figure is exact. Else it is told of a group: multiples of k, reached at least."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Raw result of one step, as an evaluator counts it."""

    people: int
    median_us: float | None = None


def funnel_of(query: FunnelQuery, reached: Sequence[Reached]) -> Funnel:
    """Rates from counts; the same for every evaluator."""
    first = reached[0].people
    before = [first, *(r.people for r in reached)]
    steps = [
        FunnelStep(
            kind=step.kind,
            people=now.people,
            rate_from_previous=_share(now.people, previous),
            rate_from_first=_share(now.people, first),
            median_seconds=None if now.median_us is None else now.median_us / SECOND_US,
        )
        for step, now, previous in zip(query.steps, reached, before, strict=False)
    ]
    return Funnel(steps, query.window_us // SECOND_US)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def evaluate(query: FunnelQuery, seen: Iterable[Seen]) -> Funnel:
    """The definition in plain Python: what the engines are held against."""
    lines: dict[int, list[tuple[int, int, str, list[int]]]] = defaultdict(list)
    for person, event in seen:
        if steps := _steps_of(query, event):
            lines[person].append((event.at_us, steps[0], event.event_id, steps))
    gaps: list[list[int]] = [[] for _ in query.steps]
    for line in lines.values():
        for level, gap_us in _best_gaps(query, sorted(line)).items():
            gaps[level].append(gap_us)
    return funnel_of(query, [_reached(level, found) for level, found in enumerate(gaps)])


def _steps_of(query: FunnelQuery, event: Event) -> list[int]:
    if not query.period.holds(event.at_us) or not matches_all(event, query.where):
        return []
    return [number for number, step in enumerate(query.steps) if step.matches(event)]


def _best_gaps(
    query: FunnelQuery, line: Sequence[tuple[int, int, str, list[int]]]
) -> dict[int, int]:
    """Step → shortest time since the step before, for the steps that this person reached.

    Of all chains that reach a step, the one with the latest start stays inside the window
    longest, and starts never move back; so one latest (start, time) per step is enough.
    """
    latest: dict[int, tuple[int, int]] = {}
    best: dict[int, int] = {}
    for at_us, _, _, steps in line:
        for level in reversed(steps):
            if level == 0:
                latest[0], best[0] = (at_us, at_us), 0
            elif level - 1 in latest:
                start_us, previous_us = latest[level - 1]
                if at_us - start_us <= query.window_us:
                    latest[level] = (start_us, at_us)
                    best[level] = min(best.get(level, at_us), at_us - previous_us)
    return best


def _reached(level: int, gaps: Sequence[int]) -> Reached:
    return Reached(len(gaps), median(gaps) if gaps and level else None)
