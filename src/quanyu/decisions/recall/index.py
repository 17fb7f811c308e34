"""Everything that recall looks into, immutable: a newer one takes its place in one assignment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np

from quanyu.decisions.goods import Goods, Rows
from quanyu.decisions.recall.best import NOTHING
from quanyu.decisions.recall.ease import Told
from quanyu.decisions.recall.fresh import Fresh
from quanyu.decisions.recall.geo import Places
from quanyu.decisions.recall.interactions import Interactions
from quanyu.decisions.recall.learned import Learned, fit, moved
from quanyu.decisions.recall.scenes import Content, Contents, Scenes
from quanyu.decisions.recall.search import Search
from quanyu.decisions.recall.words import Synonyms


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What there is to show: goods, stores, contents."""

    goods: Goods
    places: Places | None = None
    contents: tuple[Content, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallIndex:
    """``None`` stands for a part that is not there."""

    goods: Goods
    synonyms: Synonyms
    built_us: int
    """When the goods were read."""
    search: Search
    scenes: Scenes
    fresh: Fresh
    shelves: Mapping[str, Rows]
    """Rows of each shop, the most used first."""
    places: Places | None
    contents: Contents | None
    learned: Learned | None

    @classmethod
    def of(
        cls, catalogue: Catalogue, synonyms: Synonyms, *, now_us: int,
        learned: Learned | None = None,
    ) -> "RecallIndex":  # fmt: skip
        """``learned`` stands over these very goods."""
        goods, contents = catalogue.goods, catalogue.contents
        return cls(
            goods=goods,
            synonyms=synonyms,
            built_us=now_us,
            search=Search(goods, synonyms),
            scenes=Scenes(goods.words, synonyms),
            fresh=Fresh.of(goods),
            shelves=_shelves(goods, learned),
            places=catalogue.places,
            contents=None if contents is None else Contents(contents, synonyms),
            learned=learned,
        )

    @property
    def catalogue(self) -> Catalogue:
        contents = None if self.contents is None else self.contents.listed
        return Catalogue(goods=self.goods, places=self.places, contents=contents)

    def of_shop(self, name: str, *, limit: int) -> Rows:
        """The most used first; none of a shop that sells nothing here."""
        return self.shelves.get(name, NOTHING[0])[:limit]


def _shelves(goods: Goods, learned: Learned | None) -> dict[str, Rows]:
    used = np.zeros(len(goods), np.float32)
    if learned is not None:
        for rows, scores in learned.popular.of_category.values():
            used[rows] = scores
    codes = goods.shop.codes
    order = np.lexsort((np.arange(len(goods)), -used, codes)).astype(np.int32)
    ends = np.cumsum(np.bincount(codes, minlength=len(goods.shop.names)))
    return dict(zip(goods.shop.names, np.split(order, ends[:-1]), strict=False))


class Refresher:
    """Holds the index that answers now. A next one is built beside it, by one at a time; who asks
    meanwhile is answered by the old one."""

    def __init__(self, index: RecallIndex) -> None:
        self.current = index
        self._building = Lock()

    def renew(self, catalogue: Catalogue, *, now_us: int) -> RecallIndex:
        """New items stand in search, scenes and fresh, gone ones nowhere; what was learned is
        kept."""
        with self._building:
            old = self.current
            if _reads_alike(old.goods, catalogue.goods):
                self.current = _around(old, catalogue, now_us=now_us)
                return self.current
            learned = old.learned and moved(old.learned, old.goods, after=catalogue.goods)
            self.current = RecallIndex.of(
                catalogue, old.synonyms, now_us=now_us, learned=learned
            )  # fmt: skip
            return self.current

    def refit(
        self, interactions: Interactions, *, now_us: int, told: Told = lambda done, of: None
    ) -> RecallIndex:
        """Learned anew; ``interactions`` are over the goods of the index of now. Raises BadInput,
        and then the old one stays."""
        with self._building:
            old = self.current
            learned = fit(old.goods, interactions, now_us=now_us, told=told)
            self.current = replace(old, learned=learned, shelves=_shelves(old.goods, learned))
            return self.current


def _reads_alike(one: Goods, other: Goods) -> bool:
    """Are they found by the same words, in the same rows, shops and categories?"""
    return (
        one.ids == other.ids
        and one.words == other.words
        and one.shop.names == other.shop.names
        and one.category.names == other.category.names
        and np.array_equal(one.shop.codes, other.shop.codes)
        and np.array_equal(one.category.codes, other.category.codes)
    )


def _around(index: RecallIndex, catalogue: Catalogue, *, now_us: int) -> RecallIndex:
    """Search and scenes stay as they are: to make them again is what takes long."""
    contents = catalogue.contents
    return replace(
        index,
        goods=catalogue.goods,
        built_us=now_us,
        fresh=Fresh.of(catalogue.goods),
        places=catalogue.places,
        contents=None if contents is None else Contents(contents, index.synonyms),
    )


def empty_index(synonyms: Synonyms, *, now_us: int = 0) -> RecallIndex:
    """Of a merchant who has listed nothing."""
    return RecallIndex.of(Catalogue(goods=Goods.of(())), synonyms, now_us=now_us)
