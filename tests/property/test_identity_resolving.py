"""The vectorised resolution against the sentences of its docstring, one edge at a time."""

from collections.abc import Iterable
from itertools import pairwise, permutations
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.customers.identity.kinds import Kind
from quanyu.customers.identity.ledger import EDGE, NODE, Verdict
from quanyu.customers.identity.resolving import Graph, Marks, resolve
from quanyu.customers.identity.rules import rule_code, shipped_rules

KINDS = (
    Kind("member_id", "m", 90, "single"),
    Kind("phone", "p", 75, "multi", cap=2, shared=3),
    Kind("device", "d", 40, "multi", cap=3, shared=2),
    Kind("wifi", "w", 8, "multi", cap=4, shared=1),
)
PLACE = {"m": 0, "p": 1, "d": 2, "w": 3}


class Drawn(NamedTuple):
    """An edge between two names such as m1 and d2: the first letter is the kind."""

    one: str
    other: str
    rule: str = "login"
    at_us: int = 1
    weight: float = 0.0
    verdict: Verdict = Verdict.ACCEPTED


Key = tuple[frozenset[str], str]
Outcome = tuple[frozenset[frozenset[str]], dict[Key, Verdict], frozenset[str]]


def resolved(
    drawn: Iterable[Drawn], names: list[str], *, blocked: str = "", shared: str = ""
) -> Outcome:
    """People, verdicts and shared devices; ``names`` are numbered in the order given."""
    number = {name: 10 * place for place, name in enumerate(names, 1)}
    back = {n: name for name, n in number.items()}
    nodes = np.array([(n, PLACE[back[n][0]]) for n in sorted(back)], NODE)
    edges = np.array(
        sorted(
            (*sorted((number[d.one], number[d.other])), rule_code(d.rule), *d[3:]) for d in drawn
        ),
        EDGE,
    )
    marks = Marks(*(np.array(sorted(number[n] for n in x.split()), int) for x in (blocked, shared)))
    graph = Graph(
        nodes, KINDS, edges, shipped_rules(), lambda asked: [keyed(back[n]) for n in asked]
    )
    found = resolve(graph, marks)
    groups: dict[int, set[str]] = {}
    for node, person in zip(nodes["node"].tolist(), found.person.tolist(), strict=True):
        groups.setdefault(person, set()).add(back[node])
    verdicts = {
        (frozenset((back[int(e["a"])], back[int(e["b"])])), shipped_rules()[e["rule"]].name):
        Verdict(int(v))
        for e, v in zip(graph.edges, found.verdict, strict=True)
    }  # fmt: skip
    return frozenset(map(frozenset, groups.values())), verdicts, frozenset(
        back[n] for n in found.shared.tolist()
    )  # fmt: skip


def keyed(name: str) -> tuple[str, bytes]:
    return KINDS[PLACE[name[0]]].name, name.encode()


def slowly(
    drawn: Iterable[Drawn], names: list[str], *, blocked: str = "", shared: str = ""
) -> Outcome:
    """The same by reading the docstring aloud."""
    kind = {name: KINDS[PLACE[name[0]]] for name in names}
    verdict = {edge: edge.verdict for edge in drawn}

    def still(edge: Drawn) -> bool:
        return verdict[edge] is Verdict.ACCEPTED

    for edge in filter(still, list(verdict)):
        if {edge.one, edge.other} & set(blocked.split()):
            verdict[edge] = Verdict.BLOCKED
    nobodies = set(shared.split())
    for name in names:
        ends = {e.other if e.one == name else e.one for e in verdict if still(e) and name in e[:2]}
        if sum(kind[end].is_strong for end in ends) > kind[name].shared:
            nobodies.add(name)
    for edge in filter(still, list(verdict)):
        if {edge.one, edge.other} & nobodies:
            verdict[edge] = Verdict.SHARED
    everybody = joined(filter(still, list(verdict)), names)
    result = {name: group for name, group in everybody.items() if fits(group)}
    open_edges = [e for e in verdict if still(e) and e.one not in result]
    groups = {name: frozenset({name}) for name in names if name not in result}
    for edge in sorted(open_edges, key=rank):
        union = groups[edge.one] | groups[edge.other]
        if fits(union):
            groups |= dict.fromkeys(union, union)
        else:
            verdict[edge] = Verdict.CAP
    told = {(frozenset(e[:2]), e.rule): v for e, v in verdict.items()}
    return frozenset((result | groups).values()), told, frozenset(nobodies)


def rank(edge: Drawn) -> Any:
    strength = shipped_rules()[rule_code(edge.rule)].strength
    ends = sorted((keyed(edge.one), keyed(edge.other)))
    return -strength, -edge.weight, edge.at_us, ends, edge.rule


def fits(group: Iterable[str]) -> bool:
    letters = [name[0] for name in group]
    return all(letters.count(letter) <= KINDS[place].cap for letter, place in PLACE.items())


def joined(edges: Iterable[Drawn], names: list[str]) -> dict[str, frozenset[str]]:
    groups = {name: frozenset({name}) for name in names}
    for edge in edges:
        union = groups[edge.one] | groups[edge.other]
        groups |= dict.fromkeys(union, union)
    return groups


NAMES = [f"{letter}{n}" for letter, count in (("m", 4), ("p", 4), ("d", 4), ("w", 2))
         for n in range(count)]  # fmt: skip
edges_drawn = st.lists(
    st.builds(
        lambda pair, *rest: Drawn(*pair, *rest),
        st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True),
        st.sampled_from([rule.name for rule in shipped_rules()]),
        st.integers(0, 4),
        st.sampled_from([0.0, 8.0]),
        st.sampled_from([Verdict.ACCEPTED] * 6 + [Verdict.RETRACTED, Verdict.REASSERTED]),
    ),
    max_size=26,
    unique_by=lambda edge: (frozenset(edge[:2]), edge.rule),
)
some_names = st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(" ".join)


