"""What auctions cost lately against what they are worth: the curve on which a budget is solved.

Of a second-price auction with worth v and price z, a bid m·v wins where z / v ≤ m and pays z. For
any budget the best bids are of this form, with one m for all auctions (the fractional knapsack;
Balseiro and Gur 2019). So a landscape keeps cost and worth by z / v, in logarithmic bins, and old
auctions count less and less.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.float64]

BINS = 640
RATIO_MIN, RATIO_MAX = 1e-5, 1e10
"""Price ÷ worth; what lies beyond counts at the end. 5.5 % a bin, linear inside it."""
_EDGES = np.geomspace(RATIO_MIN, RATIO_MAX, BINS + 1)
_LOG_MIN = float(np.log(RATIO_MIN))
_PER_LOG = BINS / float(np.log(RATIO_MAX / RATIO_MIN))


@dataclass(frozen=True, slots=True)
class Landscape:
    auctions: float
    """Their weight, those that are worth nothing among them."""
    cost: Column
    worth: Column

    @classmethod
    def empty(cls) -> "Landscape":
        return cls(0.0, np.zeros(BINS), np.zeros(BINS))

    @classmethod
    def of(cls, price: Column, worth: Column) -> "Landscape":
        """Of these auctions, whether won or lost."""
        wanted = worth > 0
        paid, gained = price[wanted], worth[wanted]
        ratio = np.maximum(paid / gained, RATIO_MIN)
        place = np.minimum(((np.log(ratio) - _LOG_MIN) * _PER_LOG).astype(np.int64), BINS - 1)
        cost, worths = (np.bincount(place, one, BINS) for one in (paid, gained))
        return cls(float(len(price)), cost.astype(np.float64), worths.astype(np.float64))

    def plus(self, other: "Landscape", *, weight: float = 1.0) -> "Landscape":
        return Landscape(
            self.auctions + weight * other.auctions,
            self.cost + weight * other.cost,
            self.worth + weight * other.worth,
        )

    @property
    def means(self) -> tuple[float, float]:
        """Price and worth per auction; 0 of none."""
        if not self.auctions:
            return 0.0, 0.0
        return float(self.cost.sum()) / self.auctions, float(self.worth.sum()) / self.auctions

    def multiplier_for_budget(self, cost_per_auction: float) -> float:
        """The largest m whose expected cost per auction is at most this, but no more than takes
        all that was seen: nobody knows what dearer auctions are like."""
        if not self.auctions:
            return 0.0
        total, most = np.cumsum(self.cost), cost_per_auction * self.auctions
        return self.dearest if total[-1] <= most else _crossing(total, most)

    def multiplier_for_ratio(self, cost_per_worth: float) -> float:
        """The largest m at which cost ÷ worth of all that is won stays at most this, but no more
        than takes all that was seen. At least the ratio itself: a bid of what it is worth never
        costs more than that on average."""
        if not self.auctions:
            return cost_per_worth
        over = np.cumsum(self.cost) - cost_per_worth * np.cumsum(self.worth)
        within = np.flatnonzero(over <= 0)
        if len(within) == 0:
            return cost_per_worth
        last = int(within[-1])
        if last == BINS - 1:
            return max(cost_per_worth, self.dearest)
        inside = -over[last] / (over[last + 1] - over[last])
        found = _EDGES[last + 1] + inside * (_EDGES[last + 2] - _EDGES[last + 1])
        return max(cost_per_worth, float(found))

    @property
    def dearest(self) -> float:
        """What wins everything that was seen and is worth something."""
        seen = np.flatnonzero(self.worth)
        return float(_EDGES[seen[-1] + 1]) if len(seen) else 0.0

    def expected(self, multiplier: float) -> tuple[float, float]:
        """Cost and worth per auction at a multiplier."""
        if not self.auctions:
            return 0.0, 0.0
        full = np.clip((multiplier - _EDGES[:-1]) / np.diff(_EDGES), 0.0, 1.0)
        cost, worth = float(full @ self.cost), float(full @ self.worth)
        return cost / self.auctions, worth / self.auctions


def _crossing(total: Column, most: float) -> float:
    """Where the rising ``total`` at the upper edges reaches ``most``."""
    place = int(np.searchsorted(total, most, side="right"))
    below = float(total[place - 1]) if place else 0.0
    inside = (most - below) / (float(total[place]) - below)
    return float(_EDGES[place] + max(0.0, inside) * (_EDGES[place + 1] - _EDGES[place]))
