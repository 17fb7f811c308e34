"""All audiences of a merchant made ready for the stream: which of them can an event change?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from quanyu.customers.audiences.evaluate import evaluate, holds, turn_us
from quanyu.customers.audiences.history import PersonView, matches
from quanyu.customers.audiences.tree import (
    All,
    EventCondition,
    Leaf,
    Node,
    SequenceCondition,
    Step,
    TagCondition,
    leaves,
    replace,
    truth,
    wanted_texts,
)
from quanyu.customers.profile.catalogue import Catalogue
from quanyu.customers.profile.measure import Accumulator
from quanyu.events.event import Event

NOBODY_US = 0
EVERYBODY = All(())


@dataclass(frozen=True, slots=True)
class Verdict:
    """Membership of one person in one audience, and until when it is settled without an event."""

    audience: int
    member: bool
    next_us: int | None


class Plan:
    """``trees``: audience number → resolved tree. Equal conditions are judged once per person."""

    def __init__(self, trees: Mapping[int, Node], catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._shared: dict[Leaf, Leaf] = {}
        self.trees = {no: replace(tree, self._share) for no, tree in trees.items()}  # type: ignore[arg-type]
        self._leaves = {no: _unique(tree) for no, tree in self.trees.items()}
        self._steps: dict[str, dict[Step, set[int]]] = {}
        self._tags: dict[str, tuple[list[Accumulator], set[int]]] = {}
        for no, conditions in self._leaves.items():
            for leaf in conditions:
                self._index(no, leaf)
        nobody = PersonView({}, ())
        self.of_newcomers = frozenset(
            no for no, tree in self.trees.items() if evaluate(tree, nobody, as_of_us=NOBODY_US)
        )
        self.tagged = frozenset(
            no for no, found in self._leaves.items() if any(map(_is_tag, found))
        )

    def _share(self, leaf: Leaf) -> Leaf:
        return self._shared.setdefault(leaf, leaf)

    def _index(self, no: int, leaf: Leaf) -> None:
        if isinstance(leaf, TagCondition):
            rests_on = self._catalogue.measures_of(leaf.tag)
            self._tags.setdefault(leaf.tag, (rests_on, set()))[1].add(no)
            return
        for step in (leaf.step,) if isinstance(leaf, EventCondition) else leaf.steps:
            self._steps.setdefault(step.event, {}).setdefault(step, set()).add(no)

    def touched(self, event: Event) -> set[int]:
        """Audiences in which the event can change somebody's membership."""
        found: set[int] = set()
        for step, audiences in self._steps.get(event.kind, {}).items():
            if not audiences <= found and matches(event, wanted_texts(step)):
                found |= audiences
        for rests_on, audiences in self._tags.values():
            if not audiences <= found and any(a.text(event) is not None for a in rests_on):
                found |= audiences
        return found

    def judge(
        self, person: PersonView, as_of_us: int, *, audiences: Iterable[int]
    ) -> list[Verdict]:
        """Each condition is judged once, however many audiences ask it."""
        known: dict[int, tuple[bool, int | None]] = {}

        def verdict(leaf: Leaf) -> tuple[bool, int | None]:
            if id(leaf) not in known:
                held = holds(leaf, person, as_of_us=as_of_us)
                known[id(leaf)] = held, turn_us(leaf, person, as_of_us=as_of_us)
            return known[id(leaf)]

        made = []
        for no in audiences:
            member = truth(self.trees[no], lambda leaf: verdict(leaf)[0])
            turns = [at_us for leaf in self._leaves[no] if (at_us := verdict(leaf)[1]) is not None]
            made.append(Verdict(no, member, min(turns, default=None)))
        return made

    @property
    def everyone(self) -> int | None:
        """An audience without conditions: its members are all people seen so far."""
        return next((no for no, tree in self.trees.items() if tree == EVERYBODY), None)

    def windowed(self, no: int) -> bool:
        """Whether time alone can change the audience's members."""
        return any(not isinstance(leaf, SequenceCondition) for leaf in self._leaves[no])


def _is_tag(leaf: Leaf) -> bool:
    return isinstance(leaf, TagCondition)


def _unique(tree: Node) -> list[Leaf]:
    return list(dict.fromkeys(leaves(tree)))  # type: ignore[arg-type]
