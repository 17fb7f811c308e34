"""A region: nodes whose people are to be worked out again, with all that bears on them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import psycopg

from quanyu.customers.identity.anchors import BlockedTokens
from quanyu.customers.identity.ledger import ENTRY, NODE, Rows, Verdict, fold
from quanyu.customers.identity.resolving import Graph, KeysOf, Marks, Resolution, resolve
from quanyu.customers.identity.rules import rule_names, shipped_rules
from quanyu.storage.postgres.identity.rows import int8s, read_rows
from quanyu.storage.postgres.sql_files import sql

STATE = np.dtype([("a", "i8"), ("b", "i8"), ("rule", "i4"), ("verdict", "i4")])
PERSON = np.dtype([("node", "i8"), ("person", "i8")])


@dataclass(frozen=True, slots=True)
class Merchant:
    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Region:
    inside: Rows
    """Nodes of which every edge is known here, sorted; only theirs is decided."""
    graph: Graph
    marks: Marks
    old_states: Rows
    """STATE rows of edges at inside nodes, and of those between nodes that were not entered."""
    old_persons: Rows
    """PERSON rows of the inside nodes that belong to another node's person."""

    def resolved(self) -> Resolution:
        return resolve(self.graph, self.marks)


def region_around(
    conn: psycopg.Connection, merchant: Merchant, *, nodes: Collection[int], blocked: BlockedTokens
) -> Region:
    """What can be reached from some nodes over edges that may join people."""
    walk = _Walk(conn, merchant, blocked=blocked)
    walk.go(nodes)
    inside = _numbers(walk.inside)
    args = {"nodes": int8s(inside), "rules": rule_names()}
    shut = {"nodes": int8s(_numbers(walk.shut)), "rules": rule_names()}
    states = (
        read_rows(conn, "identity/states_at", args=args, dtype=STATE),
        read_rows(conn, "identity/states_between", args=shut, dtype=STATE),
    )
    return Region(
        inside,
        walk.graph(),
        Marks(_numbers(walk.blocked), _numbers(walk.shared)),
        np.unique(np.concatenate(states)),
        read_rows(conn, "identity/persons_at", args=args, dtype=PERSON),
    )


class _Walk:
    """Goes from node to node over live edges; blocked and shared nodes are seen, not entered."""

    def __init__(
        self, conn: psycopg.Connection, merchant: Merchant, *, blocked: BlockedTokens
    ) -> None:
        self._conn, self._merchant, self._blocked_tokens = conn, merchant, blocked
        self._entries = [np.empty(0, ENTRY)]
        self.seen: dict[int, tuple[str, bytes]] = {}
        self.blocked: set[int] = set()
        self.shared: set[int] = set()
        self.inside: set[int] = set()
        self.shut: set[int] = set()
        """Where it began and could not enter: nothing but the edges between these is read."""

    def go(self, nodes: Collection[int]) -> None:
        self._look_at(nodes)
        frontier = self._enterable(nodes)
        self.shut = set(nodes) & self.seen.keys() - frontier
        self._edges("entries_between", self.shut)
        while frontier:
            self.inside |= frontier
            edges = self._edges("entries_at", frontier)
            self._look_at(np.concatenate((edges["a"], edges["b"])).tolist())
            live = edges[edges["verdict"] == Verdict.ACCEPTED]
            frontier = self._enterable(np.concatenate((live["a"], live["b"])).tolist())

    def _enterable(self, nodes: Iterable[int]) -> set[int]:
        return (set(nodes) & self.seen.keys()) - self.inside - self.blocked - self.shared

    def _edges(self, statement: str, nodes: set[int]) -> Rows:
        args = {"nodes": int8s(_numbers(nodes)), "rules": rule_names()}
        found = read_rows(self._conn, f"identity/{statement}", args=args, dtype=ENTRY)
        self._entries.append(found)
        return fold(found, shipped_rules())

    def _look_at(self, nodes: Iterable[int]) -> None:
        new = list(set(nodes) - self.seen.keys())
        if not new:
            return
        for node, kind, token, shared in self._conn.execute(
            sql("identity/identifiers"), {"nodes": new}, binary=True
        ):
            self.seen[node] = (kind, token)
            if self._blocked_tokens.holds(self._merchant.name, (kind, token)):
                self.blocked.add(node)
            elif shared:
                self.shared.add(node)

    def graph(self) -> Graph:
        names = sorted({kind for kind, _ in self.seen.values()})
        place = {name: n for n, name in enumerate(names)}
        nodes = np.array(
            [(node, place[self.seen[node][0]]) for node in sorted(self.seen)], dtype=NODE
        )
        kinds = [self._blocked_tokens.kinds.of(name) for name in names]
        edges = fold(np.concatenate(self._entries), shipped_rules())
        return Graph(nodes, kinds, edges, shipped_rules(), self._keys)

    def _keys(self, nodes: Sequence[int]) -> list[tuple[str, bytes]]:
        return [self.seen[node] for node in nodes]


def whole_region(conn: psycopg.Connection, merchant: Merchant, *, blocked: BlockedTokens) -> Region:
    """Everything of one merchant. Nodes of no edge are left out: each is a person by itself."""
    args = {"merchant_no": merchant.number, "rules": rule_names()}
    names = sorted(row[0] for row in conn.execute(sql("identity/kinds_of_merchant"), args))
    entries = read_rows(conn, "identity/entries_of_merchant", args=args, dtype=ENTRY)
    nodes = read_rows(conn, "identity/nodes_of_merchant", args=args | {"kinds": names}, dtype=NODE)
    nodes = nodes[np.argsort(nodes["node"])]
    kinds = [blocked.kinds.of(name) for name in names]
    edges = fold(entries, shipped_rules())
    nobodies = _numbers(_blocked_nodes(conn, merchant, kinds=names, blocked=blocked))
    return Region(
        nodes["node"],
        Graph(nodes, kinds, edges, shipped_rules(), _keys_from(conn)),
        Marks(nobodies, np.empty(0, np.int64)),
        read_rows(conn, "identity/states_of_merchant", args=args, dtype=STATE),
        read_rows(conn, "identity/persons_of_merchant", args=args, dtype=PERSON),
    )


def _blocked_nodes(
    conn: psycopg.Connection, merchant: Merchant, *, kinds: list[str], blocked: BlockedTokens
) -> list[int]:
    pairs = [(kind, token) for kind in kinds for token in blocked.of(merchant.name, kind)]
    args = {
        "merchant_no": merchant.number,
        "kinds": [kind for kind, _ in pairs],
        "tokens": [token for _, token in pairs],
    }
    return [node for _, node in conn.execute(sql("identity/find"), args, binary=True)]


def _keys_from(conn: psycopg.Connection) -> KeysOf:
    def keys(nodes: Sequence[int]) -> list[tuple[str, bytes]]:
        rows = conn.execute(sql("identity/identifiers"), {"nodes": list(nodes)}, binary=True)
        found = {node: (kind, token) for node, kind, token, _ in rows}
        return [found[node] for node in nodes]

    return keys


def _numbers(nodes: Iterable[int]) -> Rows:
    return np.array(sorted(nodes), np.int64)
