"""Edges into people: the order never matters, caps hold, and what is retracted never was."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quanyu.customers.identity.kinds import Kind
from quanyu.customers.identity.ledger import ENTRY, NODE, Verdict, fold
from quanyu.customers.identity.resolving import Graph, Marks, resolve
from quanyu.customers.identity.rules import rule_code, shipped_rules

KINDS = (
    Kind("member_id", "m", 90, "single"),
    Kind("phone", "p", 75, "multi", cap=2),
    Kind("device", "d", 40, "multi", cap=3, shared=2),
)
NODES = 9
Lines = list[tuple[int, int, int, int, int, float]]


def lines_of(nodes: int = NODES) -> st.SearchStrategy[Lines]:
    pair = st.tuples(st.integers(1, nodes), st.integers(1, nodes)).filter(lambda p: p[0] != p[1])
    return st.lists(
        st.builds(
            lambda p, rule, retract, at, weight: (min(p), max(p), rule, retract, at, weight),
            pair,
            st.integers(0, len(shipped_rules()) - 1),
            st.sampled_from([0, 0, 0, 0, 1]),
            st.integers(0, 6),
            st.sampled_from([0.0, 6.0, 8.0, 11.0]),
        ),
        max_size=22,
    )


kinds_of_nodes = st.lists(st.integers(0, len(KINDS) - 1), min_size=NODES, max_size=NODES)


class People:
    """The resolution of some lines, told by identifiers instead of arrays."""

    def __init__(
        self, lines: Sequence[Any], kinds: Sequence[int], *, names: Sequence[int] | None = None
    ) -> None:
        self.kinds = kinds
        self.names = list(names or range(1, NODES + 1))
        """Node number of each identifier: as if they had been registered in another order."""
        number = dict(enumerate(self.names, 1))
        entries = [(*sorted((number[a], number[b])), *rest) for a, b, *rest in lines]
        back = {name: identifier for identifier, name in number.items()}
        nodes = np.array([(n, kinds[back[n] - 1]) for n in sorted(back)], NODE)
        edges = fold(np.array(entries, ENTRY), shipped_rules())
        graph = Graph(
            nodes,
            KINDS,
            edges,
            shipped_rules(),
            lambda asked: [("k", bytes([back[n]])) for n in asked],
        )
        found = resolve(graph, Marks.none())
        self.verdicts = {
            (frozenset((back[int(e["a"])], back[int(e["b"])])), int(e["rule"])): Verdict(int(v))
            for e, v in zip(edges, found.verdict, strict=True)
        }
        groups: dict[int, set[int]] = {}
        for node, person in zip(nodes["node"].tolist(), found.person.tolist(), strict=True):
            groups.setdefault(person, set()).add(back[node])
        self.groups = frozenset(map(frozenset, groups.values()))
        self.shared = {back[n] for n in found.shared.tolist()}
        self.smallest = all(person in {number[i] for i in g} for person, g in groups.items())

    @property
    def told(self) -> Any:
        return self.groups, self.verdicts, self.shared


@given(lines_of(), kinds_of_nodes, st.randoms(use_true_random=False))
def test_neither_the_order_of_lines_nor_of_arrival_matters(
    lines: Lines, kinds: list[int], chance: Any
) -> None:
    people = People(lines, kinds)
    again = People(
        chance.sample(lines * 2, len(lines) * 2),
        kinds,
        names=chance.sample(range(100, 200), NODES),
    )
    assert again.told == people.told
    assert again.smallest


@given(lines_of(), kinds_of_nodes)
def test_nobody_has_more_of_a_kind_than_a_person_may(lines: Lines, kinds: list[int]) -> None:
    for group in People(lines, kinds).groups:
        counts = Counter(kinds[identifier - 1] for identifier in group)
        assert all(counts[place] <= kind.cap for place, kind in enumerate(KINDS))


@given(lines_of(), kinds_of_nodes)
def test_accepted_edges_are_what_joins_people(lines: Lines, kinds: list[int]) -> None:
    people = People(lines, kinds)
    group_of = {one: group for group in people.groups for one in group}
    for (ends, _), verdict in people.verdicts.items():
        one, other = ends
        if verdict is Verdict.ACCEPTED:
            assert group_of[one] == group_of[other]
        if verdict is Verdict.CAP:
            assert group_of[one] != group_of[other]
    accepted = [ends for (ends, _), v in people.verdicts.items() if v is Verdict.ACCEPTED]
    assert components(accepted) == people.groups


def components(pairs: Sequence[frozenset[int]]) -> frozenset[frozenset[int]]:
    group_of = {one: {one} for one in range(1, NODES + 1)}
    for one, other in pairs:
        joined = group_of[one] | group_of[other]
        for member in joined:
            group_of[member] = joined
    return frozenset(frozenset(group) for group in group_of.values())


@given(lines_of(), kinds_of_nodes)
def test_an_edge_over_the_cap_could_not_have_been_let_through(
    lines: Lines, kinds: list[int]
) -> None:
    people = People(lines, kinds)
    group_of = {one: group for group in people.groups for one in group}
    for (ends, _), verdict in people.verdicts.items():
        if verdict is Verdict.CAP:
            one, other = ends
            counts = Counter(kinds[i - 1] for i in group_of[one] | group_of[other])
            assert any(counts[place] > kind.cap for place, kind in enumerate(KINDS))


@given(lines_of(), kinds_of_nodes, lines_of())
def test_a_retracted_edge_never_was(lines: Lines, kinds: list[int], extra: Lines) -> None:
    """Retracting edges under a rule of their own leaves everything as it was before them."""
    manual = rule_code("manual")
    before = [line for line in lines if line[2] != manual and not line[3]]
    linked = [(a, b, manual, 0, at, w) for a, b, _, _, at, w in extra]
    unlinked = [(a, b, manual, 1, 99, 0.0) for a, b, *_ in extra]
    was, now = People(before, kinds), People(before + linked + unlinked, kinds)
    assert now.groups == was.groups
    assert now.shared == was.shared
    assert {key: v for key, v in now.verdicts.items() if key[1] != manual} == was.verdicts
    assert all(v is Verdict.RETRACTED for key, v in now.verdicts.items() if key[1] == manual)


@given(lines_of(), kinds_of_nodes)
def test_a_shared_device_is_linked_to_nobody(lines: Lines, kinds: list[int]) -> None:
    people = People(lines, kinds)
    for identifier in people.shared:
        assert KINDS[kinds[identifier - 1]].name == "device"
        assert frozenset({identifier}) in people.groups
        strong = {
            next(iter(ends - {identifier}))
            for (ends, _), v in people.verdicts.items()
            if identifier in ends and v is Verdict.SHARED
        }
        assert len({one for one in strong if KINDS[kinds[one - 1]].is_strong}) > 2


def login(a: int, b: int, at: int = 1, rule: str = "login") -> tuple[Any, ...]:
    return (min(a, b), max(a, b), rule_code(rule), 0, at, 0.0)


MEMBER, PHONE, DEVICE = 0, 1, 2


def test_the_stronger_rule_wins_where_a_cap_lets_one_through() -> None:
    kinds = [MEMBER, PHONE, MEMBER] + [PHONE] * 6
    people = People([login(1, 2, 5, "import"), login(2, 3, 9, "login")], kinds)
    assert frozenset({2, 3}) in people.groups
    assert people.verdicts[frozenset({1, 2}), rule_code("import")] is Verdict.CAP


def test_the_earlier_edge_wins_between_equals() -> None:
    kinds = [MEMBER, PHONE, MEMBER] + [PHONE] * 6
    assert frozenset({1, 2}) in People([login(1, 2, 3), login(2, 3, 4)], kinds).groups
    assert frozenset({2, 3}) in People([login(1, 2, 4), login(2, 3, 3)], kinds).groups


def test_a_tablet_at_the_counter_is_nobody() -> None:
    kinds = [DEVICE, MEMBER, MEMBER, MEMBER] + [PHONE] * 5
    two = People([login(1, 2), login(1, 5)], kinds)
    assert frozenset({1, 2, 5}) in two.groups
    three = People([login(1, 2), login(1, 3), login(1, 4)], kinds)
    assert three.shared == {1}
    assert set(three.verdicts.values()) == {Verdict.SHARED}
    assert len(three.groups) == NODES


def test_a_weak_neighbour_does_not_make_a_device_shared() -> None:
    kinds = [DEVICE, DEVICE, DEVICE, MEMBER] + [PHONE] * 5
    people = People([login(1, 2), login(1, 3), login(1, 4)], kinds)
    assert frozenset({1, 2, 3, 4}) in people.groups
