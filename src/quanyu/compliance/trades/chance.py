"""How likely chance is to bring a block about, when everybody's counts stay what they are.

The null hypothesis: buyer i with d_i items and item j with d_j buyers meet with probability
d_i·d_j / E (Chung and Lu 2002): who buys much and what sells well stay as they are, only who meets
what is chance. A block of n buyers and m items then expects μ = Σd_i·Σd_j / E edges; the
log-likelihood ratio of e edges is e·ln(e/μ) − (e − μ) (Kulldorff 1997). Looking for the best of all
blocks is looking at C(N, n)·C(M, m) of them, so a block counts only when the ratio exceeds the
logarithm of that number (union bound) by a margin: a graph without any plot yields a block with
a probability below e^(−margin) for each size.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from quanyu.compliance.trades.graph import Block, Flags, Graph, flags

MARGIN = 12.0
"""e⁻¹² = 6·10⁻⁶."""
ROUNDS_MAX = 20
TASTE_AREA_MIN = 2
"""So many times as large as a block a crowd must be to explain it."""


@dataclass(frozen=True)
class Surprise:
    edges: int
    expected: float
    ratio: float
    """Log-likelihood ratio; 0 when there are no more edges than expected."""
    bound: float

    @property
    def is_significant(self) -> bool:
        return self.ratio > self.bound

    @property
    def strength(self) -> float:
        """1 at the limit of significance."""
        return self.ratio / self.bound


def surprise(graph: Graph, block: Block, *, taste: float = 1.0) -> Surprise:
    """``taste``: how much more than by counts alone this crowd meets these items anyway."""
    return _surprise(graph, block, expected=_expected(graph, block) * max(taste, 1.0))


def surprise_outside(graph: Graph, block: Block) -> Surprise:
    """The same, with the sales of the items among all others (and one more each) for their sales:
    of a plot that is much of a small shop, the counts themselves are its work."""
    inside = graph.inside(block)
    own = np.bincount(graph.item[inside], minlength=graph.items)
    sold = (graph.of_item - own + 1)[block.items].sum()
    of_all = len(graph) - int(inside.sum()) + int(np.count_nonzero(graph.of_item))
    bought = float(graph.of_buyer[block.buyers].sum())
    return _surprise(graph, block, expected=bought * float(sold) / of_all)


def _surprise(graph: Graph, block: Block, *, expected: float) -> Surprise:
    edges = int(graph.inside(block).sum())
    ratio = edges * np.log(edges / expected) - (edges - expected) if edges > expected else 0.0
    people, goods = (int(np.count_nonzero(n)) for n in (graph.of_buyer, graph.of_item))
    ways = _log_choices(people, len(block.buyers)) + _log_choices(goods, len(block.items))
    return Surprise(edges, expected, float(ratio), ways + MARGIN)


def taste_around(graph: Graph, block: Block, *, near: Flags) -> float:
    """Lift of the crowd that the block stands in: people who buy mostly there.

    ``near``: items that keep company with those of the block. A taste is shared by many more than
    the busiest who share it; where the crowd is hardly larger than the block, the block is the
    crowd, and there is nothing to compare it with: 1. (A degree-corrected block model, Karrer and
    Newman 2011, with one block.)
    """
    items = np.union1d(np.flatnonzero(near), block.items)
    meetings = np.bincount(graph.buyer[flags(items, graph.items)[graph.item]],
                           minlength=graph.buyers)  # fmt: skip
    buyers = np.flatnonzero((meetings >= 2) & (2 * meetings >= graph.of_buyer))
    crowd = Block(np.union1d(buyers, block.buyers), items)
    if len(crowd.buyers) * len(items) < TASTE_AREA_MIN * len(block.buyers) * len(block.items):
        return 1.0
    return int(graph.inside(crowd).sum()) / _expected(graph, crowd)


def _expected(graph: Graph, block: Block) -> float:
    bought = float(graph.of_buyer[block.buyers].sum())
    sold = float(graph.of_item[block.items].sum())
    return bought * sold / max(len(graph), 1)


def _log_choices(of: int, some: int) -> float:
    return float(gammaln(of + 1) - gammaln(some + 1) - gammaln(of - some + 1))


def completed(graph: Graph, block: Block) -> Block:
    """Everybody, and only those, whose membership makes the block more surprising.

    Peeling stops where one more buyer would thin the block, although he bought half of its items
    and hardly anything else; and it may keep a busy buyer who happens to be near. Sides take turns
    until nothing moves: coordinate ascent on the ratio minus the bound.
    """
    for _ in range(ROUNDS_MAX):
        buyers = _members(graph, block, side="buyers")
        items = _members(graph, Block(buyers, block.items), side="items")
        if not len(buyers) or not len(items):
            return block
        if np.array_equal(buyers, block.buyers) and np.array_equal(items, block.items):
            return block
        block = Block(buyers, items)
    return block


def _members(graph: Graph, block: Block, *, side: str) -> np.ndarray:
    """Of one side, given the other: gain of each node = k·ln λ − μ_node·(λ − 1) − its choices."""
    edges, expected = int(graph.inside(block).sum()), _expected(graph, block)
    if edges <= expected or edges < 4:
        return block.buyers if side == "buyers" else block.items
    lift = edges / expected
    if side == "buyers":
        inside = block.has_item(graph.item, graph.items)
        own, met, chosen = graph.of_buyer, graph.buyer[inside], len(block.buyers)
        share = float(graph.of_item[block.items].sum()) / len(graph)
    else:
        inside = block.has_buyer(graph.buyer, graph.buyers)
        own, met, chosen = graph.of_item, graph.item[inside], len(block.items)
        share = float(graph.of_buyer[block.buyers].sum()) / len(graph)
    meetings = np.bincount(met, minlength=len(own))
    left = max(int(np.count_nonzero(own)) - chosen, 1)
    price = max(float(np.log(left / (chosen + 1))), 0.0)
    gain = meetings * np.log(lift) - own * share * (lift - 1) - price
    return np.flatnonzero((gain > 0) & (meetings > 1))
