"""An order without any model: the same features, weighed by hand, from the first day on.

log-odds of a click = those of the item's smoothed rate + WEIGHTS · features. Weights were set, not
learned: a query goes before a scene, a scene before a taste, a taste before what is popular.
"""

from dataclasses import dataclass

import numpy as np

from quanyu.decisions.rank.features import FEATURES, SOURCE, Matrix
from quanyu.decisions.rank.scored import Scored, Shares

WEIGHTS = {
    "query_whole": 1.0, "scene_lift": 1.0, "scene_match": 1.5,
    "category_lately": 0.8, "category_today": 0.6, "shop_lately": 0.6, "item_lately": 0.4,
    "words_lately": 1.5, "basket_category": 0.3, "basket_shop": 0.4, "basket_words": 0.8,
    "clicks": 0.05,
    "item_bought": -5.0,
}  # fmt: skip
QUERY_MATCH = 5.0
"""Times 1 − share of the query that the item does not have."""
PRICE_FAR = 0.3
"""Times |log(price ÷ usual price)|, up to PRICE_FAR_MAX."""
PRICE_FAR_MAX = 2.0
FOUND = 0.6
"""Of the best source of recall, each relative to its largest score in the pool."""
RATE_MAX = 0.95
_PLACE = {name: place for place, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class Prior:
    """Ranks without having learned; its shares are rough and are not for money."""

    names: tuple[str, ...]
    """Of the columns."""

    def at(self, touchpoint: str) -> "Prior":
        """The same everywhere: nothing was seen yet."""
        return self

    def score(self, features: Matrix) -> Scored:
        def of(name: str) -> Shares:
            column: Shares = features[:, _PLACE[name]].astype(np.float64)
            return column

        rate = np.clip(of("item_rate"), 1e-6, RATE_MAX)
        odds = np.log(rate / (1 - rate))
        for name, weight in WEIGHTS.items():
            odds += weight * np.maximum(0, of(name)) if name != "scene_lift" else of(name)
        asked = of("query_match") >= 0
        odds -= np.where(asked, QUERY_MATCH * (1 - of("query_match")), 0)
        odds -= PRICE_FAR * np.minimum(PRICE_FAR_MAX, np.abs(of("price_against_usual")))
        odds += FOUND * self._found(features)
        click = 1 / (1 + np.exp(-odds))
        return Scored(click, click * of("buy_rate"))

    def _found(self, features: Matrix) -> Shares:
        assert features.shape[1] == len(self.names)
        sources = features[:, len(FEATURES) :].astype(np.float64)
        assert all(name.startswith(SOURCE) for name in self.names[len(FEATURES) :])
        if not sources.size:
            return np.zeros(len(features))
        largest = np.maximum(1e-12, sources.max(axis=0))
        best: Shares = np.clip(sources / largest, 0, 1).max(axis=1)
        return best
