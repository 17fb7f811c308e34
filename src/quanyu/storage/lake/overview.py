"""The overview as Ibis expressions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import ibis

from quanyu.measurement.overview import (
    PAID,
    REFUNDED,
    Activity,
    Overview,
    OverviewQuery,
    overview_of,
)
from quanyu.storage.lake.engine import Expression
from quanyu.storage.lake.filters import chosen, day_of
from quanyu.storage.lake.table import Reading

FIGURES = ("events", "people", "orders", "buyers", "gmv_fen", "refunded_fen")


def overview(reading: Reading, query: OverviewQuery) -> Overview:
    events = chosen(reading.trusted, query.period)
    events = events.mutate(day=day_of(events), paid_order=_order(events))
    total = _cells(reading, events, by=[])[None]
    return overview_of(
        replace(total, repeat_buyers=_repeat_buyers(reading, events)),
        kinds=_cells(reading, events, by=["kind"]),
        touchpoints=_cells(reading, events, by=["touchpoint"]),
        days=_cells(reading, events, by=["day"]),
    )


def _order(events: Expression) -> Any:
    """The order of a payment; one without a number counts by its event."""
    number = ibis.coalesce(events.order_id, events.event_id)
    return (events.kind == PAID).ifelse(number, ibis.null("string"))


def _cells(reading: Reading, events: Expression, *, by: Sequence[str]) -> dict[Any, Activity]:
    paid, refunded = events.kind == PAID, events.kind == REFUNDED
    figures = {
        "events": events.count(),
        "people": events.person.nunique(),
        "orders": events.paid_order.nunique(),
        "buyers": events.person.nunique(where=paid),
        "gmv_fen": events.amount_fen.sum(where=paid),
        "refunded_fen": events.amount_fen.sum(where=refunded),
    }
    rows = reading.rows(events.aggregate(by=list(by), **figures))
    return {row[by[0]] if by else None: _activity(row) for row in rows}


def _activity(row: dict[str, Any]) -> Activity:
    return Activity(**{name: int(row[name] or 0) for name in FIGURES})


def _repeat_buyers(reading: Reading, events: Expression) -> int:
    paid = events.filter(events.kind == PAID)
    orders = paid.group_by("person").aggregate(orders=paid.paid_order.nunique())
    repeated = orders.filter(orders.orders > 1)
    return int(reading.rows(repeated.aggregate(buyers=repeated.count()))[0]["buyers"])
