"""FRAUDAR: the densest block of a graph of buyers and items, whatever camouflage surrounds it.

Hooi, Song, Beutel, Shah, Shin, Faloutsos: FRAUDAR: Bounding Graph Fraud in the Face of Camouflage,
KDD 2016. g(S) = Σ weight of the edges inside S ÷ |S|, an edge to an item of degree d weighs
1 / ln(d + 5). Nodes are peeled off, the least connected first, and the best of all remainders is
kept: at least half of the best g there is (theorem 1), in O(E log V). Edges that a block's buyers
have elsewhere neither add to its g nor take from it (theorem 2).
"""

import heapq
from dataclasses import dataclass

import numpy as np

from quanyu.compliance.trades.graph import Block, Floats, Graph, Ints

DAMPING = 5.0
BATCH = 1.1
"""Nodes up to this multiple of the mean go in one pass of the coarse peeling."""
ROUNDING = 1e-9


@dataclass(frozen=True)
class Peeled:
    block: Block
    density: float
    """g(S), weight per node."""


def fraudar_weights(graph: Graph, degree: Ints) -> Floats:
    """Per edge, from the degree of its item (``degree``: of the whole graph, which may be larger
    than this one)."""
    return np.asarray(1.0 / np.log(degree[graph.item] + DAMPING), dtype=np.float64)


def densest(graph: Graph, weights: Floats) -> Peeled | None:
    """The best remainder of greedy peeling; None without edges. Weights are positive.

    First everything goes that cannot stand in the best block: each node of it has at least its
    g inside it, so whoever has less than a density that has been seen, has no place there.
    """
    if not len(graph):
        return None
    within = kernel(graph, weights, least=coarse_density(graph, weights))
    return _peeled(graph.only(within), weights[within])


def coarse_density(graph: Graph, weights: Floats) -> float:
    """A density that some remainder has: peeling in passes, O(E) each, O(log V) passes.

    Bahmani, Kumar, Vassilvitskii: Densest Subgraph in Streaming and MapReduce, VLDB 2012.
    """
    best = 0.0
    while len(graph):
        by_buyer, by_item = _degrees(graph, weights)
        nodes = np.count_nonzero(by_buyer) + np.count_nonzero(by_item)
        density = float(weights.sum()) / nodes
        best = max(best, density)
        for factor in (BATCH, 2 * BATCH):
            stay = _both_at_least(graph, (by_buyer, by_item), least=factor * density)
            if not stay.all():
                break
        graph, weights = graph.only(stay), weights[stay]
    return best


def kernel(graph: Graph, weights: Floats, *, least: float) -> np.ndarray:
    """Which edges are left when nodes with less weight than ``least`` go, again and again."""
    edges = np.arange(len(graph))
    left = graph
    while len(left):
        degrees = _degrees(left, weights[edges])
        stay = _both_at_least(left, degrees, least=least * (1 - ROUNDING))
        if stay.all():
            break
        edges, left = edges[stay], left.only(stay)
    found = np.zeros(len(graph), dtype=np.bool_)
    found[edges] = True
    return found


def _degrees(graph: Graph, weights: Floats) -> tuple[Floats, Floats]:
    by_buyer = np.bincount(graph.buyer, weights, graph.buyers)
    by_item = np.bincount(graph.item, weights, graph.items)
    return by_buyer.astype(np.float64), by_item.astype(np.float64)


def _both_at_least(graph: Graph, degrees: tuple[Floats, Floats], *, least: float) -> np.ndarray:
    by_buyer, by_item = degrees
    return (by_buyer[graph.buyer] >= least) & (by_item[graph.item] >= least)


def _peeled(graph: Graph, weights: Floats) -> Peeled:
    buyers, buyer = np.unique(graph.buyer, return_inverse=True)
    items, item = np.unique(graph.item, return_inverse=True)
    order, density = _removals((buyer, item + len(buyers)), weights)
    stay = np.ones(len(buyers) + len(items), dtype=np.bool_)
    stay[order] = False
    left = Block(buyers[stay[: len(buyers)]], items[stay[len(buyers) :]])
    return Peeled(left, density)


def _removals(ends: tuple[Ints, Ints], weights: Floats) -> tuple[list[int], float]:
    """(nodes to remove, density of what is left). Nodes are numbered from 0, all have edges.

    An entry of the heap whose weight is no longer the node's is out of date and skipped.
    """
    starts, others, costs, degree = _neighbours(ends, weights)
    heap = [(weight, node) for node, weight in enumerate(degree)]
    heapq.heapify(heap)
    left, total = len(degree), float(weights.sum())
    gone, order = bytearray(left), list[int]()
    best, best_at = total / left, 0
    while left > 1:
        weight, node = heapq.heappop(heap)
        if gone[node] or weight != degree[node]:
            continue
        gone[node] = 1
        order.append(node)
        total -= weight
        left -= 1
        for place in range(starts[node], starts[node + 1]):
            other = others[place]
            if not gone[other]:
                degree[other] -= costs[place]
                heapq.heappush(heap, (degree[other], other))
        if total / left > best:
            best, best_at = total / left, len(order)
    return order[:best_at], best


def _neighbours(
    ends: tuple[Ints, Ints], weights: Floats
) -> tuple[list[int], list[int], list[float], list[float]]:
    """Both directions of every edge, as plain lists: Python reads those faster than arrays."""
    here, there = np.concatenate(ends), np.concatenate(ends[::-1])
    both = np.concatenate([weights, weights])
    line = np.argsort(here, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(here))])
    degree = np.bincount(here, both)
    return starts.tolist(), there[line].tolist(), both[line].tolist(), degree.tolist()
