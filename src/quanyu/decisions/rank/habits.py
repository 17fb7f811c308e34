"""How often what was clicked, where and when: counts, smoothed from the coarse to the fine.

Every rate is (clicks + K · parent) / (impressions + K): category by all, item by category, scene
word by category, scene word and part of the day by scene word. A cell that was hardly seen says
what its parent says.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from quanyu.decisions.goods import Goods
from quanyu.decisions.moment import Moment

Column = npt.NDArray[np.float32]
Cell = tuple[str, int]

CLICK_RATE, BUY_RATE = 0.02, 0.03
"""Before anything was counted: of impressions, of clicks."""
K_CATEGORY, K_ITEM, K_CELL = 200.0, 100.0, 100.0
"""Impressions that a parent is worth."""
K_BUYS = 50.0
"""Clicks that a parent is worth."""
PART_HOURS = 4
LIFT_MAX = 2.0


@dataclass(frozen=True, slots=True)
class Exposures:
    """Counts of one item at one hour under one scene."""

    item: str
    hour: int
    words: tuple[str, ...]
    """Of the scene, as the moment had them."""
    impressions: int
    clicks: int
    buys: int = 0


@dataclass(frozen=True, slots=True)
class Habits:
    """Columns are per category code or per row of the goods that they were built for."""

    category_rate: Column
    item_rate: Column
    buy_rate: Column
    """Of clicks, per category."""
    clicks: Column
    """Per item."""
    lifts: Mapping[Cell, Column]
    """(scene word, part of the day; −1: of any) → log(rate ÷ rate of its category), a column."""

    @classmethod
    def none(cls, goods: Goods) -> "Habits":
        return cls.of(goods, ())

    @classmethod
    def of(cls, goods: Goods, exposures: Iterable[Exposures]) -> "Habits":
        """Exposures of items that are not among the goods are left out."""
        known = [one for one in exposures if one.item in goods.row_of]
        rows = np.array([goods.row_of[one.item] for one in known], np.int64)
        counts = np.array([(one.impressions, one.clicks, one.buys) for one in known], np.float64)
        shown, clicks, buys = counts.reshape(-1, 3).T
        codes, categories = goods.category.codes, len(goods.category.names)
        of_category = _Totals(codes[rows], trials=shown, hits=clicks, size=categories)
        category_rate = of_category.rates(CLICK_RATE, K_CATEGORY)
        of_item = _Totals(rows, trials=shown, hits=clicks, size=len(goods))
        bought = _Totals(codes[rows], trials=clicks, hits=buys, size=categories)
        return cls(
            category_rate=category_rate.astype(np.float32),
            item_rate=of_item.rates(category_rate[codes], K_ITEM).astype(np.float32),
            buy_rate=bought.rates(BUY_RATE, K_BUYS).astype(np.float32),
            clicks=of_item.hits.astype(np.float32),
            lifts=_lifts(known, codes[rows], category_rate=category_rate),
        )

    def lift(self, moment: Moment) -> Column:
        """Per category: the mean over the words of the scene that are known, by log."""
        part = moment.hour // PART_HOURS
        cells = ((self.lifts.get((word, part)), word) for word in moment.words)
        found = [cell if cell is not None else self.lifts.get((word, -1)) for cell, word in cells]
        known = [one for one in found if one is not None]
        if not known:
            return np.zeros_like(self.category_rate)
        return sum(known[1:], known[0]) / np.float32(len(known))


class _Totals:
    """Trials and hits of each place."""

    def __init__(
        self, places: npt.NDArray[np.signedinteger], *, trials: npt.NDArray[np.float64],
        hits: npt.NDArray[np.float64], size: int,
    ) -> None:  # fmt: skip
        self.trials = np.bincount(places, trials, size)
        self.hits = np.bincount(places, hits, size)

    def rates(
        self, parent: float | npt.NDArray[np.float64], weight: float
    ) -> npt.NDArray[np.float64]:
        found: npt.NDArray[np.float64] = (self.hits + weight * parent) / (self.trials + weight)
        return found


def _lifts(
    known: list[Exposures], codes: npt.NDArray[np.int32], *, category_rate: npt.NDArray[np.float64]
) -> dict[Cell, Column]:
    places: dict[Cell, list[int]] = defaultdict(list)
    for place, one in enumerate(known):
        for word in set(one.words):
            places[word, -1].append(place)
            places[word, one.hour // PART_HOURS].append(place)
    counts = np.array([(one.impressions, one.clicks) for one in known], np.float64).reshape(-1, 2)
    rates: dict[Cell, npt.NDArray[np.float64]] = {}
    for cell in chain(_any_part(places), [one for one in places if one[1] >= 0]):
        at = np.array(places[cell], np.int64)
        shown, clicks = counts[at].T
        totals = _Totals(codes[at], trials=shown, hits=clicks, size=len(category_rate))
        rates[cell] = totals.rates(rates.get((cell[0], -1), category_rate), K_CELL)
    return {
        cell: np.clip(np.log(rate / category_rate), -LIFT_MAX, LIFT_MAX).astype(np.float32)
        for cell, rate in rates.items()
    }


def _any_part(places: Mapping[Cell, list[int]]) -> list[Cell]:
    """Parents first."""
    return [cell for cell in places if cell[1] < 0]
