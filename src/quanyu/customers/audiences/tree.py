"""The tree of an audience: frozen nodes, and the JSON form that stands for them.

A tree is data with several evaluators: ``evaluate`` judges one person in Python, the lake
compiles the same tree for everybody. ``to_json(decode(doc))`` is ``doc`` with defaults written out.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Literal

import msgspec

from quanyu.clock import parse_duration, parse_iso
from quanyu.customers.profile.fields import text_of

Scalar = str | int | bool
Value = Scalar | tuple[Scalar, ...]
Op = Literal["eq", "ne", "gt", "ge", "lt", "le", "in", "not_in", "contains", "between", "exists"]
Measure = Literal["count", "sum", "days"]
OPS: frozenset[str] = frozenset(
    ("eq", "ne", "gt", "ge", "lt", "le", "in", "not_in", "contains", "between", "exists")
)
MEASURES = ("count", "sum", "days")
FOREVER_US = 1 << 60


class Window(msgspec.Struct, frozen=True):
    """Which part of a history counts. ``text`` is ``"7d"``; else ``start`` and ``end`` are each a
    duration ago or an ISO time, or nothing."""

    text: str | None = None
    start: str | None = None
    end: str | None = None

    def bounds(self, as_of_us: int) -> tuple[int, int]:
        """(after, until] in microseconds; never beyond ``as_of_us``."""
        first, last = self.offsets()
        after_us = -FOREVER_US if first is None else first.at(as_of_us)
        until_us = as_of_us if last is None else min(as_of_us, last.at(as_of_us))
        return after_us, until_us

    def offsets(self) -> tuple["Edge | None", "Edge | None"]:
        """Both sides; None where the window is open."""
        return _edge(self.text or self.start), _edge(self.end)


class Edge(msgspec.Struct, frozen=True):
    """One side of a window: ``ago_us`` before the moment of asking, or a fixed instant."""

    ago_us: int | None = None
    fixed_us: int = 0

    def at(self, as_of_us: int) -> int:
        return self.fixed_us if self.ago_us is None else as_of_us - self.ago_us


@lru_cache(maxsize=4096)
def _edge(text: str | None) -> Edge | None:
    """ISO edges include ``from`` and exclude ``to``: both shift by 1 µs to (after, until]."""
    if text is None:
        return None
    if "T" in text or "-" in text:
        return Edge(fixed_us=parse_iso(text) - 1)
    return Edge(ago_us=parse_duration(text))


ALWAYS = Window()


class Step(msgspec.Struct, frozen=True):
    """Events of one kind whose fields have one of the given values."""

    event: str
    where: tuple[tuple[str, Value], ...] = ()


@lru_cache(maxsize=4096)
def wanted_texts(step: Step) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Per field of ``where``, the texts that match."""
    lists = ((name, v if isinstance(v, tuple) else (v,)) for name, v in step.where)
    return tuple((name, tuple(text_of(v) for v in values)) for name, values in lists)


class TagCondition(msgspec.Struct, frozen=True):
    tag: str
    op: Op
    value: Value = True


class EventCondition(msgspec.Struct, frozen=True):
    """How many events, how many days with one, or the sum of a field, against a value."""

    step: Step
    measure: Measure = "count"
    field: str | None = None
    op: Op = "ge"
    value: Value = 1
    window: Window = ALWAYS


class SequenceCondition(msgspec.Struct, frozen=True):
    """The steps happened in this order, the last at most ``within`` after the first."""

    steps: tuple[Step, ...]
    within: str

    @property
    def within_us(self) -> int:
        return _span_us(self.within)


@lru_cache(maxsize=4096)
def _span_us(text: str) -> int:
    return parse_duration(text)


class InAudience(msgspec.Struct, frozen=True):
    audience: str


class All(msgspec.Struct, frozen=True):
    """Every part holds; with no parts, everybody."""

    of: tuple["Node", ...]


class AnyOf(msgspec.Struct, frozen=True):
    """Some part holds; with no parts, nobody."""

    of: tuple["Node", ...]


class Not(msgspec.Struct, frozen=True):
    of: "Node"


Leaf = TagCondition | EventCondition | SequenceCondition
Node = All | AnyOf | Not | InAudience | Leaf


def leaves(tree: Node) -> Iterator[Leaf | InAudience]:
    """Every condition of the tree, in reading order."""
    if isinstance(tree, All | AnyOf):
        for part in tree.of:
            yield from leaves(part)
    elif isinstance(tree, Not):
        yield from leaves(tree.of)
    else:
        yield tree


def replace(tree: Node, leaf: Callable[[Leaf | InAudience], Node]) -> Node:
    """The same tree with ``leaf`` applied to each condition."""
    if isinstance(tree, All):
        return All(tuple(replace(part, leaf) for part in tree.of))
    if isinstance(tree, AnyOf):
        return AnyOf(tuple(replace(part, leaf) for part in tree.of))
    if isinstance(tree, Not):
        return Not(replace(tree.of, leaf))
    return leaf(tree)


def truth(tree: Node, holds: Callable[[Leaf], bool]) -> bool:
    """Two-valued logic over the conditions. The tree must hold no references (see ``resolve``)."""
    if isinstance(tree, All):
        return all(truth(part, holds) for part in tree.of)
    if isinstance(tree, AnyOf):
        return any(truth(part, holds) for part in tree.of)
    if isinstance(tree, Not):
        return not truth(tree.of, holds)
    if isinstance(tree, InAudience):
        raise ValueError(f"the reference to {tree.audience!r} is not resolved")
    return holds(tree)


def to_json(tree: Node) -> dict[str, Any]:
    """The public form (contracts: audience definition)."""
    match tree:
        case All(of):
            return {"all": [to_json(part) for part in of]}
        case AnyOf(of):
            return {"any": [to_json(part) for part in of]}
        case Not(of=part):
            return {"not": to_json(part)}
        case InAudience(audience):
            return {"audience": audience}
        case TagCondition(tag, op, value):
            return {"tag": tag, "op": op, "value": _plain(value)}
        case SequenceCondition(steps, within):
            return {"sequence": [_step_json(step) for step in steps], "within": within}
        case EventCondition():
            return _event_json(tree)


def _plain(value: Value) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _step_json(step: Step) -> dict[str, Any]:
    where = {name: _plain(value) for name, value in step.where}
    return {"event": step.event} | ({"where": where} if where else {})


def _event_json(node: EventCondition) -> dict[str, Any]:
    form = _step_json(node.step) | {"measure": node.measure}
    if node.field is not None:
        form["field"] = node.field
    form |= {"op": node.op, "value": _plain(node.value)}
    window = node.window
    if window.text is not None:
        form["within"] = window.text
    elif window != ALWAYS:
        sides = {"from": window.start, "to": window.end}
        form["within"] = {side: text for side, text in sides.items() if text is not None}
    return form
