"""From all items to the few hundred that are worth ranking for this moment and this person."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntFlag

import numpy as np
import numpy.typing as npt

from quanyu.decisions.asking import Point
from quanyu.decisions.goods import Rows, Scores
from quanyu.decisions.moment import Moment
from quanyu.decisions.recall.best import NOTHING, Found
from quanyu.decisions.recall.index import RecallIndex
from quanyu.decisions.recall.popular import Popular
from quanyu.decisions.recall.similar import seeds, with_basket
from quanyu.decisions.taste import Taste


class Source(IntFlag):
    """Where a candidate comes from."""

    QUERY = 1
    SIMILAR = 2
    SCENE = 4
    NEAR = 8
    ROUTE = 16
    POPULAR = 32
    CATEGORY = 64
    """Popular in the categories of what the person did."""
    FRESH = 128


SOURCES = tuple(Source)
WEIGHTS = {Source.QUERY: 3.0, Source.SIMILAR: 2.0}
"""Of a source where more was found than may be kept; others 1. By experience."""
SMOOTH = 60
"""k of reciprocal rank fusion, 1 / (k + rank): Cormack, Clarke and Büttcher, SIGIR 2009."""
OF_A_SHOP = 4
"""Goods that a store near by brings."""
CATEGORIES = 3
Sources = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    most: int = 400
    of_source: int = 200
    radius_m: float = 5_000
    detour_m: float = 2_000
    open_now: bool = True
    """Of stores: only those open at the moment."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best first: by fused ranks, ties by row."""

    rows: Rows
    sources: Sources
    """A bit of Source for each that found it."""
    scores: Scores
    """Candidates × SOURCES, each source in its own measure; 0 where it did not find it."""
    missing: tuple[str, ...] = ()
    """Parts that would have been asked and are not there."""
    read_as: tuple[str, ...] = ()
    """The words that the query was taken for, where it finds nothing as it was typed."""

    def __len__(self) -> int:
        return len(self.rows)


def recall(
    index: RecallIndex, moment: Moment, *, taste: Taste, limits: Limits = Limits()
) -> Candidates:
    """What is in hand is no candidate. Of a part that is not there the others make up."""
    asked = _Asked(index, moment, taste=taste, limits=limits)
    found = [(source, one) for source, one in asked.sources() if len(one[0])]
    rows, sources, scores = _fused(found, without=asked.basket, most=limits.most)
    return Candidates(rows, sources, scores, tuple(asked.missing), asked.read_as)


