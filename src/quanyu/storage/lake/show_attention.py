"""How a live show was looked at, as an Ibis expression: events whose content it is."""

from quanyu.measurement.period import Period
from quanyu.promotions.shows.ports import Looked
from quanyu.storage.lake.filters import chosen
from quanyu.storage.lake.table import Lake, Reading

VIEWING = ("view", "watch")


def show_attention(lake: Lake, merchant: str, *, show: str, since_us: int) -> Looked:
    """Every event that was accepted before it was asked for."""
    period = Period(since_us)
    return lake.answer(merchant, lambda r: _looked(r, show=show, period=period), period=period)


def _looked(reading: Reading, *, show: str, period: Period) -> Looked:
    events = chosen(reading.events, period, where=(("content", (show,)),))
    watched = events.filter(events.kind.isin(VIEWING))
    (people,) = reading.rows(watched.aggregate(viewers=watched.person.nunique()))
    seen = events.filter(events.kind.isin(("impression", "click")))
    counted = seen.group_by("kind", "item").aggregate(events=seen.count())
    rows = [(row["kind"], row["item"], row["events"]) for row in reading.rows(counted)]
    return Looked(
        people["viewers"] or 0,
        sum(events for kind, _, events in rows if kind == "impression"),
        sum(events for kind, _, events in rows if kind == "click"),
        {item: events for kind, item, events in rows if kind == "click" and item is not None},
    )
