"""Every shipped kind at its cap and at its bound of sharing: below, at, and above."""

from itertools import chain

import numpy as np
import pytest

from quanyu.customers.identity.kinds import UNBOUNDED, shipped_kinds
from quanyu.customers.identity.ledger import EDGE, ENTRY, NODE, Verdict, fold
from quanyu.customers.identity.resolving import Graph, Marks, Resolution, resolve
from quanyu.customers.identity.rules import rule_code, shipped_rules

KINDS = shipped_kinds()
LOGIN = rule_code("login")
BOUNDED = [name for name in KINDS.names if KINDS.of(name).shared < UNBOUNDED]
CAPPED = [name for name in KINDS.names if KINDS.of(name).cap <= 12]


def resolved(names: list[str], pairs: list[tuple[int, int]]) -> Resolution:
    """Kinds of the nodes 0, 1, … and the pairs that logged in together, one a second."""
    listed = sorted(set(names))
    nodes = np.array([(n, listed.index(name)) for n, name in enumerate(names)], NODE)
    edges = np.array(
        sorted((*sorted(p), LOGIN, at, 0.0, Verdict.ACCEPTED) for at, p in enumerate(pairs)), EDGE
    )
    kinds = [KINDS.of(name) for name in listed]
    graph = Graph(
        nodes,
        kinds,
        edges,
        shipped_rules(),
        lambda asked: [(names[n], bytes([n])) for n in asked],
    )
    return resolve(graph, Marks.none())


def hub(spoke: str, count: int, *, centre: str) -> Resolution:
    """One identifier that has been seen with ``count`` others of a kind."""
    return resolved([centre, *[spoke] * count], [(0, n) for n in range(1, count + 1)])


@pytest.mark.parametrize(
    ("name", "beyond"),
    [(n, x) for n in CAPPED for x in (-1, 0, 1, 3) if KINDS.of(n).cap + x > 0],
)
def test_a_person_has_as_many_of_a_kind_as_the_cap_says(name: str, beyond: int) -> None:
    """Whatever comes beyond it waits, and stays a person by itself."""
    cap = KINDS.of(name).cap
    count = cap + beyond
    found = hub(name, count, centre="openid" if name != "openid" else "union_id")
    assert found.shared.size == 0
    assert (found.verdict == Verdict.CAP).sum() == max(0, beyond)
    assert (found.verdict == Verdict.ACCEPTED).sum() == min(count, cap)
    assert len(set(found.person.tolist())) == 1 + max(0, beyond)


@pytest.mark.parametrize("name", CAPPED)
def test_the_first_to_come_are_kept(name: str) -> None:
    cap = KINDS.of(name).cap
    found = hub(name, cap + 2, centre="openid" if name != "openid" else "union_id")
    assert found.person.tolist() == [0] * (cap + 1) + [cap + 1, cap + 2]


@pytest.mark.parametrize("name", BOUNDED)
@pytest.mark.parametrize("beyond", [0, 1])
def test_a_device_is_shared_above_its_bound(name: str, beyond: int) -> None:
    """At the bound the caps decide who has it; above it nobody has."""
    count = KINDS.of(name).shared + beyond
    found = hub("user_id", count, centre=name)
    assert found.shared.tolist() == [0] * beyond
    if beyond:
        assert set(found.verdict.tolist()) == {Verdict.SHARED}
        assert len(set(found.person.tolist())) == count + 1
    else:
        assert (found.verdict == Verdict.ACCEPTED).sum() == min(count, KINDS.of("user_id").cap)


@pytest.mark.parametrize("name", BOUNDED)
def test_weak_neighbours_never_make_a_device_shared(name: str) -> None:
    found = hub("fridge_id", KINDS.of(name).shared + 2, centre=name)
    assert found.shared.size == 0


@pytest.mark.parametrize("name", [n for n in KINDS.names if n not in BOUNDED])
def test_an_account_is_never_a_shared_device(name: str) -> None:
    """A call centre that logs in for all: the caps hold it, not the bound."""
    found = hub("phone", 30, centre=name)
    assert found.shared.size == 0
    assert (found.verdict == Verdict.ACCEPTED).sum() == KINDS.of("phone").cap


def test_the_same_neighbour_under_many_rules_counts_once() -> None:
    rules = [rule_code(rule) for rule in ("login", "import", "manual", "same_order")]
    lines = [(0, n, rule, 0, n, 0.0) for n in range(1, 6) for rule in rules]
    nodes = np.array([(0, 0), *((n, 1) for n in range(1, 6))], NODE)
    kinds = [KINDS.of("device"), KINDS.of("user_id")]
    edges = fold(np.array(lines, ENTRY), shipped_rules())
    graph = Graph(nodes, kinds, edges, shipped_rules(), lambda asked: [("k", b"")] * len(asked))
    found = resolve(graph, Marks.none())
    assert found.shared.size == 0
    assert set(found.verdict.tolist()) == {Verdict.ACCEPTED}


