"""The day cells of trends as Ibis expressions; what may be shown of them is decided in
``measurement.disclosure``."""

from quanyu.measurement.disclosure import DayCell, DayTotal, Veil, release
from quanyu.measurement.trends import Trends, TrendsQuery, trends_of
from quanyu.storage.lake.filters import day_of
from quanyu.storage.lake.table import Reading


def trends(reading: Reading, query: TrendsQuery, *, veil: Veil) -> Trends:
    events = reading.trusted
    subject = events[query.subject]
    seen = events.filter((events.kind == query.kind) & subject.notnull())
    seen = seen.select("person", day=day_of(seen), subject=seen[query.subject])
    seen = seen.filter(seen.day.between(query.span[0], query.span[-1]))
    people = seen.person.nunique()
    cells = reading.rows(seen.group_by("day", "subject").aggregate(people=people))
    totals = reading.rows(seen.group_by("day").aggregate(people=people))
    released = release(
        (DayCell(**row) for row in cells),
        (DayTotal(**row) for row in totals),
        veil=query.veiled(veil),
    )
    return trends_of(query, released, veil=veil)
