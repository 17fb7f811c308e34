"""The tree of an audience as one Ibis expression over the events of everybody.

Values of the definition become literals of the expression tree; no SQL text is put together here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

import ibis
import msgspec

from quanyu.clock import CHINA_OFFSET_US, DAY_US
from quanyu.customers.audiences.evaluate import HOLDS_ON_MISSING
from quanyu.customers.audiences.silence import silence_excludes
from quanyu.customers.audiences.tree import (
    FOREVER_US,
    All,
    AnyOf,
    EventCondition,
    Leaf,
    Node,
    Not,
    SequenceCondition,
    Step,
    TagCondition,
    leaves,
    wanted_texts,
)
from quanyu.events.event import FIELDS

Table = Any
Column = Any
Boolean = Any

COLUMN_OF = {name: name for name in FIELDS} | {"order": "order_id", "amount": "amount_fen"}
WHOLE = '^"?-?[0-9]{1,15}"?$'
WHOLE_MAX = 10**15

COMPARE: dict[str, Callable[[Column, Any], Boolean]] = {
    "eq": lambda have, value: have == value,
    "ne": lambda have, value: have != value,
    "gt": lambda have, value: have > value,
    "ge": lambda have, value: have >= value,
    "lt": lambda have, value: have < value,
    "le": lambda have, value: have <= value,
    "in": lambda have, values: have.isin(values),
    "not_in": lambda have, values: have.notin(values),
    "between": lambda have, pair: have.between(*pair),
    "contains": lambda have, part: have.contains(part),
}


@dataclass(frozen=True, slots=True)
class People:
    """What is known of everybody of one merchant: the ``events`` relation (with ``person``), and
    ``tags`` that gives one row per person, ``person`` and one column per asked key."""

    events: Table
    tags: Callable[[Sequence[str]], Table] | None = None


def members(tree: Node, people: People, *, as_of_us: int) -> Table:
    """``person`` of each member, once. ``tree`` is resolved."""
    return _Query(tree, people, as_of_us=as_of_us).members()


class _Query:
    def __init__(self, tree: Node, people: People, *, as_of_us: int) -> None:
        self._tree = tree
        self._people = people
        self._as_of_us = as_of_us
        unique = list(dict.fromkeys(leaves(tree)))
        self._counted = [one for one in unique if isinstance(one, EventCondition)]
        self._sequences = [one for one in unique if isinstance(one, SequenceCondition)]
        self._tagged = [one for one in unique if isinstance(one, TagCondition)]

    def members(self) -> Table:
        parts = self._parts()
        base = next((p for p in parts if silence_excludes(self._tree, p[0])), None)
        table = base[1] if base else self._people.events.select("person").distinct()
        for number, part in enumerate(parts):
            if part is not base:
                other = part[1].rename({f"person{number}": "person"})
                table = table.left_join(other, [("person", f"person{number}")])
        return table.filter(self._truth(self._tree, table)).select("person")

    def _parts(self) -> list[tuple[list[Leaf], Table]]:
        """Relations of one row per person, each with the conditions that it answers."""
        parts: list[tuple[list[Leaf], Table]] = []
        if self._counted:
            parts.append((list(self._counted), self._measures()))
        for number, sequence in enumerate(self._sequences):
            parts.append(([sequence], self._completed(number, sequence)))
        if self._tagged:
            if self._people.tags is None:
                raise ValueError("the tree asks for tags, and no tags relation was given")
            keys = sorted({leaf.tag for leaf in self._tagged})
            found = self._people.tags(keys)
            renamed = {f"tag{n}": found[key] for n, key in enumerate(keys)}
            parts.append((list(self._tagged), found.select(person=found.person, **renamed)))
        return parts

    def _truth(self, tree: Node, table: Table) -> Boolean:
        if isinstance(tree, All):
            return reduce(and_, (self._truth(p, table) for p in tree.of), ibis.literal(True))
        if isinstance(tree, AnyOf):
            return reduce(or_, (self._truth(p, table) for p in tree.of), ibis.literal(False))
        if isinstance(tree, Not):
            return ~self._truth(tree.of, table)
        if isinstance(tree, EventCondition):
            have = table[f"measure{self._counted.index(tree)}"].fill_null(0)
            return COMPARE[tree.op](have, tree.value)
        if isinstance(tree, SequenceCondition):
            return table[f"completed{self._sequences.index(tree)}"].notnull()
        if isinstance(tree, TagCondition):
            return self._tag(tree, table)
        raise ValueError(f"the reference to {tree.audience!r} is not resolved")

    def _tag(self, leaf: TagCondition, table: Table) -> Boolean:
        keys = sorted({one.tag for one in self._tagged})
        have = table[f"tag{keys.index(leaf.tag)}"]
        if leaf.op == "exists":
            return have.notnull() if leaf.value else have.isnull()
        return COMPARE[leaf.op](have, leaf.value).fill_null(leaf.op in HOLDS_ON_MISSING)

    def _measures(self) -> Table:
        events, as_of_us = self._people.events, self._as_of_us
        relevant = [in_window(events, leaf, as_of_us=as_of_us) for leaf in self._counted]
        first_us = min(leaf.window.bounds(as_of_us)[0] for leaf in self._counted)
        kinds = sorted({leaf.step.event for leaf in self._counted})
        wanted = events.kind.isin(kinds) & reduce(or_, relevant)
        if first_us > -FOREVER_US:
            wanted = (events.at_us > first_us) & wanted
        chosen = events.filter(wanted)
        measures = {
            f"measure{number}": _measure(chosen, leaf, as_of_us=as_of_us)
            for number, leaf in enumerate(self._counted)
        }
        return chosen.group_by("person").aggregate(**measures)

    def _completed(self, number: int, leaf: SequenceCondition) -> Table:
        """One row per person who completed the sequence; the running maxima of
        ``evaluate.completions`` as window functions."""
        events = self._people.events
        wanted = reduce(or_, (step_matches(events, step) for step in leaf.steps))
        chain = events.filter(wanted & (events.at_us <= self._as_of_us))
        for i, step in enumerate(leaf.steps):
            repeated = step.event in {earlier.event for earlier in leaf.steps[:i]}
            until = ibis.window(
                group_by="person", order_by="at_us", range=(None, -1 if repeated else 0)
            )
            reached = chain[f"started{i - 1}"].max().over(until) if i else chain.at_us
            started = ibis.ifelse(step_matches(chain, step), reached, ibis.null("int64"))
            chain = chain.mutate(**{f"started{i}": started})
        span_us = chain.at_us - chain[f"started{len(leaf.steps) - 1}"]
        done = chain.filter(span_us <= leaf.within_us)
        return done.group_by("person").aggregate(**{f"completed{number}": done.count()})


def in_window(events: Table, leaf: EventCondition, *, as_of_us: int) -> Boolean:
    """Matches the step and lies in the window (after, until] as it stands at ``as_of_us``."""
    after_us, until_us = leaf.window.bounds(as_of_us)
    inside = step_matches(events, leaf.step) & (events.at_us <= until_us)
    return inside & (events.at_us > after_us) if after_us > -FOREVER_US else inside


def step_matches(events: Table, step: Step) -> Boolean:
    matched = events.kind == step.event
    for name, texts in wanted_texts(step):
        matched = matched & _field_is(events, name, texts=texts).fill_null(False)
    return matched


def _field_is(events: Table, name: str, *, texts: Sequence[str]) -> Boolean:
    if name == "amount":
        return events.amount_fen.isin([int(text) for text in texts])
    if name in COLUMN_OF:
        return events[COLUMN_OF[name]].isin(texts)
    return events.props.get(name).isin(sorted({form for t in texts for form in json_forms(t)}))


def json_forms(text: str) -> list[str]:
    """JSON texts of the props whose plain text is ``text``: the string, and perhaps a number."""
    quoted = msgspec.json.encode(text).decode()
    return [quoted] if text.startswith('"') else [quoted, text]


def _measure(events: Table, leaf: EventCondition, *, as_of_us: int) -> Column:
    wanted = in_window(events, leaf, as_of_us=as_of_us)
    if leaf.measure == "count":
        return events.count(where=wanted)
    if leaf.measure == "days":
        return ((events.at_us + CHINA_OFFSET_US) // DAY_US).nunique(where=wanted)
    return whole_field(events, leaf.field or "amount").sum(where=wanted)


def whole_field(events: Table, name: str) -> Column:
    """Whole numbers of at most 15 digits; anything else is 0, as in ``history.whole_number``."""
    if name == "amount":
        fen = events.amount_fen
        return ibis.ifelse(fen.abs() < WHOLE_MAX, fen, 0).fill_null(0)
    text = events.props.get(name)
    number = text.replace('"', "").try_cast("int64")
    return ibis.ifelse(text.re_search(WHOLE), number, 0).fill_null(0)
