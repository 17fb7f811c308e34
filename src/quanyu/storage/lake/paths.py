"""Paths as an Ibis expression: sessions by pauses, labels without equal neighbours, counted."""

from typing import Any

import ibis

from quanyu.measurement.paths import Path, Paths, PathsQuery
from quanyu.storage.lake.engine import Expression
from quanyu.storage.lake.filters import chosen
from quanyu.storage.lake.table import Reading


def paths(reading: Reading, query: PathsQuery) -> Paths:
    journeys = _journeys(
        _labelled(chosen(reading.trusted, query.period, where=query.where), query), query
    )
    labels = _labels(query)
    counted = journeys.group_by(*labels, "cut").aggregate(
        journeys=journeys.count(),
        people=journeys.person.nunique(),
        conversions=journeys.count(where=journeys.converted),
    )
    best = [counted.journeys.desc(), *(counted[name] for name in labels), counted.cut]
    top = counted.mutate(
        everything=counted.journeys.sum().over(ibis.window()),
        place=ibis.row_number().over(ibis.window(order_by=best)),
    )
    rows = reading.rows(top.filter(top.place < query.top))
    ranked = [_path(row, labels) for row in sorted(rows, key=lambda row: int(row["place"]))]
    return Paths(ranked, int(rows[0]["everything"]) if rows else 0)


def _labels(query: PathsQuery) -> list[str]:
    return [f"label_{number}" for number in range(query.length)]


def _path(row: dict[str, Any], labels: list[str]) -> Path:
    path = [row[name] for name in labels if row[name] != ""]
    return Path(path, row["cut"], row["journeys"], row["people"], row["conversions"])


def _labelled(events: Expression, query: PathsQuery) -> Expression:
    """Each event with its label, and whether it opens a journey or changes the label."""
    label = {
        "kind": events.kind,
        "touchpoint": events.touchpoint,
        "touchpoint:kind": events.touchpoint.concat(":", events.kind),
    }[query.by]
    converts = events.kind.isin(list(query.conversions)) if query.conversions else False
    line = events.select("person", "at_us", "event_id", label=label, converts=converts)
    order = ibis.window(group_by=line.person, order_by=[line.at_us, line.event_id])
    line = line.mutate(before_us=line.at_us.lag().over(order), before=line.label.lag().over(order))
    opens = line.before_us.isnull() | (line.at_us - line.before_us > query.gap_us)
    line = line.mutate(opens=opens)
    return line.mutate(changes=line.opens | (line.label != line.before))


def _journeys(line: Expression, query: PathsQuery) -> Expression:
    """One row per journey: person, label_0 … , cut, converted; no label is an empty text."""
    upto = ibis.cumulative_window(group_by=line.person, order_by=[line.at_us, line.event_id])
    line = line.mutate(
        journey=line.opens.cast("int64").sum().over(upto),
        step=line.changes.cast("int64").sum().over(upto),
    )
    first = line.group_by("person", "journey").aggregate(
        first_step=line.step.min(), last_step=line.step.max(), converted=line.converts.any()
    )
    turns = line.filter(line.changes).join(first, ["person", "journey"])
    position = turns.step - turns.first_step
    found = turns.group_by("person", "journey").aggregate(
        cut=(turns.last_step - turns.first_step).max() >= query.length,
        converted=turns.converted.any(),
        **{
            name: turns.label.max(where=position == number)
            for number, name in enumerate(_labels(query))
        },
    )
    return found.mutate(**{name: found[name].fill_null("") for name in _labels(query)})
