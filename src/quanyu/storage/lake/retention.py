"""Retention as Ibis expressions."""

from typing import Any

import ibis

from quanyu.measurement.retention import Retention, RetentionQuery, retention_of
from quanyu.storage.lake.engine import Expression
from quanyu.storage.lake.filters import chosen, day_of
from quanyu.storage.lake.table import Reading


def retention(reading: Reading, query: RetentionQuery) -> Retention:
    events = chosen(reading.trusted, query.period)
    opened = _person_days(events, query.first).group_by("person")
    cohorts = opened.aggregate(first_day=ibis._.day.min())
    active = _person_days(events, query.again)
    joined = cohorts.join(active, "person")
    later = joined.mutate(n=joined.day - joined.first_day)
    later = later.filter(later.n.between(1, query.days))
    sizes = cohorts.group_by("first_day").aggregate(people=cohorts.count())
    returned = later.group_by("first_day", "n").aggregate(people=later.count())
    return retention_of(
        query,
        {row["first_day"]: row["people"] for row in reading.rows(sizes)},
        returned={(row["first_day"], row["n"]): row["people"] for row in reading.rows(returned)},
    )


def _person_days(events: Expression, kind: str | None) -> Any:
    if kind is not None:
        events = events.filter(events.kind == kind)
    return events.select("person", day=day_of(events)).distinct()
