"""What people and programs write, as queries: one reading for the commands and for the routes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from quanyu.clock import parse_duration
from quanyu.errors import BadInput
from quanyu.events.event import PropValue
from quanyu.measurement.funnels import FunnelQuery
from quanyu.measurement.period import ALL_TIME, Period
from quanyu.measurement.steps import Step, Where, where_of

VALUES_MAX = 100
_read_json = msgspec.json.Decoder().decode


def duration_us(field: str, text: str) -> int:
    """``"1d"`` → microseconds. Raises BadInput."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise BadInput(field, str(error)) from None


def funnel_query(
    steps: str | Sequence[Any], window: str, *, period: Period = ALL_TIME, where: Where = ()
) -> FunnelQuery:
    """``steps`` is ``"view,add_to_cart"`` or a list of kinds and ``{"kind", "where"}``."""
    parts = [one.strip() for one in steps.split(",")] if isinstance(steps, str) else steps
    chosen = tuple(_step(one) for one in parts)
    return FunnelQuery(chosen, duration_us("window", window), period, where)


def _step(form: Any) -> Step:
    if isinstance(form, str):
        return Step(form)
    known = isinstance(form, Mapping) and form.keys() <= {"kind", "where"}
    if not known or not isinstance(form.get("kind"), str):
        raise BadInput("steps", 'write a kind, or {"kind": …, "where": {field: value}}')
    return Step(form["kind"], read_where(form.get("where", {})))


def read_where(form: Any) -> Where:
    """``{"touchpoint": ["a", "b"], "city": "上海"}`` → conditions. Raises BadInput."""
    if not isinstance(form, Mapping):
        raise BadInput("where", "write {field: value or [values]}")
    for name, value in form.items():
        values = value if isinstance(value, list) else [value]
        if not name or not values or len(values) > VALUES_MAX or not all(map(_is_plain, values)):
            raise BadInput(f"where.{name}", f"write 1 to {VALUES_MAX} texts, numbers or booleans")
    return where_of(form)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def parse_where(texts: Iterable[str]) -> Where:
    """``["touchpoint=taobao.search", "size=5"]`` → conditions; one field named twice allows both
    values. A value that reads as a JSON number or boolean is one. Raises BadInput."""
    form: dict[str, list[PropValue]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise BadInput("where", f"write field=value instead of {text!r}")
        form.setdefault(name.strip(), []).append(_value(value.strip()))
    return read_where(form)


def _value(text: str) -> PropValue:
    try:
        value = _read_json(text)
    except msgspec.DecodeError:
        return text
    return value if isinstance(value, int | float | bool | str) else text
