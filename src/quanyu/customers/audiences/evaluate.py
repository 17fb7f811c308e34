"""Is this person in? The reference evaluator: pure, for one person, at one moment."""

from collections.abc import Callable, Iterable, Iterator
from operator import eq, ge, gt, le, lt, ne

from quanyu.customers.audiences.history import PersonView, Series
from quanyu.customers.audiences.tree import (
    FOREVER_US,
    EventCondition,
    Leaf,
    Node,
    SequenceCondition,
    TagCondition,
    Value,
    leaves,
    truth,
)
from quanyu.customers.profile.definitions import TagValue

COMPARE: dict[str, Callable[..., bool]] = {
    "eq": eq,
    "ne": ne,
    "gt": gt,
    "ge": ge,
    "lt": lt,
    "le": le,
    "in": lambda have, values: have in values,
    "not_in": lambda have, values: have not in values,
    "between": lambda have, pair: pair[0] <= have <= pair[1],
    "contains": lambda have, part: part in have,
}
HOLDS_ON_MISSING = frozenset(("ne", "not_in"))


def evaluate(tree: Node, person: PersonView, *, as_of_us: int) -> bool:
    """Membership at ``as_of_us``. ``tree`` is resolved (no references)."""
    return truth(tree, lambda leaf: holds(leaf, person, as_of_us=as_of_us))


def holds(leaf: Leaf, person: PersonView, *, as_of_us: int) -> bool:
    if isinstance(leaf, EventCondition):
        return compare(leaf.op, person.series(leaf.step).measure(leaf, as_of_us), value=leaf.value)
    if isinstance(leaf, SequenceCondition):
        return any(True for _ in completions(leaf, person, as_of_us=as_of_us))
    return tag_holds(leaf, person.tags.get(leaf.tag))


def tag_holds(leaf: TagCondition, have: TagValue | None) -> bool:
    """No third value: on a missing tag every operator is false but ``ne`` and ``not_in``, so that
    ``ne`` is always the opposite of ``eq`` (as in the rules of tags)."""
    if leaf.op == "exists":
        return (have is not None) is leaf.value
    if have is None:
        return leaf.op in HOLDS_ON_MISSING
    return compare(leaf.op, have, value=leaf.value)


def compare(op: str, have: TagValue, *, value: Value) -> bool:
    return COMPARE[op](have, value)


def completions(leaf: SequenceCondition, person: PersonView, *, as_of_us: int) -> Iterator[int]:
    """Times at which the sequence was completed, up to ``as_of_us``, in order.

    ``started[i]`` is the latest first event of a chain that has reached step i: the latest start
    gives the shortest span, so one running maximum per step decides. Each step comes at or
    after the one before; a step of a kind that the sequence has already used comes strictly after.
    """
    series = [person.series(step) for step in leaf.steps]
    if not all(one.times for one in series):
        return
    strict = [leaf.steps[i].event in {s.event for s in leaf.steps[:i]} for i in range(len(series))]
    moments = sorted({at_us for one in series for at_us in one.times if at_us <= as_of_us})
    present = [set(one.times) for one in series]
    started = [-FOREVER_US] * len(series)
    for now_us in moments:
        before = tuple(started)
        for i, times in enumerate(present):
            if now_us in times:
                reached = now_us if i == 0 else (before if strict[i] else started)[i - 1]
                started[i] = max(started[i], reached)
        if now_us in present[-1]:
            last = (before if strict[-1] else started)[len(series) - 2]
            if now_us - last <= leaf.within_us:
                yield now_us


def next_change_us(tree: Node, person: PersonView, *, as_of_us: int) -> int | None:
    """The earliest moment after ``as_of_us`` at which a condition turns without a new event.

    Until then membership is settled; at it, it may or may not change. None: never.
    """
    turns = (turn_us(leaf, person, as_of_us=as_of_us) for leaf in set(leaves(tree)))  # type: ignore[arg-type]
    return min((at_us for at_us in turns if at_us is not None), default=None)


def turn_us(leaf: Leaf, person: PersonView, *, as_of_us: int) -> int | None:
    if isinstance(leaf, TagCondition):
        return None if person.tags_until_us >= FOREVER_US else person.tags_until_us
    if isinstance(leaf, SequenceCondition):
        return _sequence_turn(leaf, person, as_of_us=as_of_us)
    series = person.series(leaf.step)
    now = compare(leaf.op, series.measure(leaf, as_of_us), value=leaf.value)
    for at_us in sorted(set(edges(leaf, series, as_of_us=as_of_us))):
        if compare(leaf.op, series.measure(leaf, at_us), value=leaf.value) is not now:
            return at_us
    return None


def edges(leaf: EventCondition, series: Series, *, as_of_us: int) -> Iterable[int]:
    """Moments after ``as_of_us`` at which a known event enters or leaves the window."""
    first, last = leaf.window.offsets()
    delay_us = last.ago_us or 0 if last is not None else 0
    for at_us in series.times:
        if at_us + delay_us > as_of_us:
            yield at_us + delay_us
        if first is not None and first.ago_us is not None and at_us + first.ago_us > as_of_us:
            yield at_us + first.ago_us


def _sequence_turn(leaf: SequenceCondition, person: PersonView, *, as_of_us: int) -> int | None:
    """A sequence, once completed, stays: only events dated after ``as_of_us`` can turn it."""
    if all(times[-1] <= as_of_us for s in leaf.steps if (times := person.series(s).times)):
        return None
    first_us = next(completions(leaf, person, as_of_us=FOREVER_US), None)
    return first_us if first_us is not None and first_us > as_of_us else None
