"""What one person did, arranged so that a condition looks only at the events it asks about."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise

from quanyu.clock import day_number
from quanyu.customers.audiences.tree import (
    FOREVER_US,
    EventCondition,
    Scalar,
    Step,
    wanted_texts,
)
from quanyu.customers.profile.definitions import TagValue
from quanyu.customers.profile.fields import text_of
from quanyu.events.event import Event

WHOLE = re.compile(r"-?[0-9]{1,15}")


def whole_number(value: Scalar | None) -> int:
    """A whole number of at most 15 digits, else 0: a sum must not depend on the order of adding."""
    text = "" if value is None else text_of(value)
    return int(text) if WHOLE.fullmatch(text) else 0


class Series:
    """The events that one step matches, in order of time, with running totals."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = list(events)
        self.times = [event.at_us for event in self.events]
        self._sums: dict[str, list[int]] = {}
        self._days: list[int] | None = None

    def measure(self, condition: EventCondition, as_of_us: int) -> int:
        """Count, number of China days or sum within the window as it stands at ``as_of_us``."""
        after_us, until_us = condition.window.bounds(as_of_us)
        first, last = bisect_right(self.times, after_us), bisect_right(self.times, until_us)
        if last <= first:
            return 0
        if condition.measure == "count":
            return last - first
        if condition.measure == "days":
            days = self._day_changes()
            return days[last - 1] - days[first] + 1
        sums = self._running_sums(condition.field or "amount")
        return sums[last] - sums[first]

    def _running_sums(self, field: str) -> list[int]:
        if field not in self._sums:
            values = (whole_number(event.field(field)) for event in self.events)
            self._sums[field] = list(accumulate(values, initial=0))
        return self._sums[field]

    def _day_changes(self) -> list[int]:
        if self._days is None:
            numbers = [day_number(at_us) for at_us in self.times]
            steps = (int(a != b) for a, b in pairwise(numbers))
            self._days = list(accumulate(steps, initial=0))
        return self._days


class PersonView:
    """One person as the evaluators see them: tag values, and events of all their nodes.

    ``tags_until_us``: until when the tag values hold without a new event (else never ends).
    """

    def __init__(
        self,
        tags: Mapping[str, TagValue],
        events: Iterable[Event],
        *,
        tags_until_us: int = FOREVER_US,
    ) -> None:
        self.tags = tags
        self.tags_until_us = tags_until_us
        self._by_kind: dict[str, list[Event]] = {}
        self._series: dict[Step, Series] = {}
        for event in sorted(events, key=lambda e: e.at_us):
            self._by_kind.setdefault(event.kind, []).append(event)

    @property
    def unknown(self) -> bool:
        """Nobody: without any event a number stands for no person."""
        return not self._by_kind

    def series(self, step: Step) -> Series:
        if step not in self._series:
            events = self._by_kind.get(step.event, ())
            wanted = wanted_texts(step)
            self._series[step] = Series(e for e in events if matches(e, wanted))
        return self._series[step]


def matches(event: Event, wanted: Iterable[tuple[str, tuple[str, ...]]]) -> bool:
    """Every field has one of its texts. A missing field has none."""
    for name, texts in wanted:
        value = event.field(name)
        if value is None or text_of(value) not in texts:
            return False
    return True
