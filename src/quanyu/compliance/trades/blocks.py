"""Dense blocks of a graph, one after the other, each tested against chance."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from quanyu.compliance.trades.chance import (
    Surprise,
    completed,
    surprise,
    surprise_outside,
    taste_around,
)
from quanyu.compliance.trades.company import Company, odd_company
from quanyu.compliance.trades.graph import Block, Graph
from quanyu.compliance.trades.peeling import densest, fraudar_weights

BUYERS_MIN = 5
ITEMS_MIN = 3
DENSITY_MIN = 0.2
"""Share of buyer × item pairs that were bought. Tastes and seasons bring many together on many
items, but not each of them on a good part of the same list."""
STRENGTH_MIN = 1.2
"""Tastes are no plot, and the busiest of a small crowd come near the bound."""
LARGE_SHARE, LARGE_DENSITY_MIN, LARGE_ITEMS_MIN = 0.1, 0.6, 4
"""A block that is a tenth of all is held against the sales to others, when it is that full."""
SMALL = 20_000
"""Edges up to which everything is peeled, not only what lies in odd company: of a plot that is
most of a small shop, no company is odd."""
BLOCKS_MAX = 100
MISSES_MAX = 8


@dataclass(frozen=True)
class Dense:
    block: Block
    surprise: Surprise
    weight_per_node: float
    """FRAUDAR's g of the block as it was completed."""

    @property
    def density(self) -> float:
        return self.surprise.edges / (len(self.block.buyers) * len(self.block.items))

    @property
    def stands_out(self) -> bool:
        large = len(self.block.buyers) >= BUYERS_MIN and len(self.block.items) >= ITEMS_MIN
        return large and self.density >= DENSITY_MIN and self.surprise.strength >= STRENGTH_MIN


def dense_blocks(graph: Graph, told: Callable[[int], None] = lambda found: None) -> list[Dense]:
    """Blocks that stand out, the most surprising first. ``told`` hears how many so far.

    What was peeled is taken out of the graph before the next one is looked for (the paper's way
    to several blocks); so is everything when nothing has stood out for a while.
    """
    company = odd_company(graph)
    found: list[Dense] = []
    _look(graph.only(company.edges), graph, company=company, found=found, told=told)
    if len(graph) <= SMALL:
        _look(graph, graph, company=company, found=found, told=told)
    return sorted(found, key=lambda one: (-one.surprise.ratio, one.block.buyers[0]))


def _look(
    left: Graph,
    graph: Graph,
    *,
    company: Company,
    found: list[Dense],
    told: Callable[[int], None],
) -> None:
    misses = 0
    while len(left) and misses < MISSES_MAX and len(found) < BLOCKS_MAX:
        peeled = densest(left, fraudar_weights(left, graph.of_item))
        assert peeled is not None, "there are edges"
        one = _best(graph, peeled.block, company=company)
        taken = left.inside(peeled.block)
        misses = 0 if one.stands_out else misses + 1
        if one.stands_out:
            taken |= left.inside(one.block)
            if not any(same_plot(one.block, other.block) for other in found):
                found.append(one)
                told(len(found))
        left = left.only(~taken)


def _best(graph: Graph, peeled: Block, *, company: Company) -> Dense:
    """Completed, or as it was peeled, when only that stands out."""
    whole = measured(graph, completed(graph, peeled), company=company)
    return whole if whole.stands_out else measured(graph, peeled, company=company)


def same_plot(one: Block, other: Block) -> bool:
    """Half of the smaller one, on both sides, is in the other: a rest of what was found before."""
    pairs = ((one.buyers, other.buyers), (one.items, other.items))
    return all(2 * len(np.intersect1d(a, b)) >= min(len(a), len(b)) for a, b in pairs)


def measured(graph: Graph, block: Block, *, company: Company) -> Dense:
    inside = graph.only(graph.inside(block))
    weight = float(fraudar_weights(inside, graph.of_item).sum()) / max(block.nodes, 1)
    if _is_large(graph, block, edges=len(inside)):
        return Dense(block, surprise_outside(graph, block), weight)
    near = np.asarray(company.pairs[block.items].sum(axis=0)).ravel() > 0
    taste = taste_around(graph, block, near=near)
    return Dense(block, surprise(graph, block, taste=taste), weight)


def _is_large(graph: Graph, block: Block, *, edges: int) -> bool:
    full = edges >= LARGE_DENSITY_MIN * len(block.buyers) * len(block.items)
    return full and len(block.items) >= LARGE_ITEMS_MIN and edges >= LARGE_SHARE * len(graph)
