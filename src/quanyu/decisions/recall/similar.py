"""What goes with what a person has in hand or did lately: EASE for the much used items, pairs of
one day for the others."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quanyu.clock import DAY_US
from quanyu.decisions.goods import Goods, Rows, Scores
from quanyu.decisions.recall import covisit, ease
from quanyu.decisions.recall.best import NOTHING, Found, best
from quanyu.decisions.recall.interactions import WEIGHTS, Interactions
from quanyu.decisions.recall.neighbours import Neighbours
from quanyu.decisions.taste import KINDS, Taste

HALF_LIFE_DAYS = 7
IN_HAND = 4.0
"""What an item in hand counts: as much as one just paid."""
COVISIT_SHARE = 0.1
"""Of an item that EASE knows: how much the best pair of one day counts beside the best of EASE;
pairs of an item that EASE does not know count in full. Seen on a generated market: with 0.5 for all
the union is worse than EASE alone."""


@dataclass(frozen=True, slots=True)
class Similar:
    ease: Neighbours
    covisit: Neighbours

    @classmethod
    def fit(cls, interactions: Interactions, size: int) -> "Similar":
        return cls(ease.fit(interactions, size), covisit.fit(interactions, size))

    def to(self, rows: Rows, weights: Scores, *, limit: int = 200) -> Found:
        """Items that go with these, without themselves. Each of the two counts in shares of its
        own best score, because they are not of one measure."""
        if len(rows) == 0:
            return NOTHING
        total = np.zeros(len(self.ease), np.float32)
        self._add(self.ease, (rows, weights), total=total, share=1.0)
        known = self.ease.starts[rows + 1] > self.ease.starts[rows]
        shares = np.where(known, np.float32(COVISIT_SHARE), np.float32(1))
        mean = float((weights * shares).sum() / weights.sum())
        self._add(self.covisit, (rows, weights * shares), total=total, share=mean)
        total[rows] = 0
        return best(total, limit)

    def moved(self, to: npt.NDArray[np.int64], size: int) -> "Similar":
        return Similar(self.ease.moved(to, size), self.covisit.moved(to, size))

    @staticmethod
    def _add(neighbours: Neighbours, seeds: Found, *, total: Scores, share: float) -> None:
        rows, scores = neighbours.gathered(*seeds)
        if len(rows) == 0:
            return
        places, inverse = np.unique(rows, return_inverse=True)
        sums = np.bincount(inverse, weights=scores).astype(np.float32)
        if (top := float(sums.max())) > 0:
            total[places] += sums * np.float32(share / top)


def seeds(goods: Goods, taste: Taste, *, now_us: int) -> Found:
    """Rows of what the person did, each once, and how much each counts: by kind, halved every
    HALF_LIFE_DAYS, the strongest deed of an item."""
    counted: dict[int, float] = {}
    for deed in taste.deeds:
        row = goods.row_of.get(deed.item)
        if row is not None:
            age = max(0, now_us - deed.at_us) / DAY_US
            worth = float(WEIGHTS[KINDS.index(deed.kind)]) * 2.0 ** (-age / HALF_LIFE_DAYS)
            counted[row] = max(worth, counted.get(row, 0.0))
    return _columns(counted)


def with_basket(found: Found, basket: Rows) -> Found:
    """The same, and the items in hand."""
    counted = dict(zip(found[0].tolist(), found[1].tolist(), strict=True))
    counted.update(dict.fromkeys(basket.tolist(), IN_HAND))
    return _columns(counted)


def _columns(counted: dict[int, float]) -> Found:
    rows = np.fromiter(counted, np.int32, len(counted))
    return rows, np.fromiter(counted.values(), np.float32, len(counted))
