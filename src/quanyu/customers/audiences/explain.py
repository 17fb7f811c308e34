"""Why somebody is in, or not: each condition with what is there, what is needed, and the gap."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from quanyu.clock import format_iso
from quanyu.customers.audiences.evaluate import completions, holds, turn_us
from quanyu.customers.audiences.history import PersonView
from quanyu.customers.audiences.tree import (
    FOREVER_US,
    All,
    AnyOf,
    EventCondition,
    InAudience,
    Leaf,
    Node,
    Not,
    SequenceCondition,
    TagCondition,
    to_json,
)
from quanyu.customers.audiences.words import phrase, shortfall
from quanyu.customers.profile.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition about one person. ``wanted`` is false under an odd number of ``not``."""

    path: str
    condition: dict[str, Any]
    have: Any
    need: Any
    met: bool
    wanted: bool
    text: str
    until: str | None
    """When ``met`` turns by time alone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom, when, and with which words for tags."""

    person: PersonView
    as_of_us: int
    catalogue: Catalogue | None = None


def explain(tree: Node, person: PersonView, *, as_of_us: int) -> list[Finding]:
    """Every condition of the resolved tree, in reading order."""
    return list(findings(tree, Asked(person, as_of_us)))


def findings(tree: Node, asked: Asked, *, path: str = "", wanted: bool = True) -> Iterator[Finding]:
    if isinstance(tree, All | AnyOf):
        name = "all" if isinstance(tree, All) else "any"
        for number, part in enumerate(tree.of):
            place = f"{path}.{name}[{number}]" if path else f"{name}[{number}]"
            yield from findings(part, asked, path=place, wanted=wanted)
    elif isinstance(tree, Not):
        place = f"{path}.not" if path else "not"
        yield from findings(tree.of, asked, path=place, wanted=not wanted)
    elif not isinstance(tree, InAudience):
        yield _finding(tree, asked, path=path, wanted=wanted)


def _finding(leaf: Leaf, asked: Asked, *, path: str, wanted: bool) -> Finding:
    met = holds(leaf, asked.person, as_of_us=asked.as_of_us)
    have = _have(leaf, asked)
    turn = turn_us(leaf, asked.person, as_of_us=asked.as_of_us)
    return Finding(
        path=path,
        condition=to_json(leaf),
        have=have,
        need={"op": leaf.op, "value": leaf.value}
        if not isinstance(leaf, SequenceCondition)
        else {"within": leaf.within},
        met=met,
        wanted=wanted,
        text=_text(leaf, asked, have=have, met=met),
        until=None if turn is None or turn >= FOREVER_US else format_iso(turn),
    )


def _have(leaf: Leaf, asked: Asked) -> Any:
    if isinstance(leaf, TagCondition):
        return asked.person.tags.get(leaf.tag)
    if isinstance(leaf, EventCondition):
        return asked.person.series(leaf.step).measure(leaf, asked.as_of_us)
    done_us = next(completions(leaf, asked.person, as_of_us=asked.as_of_us), None)
    return None if done_us is None else format_iso(done_us)


def _text(leaf: Leaf, asked: Asked, *, have: Any, met: bool) -> str:
    said = phrase(leaf, asked.catalogue)
    now = "无" if have is None else "、".join(have) if isinstance(have, tuple) else have
    gap = shortfall(leaf, have) if isinstance(leaf, EventCondition) and not met else ""
    return f"{said}：现有 {now}，{'满足' if met else '不满足'}{gap}"