class _Asked:
    """One moment: which sources it asks, and what they find."""

    def __init__(
        self, index: RecallIndex, moment: Moment, *, taste: Taste, limits: Limits
    ) -> None:  # fmt: skip
        self._index = index
        self._moment = moment
        self._limits = limits
        self._seeds = seeds(index.goods, taste, now_us=moment.at_us)
        self.basket = index.goods.rows(moment.basket)
        self.missing: list[str] = []
        self.read_as: tuple[str, ...] = ()

    def sources(self) -> Iterator[tuple[Source, Found]]:
        moment, most = self._moment, self._limits.of_source
        if moment.query:
            yield Source.QUERY, self._query(most)
        if moment.words:
            yield Source.SCENE, self._index.scenes.match(moment.words, limit=most // 2)
        if moment.here is not None:
            yield Source.NEAR, self._stores(moment.here, most // 2)
        if moment.route:
            yield Source.ROUTE, self._stores(moment.route, most // 2)
        yield from self._learned(most)
        yield Source.FRESH, self._index.fresh.at(moment.at_us, limit=most // 4)

    def _query(self, most: int) -> Found:
        found = self._index.search.find(self._moment.query, limit=most)
        self.read_as = found.read_as
        return found.rows, found.scores

    def _learned(self, most: int) -> Iterator[tuple[Source, Found]]:
        learned = self._index.learned
        if learned is None:
            self.missing.append("learned")
            yield Source.POPULAR, self._listed(most // 2)
            return
        moment = self._moment
        hand = with_basket(self._seeds, self.basket) if len(self.basket) else self._seeds
        if len(hand[0]):
            yield Source.SIMILAR, learned.similar.to(*hand, limit=most)
            yield Source.CATEGORY, self._of_categories(learned.popular, hand, most=most // 4)
        cold = not len(hand[0]) and not moment.query
        wanted = self._limits.most if cold else most // 2
        popular = learned.popular.at(moment.touchpoint, moment.hour, limit=wanted)
        yield Source.POPULAR, popular

    def _listed(self, most: int) -> Found:
        """Before anything was learned: as they stand in the catalogue, the first ones first."""
        rows = np.arange(min(most, len(self._index.goods)), dtype=np.int32)
        return rows, (1 / (1 + rows)).astype(np.float32)

    def _of_categories(self, popular: Popular, hand: Found, *, most: int) -> Found:
        """Of the categories that count most; each category's share weighs its items."""
        column = self._index.goods.category
        votes = np.bincount(column.codes[hand[0]], weights=hand[1])
        chosen = [one for one in np.argsort(-votes, kind="stable")[:CATEGORIES] if votes[one] > 0]
        parts = [popular.among(column.names[one], limit=most) for one in chosen]
        if not parts:
            return NOTHING
        rows = np.concatenate([part[0] for part in parts])
        shares = [part[1] * (votes[one] / votes.max())
                  for one, part in zip(chosen, parts, strict=True)]  # fmt: skip
        scores = np.concatenate(shares).astype(np.float32)
        order = np.lexsort((rows, -scores))[:most]
        return rows[order], scores[order]

    def _stores(self, where: Point | tuple[Point, ...], most: int) -> Found:
        """Goods of the shops of stores near by, 1 / (1 + km): each shop by its nearest store."""
        places = self._index.places
        if places is None:
            self.missing.append("places")
            return NOTHING
        at_us = self._moment.at_us if self._limits.open_now else None
        if isinstance(where, Point):
            near = places.near(where, radius_m=self._limits.radius_m, limit=most, open_at_us=at_us)
        else:
            near = places.along(where, detour_m=self._limits.detour_m, limit=most, open_at_us=at_us)
        shops: dict[str, float] = {}
        for row, away in zip(near[0].tolist(), near[1].tolist(), strict=True):
            shops.setdefault(places.shop.at(row), 1 / (1 + away / 1_000))
        goods = [self._index.of_shop(name, limit=OF_A_SHOP) for name in shops]
        rows = np.concatenate([NOTHING[0], *goods])[:most]
        scores = np.repeat(np.array([*shops.values()], np.float32), [len(one) for one in goods])
        return rows, scores[:most]


def _fused(
    found: list[tuple[Source, Found]], *, without: Rows, most: int
) -> tuple[Rows, Sources, Scores]:
    """By Σ weight / (SMOOTH + rank) over the sources that found a row."""
    every = np.concatenate([NOTHING[0], *(rows for _, (rows, _) in found)])
    rows, places = np.unique(every, return_inverse=True)
    fused = np.zeros(len(rows), np.float64)
    sources = np.zeros(len(rows), np.uint8)
    scores = np.zeros((len(rows), len(SOURCES)), np.float32)
    begun = 0
    for source, (own, values) in found:
        mine = places[begun : begun + len(own)]
        begun += len(own)
        fused[mine] += WEIGHTS.get(source, 1.0) / _RANKS[: len(own)]
        sources[mine] |= np.uint8(source)
        scores[mine, SOURCES.index(source)] = values
    if len(without):
        fused[np.isin(rows, without)] = 0
    order = np.argsort(-fused, kind="stable")[:most]
    order = order[fused[order] > 0]
    return rows[order], sources[order], scores[order]


_RANKS = SMOOTH + np.arange(1, 100_001, dtype=np.float64)
