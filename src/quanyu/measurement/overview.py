"""The overview: who came, what they did, what they paid."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from quanyu.clock import day_number, day_text
from quanyu.events.event import Event
from quanyu.measurement.excluded import NOTHING, Excluded
from quanyu.measurement.period import ALL_TIME, Period
from quanyu.measurement.steps import Seen

K = TypeVar("K")
PAID = "payment_completed"
REFUNDED = "refund_completed"


@dataclass(frozen=True, slots=True)
class OverviewQuery:
    period: Period = ALL_TIME


@dataclass(frozen=True, slots=True)
class Activity:
    """One cell of the report. An order without a number counts by its event."""

    events: int = 0
    people: int = 0
    orders: int = 0
    buyers: int = 0
    repeat_buyers: int = 0
    gmv_fen: int = 0
    refunded_fen: int = 0


class Count(msgspec.Struct, frozen=True):
    name: str
    events: int
    people: int


class Day(msgspec.Struct, frozen=True):
    day: str
    events: int
    people: int
    orders: int
    buyers: int
    gmv_fen: int


class Overview(msgspec.Struct, frozen=True):
    """Rates are shares between 0 and 1; GMV is before refunds."""

    people: int
    events: int
    orders: int
    buyers: int
    gmv_fen: int
    refunded_fen: int
    conversion_rate: float
    """Buyers among people."""
    repurchase_rate: float
    """Buyers with two orders or more among buyers."""
    kinds: list[Count]
    touchpoints: list[Count]
    days: list[Day]
    excluded: Excluded = NOTHING


def overview_of(
    total: Activity,
    *,
    kinds: Mapping[str, Activity],
    touchpoints: Mapping[str, Activity],
    days: Mapping[int, Activity],
) -> Overview:
    """Cells → the report; the same for every evaluator."""
    return Overview(
        people=total.people,
        events=total.events,
        orders=total.orders,
        buyers=total.buyers,
        gmv_fen=total.gmv_fen,
        refunded_fen=total.refunded_fen,
        conversion_rate=total.buyers / total.people if total.people else 0.0,
        repurchase_rate=total.repeat_buyers / total.buyers if total.buyers else 0.0,
        kinds=_counts(kinds),
        touchpoints=_counts(touchpoints),
        days=[_day(day, days[day]) for day in sorted(days)],
    )


def _counts(cells: Mapping[str, Activity]) -> list[Count]:
    counted = [Count(name, cell.events, cell.people) for name, cell in cells.items()]
    return sorted(counted, key=lambda c: (-c.events, c.name))


def _day(day: int, cell: Activity) -> Day:
    return Day(day_text(day), cell.events, cell.people, cell.orders, cell.buyers, cell.gmv_fen)


def evaluate(query: OverviewQuery, seen: Iterable[Seen]) -> Overview:
    """The definition in plain Python: what the engines are held against."""
    chosen = [one for one in seen if query.period.holds(one.event.at_us)]
    return overview_of(
        _activity(chosen),
        kinds=_by(chosen, lambda event: event.kind),
        touchpoints=_by(chosen, lambda event: event.touchpoint),
        days=_by(chosen, lambda event: day_number(event.at_us)),
    )


def _by(chosen: Sequence[Seen], key: Callable[[Event], K]) -> dict[K, Activity]:
    groups: dict[K, list[Seen]] = defaultdict(list)
    for one in chosen:
        groups[key(one.event)].append(one)
    return {name: _activity(group) for name, group in groups.items()}


def _activity(group: Sequence[Seen]) -> Activity:
    orders: dict[int, set[str]] = defaultdict(set)
    for person, event in group:
        if event.kind == PAID:
            orders[person].add(event.order or event.event_id)
    return Activity(
        events=len(group),
        people=len({one.person for one in group}),
        orders=len(set().union(*orders.values())),
        buyers=len(orders),
        repeat_buyers=sum(len(numbers) > 1 for numbers in orders.values()),
        gmv_fen=_sum_fen(group, PAID),
        refunded_fen=_sum_fen(group, REFUNDED),
    )


def _sum_fen(group: Sequence[Seen], kind: str) -> int:
    return sum(one.event.amount_fen or 0 for one in group if one.event.kind == kind)
