"""The tags in force: shipped ones, the merchant's own on top, checked against each other."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

import msgspec

from quanyu.clock import CHINA_OFFSET_US, DAY_US
from quanyu.customers.profile.definitions import Measure, Tag, TagValue
from quanyu.customers.profile.fields import CALENDAR
from quanyu.customers.profile.measure import Accumulator, State
from quanyu.customers.profile.reading import read_measured, render, rule_value, tags_of
from quanyu.events.event import FIELDS, Event
from quanyu.ids import fingerprint

States = dict[str, State]
"""Measure id → state: all that is folded of one node, or merged of one person."""
BIRTH_YEAR = "birth_year"


class TagReading(NamedTuple):
    """A tag of one person as of a moment."""

    tag: Tag
    value: TagValue
    text: str


def measure_id(measure: Measure) -> str:
    """Short and stable: a changed definition is another measure and starts from nothing."""
    return fingerprint(msgspec.json.encode(measure, order="deterministic"))[:8]


class Catalogue:
    """Immutable after construction. ``purposes``: what the tags' purposes must be among."""

    def __init__(self, tags: Iterable[Tag], portrait: tuple[tuple[str, ...], ...] = ()) -> None:
        self.tags: dict[str, Tag] = {tag.key: tag for tag in tags}
        self.portrait_groups = portrait
        measured = {tag.key: tag.measure for tag in self.tags.values() if tag.measure}
        self.birth_year = Measure(aggregate="last", field=BIRTH_YEAR)
        self.birth_year_id = measure_id(self.birth_year)
        self._id_of = {key: measure_id(measure) for key, measure in measured.items()}
        all_measures = (*measured.values(), self.birth_year)
        self.accumulators = {measure_id(m): Accumulator(m) for m in all_measures}
        self.digest = fingerprint("".join(sorted(self.accumulators)).encode())[:16]
        self._order = rule_order(self.tags)
        self._plans: dict[str, _Plan] = {}

    def _plan(self, kind: str) -> "_Plan":
        plan = self._plans.get(kind)
        if plan is None:
            plan = self._plans[kind] = _plan_of(kind, self.accumulators)
        return plan

    def fold(self, states: States, event: Event) -> None:
        """Let one event count in every measure that it concerns."""
        day = (event.at_us + CHINA_OFFSET_US) // DAY_US
        always, by_prop = self._plan(event.kind)
        concerned = [*always]
        for prop in event.props:
            concerned += by_prop.get(prop, ())
        for name, accumulator in concerned:
            held = states.get(name)
            folded = accumulator.fold(held, event, day=day)
            if held is None and folded is not None:
                states[name] = folded

    def merge(self, several: Iterable[Mapping[str, State]]) -> States:
        """The states of a person from those of the person's nodes."""
        merged: States = {}
        for states in several:
            for name, state in states.items():
                if name not in self.accumulators:
                    continue
                held = merged.get(name)
                merge = self.accumulators[name].merge
                merged[name] = state if held is None else merge(held, state)
        return merged

    def values(self, states: Mapping[str, State], as_of_us: int) -> dict[str, TagValue]:
        """Every tag that has a value, rules included."""
        found: dict[str, TagValue] = {}
        for key in self._order:
            tag = self.tags[key]
            value = (
                rule_value(tag, found) if tag.cases else self._value(tag, states, as_of_us=as_of_us)
            )
            if value is not None:
                found[key] = value
        return found

    def _value(self, tag: Tag, states: Mapping[str, State], *, as_of_us: int) -> TagValue | None:
        state = states.get(self._id_of[tag.key])
        if state is None or self._expired(tag, state, as_of_us=as_of_us):
            return None
        measured = self.accumulators[self._id_of[tag.key]].value(state, as_of_us)
        return read_measured(tag, measured, as_of_us=as_of_us)

    @staticmethod
    def _expired(tag: Tag, state: State, *, as_of_us: int) -> bool:
        today = (as_of_us + CHINA_OFFSET_US) // DAY_US
        return tag.ttl_days is not None and today - int(state[0]) >= tag.ttl_days

    def read(self, states: Mapping[str, State], as_of_us: int) -> dict[str, TagReading]:
        """Values with their readable texts, in the order of the catalogue."""
        values = self.values(states, as_of_us)
        return {
            key: TagReading(tag, values[key], self._text(tag, values[key], at=(states, as_of_us)))
            for key, tag in self.tags.items()
            if key in values
        }

    def _text(self, tag: Tag, value: TagValue, *, at: tuple[Mapping[str, State], int]) -> str:
        if tag.type != "texts":
            return render(tag, value)
        name = self._id_of[tag.key]
        return render(tag, value, weights=self.accumulators[name].value(at[0][name], at[1]))

    def portrait(self, readings: Mapping[str, TagReading]) -> str:
        """``28 岁女性、上海、每月买 3 次美妆、…`` from the tags that have a value."""
        groups = (
            "".join(readings[key].text for key in group if key in readings)
            for group in self.portrait_groups
        )
        return "、".join(group for group in groups if group)

    def measures_of(self, key: str) -> list[Accumulator]:
        """What a tag rests on; for a rule, what the tags that it asks rest on."""
        tag = self.tags[key]
        if tag.measure is not None:
            return [self.accumulators[self._id_of[key]]]
        asked = sorted({name for case in tag.cases for name in tags_of(case.when)})
        return [found for name in asked for found in self.measures_of(name)]


_Named = tuple[str, Accumulator]
_Plan = tuple[list[_Named], dict[str, list[_Named]]]
"""What an event of one kind may count in: always, and only when it has a certain prop."""


def _plan_of(kind: str, accumulators: Mapping[str, Accumulator]) -> _Plan:
    always: list[_Named] = []
    by_prop: dict[str, list[_Named]] = {}
    for named in accumulators.items():
        measure = named[1].measure
        if measure.events and kind not in measure.events:
            continue
        if measure.field is None or measure.field in FIELDS or measure.field in CALENDAR:
            always.append(named)
        else:
            by_prop.setdefault(measure.field, []).append(named)
    return always, by_prop


def rule_order(tags: Mapping[str, Tag]) -> list[str]:
    """Keys so that a rule comes after what it asks. Raises ValueError on a circle."""
    asked = {
        key: {name for case in tag.cases for name in tags_of(case.when)}
        for key, tag in tags.items()
    }
    for key, names in asked.items():
        if unknown := names - tags.keys():
            raise ValueError(f"tag {key!r} asks for unknown tag {min(unknown)!r}")
    try:
        return list(TopologicalSorter(asked).static_order())
    except CycleError as error:
        raise ValueError(f"rules ask each other in a circle: {' → '.join(error.args[1])}") from None
