"""Items that keep company more than chance would have it, and the purchases that lie between them.

In a market with heavy tails the densest block is the natural one: busy buyers and popular items.
It hides small plots from any peeling by density. So peeling looks at purchases in odd company
only: a buyer's purchase of j counts when he also bought some k, and j and k have far more buyers
in common than their sales explain. By chance, λ_jk = d_j·d_k·Σ d_i(d_i − 1) / E² buyers do.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from quanyu.compliance.trades.graph import Flags, Graph

COMMON_MIN = 3
LIFT_MIN = 2.0
FALSE_PAIRS = 0.01
"""Pairs that chance alone may bring about, over all pairs looked at."""
WORK_MAX = 60_000_000
"""Pairs of purchases of one buyer that are looked at in all; the busiest buyers wait outside."""
CHUNK_PAIRS = 4_000_000


@dataclass(frozen=True)
class Company:
    pairs: sparse.csr_matrix
    """Items × items, 1 where two keep odd company, both ways."""
    edges: Flags
    """Purchases that lie between such items."""


def odd_company(graph: Graph) -> Company:
    purchases = sparse.csr_matrix(
        (np.ones(len(graph), dtype=np.int32), (graph.buyer, graph.item)),
        shape=(graph.buyers, graph.items),
    )
    pairs = odd_pairs(graph, purchases)
    return Company(pairs, _between(graph, purchases, pairs=pairs))


def _between(graph: Graph, purchases: sparse.csr_matrix, *, pairs: sparse.csr_matrix) -> Flags:
    concerned = np.flatnonzero(np.diff(pairs.indptr))
    renumbered = np.full(graph.items, -1)
    renumbered[concerned] = np.arange(len(concerned))
    few = pairs[concerned][:, concerned]
    company = (purchases[:, concerned] @ few).tocsr()
    found = np.zeros(len(graph), dtype=np.bool_)
    looked_at = np.flatnonzero(renumbered[graph.item] >= 0)
    found[looked_at] = _present(
        company, graph.buyer[looked_at], columns=renumbered[graph.item[looked_at]]
    )
    return found


def _present(matrix: sparse.csr_matrix, rows: np.ndarray, *, columns: np.ndarray) -> Flags:
    width = matrix.shape[1]
    entry_rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return np.isin(rows * width + columns, entry_rows * width + matrix.indices)


def odd_pairs(graph: Graph, purchases: sparse.csr_matrix) -> sparse.csr_matrix:
    """Symmetric, items × items, without the diagonal: 1 where two items keep odd company."""
    degree = graph.of_buyer.astype(np.float64)
    chance = float((degree * (degree - 1)).sum()) / max(len(graph), 1) ** 2
    usual = _within_work(graph, purchases)
    columns = usual.tocsc()
    parts = [
        _odd(usual, columns[:, first:last], first=first, chance=(graph.of_item, chance))
        for first, last in _chunks(graph, usual)
    ]
    rows, cols = (np.concatenate(side) for side in zip(*parts, strict=True))
    ones = np.ones(len(rows), dtype=np.int32)
    half = sparse.csr_matrix((ones, (rows, cols)), shape=(graph.items, graph.items))
    return (half + half.T).tocsr()


def _within_work(graph: Graph, purchases: sparse.csr_matrix) -> sparse.csr_matrix:
    """Without the busiest buyers, where all together would be too much work."""
    work = np.sort(graph.of_buyer.astype(np.int64) ** 2)
    total = np.cumsum(work)
    if not len(total) or total[-1] <= WORK_MAX:
        return purchases
    largest = work[np.searchsorted(total, WORK_MAX, side="right") - 1]
    usual = graph.of_buyer.astype(np.int64) ** 2 <= largest
    return sparse.diags(usual.astype(np.int32), format="csr", dtype=np.int32) @ purchases


def _chunks(graph: Graph, purchases: sparse.csr_matrix) -> list[tuple[int, int]]:
    """Stretches of items whose pairs fit in memory together."""
    per_item = np.bincount(
        purchases.indices,
        np.repeat(np.diff(purchases.indptr), np.diff(purchases.indptr)),
        graph.items,
    )
    number = (np.cumsum(per_item) // CHUNK_PAIRS).astype(np.int64)
    edges = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), graph.items]
    return list(pairwise(edges))


def _odd(
    purchases: sparse.csr_matrix,
    some: sparse.csc_matrix,
    *,
    first: int,
    chance: tuple[np.ndarray, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (j, k), j > k, of the items ``first`` … with all items."""
    of_item, factor = chance
    common = (some.T @ purchases).tocoo()
    j, k, met = common.row + first, common.col, common.data
    wanted = (j > k) & (met >= COMMON_MIN)
    j, k, met = j[wanted], k[wanted], met[wanted].astype(np.float64)
    expected = np.maximum(of_item[j] * of_item[k] * factor, 1e-12)
    ratio = met * np.log(met / expected) - (met - expected)
    pairs = len(of_item) * (len(of_item) - 1) / 2
    limit = np.log(max(pairs, 1.0) / FALSE_PAIRS)
    odd = (met > LIFT_MIN * expected) & (ratio > limit)
    return j[odd], k[odd]
