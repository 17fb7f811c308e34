"""Periods and field conditions of the definitions as Ibis expressions."""

from collections.abc import Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

import ibis

from quanyu.clock import CHINA_OFFSET_US, DAY_US, HOUR_US
from quanyu.events.event import FIELDS, PropValue
from quanyu.measurement.period import Period
from quanyu.measurement.steps import Step, Where
from quanyu.storage.lake.engine import Expression
from quanyu.storage.lake.rows import json_text

COLUMN_OF = {name: name for name in FIELDS} | {"order": "order_id", "amount": "amount_fen"}


def chosen(events: Expression, period: Period, *, where: Where = ()) -> Expression:
    """The events inside the period for which every condition holds."""
    if period.from_us is not None:
        events = events.filter(events.at_us >= period.from_us)
    if period.to_us is not None:
        events = events.filter(events.at_us < period.to_us)
    return events.filter(holds(events, where)) if where else events


def holds(events: Expression, where: Where) -> Any:
    return reduce(and_, [_among(events, name, allowed=allowed) for name, allowed in where])


def matches(events: Expression, step: Step) -> Any:
    right_kind = events.kind == step.kind
    return right_kind & holds(events, step.where) if step.where else right_kind


def matches_any(events: Expression, steps: Sequence[Step]) -> Any:
    return reduce(or_, [matches(events, step) for step in steps])


def _among(events: Expression, name: str, *, allowed: Sequence[PropValue]) -> Any:
    """A value of another type than the field's never matches; props compare as JSON text."""
    if name in COLUMN_OF:
        column = events[COLUMN_OF[name]]
        wanted = int if name == "amount" else str
        return _isin(column, [value for value in allowed if type(value) is wanted])
    if name == "category" and all(isinstance(value, str) for value in allowed):
        return _isin(events.category, allowed)
    return _isin(events.props.get(name), [json_text(value) for value in allowed])


def _isin(column: Any, allowed: Sequence[Any]) -> Any:
    return column.isin(list(allowed)) if allowed else ibis.literal(False)


def day_of(events: Expression) -> Any:
    """Day number in China, as clock.day_number counts them."""
    return (events.at_us + CHINA_OFFSET_US) // DAY_US


def hour_of(events: Expression) -> Any:
    return (events.at_us + CHINA_OFFSET_US) // HOUR_US
