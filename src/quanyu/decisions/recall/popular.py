"""What is popular: everywhere, in a category, at a touchpoint, and there in a part of the day.

A narrow level is shrunk towards the wider one: p(i) = (n(i) + m · p_wider(i)) / (N + m), the mean
of a Dirichlet with m = STRENGTH deeds of the wider level. Deeds count by kind, halved with age.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quanyu.clock import CHINA_OFFSET_US, DAY_US, HOUR_US
from quanyu.decisions.goods import Goods, Rows, Scores
from quanyu.decisions.recall.best import NOTHING, Found, best
from quanyu.decisions.recall.interactions import Interactions, Times

BANDS = (6, 11, 14, 18, 24)
"""Ends (exclusive) of the parts of a day, in China: night, morning, noon, afternoon, evening."""
HALF_LIFE_DAYS = 14
STRENGTH = 200.0
KEPT = 400
"""Best rows of each level."""
EVERYWHERE = ""
Levels = dict[tuple[str, int], Found]
"""(Touchpoint, part of the day or -1) → best rows."""


def band_of(hour: int) -> int:
    return next(band for band, end in enumerate(BANDS) if hour < end)


@dataclass(frozen=True, slots=True)
class Popular:
    levels: Levels
    of_category: dict[str, Found]

    @classmethod
    def fit(cls, interactions: Interactions, goods: Goods) -> "Popular":
        weight = interactions.weight * _age(interactions.at_us)
        counted = np.bincount(interactions.row, weights=weight, minlength=len(goods))
        overall = counted.astype(np.float32)
        levels = {(EVERYWHERE, -1): best(_shares(overall), KEPT)}
        levels.update(_by_touchpoint(interactions, weight, wider=_shares(overall)))
        return cls(levels, dict(_by_category(goods, overall)))

    @classmethod
    def none(cls) -> "Popular":
        return cls({}, {})

    def moved(self, to: npt.NDArray[np.int64]) -> "Popular":
        """Over other rows: ``to[old]`` is the new row, -1 where the item is gone."""
        levels = {level: _moved(found, to) for level, found in self.levels.items()}
        of_category = {name: _moved(found, to) for name, found in self.of_category.items()}
        return Popular(levels, of_category)

    def at(self, touchpoint: str, hour: int, *, limit: int = 100) -> Found:
        """The narrowest level that is known."""
        for level in ((touchpoint, band_of(hour)), (touchpoint, -1), (EVERYWHERE, -1)):
            if (found := self.levels.get(level)) is not None:
                return found[0][:limit], found[1][:limit]
        return NOTHING

    def among(self, category: str, *, limit: int = 100) -> Found:
        """Of one category; in shares of its best."""
        rows, scores = self.of_category.get(category, NOTHING)
        return rows[:limit], scores[:limit]


def _moved(found: Found, to: npt.NDArray[np.int64]) -> Found:
    rows = to[found[0]]
    return rows[rows >= 0].astype(np.int32), found[1][rows >= 0]


def _age(at_us: Times) -> Scores:
    newest = at_us.max(initial=0)
    found: Scores = np.exp2((at_us - newest) / (HALF_LIFE_DAYS * DAY_US)).astype(np.float32)
    return found


def _shares(counts: Scores) -> Scores:
    found: Scores = (counts / max(1e-9, float(counts.sum()))).astype(np.float32)
    return found


def _shrunk(counts: Scores, wider: Scores) -> Scores:
    found: Scores = ((counts + STRENGTH * wider) / (counts.sum() + STRENGTH)).astype(np.float32)
    return found


def _by_touchpoint(
    interactions: Interactions, weight: Scores, *, wider: Scores
) -> Iterator[tuple[tuple[str, int], Found]]:
    hours = (interactions.at_us + CHINA_OFFSET_US) // HOUR_US % 24
    bands = np.searchsorted(BANDS, hours, side="right")
    for number, name in enumerate(interactions.touchpoints):
        here = interactions.touchpoint == number
        if not name or not here.any():
            continue
        counted = _counts(interactions.row[here], weight[here], like=wider)
        level = _shrunk(counted, wider)
        yield (name, -1), best(level, KEPT)
        for band in np.unique(bands[here]).tolist():
            then = here & (bands == band)
            counted = _counts(interactions.row[then], weight[then], like=wider)
            yield (name, band), best(_shrunk(counted, level), KEPT)


def _counts(rows: Rows, weight: Scores, *, like: Scores) -> Scores:
    return np.bincount(rows, weights=weight, minlength=len(like)).astype(np.float32)


def _by_category(goods: Goods, overall: Scores) -> Iterator[tuple[str, Found]]:
    """One sort for all of them."""
    codes = goods.category.codes
    order = np.lexsort((np.arange(len(goods)), -overall, codes))
    ends = np.cumsum(np.bincount(codes, minlength=len(goods.category.names)))
    for name, part in zip(goods.category.names, np.split(order, ends[:-1]), strict=False):
        kept = part[:KEPT][overall[part[:KEPT]] > 0].astype(np.int32)
        if len(kept):
            yield name, (kept, overall[kept] / overall[kept[0]])
