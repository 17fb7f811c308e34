"""The edge ledger: assertions and retractions fold into one state per edge, in any order.

An edge is an unordered pair of nodes under one rule. With T(edge) the time of its latest
retraction and T(pair) the latest one of any edge between the two nodes:

- an assertion is alive when its time is after T(edge);
- an edge without a live assertion is *retracted*;
- ``at_us`` of a live edge is that of its earliest live assertion, its weight the largest one;
- a live edge under an automatic rule whose ``at_us`` is after T(pair) was *reasserted*: somebody
  decided that these two are not one person, so a person has to decide again.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quanyu.customers.identity.rules import Rule

_EDGE_KEY = [("a", "i8"), ("b", "i8"), ("rule", "i4")]
ENTRY = np.dtype([*_EDGE_KEY, ("retracts", "i4"), ("at_us", "i8"), ("weight", "f8")])
"""One line of the ledger: nodes a < b, code of the rule, 0 assert | 1 retract; weight in log2."""
EDGE = np.dtype([*_EDGE_KEY, ("at_us", "i8"), ("weight", "f8"), ("verdict", "i4")])
NODE = np.dtype([("node", "i8"), ("kind", "i4")])
Rows = NDArray[Any]
NEVER_US = -(2**62)
LATER_THAN_ALL_US = 2**62


class Verdict(IntEnum):
    """What becomes of an edge. Every value but the first and the last waits for a person."""

    ACCEPTED = 0
    CAP = 1
    SHARED = 2
    BLOCKED = 3
    REASSERTED = 4
    WEAK = 5
    RETRACTED = 6

    @property
    def status(self) -> str:
        return {0: "accepted", 6: "retracted"}.get(self, "review")

    @property
    def reason(self) -> str | None:
        return self.name.lower() if self.status == "review" else None


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be written, nodes a < b. ``evidence`` is JSON without personal values."""

    a: int
    b: int
    rule: str
    at_us: int
    actor: str
    evidence: bytes = b"{}"
    retracts: bool = False
    weight: float = 0.0


def fold(entries: Rows, rules: tuple[Rule, ...]) -> Rows:
    """ENTRY rows in any order → EDGE rows sorted by (a, b, rule), verdict by the ledger alone:
    ACCEPTED (so far), REASSERTED, WEAK or RETRACTED."""
    if not len(entries):
        return np.empty(0, EDGE)
    rows = entries[np.lexsort((entries["rule"], entries["b"], entries["a"]))]
    new_pair = _starts(rows["a"]) | _starts(rows["b"])
    new_edge = new_pair | _starts(rows["rule"])
    first, pair = np.flatnonzero(new_edge), np.cumsum(new_pair[new_edge]) - 1
    retracted_us = np.where(rows["retracts"] == 1, rows["at_us"], NEVER_US)
    edge_until_us = np.maximum.reduceat(retracted_us, first)
    pair_until_us = np.maximum.reduceat(retracted_us, np.flatnonzero(new_pair))[pair]
    until_us = np.repeat(edge_until_us, np.diff(np.append(first, len(rows))))
    alive = (rows["retracts"] == 0) & (rows["at_us"] > until_us)
    edges = np.empty(len(first), EDGE)
    for name in ("a", "b", "rule"):
        edges[name] = rows[name][first]
    edges["at_us"] = np.minimum.reduceat(np.where(alive, rows["at_us"], LATER_THAN_ALL_US), first)
    edges["weight"] = np.maximum.reduceat(np.where(alive, rows["weight"], -np.inf), first)
    edges["verdict"] = _verdicts(edges, pair_until_us, rules=rules)
    return edges


def _starts(column: Rows) -> Rows:
    return np.concatenate(([True], column[1:] != column[:-1]))


def _verdicts(edges: Rows, pair_until_us: Rows, *, rules: tuple[Rule, ...]) -> Rows:
    rule, at_us = edges["rule"], edges["at_us"]
    automatic = np.array([one.is_automatic for one in rules])[rule]
    needed = np.array([one.accept for one in rules])[rule]
    decided = pair_until_us > NEVER_US
    verdict = np.where(edges["weight"] < needed, Verdict.WEAK, Verdict.ACCEPTED)
    verdict[automatic & decided & (at_us > pair_until_us)] = Verdict.REASSERTED
    verdict[at_us == LATER_THAN_ALL_US] = Verdict.RETRACTED
    return verdict
