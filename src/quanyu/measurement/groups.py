"""What is told of a group to whoever may read figures and no persons.

A report over everybody is the merchant's own. As soon as it is narrowed to some people, by a
field or to less than whole days, it is told as of a group: nothing of fewer than k people, and
every figure a multiple of k that is reached at least.
"""

import msgspec

from quanyu.clock import CHINA_OFFSET_US, DAY_US, MINUTE_US, SECOND_US
from quanyu.measurement import items, paths
from quanyu.measurement.disclosure import Veil
from quanyu.measurement.funnels import Funnel, FunnelQuery, Reached, funnel_of
from quanyu.measurement.period import Period
from quanyu.measurement.steps import Where


def is_whole_days(period: Period) -> bool:
    ends = (period.from_us, period.to_us)
    return all(end is None or (end + CHINA_OFFSET_US) % DAY_US == 0 for end in ends)


def is_narrowed(query: FunnelQuery | paths.PathsQuery | items.TopItemsQuery) -> bool:
    """Whether it is about some people and not about everybody."""
    steps = query.steps if isinstance(query, FunnelQuery) else ()
    by_field = query.where or any(step.where for step in steps)
    return bool(by_field) or not is_whole_days(query.period)


def written(where: Where) -> str:
    """The same text for conditions that only differ in order or say a value twice."""
    return repr(sorted((name, sorted(set(map(repr, values)))) for name, values in where))


def funnel_of_a_group(query: FunnelQuery, found: Funnel, *, veil: Veil) -> Funnel:
    """No step has more people than the one before; times are told to the minute."""
    steps = [f"{step.kind} {written(step.where)}" for step in query.steps]
    cell = ("funnel", written(query.where), str(query.period), str(query.window_us), *steps)
    told: list[Reached] = []
    for number, step in enumerate(found.steps):
        people = veil.at_least(step.people, *cell, str(number))
        people = min([people, *(before.people for before in told)])
        told.append(Reached(people, _to_the_minute(step.median_seconds) if people else None))
    excluded = found.excluded
    return msgspec.structs.replace(funnel_of(query, told), excluded=excluded, k=veil.k)


def _to_the_minute(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * SECOND_US / MINUTE_US) * MINUTE_US


def paths_of_a_group(query: paths.PathsQuery, found: paths.Paths, *, veil: Veil) -> paths.Paths:
    """``found``: as many as can be asked for; the top is cut after what is few has gone."""
    asked = (query.by, str(query.gap_us), str(query.length), repr(query.conversions))
    veil = veil.of("paths", written(query.where), str(query.period), *asked)
    told = [_path(one, veil) for one in found.paths]
    ranked = sorted((p for p in told if p.people), key=lambda p: (-p.journeys, p.path, p.cut))
    journeys = veil.at_least(found.journeys, "all")
    return paths.Paths(ranked[: query.top], journeys, found.excluded, veil.k)


def _path(one: paths.Path, veil: Veil) -> paths.Path:
    veil = veil.of(*one.path, str(one.cut))
    return paths.Path(
        one.path,
        one.cut,
        journeys=veil.at_least(one.journeys, "journeys"),
        people=veil.at_least(one.people, "people"),
        conversions=veil.at_least(one.conversions, "conversions"),
    )


def items_of_a_group(
    query: items.TopItemsQuery, found: items.TopItems, *, veil: Veil
) -> items.TopItems:
    """``found``: as many as can be asked for, as for paths."""
    veil = veil.of("items", query.kind, written(query.where), str(query.period))
    hours = [_hour(one, veil, top=query.top) for one in found.hours]
    return items.TopItems(found.kind, [one for one in hours if one.items], found.excluded, k=veil.k)


def _hour(hour: items.HourOfItems, veil: Veil, *, top: int) -> items.HourOfItems:
    told = [
        items.TopItem(
            one.item,
            events=veil.at_least(one.events, hour.hour, one.item, "events"),
            people=veil.at_least(one.people, hour.hour, one.item, "people"),
        )
        for one in hour.items
    ]
    shown = sorted((one for one in told if one.people), key=items.rank)
    return items.HourOfItems(hour.hour, shown[:top])