@pytest.mark.parametrize(
    ("sizes", "people"),
    [((1, 2), 1), ((2, 1), 1), ((2, 2), 2), ((3, 1), 2), ((3, 3), 2), ((1, 1), 1)],
)
def test_two_people_become_one_only_when_together_they_keep_the_cap(
    sizes: tuple[int, int], people: int
) -> None:
    """Each has an e-mail address and some phones; a late login joins the addresses."""
    left, right = sizes
    names = ["email", *["phone"] * left, "email", *["phone"] * right]
    second = left + 1
    pairs = list(
        chain(
            ((0, n) for n in range(1, left + 1)),
            ((second, n) for n in range(second + 1, second + 1 + right)),
            [(0, second)],
        )
    )
    found = resolved(names, pairs)
    assert len(set(found.person.tolist())) == people
    assert (found.verdict == Verdict.CAP).sum() == people - 1


def folded(*lines: tuple[str, str, int, float]) -> dict[str, Verdict]:
    entries = [(1, 2, rule_code(rule), said == "retract", at, w) for said, rule, at, w in lines]
    edges = fold(np.array(entries, ENTRY), shipped_rules())
    return {shipped_rules()[e["rule"]].name: Verdict(e["verdict"]) for e in edges}


GUESS, SEEN = "probabilistic", "same_event"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("retract", "login", 5, 0)], {"login": Verdict.RETRACTED}),
        ([("assert", SEEN, 5, 0), ("retract", "manual", 5, 0)],
         {SEEN: Verdict.ACCEPTED, "manual": Verdict.RETRACTED}),
        ([("assert", SEEN, 6, 0), ("retract", "manual", 5, 0)],
         {SEEN: Verdict.REASSERTED, "manual": Verdict.RETRACTED}),
        ([("assert", "login", 6, 0), ("retract", "manual", 5, 0)],
         {"login": Verdict.ACCEPTED, "manual": Verdict.RETRACTED}),
        ([("assert", "import", 9, 0), ("retract", "import", 8, 0), ("retract", SEEN, 8, 0)],
         {"import": Verdict.ACCEPTED, SEEN: Verdict.RETRACTED}),
        ([("assert", SEEN, 9, 0), ("retract", SEEN, 8, 0), ("assert", "manual", 10, 0)],
         {SEEN: Verdict.REASSERTED, "manual": Verdict.ACCEPTED}),
        ([("assert", SEEN, 9, 0), ("retract", SEEN, 8, 0), ("retract", SEEN, 9, 0)],
         {SEEN: Verdict.RETRACTED}),
        ([("assert", GUESS, 1, 6.99), ("assert", GUESS, 2, 6.999)], {GUESS: Verdict.WEAK}),
        ([("assert", GUESS, 1, -5), ("assert", GUESS, 2, 7)], {GUESS: Verdict.ACCEPTED}),
        ([("assert", GUESS, 3, 2), ("retract", "login", 2, 0)],
         {GUESS: Verdict.REASSERTED, "login": Verdict.RETRACTED}),
        ([("assert", GUESS, 1, 20), ("retract", GUESS, 2, 0), ("assert", SEEN, 1, 0)],
         {GUESS: Verdict.RETRACTED, SEEN: Verdict.ACCEPTED}),
        ([("assert", GUESS, 1, 20), ("assert", GUESS, 3, 7), ("retract", GUESS, 2, 0)],
         {GUESS: Verdict.REASSERTED}),
        ([("assert", "login", 0, 0), ("retract", "login", 0, 0)], {"login": Verdict.RETRACTED}),
        ([("assert", "login", -1, 0), ("retract", "login", -2, 0)], {"login": Verdict.ACCEPTED}),
    ],
)  # fmt: skip
def test_the_life_of_an_edge(
    lines: list[tuple[str, str, int, float]], expected: dict[str, Verdict]
) -> None:
    assert folded(*lines) == expected
    assert folded(*lines[::-1]) == folded(*lines, *lines) == expected


def test_a_lighter_guess_after_a_retraction_does_not_inherit_the_old_weight() -> None:
    lines = np.array(
        [
            (1, 2, rule_code(GUESS), said, at, w)
            for said, at, w in [(0, 1, 20), (1, 2, 0), (0, 3, 4)]
        ],
        ENTRY,
    )
    (edge,) = fold(lines, shipped_rules())
    assert (edge["at_us"], edge["weight"]) == (3, 4)
