"""The best rows by score. Equal scores go by row, so that an answer never depends on chance."""

import numpy as np

from quanyu.decisions.goods import Rows, Scores

Found = tuple[Rows, Scores]
"""Rows, each once, and their scores, best first."""

NOTHING: Found = (np.empty(0, np.int32), np.empty(0, np.float32))


def best(scores: Scores, limit: int, *, floor: float = 0.0) -> Found:
    """Of a score per row: the ``limit`` highest above 0 and from ``floor`` on."""
    rows = np.flatnonzero(scores >= floor) if floor > 0 else np.flatnonzero(scores > 0)
    return first(rows.astype(np.int32), scores[rows], limit=limit)


def first(rows: Rows, scores: Scores, *, limit: int) -> Found:
    """``rows`` ascending, each once."""
    if limit <= 0 or len(rows) == 0:
        return NOTHING
    if len(rows) > limit:
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        kept = scores >= least
        rows, scores = rows[kept], scores[kept]
    order = np.argsort(-scores, kind="stable")[:limit]
    return rows[order], scores[order]
