"""Items in their order, with variety, quotas and places that explore."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import msgspec
import numpy as np

from quanyu.decisions.rank.rerank import Draw, Listing, Variety
from quanyu.decisions.recall.recalling import Source
from quanyu.decisions.serving.answer import Slot
from quanyu.decisions.serving.case import Case
from quanyu.decisions.serving.explanation import Drawn
from quanyu.decisions.serving.scoring import Scoring

EXPLORE_EVERY = 5
EPSILON = 0.1
VARIETY = 0.3
PER_SHOP = 3
REASONS = {
    Source.QUERY: "与搜索相关", Source.NEAR: "就在附近", Source.ROUTE: "顺路",
    Source.SIMILAR: "和看过的相近", Source.SCENE: "适合现在", Source.FRESH: "新品",
    Source.CATEGORY: "常看的品类", Source.POPULAR: "大家在看",
}  # fmt: skip
"""The first that holds is told."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What one slot may show; which one is said when the page is laid out."""

    slot: Slot
    drawn: Drawn

    def at(self, position: int) -> "Choice":
        return Choice(
            msgspec.structs.replace(self.slot, position=position),
            msgspec.structs.replace(self.drawn, position=position),
        )


class Items:
    """The ranked list, one place at a time. Who typed something that is there gets that and nothing
    else, from whatever shop. Chance is drawn from the trace."""

    def __init__(self, case: Case, made: Scoring) -> None:
        self._goods, self._made = case.grounds.index.goods, made
        self._chance = Random(case.asked.trace)  # noqa: S311
        order = np.argsort(-made.value, kind="stable")
        asked_for = made.candidates.sources[order] & Source.QUERY > 0
        searched = bool(asked_for.any())
        self._order = order[asked_for] if searched else order
        explore = frozenset(range(EXPLORE_EVERY, 101, EXPLORE_EVERY))
        self._listing = Listing(
            made.candidates.rows[self._order], made.value[self._order], goods=self._goods,
            variety=Variety(weight=VARIETY, per_shop=None if searched else PER_SHOP,
                            epsilon=EPSILON, explore=explore),
        )  # fmt: skip

    def __iter__(self) -> Iterator[Choice]:
        while (draw := self._listing.next()) is not None:
            at, explored = self._pick(draw)
            self._listing.place(draw, at, explored=explored)
            yield self._choice(int(self._order[at]), draw.propensity(at), explored=explored)

    def _pick(self, draw: Draw) -> tuple[int, bool]:
        if draw.epsilon and self._chance.random() < draw.epsilon:
            return int(draw.pool[self._chance.randrange(len(draw.pool))]), True
        return draw.best, False

    def _choice(self, at: int, propensity: float, *, explored: bool) -> Choice:
        row = int(self._made.candidates.rows[at])
        bits = int(self._made.candidates.sources[at])
        reason = next((text for source, text in REASONS.items() if source & bits), "大家在看")
        features = tuple(self._made.features[at].tolist())
        slot = Slot(
            position=0, kind="item", id=self._goods.ids[row], title=self._goods.titles[row],
            reason=reason,
        )  # fmt: skip
        drawn = Drawn(
            position=0, kind="item", id=slot.id, propensity=propensity, explored=explored,
            features=features,
        )  # fmt: skip
        return Choice(slot, drawn)
