"""The goods once more, as ranking needs them: words as numbers, prices beside their category."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quanyu.decisions.goods import Goods, Rows

Column = npt.NDArray[np.float32]
Words = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float64]

WORDS_KEPT = 32
"""Of an item, the first ones; 0 stands for none."""


@dataclass(frozen=True, slots=True)
class Shelf:
    goods: Goods
    number_of: Mapping[str, int]
    """Word → from 1."""
    words: Words
    """Items × WORDS_KEPT."""
    rarity: Column
    """By number of a word: log(1 + items ÷ items that have it); 0 of none."""
    log_price: Column
    price_against_category: Column
    """log(price ÷ median price of its category)."""

    @classmethod
    def of(cls, goods: Goods) -> "Shelf":
        """Built once for a catalogue."""
        number_of, words = _numbered(goods)
        used = np.bincount(words.ravel(), minlength=len(number_of) + 1)
        used[0] = 0
        rarity = np.zeros(len(used), np.float32)
        rarity[1:] = np.log1p(len(goods) / np.maximum(1, used[1:]))
        log_price = np.log(np.maximum(1, goods.price_fen)).astype(np.float32)
        return cls(
            goods, number_of, words, rarity, log_price, log_price - _medians(goods, log_price)
        )

    def unknown_rarity(self) -> float:
        """Of a word that no item has."""
        return float(np.log1p(max(1, len(self.goods))))

    def matched(self, rows: Rows, wanted: Mapping[str, float]) -> Column:
        """Of each row: the sum of the weights of those wanted words that the item has."""
        weights = np.zeros(len(self.rarity), np.float32)
        for word, weight in wanted.items():
            if (number := self.number_of.get(word)) is not None:
                weights[number] = weight
        return self._summed(rows, weights)

    def likeness(self, rows: Rows, *, liked: Rows, weight: Weights) -> Column:
        """Of each row: share of the words of what was liked, weighed and by rarity, that it has."""
        each = np.repeat(weight, WORDS_KEPT)
        counts = np.bincount(self.words[liked].ravel(), each, len(self.rarity))
        weights = (counts * self.rarity).astype(np.float32)
        return self._summed(rows, weights) / np.float32(weights.sum() or 1)

    def _summed(self, rows: Rows, weights: Column) -> Column:
        found: Column = weights.take(self.words.take(rows, axis=0)).sum(axis=1)
        return found

    def rarity_of(self, word: str) -> float:
        number = self.number_of.get(word)
        return self.unknown_rarity() if number is None else float(self.rarity[number])


def _numbered(goods: Goods) -> tuple[dict[str, int], Words]:
    number_of: dict[str, int] = {}
    table = np.zeros((len(goods), WORDS_KEPT), np.int32)
    for row, words in enumerate(goods.words):
        kept = list(dict.fromkeys(words))[:WORDS_KEPT]
        table[row, : len(kept)] = [number_of.setdefault(one, len(number_of) + 1) for one in kept]
    return number_of, table


def _medians(goods: Goods, log_price: Column) -> Column:
    """Median of its category, a value per item."""
    counts = Counter(goods.category.codes.tolist())
    medians = np.zeros(max(counts, default=-1) + 1, np.float32)
    order = np.lexsort((log_price, goods.category.codes))
    begin = 0
    for code in sorted(counts):
        end = begin + counts[code]
        medians[code] = np.median(log_price[order[begin:end]])
        begin = end
    return medians[goods.category.codes]
