"""Top items of each hour (小时热榜)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from quanyu.clock import CHINA_OFFSET_US, HOUR_US, format_iso
from quanyu.errors import BadInput
from quanyu.events.facts import FACT_TYPES
from quanyu.measurement.excluded import NOTHING, Excluded
from quanyu.measurement.period import ALL_TIME, Period
from quanyu.measurement.steps import Seen, Where, matches_all

TOP_MAX = 1000


@dataclass(frozen=True, slots=True)
class TopItemsQuery:
    kind: str = "view"
    top: int = 10
    period: Period = ALL_TIME
    where: Where = ()

    def __post_init__(self) -> None:
        if self.kind not in FACT_TYPES:
            raise BadInput("kind", f"{self.kind!r} is no kind of event")
        if not 1 <= self.top <= TOP_MAX:
            raise BadInput("top", f"use 1 to {TOP_MAX}")


class TopItem(msgspec.Struct, frozen=True):
    item: str
    events: int
    people: int


class HourOfItems(msgspec.Struct, frozen=True):
    hour: str
    """Start of the hour in China."""
    items: list[TopItem]
    """Most events first; ties by item."""


class TopItems(msgspec.Struct, frozen=True):
    kind: str
    hours: list[HourOfItems]
    excluded: Excluded = NOTHING
    k: int = 0
    """0: every figure is exact. Else it is told of a group: multiples of k, reached at least."""


def top_items_of(query: TopItemsQuery, rows: Iterable[tuple[int, TopItem]]) -> TopItems:
    """(hour number, item) rows, already cut to the top → the report."""
    hours: dict[int, list[TopItem]] = defaultdict(list)
    for hour, item in rows:
        hours[hour].append(item)
    return TopItems(
        query.kind,
        [HourOfItems(_hour_text(hour), sorted(hours[hour], key=rank)) for hour in sorted(hours)],
    )


def evaluate(query: TopItemsQuery, seen: Iterable[Seen]) -> TopItems:
    """The definition in plain Python: what the engines are held against."""
    who: dict[tuple[int, str], list[int]] = defaultdict(list)
    for person, event in seen:
        wanted = event.kind == query.kind and query.period.holds(event.at_us)
        if wanted and event.item is not None and matches_all(event, query.where):
            who[hour_number(event.at_us), event.item].append(person)
    hours: dict[int, list[TopItem]] = defaultdict(list)
    for (hour, item), people in who.items():
        hours[hour].append(TopItem(item, len(people), len(set(people))))
    best = [(h, one) for h, found in hours.items() for one in sorted(found, key=rank)[: query.top]]
    return top_items_of(query, best)


def hour_number(at_us: int) -> int:
    """Count of whole hours in China since 1970-01-01."""
    return (at_us + CHINA_OFFSET_US) // HOUR_US


def _hour_text(hour: int) -> str:
    return format_iso(hour * HOUR_US - CHINA_OFFSET_US)


def rank(item: TopItem) -> tuple[int, str]:
    return -item.events, item.item
