"""References between audiences: expanded before any evaluation, cycles refused by name."""

from collections.abc import Mapping

from quanyu.customers.audiences.tree import InAudience, Leaf, Node, leaves, replace
from quanyu.customers.audiences.vocabulary import nearest
from quanyu.errors import BadInput

EXPANDED_MAX = 2000
"""Conditions after expansion: references to references can double at each step."""


def references(tree: Node) -> set[str]:
    return {leaf.audience for leaf in leaves(tree) if isinstance(leaf, InAudience)}


def resolve(tree: Node, definitions: Mapping[str, Node], *, name: str = "") -> Node:
    """The tree with every ``{"audience": …}`` replaced by that audience's own tree.

    ``name`` is what the tree will be called, so that it cannot refer to itself.
    Raises BadInput: unknown name, a cycle (spelled out), or too large after expansion.
    """
    return _Expansion(definitions).expand(tree, (name,) if name else ())


class _Expansion:
    def __init__(self, definitions: Mapping[str, Node]) -> None:
        self._definitions = definitions
        self._conditions = 0

    def expand(self, tree: Node, trail: tuple[str, ...]) -> Node:
        return replace(tree, lambda leaf: self._leaf(leaf, trail))

    def _leaf(self, leaf: Leaf | InAudience, trail: tuple[str, ...]) -> Node:
        if not isinstance(leaf, InAudience):
            self._conditions += 1
            if self._conditions > EXPANDED_MAX:
                raise BadInput("audience", f"more than {EXPANDED_MAX} conditions with references")
            return leaf
        if leaf.audience in trail:
            circle = " → ".join((*trail[trail.index(leaf.audience) :], leaf.audience))
            raise BadInput("audience", f"refers to itself: {circle}")
        if leaf.audience not in self._definitions:
            hint = nearest(leaf.audience, self._definitions)
            raise BadInput("audience", f"unknown audience {leaf.audience!r}{hint}")
        return self.expand(self._definitions[leaf.audience], (*trail, leaf.audience))
