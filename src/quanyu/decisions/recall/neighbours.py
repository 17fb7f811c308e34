"""To each item the few that go with it best: a sparse matrix of scores, kept row by row."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quanyu.decisions.goods import Rows, Scores

Starts = npt.NDArray[np.int64]
Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Scores]
"""(From row, to row, score), no pair twice."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Those of row ``r`` are ``rows[starts[r]:starts[r + 1]]``, the best first."""

    starts: Starts
    rows: Rows
    scores: Scores

    @classmethod
    def of(cls, pairs: Pairs, size: int, *, top: int) -> "Neighbours":
        """The ``top`` best of each row with a score above 0; ties by row."""
        source, target, scores = (part[pairs[2] > 0] for part in pairs)
        order = np.lexsort((target, -scores, source))
        source = source[order]
        counts = np.bincount(source, minlength=size)
        begun = np.concatenate(([0], np.cumsum(counts)))
        kept = order[np.arange(len(source)) - begun[source] < top]
        starts = np.concatenate(([0], np.cumsum(np.minimum(counts, top))))
        return cls(starts, target[kept].astype(np.int32), scores[kept].astype(np.float32))

    @classmethod
    def none(cls, size: int) -> "Neighbours":
        empty = np.empty(0, np.float32)
        return cls(np.zeros(size + 1, np.int64), empty.astype(np.int32), empty)

    def __len__(self) -> int:
        """Rows that have neighbours or not."""
        return len(self.starts) - 1

    def gathered(self, rows: Rows, weights: Scores) -> tuple[Rows, Scores]:
        """The neighbours of these rows one after another, scores times the weight of the row;
        a neighbour of two comes twice."""
        begins, ends = self.starts[rows], self.starts[rows + 1]
        sizes = ends - begins
        offsets = np.repeat(begins - (np.cumsum(sizes) - sizes), sizes)
        places = offsets + np.arange(int(sizes.sum()))
        return self.rows[places], self.scores[places] * np.repeat(weights, sizes)

    def moved(self, to: npt.NDArray[np.int64], size: int) -> "Neighbours":
        """Over other rows: ``to[old]`` is the new row, -1 where the item is gone."""
        source = to[np.repeat(np.arange(len(self)), np.diff(self.starts))]
        target = to[self.rows]
        there = (source >= 0) & (target >= 0)
        pairs = source[there], target[there], self.scores[there]
        return Neighbours.of(pairs, size, top=max(1, len(self.rows)))
