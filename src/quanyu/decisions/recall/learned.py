"""What is learned from interactions at one go, and moved on when the goods change."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quanyu.decisions.goods import Goods
from quanyu.decisions.recall import covisit, ease
from quanyu.decisions.recall.ease import Told
from quanyu.decisions.recall.interactions import Interactions
from quanyu.decisions.recall.popular import Popular
from quanyu.decisions.recall.similar import Similar


@dataclass(frozen=True, slots=True)
class Learned:
    similar: Similar
    popular: Popular
    fitted_us: int
    """When."""
    interactions: int
    """From how many."""


def fit(
    goods: Goods,
    interactions: Interactions,
    *,
    now_us: int,
    lambda_: float | None = None,
    told: Told = lambda done, of: None,
) -> Learned:
    """``told`` hears of EASE, which takes almost all of the time. Raises BadInput."""
    linear = ease.fit(interactions, len(goods), lambda_=lambda_, told=told)
    pairs = covisit.fit(interactions, len(goods))
    popular = Popular.fit(interactions, goods)
    return Learned(Similar(linear, pairs), popular, now_us, len(interactions))


def moved(learned: Learned, before: Goods, *, after: Goods) -> Learned:
    """Over the goods of now, by id: what is gone is gone, what is new has no neighbours yet."""
    if before.ids == after.ids:
        return learned
    to = places(before, after)
    similar = learned.similar.moved(to, len(after))
    popular = learned.popular.moved(to)
    return Learned(similar, popular, learned.fitted_us, learned.interactions)


def places(before: Goods, after: Goods) -> npt.NDArray[np.int64]:
    """Old row → new row, -1 where the item is gone."""
    found = (after.row_of.get(id, -1) for id in before.ids)
    return np.fromiter(found, np.int64, len(before))
