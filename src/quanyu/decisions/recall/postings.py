"""Which rows a word stands in, and how much it says there: an inverted index in flat arrays."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quanyu.decisions.goods import Rows, Scores
from quanyu.decisions.recall.best import NOTHING, Found, best

Counts = npt.NDArray[np.int64]
COMMON_SHARE = 1 / 16
"""A word of more rows than this is kept as a score per row: adding whole columns is quicker then
than adding at places. At most COMMON_MAX words, the most common ones."""
COMMON_MAX = 256
SAMPLE = 1_024
"""First postings of the strongest word: their scores bound what the best must have."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Distinct (row, word) pairs."""

    rows: Counts
    words: Counts
    times: Counts
    """How often the word stands in the row."""
    lengths: Counts
    """Words of each row."""
    holders: Counts
    """Rows that hold each word."""


Weigh = Callable[[Counted], Scores]


@dataclass(frozen=True, slots=True)
class Postings:
    """Those of word ``w`` are ``rows[starts[w]:starts[w + 1]]``, the highest impact first."""

    size: int
    """Rows in all."""
    number_of: Mapping[str, int]
    starts: Counts
    rows: Rows
    impacts: Scores
    columns: Mapping[int, Scores]
    """Of the common words: the impact on each row."""

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], weigh: Weigh) -> "Postings":
        """A row per text; ``weigh`` gives the impact of each pair."""
        number_of: dict[str, int] = {}
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        flat = np.fromiter(
            (number_of.setdefault(word, len(number_of)) for text in texts for word in text),
            np.int64,
            int(lengths.sum()),
        )
        size = len(texts)
        pairs = flat * max(1, size) + np.repeat(np.arange(size), lengths)
        distinct, times = np.unique(pairs, return_counts=True)
        words, rows = np.divmod(distinct, max(1, size))
        holders = np.bincount(words, minlength=len(number_of))
        impacts = weigh(Counted(rows, words, times, lengths, holders)).astype(np.float32)
        order = np.lexsort((rows, -impacts, words))
        starts = np.concatenate(([0], np.cumsum(holders))).astype(np.int64)
        rows, impacts = rows[order].astype(np.int32), impacts[order]
        columns = {}
        for word in np.argsort(-holders, kind="stable")[:COMMON_MAX].tolist():
            if holders[word] > size * COMMON_SHARE:
                span = slice(starts[word], starts[word + 1])
                columns[word] = np.zeros(size, np.float32)
                columns[word][rows[span]] = impacts[span]
        return cls(size, number_of, starts, rows, impacts, columns)

    def holders(self, word: str) -> int:
        """Rows that the word stands in."""
        number = self.number_of.get(word)
        return 0 if number is None else int(self.starts[number + 1] - self.starts[number])

    def known(self, words: Iterable[str]) -> list[str]:
        return [word for word in words if word in self.number_of]

    def match(self, weights: Mapping[str, float], *, limit: int) -> Found:
        """Rows by Σ weight · impact over the words. Exact: nothing is cut off but what cannot be
        among the first ``limit``."""
        known = [(self.number_of[word], weight) for word, weight in weights.items()
                 if word in self.number_of]  # fmt: skip
        if not known or limit <= 0:
            return NOTHING
        scores = np.zeros(self.size, np.float32)
        for number, weight in known:
            self._add(scores, number, weight=np.float32(weight))
        return best(scores, limit, floor=self._bound(known, scores, limit=limit))

    def _add(self, scores: Scores, number: int, *, weight: np.float32) -> None:
        column = self.columns.get(number)
        if column is not None:
            scores += weight * column
            return
        span = slice(self.starts[number], self.starts[number + 1])
        scores[self.rows[span]] += weight * self.impacts[span]

    def _bound(self, known: list[tuple[int, float]], scores: Scores, *, limit: int) -> float:
        """A score that ``limit`` rows reach; 0 where a sample shows none. Any rows serve for a
        sample; those of the strongest word give a high one."""

        def strength(one: tuple[int, float]) -> float:
            return one[1] * float(self.impacts[self.starts[one[0]]])

        bounds = [0.0]
        for number, _ in sorted(known, key=strength, reverse=True)[:2]:
            first = int(self.starts[number])
            last = min(int(self.starts[number + 1]), first + max(SAMPLE, limit))
            if last - first >= limit:
                sample = scores[self.rows[first:last]]
                bounds.append(float(np.partition(sample, len(sample) - limit)[-limit]))
        return max(bounds)