@given(edges_drawn, some_names, some_names)
def test_arrays_say_what_the_sentences_say(drawn: list[Drawn], blocked: str, shared: str) -> None:
    fast = resolved(drawn, NAMES, blocked=blocked, shared=shared)
    assert fast == slowly(drawn, NAMES, blocked=blocked, shared=shared)


@given(edges_drawn, st.permutations(NAMES))
def test_node_numbers_do_not_matter(drawn: list[Drawn], names: list[str]) -> None:
    assert resolved(drawn, names) == resolved(drawn, NAMES)


@given(edges_drawn, edges_drawn)
def test_strangers_do_not_matter(drawn: list[Drawn], others: list[Drawn]) -> None:
    """What happens in one component leaves every other as it is."""
    strange = [e._replace(one=e.one + "x", other=e.other + "x") for e in others]
    people, verdicts, shared = resolved(drawn, NAMES)
    everybody = resolved([*drawn, *strange], [*NAMES, *(f"{name}x" for name in NAMES)])
    assert people <= everybody[0]
    assert verdicts.items() <= everybody[1].items()
    assert shared <= everybody[2]


@given(edges_drawn)
def test_resolving_what_was_accepted_changes_nothing(drawn: list[Drawn]) -> None:
    """Accepted edges alone give the same people: nothing that waits holds anybody together."""
    people, verdicts, _ = resolved(drawn, NAMES)
    kept = [e for e in drawn if verdicts[frozenset(e[:2]), e.rule] is Verdict.ACCEPTED]
    again = resolved(kept, NAMES)
    assert again[0] == people
    assert set(again[1].values()) <= {Verdict.ACCEPTED}


def groups_of(outcome: Outcome) -> set[str]:
    """People of more than one identifier, as "d1 m1"."""
    return {" ".join(sorted(group)) for group in outcome[0] if len(group) > 1}


STRONGEST_FIRST = ("manual", "login", "same_order", "same_event", "import", "probabilistic")


@pytest.mark.parametrize(("winner", "loser"), list(pairwise(STRONGEST_FIRST)))
def test_of_two_claims_on_a_phone_the_stronger_rule_has_it(winner: str, loser: str) -> None:
    """Whatever weight and age say: they decide only between equals."""
    strong = Drawn("m1", "p1", winner, at_us=9, weight=0.0)
    weak = Drawn("m2", "p1", loser, at_us=1, weight=99.0)
    for order in permutations((strong, weak)):
        outcome = resolved(order, ["m1", "m2", "p1"])
        assert groups_of(outcome) == {"m1 p1"}
        assert outcome[1][frozenset(("m2", "p1")), loser] is Verdict.CAP


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Drawn("m1", "p1", weight=7.0), Drawn("m2", "p1", weight=8.0), "m2 p1"),
        (Drawn("m1", "p1", weight=8.0, at_us=9), Drawn("m2", "p1", weight=7.0), "m1 p1"),
        (Drawn("m1", "p1", at_us=2), Drawn("m2", "p1", at_us=1), "m2 p1"),
        (Drawn("m1", "p1", at_us=1), Drawn("m2", "p1", at_us=2), "m1 p1"),
        (Drawn("m1", "p1"), Drawn("m2", "p1"), "m1 p1"),
    ],
    ids=["heavier", "heavier though later", "earlier", "earlier again", "smaller token"],
)
def test_between_equal_rules(one: Drawn, other: Drawn, expected: str) -> None:
    for names in permutations(["m1", "m2", "p1"]):
        assert groups_of(resolved([one, other], list(names))) == {expected}


GRAPHS: dict[str, tuple[str, set[str], dict[str, Verdict]]] = {
    "a chain of three kinds": ("m1-p1 p1-d1", {"d1 m1 p1"}, {}),
    "two chains that never meet": ("m1-p1 m2-p2", {"m1 p1", "m2 p2"}, {}),
    "a ring": ("m1-p1 p1-d1 d1-m1", {"d1 m1 p1"}, {}),
    "two cards over a chain": ("m1-p1 p1-p2 p2-m2", {"m1 p1", "m2 p2"}, {"p1-p2": Verdict.CAP}),
    "three phones of one card": ("m1-p1 m1-p2 m1-p3", {"m1 p1 p2"}, {"m1-p3": Verdict.CAP}),
    "a second phone by way of a device": ("m1-p1 d1-p1 d1-p2", {"d1 m1 p1 p2"}, {}),
    "a home network": ("w1-m1 w1-m2", set(), {"m1-w1": Verdict.SHARED, "m2-w1": Verdict.SHARED}),
    "a home network of devices": ("w1-d1 w1-d2 w1-d3", {"d1 d2 d3 w1"}, {}),
    "one strong neighbour is nobody's crowd": ("w1-m1 w1-d1", {"d1 m1 w1"}, {}),
}  # fmt: skip


def sketch(text: str) -> list[Drawn]:
    pairs = (edge.split("-") for edge in text.split())
    return [Drawn(one, other) for one, other in pairs]


@pytest.mark.parametrize("title", GRAPHS)
def test_small_graphs_in_every_order(title: str) -> None:
    text, people, waiting = GRAPHS[title]
    drawn = sketch(text)
    names = sorted({name for edge in drawn for name in edge[:2]})
    for order in permutations(drawn):
        outcome = resolved(order, names)
        assert groups_of(outcome) == people
        assert outcome == resolved(drawn, names[::-1])
        kept = {"-".join(sorted(e)): v for (e, _), v in outcome[1].items() if v}
        assert kept == waiting
