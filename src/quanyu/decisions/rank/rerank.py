"""From scores to a list: variety, a quota for each seller, and slots that explore.

Maximal marginal relevance (Carbonell and Goldstein 1998): the next item is the one with the largest
(1 − v) · score − v · likeness to what stands above. In a slot that explores, with probability ε
the item is drawn evenly from the pool instead; what was drawn with which probability is logged.
"""

from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

from quanyu.decisions.goods import Goods, Rows
from quanyu.decisions.rank.scored import Shares

LIKE_CATEGORY, LIKE_SHOP = 0.6, 0.4
Open = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variety:
    weight: float = 0.3
    """v, from 0 (by score alone) to 1."""
    per_shop: int | None = None
    """At most so many of a shop in the list; None: no quota."""
    explore: frozenset[int] = frozenset()
    """Places from 1 that explore."""
    epsilon: float = 0.1
    """How often such a place does."""

    def __post_init__(self) -> None:
        assert 0 <= self.weight <= 1
        assert 0 <= self.epsilon <= 1
        assert self.per_shop is None or self.per_shop >= 1


@dataclass(frozen=True, slots=True)
class Placed:
    at: int
    """Index into the candidates."""
    position: int
    """From 1."""
    propensity: float
    """Of this item in this place, given the items above it: exact."""
    explored: bool


@dataclass(frozen=True, slots=True)
class Draw:
    """The next place before it is drawn."""

    pool: Rows
    """Indexes of the candidates that may stand there."""
    best: int
    epsilon: float

    def propensity(self, at: int) -> float:
        each = self.epsilon / len(self.pool)
        return each + (1 - self.epsilon if at == self.best else 0)


class Listing:
    """A list while it is made: what may come next, and what it is like."""

    def __init__(self, rows: Rows, score: Shares, *, goods: Goods, variety: Variety) -> None:
        assert len(rows) == len(score)
        assert np.isfinite(score).all(), "a score is a number"
        self._variety = variety
        self._category = goods.category.codes[rows]
        self._shop = goods.shop.codes[rows]
        self._gain = (1 - variety.weight) * _between_0_and_1(score)
        self._score = score
        self._like = np.zeros(len(rows))
        self._open = np.ones(len(rows), np.bool_)
        self.placed: list[Placed] = []

    def next(self) -> Draw | None:
        """None where nothing may come next."""
        pool = np.flatnonzero(self._open)
        if not len(pool):
            return None
        worth = self._gain[pool] - self._variety.weight * self._like[pool]
        best = int(pool[np.lexsort((pool, -self._score[pool], -worth))[0]])
        explores = len(self.placed) + 1 in self._variety.explore
        return Draw(pool.astype(np.int32), best, self._variety.epsilon if explores else 0.0)

    def place(self, draw: Draw, at: int, *, explored: bool) -> None:
        place = len(self.placed) + 1
        self.placed.append(Placed(at, place, draw.propensity(at), explored))
        self._open[at] = False
        category, shop = self._category == self._category[at], self._shop == self._shop[at]
        self._like = np.maximum(self._like, LIKE_CATEGORY * category + LIKE_SHOP * shop)
        most = self._variety.per_shop
        own = sum(self._shop[one.at] == self._shop[at] for one in self.placed)
        if most is not None and own >= most:
            self._open &= ~shop


def rerank(
    rows: Rows, score: Shares, *, goods: Goods, variety: Variety, seats: "Seats"
) -> tuple[Placed, ...]:
    """The list, best first; shorter than asked for where candidates or quotas run out. ``score``
    in any unit; equal ones keep the order of the rows."""
    listing = Listing(rows, score, goods=goods, variety=variety)
    for _ in range(seats.slots):
        draw = listing.next()
        if draw is None:
            break
        explored = draw.epsilon > 0 and seats.chance.random() < draw.epsilon
        at = int(draw.pool[seats.chance.randrange(len(draw.pool))]) if explored else draw.best
        listing.place(draw, at, explored=explored)
    return tuple(listing.placed)


@dataclass(frozen=True, slots=True)
class Seats:
    slots: int
    chance: Random
    """Seeded by the caller, for the trace of the decision."""


def _between_0_and_1(score: Shares) -> Shares:
    if not len(score):
        return score
    low, high = float(score.min()), float(score.max())
    found: Shares = (score - low) / (high - low) if high > low else np.ones_like(score)
    return found
