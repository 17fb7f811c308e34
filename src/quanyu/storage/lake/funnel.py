"""Funnels as Ibis expressions, in two forms that give the same numbers.

*Pairs*: each event of a step is joined with the events of the step before that lie in the same
window-sized bucket or the one before. Almost all events of a busy first step have no partner and
fall out in the join, so nothing big is ever sorted. *Line*: a running maximum over every person's
line of events; it is right for any steps, and its cost does not grow with the number of pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import ibis

from quanyu.measurement.funnels import Funnel, FunnelQuery, Reached, funnel_of
from quanyu.storage.lake.engine import Expression
from quanyu.storage.lake.filters import chosen, matches, matches_any
from quanyu.storage.lake.table import Reading

CROWD_MAX = 64
"""Pairs are taken only when nobody has more events of the rarer step than this in one bucket,
so there are at most CROWD_MAX pairs per event."""


def funnel(reading: Reading, query: FunnelQuery, *, crowd_max: int = CROWD_MAX) -> Funnel:
    events = chosen(reading.trusted, query.period, where=query.where)
    first, counts = _counted(reading, events, query=query)
    parts = _crowds(events, query, counts=counts)
    if query.disjoint and all(size <= crowd_max for size in _sizes(reading, parts)):
        levels = _paired_levels(events, query, counts=counts)
    else:
        levels = _line_levels(events, query)
    return funnel_of(query, [Reached(first), *_reached(reading, levels)])


def _counted(reading: Reading, events: Expression, *, query: FunnelQuery) -> tuple[int, list[int]]:
    """People of the first step, and events of every step. Asked step by step, because then an
    engine opens only the row groups of that kind."""
    parts = []
    for number in range(len(query.steps)):
        rows = _step_rows(events, query, number=number)
        people = ibis.literal(0).cast("int64") if number else rows.person.nunique()
        parts.append(rows.aggregate(step=ibis.literal(number), events=rows.count(), people=people))
    found = {int(row["step"]): row for row in reading.rows(ibis.union(*parts))}
    return found[0]["people"], [found[number]["events"] for number in range(len(parts))]


def _reached(reading: Reading, levels: Sequence[Expression]) -> list[Reached]:
    """``levels``: per later step, one row per person who reached it: person, gap_us."""
    if not levels:
        return []
    parts = [
        level.aggregate(
            step=ibis.literal(number),
            people=level.person.count(),
            median_us=level.gap_us.quantile(0.5),
        )
        for number, level in enumerate(levels)
    ]
    rows = sorted(reading.rows(ibis.union(*parts)), key=lambda row: int(row["step"]))
    return [Reached(row["people"], row["median_us"]) for row in rows]


@dataclass(frozen=True, slots=True)
class _Side:
    """The rows of one step in one direction of a join."""

    rows: Expression
    reach: tuple[int, ...]
    """Buckets, from its own, in which its partners lie."""

    def keyed(self, window_us: int) -> Expression:
        parts = [self._in_bucket(window_us, by) for by in self.reach]
        return ibis.union(*parts)

    def _in_bucket(self, window_us: int, by: int) -> Expression:
        return self.rows.mutate(bucket=_bucket(self.rows, window_us) + by * window_us)


def _bucket(rows: Expression, window_us: int) -> Expression:
    """Start of the window-sized stretch of time that a row lies in."""
    return rows.at_us - rows.at_us % window_us


def _step_rows(events: Expression, query: FunnelQuery, *, number: int) -> Expression:
    rows = events.filter(matches(events, query.steps[number]))
    return rows.select("person", "at_us")


def _rarer(counts: Sequence[int], number: int) -> int:
    return number if counts[number] <= counts[number - 1] else number - 1


def _crowds(events: Expression, query: FunnelQuery, *, counts: Sequence[int]) -> list[Expression]:
    """Per step that is the rarer one of a pair: the most events of one person in one bucket."""
    rarer = sorted({_rarer(counts, number) for number in range(1, len(counts))})
    found = []
    for number in rarer:
        rows = _step_rows(events, query, number=number)
        keyed = rows.mutate(bucket=_bucket(rows, query.window_us))
        groups = keyed.group_by("person", "bucket").aggregate(events=keyed.count())
        found.append(groups.aggregate(crowd=groups.events.max()))
    return found


def _sizes(reading: Reading, crowds: Sequence[Expression]) -> list[int]:
    """Someone who clicks all day is left to the line form."""
    return [row["crowd"] or 0 for row in reading.rows(ibis.union(*crowds))] if crowds else []


def _paired_levels(
    events: Expression, query: FunnelQuery, *, counts: Sequence[int]
) -> list[Expression]:
    first = _step_rows(events, query, number=0)
    chains, levels = first.mutate(start_us=first.at_us), []
    for number in range(1, len(query.steps)):
        now = _step_rows(events, query, number=number)
        chains = _paired(chains, now, query=query, spread_now=_rarer(counts, number) == number)
        by_person = chains.group_by("person")
        levels.append(by_person.aggregate(gap_us=(chains.at_us - chains.previous_us).min()))
    return levels


def _paired(
    chains: Expression, now: Expression, *, query: FunnelQuery, spread_now: bool
) -> Expression:
    """Chains that are one step longer: the best one that ends at each event of ``now``."""
    window_us = query.window_us
    left = _Side(now, (0, -1) if spread_now else (0,)).keyed(window_us)
    before = chains.select("person", "start_us", previous_us=chains.at_us, at_us=chains.at_us)
    right = _Side(before, (0,) if spread_now else (0, 1)).keyed(window_us).drop("at_us")
    pairs = left.join(
        right,
        [
            left.person == right.person,
            left.bucket == right.bucket,
            right.previous_us <= left.at_us,
            right.start_us >= left.at_us - window_us,
        ],
    )
    return pairs.group_by("person", "at_us").aggregate(
        start_us=pairs.start_us.max(), previous_us=pairs.previous_us.max()
    )


def _line_levels(events: Expression, query: FunnelQuery) -> list[Expression]:
    line = _line(events, query)
    levels = []
    for number in range(1, len(query.steps)):
        line = _advanced(line, query, number=number)
        reached = line.filter(line[f"start_{number}"].notnull())
        gaps = reached.group_by("person").aggregate(gap_us=reached[f"gap_{number}"].min())
        levels.append(gaps)
    return levels


def _line(events: Expression, query: FunnelQuery) -> Expression:
    """Everyone's events in line; ``match_n`` tells the steps that an event matches."""
    matched = events.filter(matches_any(events, query.steps))
    flags = [matches(matched, step).fill_null(False) for step in query.steps]
    first = reduce(
        lambda later, n: flags[n].ifelse(n, later), reversed(range(len(flags))), len(flags)
    )
    return matched.select(
        "person",
        "at_us",
        first=first,
        tie=ibis.literal("") if query.disjoint else matched.event_id,
        start_0=flags[0].ifelse(matched.at_us, ibis.null("int64")),
        **{f"match_{number}": flag for number, flag in enumerate(flags)},
    )


def _advanced(line: Expression, query: FunnelQuery, *, number: int) -> Expression:
    """Where a chain can go on to step ``number``: its start, and the time since the step before.

    Of all chains the one that started last stays in the window longest, and starts never move
    back, so one running maximum is enough.
    """
    before = ibis.window(
        group_by=line.person,
        order_by=[line.at_us, line["first"], line.tie],
        preceding=(None, 1),
    )
    previous = line[f"start_{number - 1}"]
    ahead = line.mutate(
        start_us=previous.max().over(before),
        previous_us=previous.notnull().ifelse(line.at_us, ibis.null("int64")).max().over(before),
    )
    inside = ahead[f"match_{number}"] & (ahead.at_us - ahead.start_us <= query.window_us)
    nothing = ibis.null("int64")
    return ahead.mutate(
        **{
            f"start_{number}": inside.ifelse(ahead.start_us, nothing),
            f"gap_{number}": inside.ifelse(ahead.at_us - ahead.previous_us, nothing),
        }
    ).drop("start_us", "previous_us")
