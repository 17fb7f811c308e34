"""Edges → people. The same set of edges gives the same people, whatever order they came in.

1. An edge at a blocked value waits for review.
2. A node linked to more strong identifiers than the bound of its kind is a shared device: all its
   edges wait. Degrees are counted over the edges that are left after step 1, all at once.
3. Components of what is left. Where no cap of a kind is broken the component is one person.
4. Where one is broken, edges are taken from strong to weak (rule strength, weight, earlier time,
   then the identifiers themselves) and each is accepted unless it would break a cap.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from quanyu.customers.identity.kinds import UNBOUNDED, Kind
from quanyu.customers.identity.ledger import Rows, Verdict
from quanyu.customers.identity.rules import Rule

KeysOf = Callable[[Sequence[int]], Sequence[tuple[str, bytes]]]
"""Node numbers → their (kind, token): what breaks ties, because numbers depend on arrival."""


@dataclass(frozen=True, slots=True)
class Graph:
    """``nodes``: NODE rows sorted by node, ``kind`` a place in ``kinds``; ``edges``: EDGE rows
    from ``fold`` whose ends are all among the nodes."""

    nodes: Rows
    kinds: Sequence[Kind]
    edges: Rows
    rules: Sequence[Rule]
    keys_of: KeysOf


@dataclass(frozen=True, slots=True)
class Marks:
    """Nodes that are known to be no person's own."""

    blocked: Rows
    shared: Rows
    """Found before; their other edges need not be in the graph."""

    @classmethod
    def none(cls) -> "Marks":
        return cls(np.empty(0, np.int64), np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class Resolution:
    person: Rows
    """Per node of the graph: the smallest node of its person."""
    verdict: Rows
    """Per edge of the graph."""
    shared: Rows
    """Nodes that are shared devices, known and new, sorted."""


def resolve(graph: Graph, marks: Marks) -> Resolution:
    verdict = graph.edges["verdict"].copy()
    a = np.searchsorted(graph.nodes["node"], graph.edges["a"])
    b = np.searchsorted(graph.nodes["node"], graph.edges["b"])
    blocked = np.isin(graph.nodes["node"], marks.blocked)
    verdict[(verdict == Verdict.ACCEPTED) & (blocked[a] | blocked[b])] = Verdict.BLOCKED
    shared = _crowded(graph, a, b=b, counted=verdict == Verdict.ACCEPTED)
    shared |= np.isin(graph.nodes["node"], marks.shared)
    verdict[(verdict == Verdict.ACCEPTED) & (shared[a] | shared[b])] = Verdict.SHARED
    label = _components(len(graph.nodes), a, b=b, chosen=verdict == Verdict.ACCEPTED)
    disputed = _over_cap(graph, label)[label]
    if disputed.any():
        _settle(graph, disputed, verdict=verdict)
        label = _components(len(graph.nodes), a, b=b, chosen=verdict == Verdict.ACCEPTED)
    return Resolution(_smallest(graph.nodes["node"], label), verdict, graph.nodes["node"][shared])


def _crowded(graph: Graph, a: Rows, *, b: Rows, counted: Rows) -> Rows:
    """Per node: is it linked to more distinct strong nodes than its kind allows?"""
    strong = np.array([kind.is_strong for kind in graph.kinds], bool)[graph.nodes["kind"]]
    bound = np.array([kind.shared for kind in graph.kinds], np.int64)[graph.nodes["kind"]]
    ends = np.concatenate((a[counted], b[counted]))
    others = np.concatenate((b[counted], a[counted]))
    relevant = (bound[ends] < UNBOUNDED) & strong[others]
    pairs = np.unique(ends[relevant] * np.int64(len(bound)) + others[relevant])
    degree = np.bincount(pairs // max(1, len(bound)), minlength=len(bound))
    return np.asarray(degree > bound)


def _components(size: int, a: Rows, *, b: Rows, chosen: Rows) -> Rows:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(np.count_nonzero(chosen), np.int8)
    matrix = coo_array((ones, (a[chosen], b[chosen])), shape=(size, size))
    return np.asarray(connected_components(matrix, directed=False)[1])


def _over_cap(graph: Graph, label: Rows) -> Rows:
    """Per component: does it hold more identifiers of a kind than one person may have?"""
    size = int(label.max(initial=-1)) + 1
    over = np.zeros(size, bool)
    for place, kind in enumerate(graph.kinds):
        counts = np.bincount(label[graph.nodes["kind"] == place], minlength=size)
        over |= counts > kind.cap
    return over


def _smallest(node: Rows, label: Rows) -> Rows:
    """Nodes are sorted, so the first of each component is its smallest."""
    _, first = np.unique(label, return_index=True)
    return np.asarray(node[first][label])


def _settle(graph: Graph, disputed: Rows, *, verdict: Rows) -> None:
    """Marks the edges of disputed components that would break a cap, from strong to weak."""
    at = np.searchsorted(graph.nodes["node"], graph.edges["a"])
    open_edges = np.flatnonzero((verdict == Verdict.ACCEPTED) & disputed[at])
    forest = _CappedForest(graph, np.flatnonzero(disputed))
    for place in sorted(open_edges.tolist(), key=forest.rank):
        if not forest.join(int(graph.edges["a"][place]), int(graph.edges["b"][place])):
            verdict[place] = Verdict.CAP


class _CappedForest:
    """Union-find that refuses a union which would exceed a cap."""

    def __init__(self, graph: Graph, places: Rows) -> None:
        numbers = graph.nodes["node"][places].tolist()
        kinds = graph.nodes["kind"][places].tolist()
        self._edges, self._rules = graph.edges, graph.rules
        self._caps = [kind.cap for kind in graph.kinds]
        self._keys = dict(zip(numbers, graph.keys_of(numbers), strict=True))
        self._parent = {number: number for number in numbers}
        self._counts = {n: {kind: 1} for n, kind in zip(numbers, kinds, strict=True)}

    def rank(self, place: int) -> tuple[int, float, int, tuple[object, ...], str]:
        a, b, rule, at_us, weight, _ = self._edges[place].item()
        ends = sorted((self._keys[a], self._keys[b]))
        return (-self._rules[rule].strength, -weight, at_us, tuple(ends), self._rules[rule].name)

    def join(self, a: int, b: int) -> bool:
        one, other = self._root(a), self._root(b)
        if one == other:
            return True
        small, large = sorted((one, other), key=lambda root: len(self._counts[root]))
        into = self._counts[large]
        if any(n + into.get(k, 0) > self._caps[k] for k, n in self._counts[small].items()):
            return False
        for kind, count in self._counts.pop(small).items():
            into[kind] = into.get(kind, 0) + count
        self._parent[small] = large
        return True

    def _root(self, node: int) -> int:
        root = node
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[node] != root:
            self._parent[node], node = root, self._parent[node]
        return root
