"""Words of a moment against words of what could be shown: cosine of idf-weighted words.

Salton and Buckley 1988; a word counts once however often it stands, for a programme that says 咖啡
ten times is no more about coffee than one that says it once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from quanyu.decisions.goods import Scores
from quanyu.decisions.recall.best import NOTHING, Found
from quanyu.decisions.recall.postings import Counted, Postings
from quanyu.decisions.recall.words import Synonyms

ALIKE = 0.6
WORDS_MAX = 64


class Scenes:
    """``texts``: the words of each row, of goods or of contents."""

    def __init__(self, texts: Sequence[Sequence[str]], synonyms: Synonyms) -> None:
        self._synonyms = synonyms
        self._postings = Postings.of(texts, _cosine)

    def match(self, words: Sequence[str], *, limit: int = 100) -> Found:
        """Rows that share words with the moment; 1 is the same words."""
        weights: dict[str, float] = {}
        for word in words[:WORDS_MAX]:
            weights[word] = self._idf(word)
        for word in tuple(weights):
            for other in self._synonyms.others(word):
                weights.setdefault(other, ALIKE * self._idf(other))
        length = sum(weight**2 for weight in weights.values()) ** 0.5
        if length == 0:
            return NOTHING
        shares = {word: weight / length for word, weight in weights.items()}
        return self._postings.match(shares, limit=limit)

    def _idf(self, word: str) -> float:
        holders = self._postings.holders(word)
        return float(np.log(1 + self._postings.size / holders)) if holders else 0.0


def _cosine(counted: Counted) -> Scores:
    size = len(counted.lengths)
    idf = np.log(1 + size / np.maximum(1, counted.holders))[counted.words]
    lengths = np.sqrt(np.bincount(counted.rows, weights=idf**2, minlength=size))
    return (idf / lengths[counted.rows]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Content:
    """A piece, programme or passage: words of what it is about and plays in."""

    id: str
    words: tuple[str, ...]
    title: str = ""
    sells: bool = False
    """A link in it sells: where it is shown it is an ad, whoever paid."""


class Contents:
    """What can be shown beside goods, by the words of the moment."""

    def __init__(self, listed: Iterable[Content], synonyms: Synonyms) -> None:
        self.listed = tuple(listed)
        self.row_of = {one.id: row for row, one in enumerate(self.listed)}
        self._scenes = Scenes([one.words for one in self.listed], synonyms)

    def __len__(self) -> int:
        return len(self.listed)

    def match(self, words: Sequence[str], *, limit: int = 100) -> Found:
        """Rows of contents."""
        return self._scenes.match(words, limit=limit)

    def words_of(self, id: str) -> tuple[str, ...]:
        """Of one that is on screen; none where it is not known."""
        row = self.row_of.get(id)
        return () if row is None else self.listed[row].words
