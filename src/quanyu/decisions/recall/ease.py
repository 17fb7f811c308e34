"""EASE: each item's liking as a linear function of all others, in closed form.

Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", 2019, eq. 8: with the Gram matrix
G = XᵀX + λI and P = G⁻¹, B has Bᵢⱼ = −Pᵢⱼ / Pⱼⱼ and a diagonal of zeros; a person's scores are x·B.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from quanyu.decisions.goods import Rows, Scores
from quanyu.decisions.recall.interactions import Interactions
from quanyu.decisions.recall.neighbours import Neighbours
from quanyu.errors import BadInput

ITEMS_MAX = 10_000
TOP = 100
LAMBDA = 200.0
"""Of a crowd. Of few people it is a fifth of them and at least 1: more would leave of the method
nothing but counts of pairs. By experience."""
OF_A_PERSON = 500
"""Newest items of one person that count: a shop assistant's tablet is nobody's taste."""
BLOCK = 1_024
Matrix = npt.NDArray[np.float32]
Told = Callable[[int, int], object]
"""``told(done, of)``."""


def memory_bytes(items: int, interactions: int) -> int:
    """At the peak, at most: the matrix itself, blocks of it while it is filled and read, and
    columns of the interactions while they are sorted."""
    return 4 * items * items + 32 * BLOCK * items + 100 * interactions


def fit(
    interactions: Interactions,
    size: int,
    *,
    lambda_: float | None = None,
    most: int = ITEMS_MAX,
    told: Told = lambda done, of: None,
) -> Neighbours:
    """Over the ``most`` most used of ``size`` rows; others have no neighbours. The TOP best
    positive weights of each row are kept, so that an answer is a gather. ``lambda_`` None: that of
    ``usual_lambda``. Raises BadInput for one that is too small for 32 bits."""
    if lambda_ is None:
        lambda_ = usual_lambda(interactions)
    if not lambda_ > 0:
        raise BadInput("lambda_", "use a number above 0, such as 200")
    used = most_used(interactions, size, most=most)
    if len(used) < 2:
        return Neighbours.none(size)
    likes = _likes(interactions, used, size=size)
    gram = _gram(likes, lambda_, told=told)
    _invert(gram)
    return _kept(gram, used, size=size, told=told)


def usual_lambda(interactions: Interactions) -> float:
    return min(LAMBDA, max(1.0, len(np.unique(interactions.person)) / 5))


def most_used(interactions: Interactions, size: int, *, most: int) -> npt.NDArray[np.int64]:
    """Rows, ascending. Ties by row."""
    counts = np.bincount(interactions.row, minlength=size)
    order = np.argsort(-counts, kind="stable")[:most]
    found: npt.NDArray[np.int64] = np.sort(order[counts[order] > 0])
    return found


def _likes(interactions: Interactions, used: npt.NDArray[np.int64], *, size: int) -> Any:
    """People × items: the strongest deed of each pair, as a share of the strongest there is."""
    from scipy.sparse import csr_array

    column = np.full(size, -1, np.int64)
    column[used] = np.arange(len(used))
    columns = column[interactions.row]
    known = columns >= 0
    people, persons = np.unique(interactions.person[known], return_inverse=True)
    pairs = persons * len(used) + columns[known]
    weights, at_us = interactions.weight[known], interactions.at_us[known]
    order = np.lexsort((weights, pairs))
    last = np.append(np.diff(pairs[order]) != 0, True)
    strongest = order[last]
    newest = strongest[np.lexsort((-at_us[strongest], persons[strongest]))]
    counts = np.bincount(persons[newest], minlength=len(people))
    begun = np.cumsum(counts) - counts
    kept = newest[np.arange(len(newest)) - begun[persons[newest]] < OF_A_PERSON]
    values = np.sqrt(weights[kept] / weights.max())
    places = persons[kept], columns[known][kept]
    return csr_array((values, places), shape=(len(people), len(used)), dtype=np.float32)


def _gram(likes: Any, lambda_: float, *, told: Told) -> Matrix:
    items = likes.shape[1]
    gram = np.empty((items, items), np.float32)
    by_item = likes.T.tocsr()
    for start in range(0, items, BLOCK):
        (by_item[start : start + BLOCK] @ likes).toarray(out=gram[start : start + BLOCK])
        told(min(start + BLOCK, items), 2 * items)
    gram.flat[:: items + 1] += np.float32(lambda_)
    return gram


def _invert(gram: Matrix) -> None:
    """In place, by Cholesky's factors: half the work and half the room of a general inverse."""
    from scipy.linalg import lapack

    factor, failed = lapack.spotrf(gram.T, lower=0, clean=0, overwrite_a=1)
    if not failed:
        factor, failed = lapack.spotri(factor, lower=0, overwrite_c=1)
    if failed:
        raise BadInput("lambda_", "use a larger one: the matrix cannot be inverted in 32 bits")
    if not np.shares_memory(factor, gram):
        gram[:] = factor.T
    for start in range(0, len(gram), BLOCK):
        end = min(start + BLOCK, len(gram))
        gram[start:end, end:] = gram[end:, start:end].T
        inner = np.tril(gram[start:end, start:end])
        gram[start:end, start:end] = inner + np.tril(inner, -1).T


def _kept(gram: Matrix, used: npt.NDArray[np.int64], *, size: int, told: Told) -> Neighbours:
    items, diagonal = len(used), gram.diagonal().copy()
    top = min(TOP, items - 1)
    parts: list[tuple[npt.NDArray[np.int64], Scores]] = []
    for start in range(0, items, BLOCK):
        block = gram[start : start + BLOCK]
        block /= -diagonal
        here = np.arange(len(block))
        block[here, start + here] = 0
        best = np.argpartition(block, items - top, axis=1)[:, items - top :].copy()
        parts.append((best, np.take_along_axis(block, best, axis=1)))
        told(items + min(start + BLOCK, items), 2 * items)
    targets = np.concatenate([best for best, _ in parts])
    scores = np.concatenate([score for _, score in parts])
    source = np.repeat(used, top)
    return Neighbours.of((source, used[targets.ravel()], scores.ravel()), size, top=top)


def closed_form(likes: npt.NDArray[np.float64], lambda_: float) -> npt.NDArray[np.float64]:
    """B of a dense X, as the paper writes it: what ``fit`` must agree with."""
    inverse = np.linalg.inv(likes.T @ likes + lambda_ * np.eye(likes.shape[1]))
    found: npt.NDArray[np.float64] = -inverse / np.diag(inverse)
    np.fill_diagonal(found, 0)
    return found


def rows_of(neighbours: Neighbours) -> Rows:
    """Those that have any."""
    return np.flatnonzero(np.diff(neighbours.starts)).astype(np.int32)
