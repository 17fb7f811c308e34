"""The algebra of measures: events fold into small states that merge in any order.

A state is ``[newest, buckets]``: the newest China day that counted, and day → payload (bucket 0
when there is no window). Payloads of one measure form a commutative monoid, so a state depends
on which events it saw and never on when they came. Old days leave a windowed state as newer ones
arrive; a day once dropped would be dropped in every order, because ``newest`` only grows.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from quanyu.clock import CHINA_OFFSET_US, DAY_US
from quanyu.customers.profile.definitions import Measure, Scalar
from quanyu.customers.profile.fields import hour_of, reader, text_of, weekday_of
from quanyu.events.event import Event

SLACK_DAYS = 7
"""A windowed state still answers for an ``as_of`` this long before its newest event."""
State = list[Any]
Payload = Any
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Monoid:
    one: Callable[[Event, str, int], Payload]
    """What an event brings, given the text of the measured field and the weight of its kind."""
    plus: Callable[[Payload, Payload], Payload]
    """May change and return its first operand."""
    copy: Callable[[Payload], Payload]


def _same(payload: Payload) -> Payload:
    return payload


def _add_texts(left: dict[str, int], right: Mapping[str, int]) -> dict[str, int]:
    for text, weight in right.items():
        left[text] = left.get(text, 0) + weight
    return left


def _any_text(left: dict[str, int], right: Mapping[str, int]) -> dict[str, int]:
    left.update(right)
    return left


def _add_pairs(left: list[int], right: list[int]) -> list[int]:
    return [left[0] + right[0], left[1] + right[1]]


_SUM = _Monoid(lambda event, text, weight: 1, int.__add__, _same)
_MONOIDS = {
    "count": _SUM,
    "sum": _Monoid(lambda event, text, weight: int(text), int.__add__, _same),
    "mean": _Monoid(lambda event, text, weight: [int(text), 1], _add_pairs, _same),
    "last": _Monoid(lambda event, text, weight: [event.at_us, event.event_id, text], max, _same),
    "first": _Monoid(lambda event, text, weight: [event.at_us, event.event_id, text], min, _same),
    "top_n": _Monoid(lambda event, text, weight: {text: weight}, _add_texts, dict),
    "days": _Monoid(lambda event, text, weight: 1, max, _same),
    "distinct": _Monoid(lambda event, text, weight: {text: 1}, _any_text, dict),
}


def _nothing(event: Event) -> str:
    return ""


def texts_of(values: tuple[Scalar, ...] | Scalar) -> frozenset[str]:
    listed = values if isinstance(values, tuple) else (values,)
    return frozenset(text_of(value) for value in listed)


class Accumulator:
    """A measure made ready: ``fold`` events into a state, ``merge`` states, take the ``value``."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self._monoid = _MONOIDS[measure.aggregate]
        self._where = [(reader(name), texts_of(v)) for name, v in measure.where.items()]
        self._unless = [(reader(name), texts_of(v)) for name, v in measure.unless.items()]
        self._daily = measure.window_days is not None or measure.aggregate == "days"
        self._keep_days = measure.window_days and measure.window_days + SLACK_DAYS
        self._filtered = bool(
            measure.where or measure.unless or measure.weekdays or measure.hours is not None
        )
        self._kinds = frozenset(measure.events)
        self._read = _nothing if measure.field is None else reader(measure.field)
        self._weights = measure.weights
        self._integers = measure.aggregate in ("sum", "mean")

    def text(self, event: Event) -> str | None:
        """Text of the measured field ("" for none); None when the event does not count."""
        if self._kinds and event.kind not in self._kinds:
            return None
        text = self._read(event)
        if text is None or (self._filtered and not self._passes(event)):
            return None
        if self._integers and not _INTEGER.fullmatch(text):
            return None
        return text

    def _passes(self, event: Event) -> bool:
        measure = self.measure
        day = (event.at_us + CHINA_OFFSET_US) // DAY_US
        if measure.weekdays and weekday_of(day) not in measure.weekdays:
            return False
        if measure.hours is not None and not _inside(measure.hours, hour_of(event.at_us)):
            return False
        fits = all(read(event) in texts for read, texts in self._where)
        return fits and not any(read(event) in texts for read, texts in self._unless)

    def fold(self, state: State | None, event: Event, *, day: int) -> State | None:
        """The state with the event; the given state may be changed. None while nothing counted."""
        text = self.text(event)
        if text is None:
            return state
        brought = self._monoid.one(event, text, self._weights.get(event.kind, 1))
        bucket = day if self._daily else 0
        if state is None:
            return [day, {bucket: brought}]
        if day > state[0]:
            state[0] = day
            self._prune(state)
        elif self._keep_days and day <= state[0] - self._keep_days:
            return state
        buckets = state[1]
        held = buckets.get(bucket)
        buckets[bucket] = brought if held is None else self._monoid.plus(held, brought)
        return state

    def _prune(self, state: State) -> None:
        if self._keep_days:
            oldest = state[0] - self._keep_days
            for day in [day for day in state[1] if day <= oldest]:
                del state[1][day]

    def merge(self, left: State, right: State) -> State:
        """A new state that saw what both saw. The two must come from different events."""
        copy, plus = self._monoid.copy, self._monoid.plus
        buckets = {day: copy(payload) for day, payload in left[1].items()}
        for day, payload in right[1].items():
            held = buckets.get(day)
            buckets[day] = copy(payload) if held is None else plus(held, payload)
        merged = [max(left[0], right[0]), buckets]
        self._prune(merged)
        return merged

    def total(self, state: State, as_of_us: int) -> Payload | None:
        """The payload of all days in the window; None when no day is in it."""
        total: Payload = None
        today = (as_of_us + CHINA_OFFSET_US) // DAY_US
        window = self.measure.window_days
        for day, payload in state[1].items():
            if window is None or today - window < day <= today:
                held = self._monoid.copy(payload)
                total = held if total is None else self._monoid.plus(total, held)
        return total

    def value(self, state: State | None, as_of_us: int) -> Any:
        """int, text, or [(text, weight), …] for a top-N; None when nothing counted."""
        total = None if state is None else self.total(state, as_of_us)
        if total is None or state is None:
            return None
        return self._finish(total, state, as_of_us=as_of_us)

    def _finish(self, total: Payload, state: State, *, as_of_us: int) -> Any:
        aggregate = self.measure.aggregate
        if aggregate == "mean":
            return total[0] // total[1]
        if aggregate in ("last", "first"):
            return total[2]
        if aggregate == "top_n":
            return self._heaviest(total) or None
        if aggregate == "days":
            return self._days(state, as_of_us)
        return len(total) if aggregate == "distinct" else total

    def _heaviest(self, weights: Mapping[str, int]) -> list[tuple[str, int]]:
        enough = [pair for pair in weights.items() if pair[1] >= self.measure.weight_min]
        return sorted(enough, key=lambda pair: (-pair[1], pair[0]))[: self.measure.n]

    def _days(self, state: State, as_of_us: int) -> int:
        today = (as_of_us + CHINA_OFFSET_US) // DAY_US
        window = self.measure.window_days
        return sum(window is None or today - window < day <= today for day in state[1])


def _inside(hours: tuple[int, int], hour: int) -> bool:
    start, end = hours
    return start <= hour < end if start < end else hour >= start or hour < end


def canonical(state: State) -> State:
    """The same state with every dict in key order, so that equal states are equal bytes."""
    newest, buckets = state
    days = sorted(buckets) if len(buckets) > 1 else buckets
    return [newest, {day: _sorted(buckets[day]) for day in days}]


def _sorted(payload: Payload) -> Payload:
    if type(payload) is not dict or len(payload) < 2:
        return payload
    return {text: payload[text] for text in sorted(payload)}
