"""What a tree says about people of whom a set of conditions knows nothing.

Engines use it to read less: when silence on some conditions rules a person out whatever the
others say, only people with something to say on them need to be looked at.
"""

from collections.abc import Collection

from quanyu.customers.audiences.evaluate import compare, tag_holds
from quanyu.customers.audiences.tree import (
    All,
    AnyOf,
    EventCondition,
    InAudience,
    Leaf,
    Node,
    Not,
    TagCondition,
)

BOTH = frozenset((True, False))


def at_silence(leaf: Leaf) -> bool:
    """Truth of a condition for somebody without events and tags."""
    if isinstance(leaf, EventCondition):
        return compare(leaf.op, 0, value=leaf.value)
    if isinstance(leaf, TagCondition):
        return tag_holds(leaf, None)
    return False


def possible(tree: Node, silent: Collection[Leaf]) -> frozenset[bool]:
    """The truth values that the tree may take when ``silent`` conditions have nothing to say and
    the others are free."""
    if isinstance(tree, Not):
        return frozenset(not value for value in possible(tree.of, silent))
    if isinstance(tree, All | AnyOf):
        rule = all if isinstance(tree, All) else any
        outcomes = {rule(())}
        for part in tree.of:
            outcomes = {rule((a, b)) for a in outcomes for b in possible(part, silent)}
        return frozenset(outcomes)
    if isinstance(tree, InAudience) or tree not in silent:
        return BOTH
    return frozenset((at_silence(tree),))


def silence_excludes(tree: Node, silent: Collection[Leaf]) -> bool:
    return True not in possible(tree, silent)
