"""From what was typed to items: BM25 over the words of goods, and what a wrong key was meant for.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, eq. 3.15:
idf · tf (k₁ + 1) / (tf + k₁ (1 − b + b · length / mean length)), with the idf of Lucene,
ln(1 + (N − n + ½) / (n + ½)), which is never negative.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quanyu.decisions.goods import Goods, Rows, Scores
from quanyu.decisions.recall.best import NOTHING, Found
from quanyu.decisions.recall.postings import Counted, Postings
from quanyu.decisions.recall.sounds import Sounds
from quanyu.decisions.recall.words import Synonyms

K1, B = 1.2, 0.75
ALIKE = 0.6
"""What a word for the same thing counts, beside the one that was typed."""
VOTERS = 200
CATEGORIES = 5
WORDS_MAX = 32


@dataclass(frozen=True, slots=True)
class Result:
    rows: Rows
    scores: Scores
    read_as: tuple[str, ...] = ()
    """The words it was taken for, where what was typed finds nothing."""


def bm25(counted: Counted) -> Scores:
    size, holders = len(counted.lengths), counted.holders
    idf = np.log(1 + (size - holders + 0.5) / (holders + 0.5))
    mean = max(1.0, float(counted.lengths.mean())) if size else 1.0
    length = K1 * (1 - B + B * counted.lengths / mean)
    tf = counted.times
    found: Scores = idf[counted.words] * tf * (K1 + 1) / (tf + length[counted.rows])
    return found


class Search:
    """Built once from the goods, answers for ever."""

    def __init__(self, goods: Goods, synonyms: Synonyms) -> None:
        self._synonyms = synonyms
        self._goods = goods
        self._postings = Postings.of(goods.words, bm25)
        self._sounds = Sounds(self._postings.number_of, holders=self._postings.holders)

    def find(self, query: Sequence[str], *, limit: int = 200) -> Result:
        """``query``: the words of what was typed. Where none of them, nor a word for the same
        thing, stands on any good, they are heard instead of read: pinyin, a word that sounds the
        same, one wrong letter."""
        found = self._match(query, limit=limit)
        if len(found[0]) or not query:
            return Result(*found)
        read_as = self._sounds.meant(query)
        return Result(*self._match(read_as, limit=limit), read_as)

    def categories(self, found: Found) -> tuple[tuple[str, float], ...]:
        """The categories that the best rows vote for with their scores, and their shares."""
        rows, scores = (part[:VOTERS] for part in found)
        column = self._goods.category
        codes, places = np.unique(column.codes[rows], return_inverse=True)
        votes = np.bincount(places, weights=scores, minlength=len(codes))
        order = np.argsort(-votes, kind="stable")[:CATEGORIES]
        whole = float(votes.sum()) or 1.0
        return tuple((column.names[int(codes[one])], float(votes[one]) / whole) for one in order)

    def _match(self, query: Sequence[str], *, limit: int) -> Found:
        weights: dict[str, float] = {}
        for word in query[:WORDS_MAX]:
            weights[word] = 1.0
        for word in tuple(weights):
            for other in self._synonyms.others(word):
                weights.setdefault(other, ALIKE)
        return self._postings.match(weights, limit=limit) if weights else NOTHING
