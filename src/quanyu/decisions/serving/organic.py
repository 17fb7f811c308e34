"""What earns its place: items by what recall and ranking say, stores by distance, pieces by scene,
offers by what is in hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import msgspec
import numpy as np

from quanyu.decisions.moment import Moment
from quanyu.decisions.rank.features import Matrix, Pool, feature_matrix
from quanyu.decisions.rank.rerank import Draw, Listing, Variety
from quanyu.decisions.rank.scored import Scored, Shares
from quanyu.decisions.recall.geo import bucket_of
from quanyu.decisions.recall.recalling import SOURCES, Candidates, Limits, Source, recall
from quanyu.decisions.serving.answer import Slot
from quanyu.decisions.serving.explanation import Drawn
from quanyu.decisions.serving.grounds import Asked, Grounds, OfferShown
from quanyu.decisions.taste import Taste
from quanyu.touchpoints.touchpoint import Kind, Touchpoint

BUY_WORTH = 10.0
"""A purchase counts as much as so many clicks."""
EXPLORE_EVERY = 5
EPSILON = 0.1
VARIETY = 0.3
PER_SHOP = 3
OTHER_EVERY = 5
"""Each fifth slot goes to another kind than the first, where there is any."""
SOURCE_NAMES = tuple(str(one.name).lower() for one in SOURCES)
REASONS = {
    Source.QUERY: "与搜索相关", Source.NEAR: "就在附近", Source.ROUTE: "顺路",
    Source.SIMILAR: "和看过的相近", Source.SCENE: "适合现在", Source.FRESH: "新品",
    Source.CATEGORY: "常看的品类", Source.POPULAR: "大家在看",
}  # fmt: skip
"""The first that holds is told."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """Candidates with what ranking thinks of them, in the order of recall."""

    candidates: Candidates
    features: Matrix
    scored: Scored

    @property
    def value(self) -> Shares:
        found: Shares = self.scored.click + BUY_WORTH * self.scored.buy
        return found


def scoring(grounds: Grounds, moment: Moment, *, taste: Taste, touchpoint: Touchpoint) -> Scoring:
    candidates = recall(grounds.index, moment, taste=taste, limits=_limits(touchpoint))
    pool = Pool(candidates.rows, SOURCE_NAMES, candidates.scores)
    features = features_of(pool, grounds, moment=moment, taste=taste)
    return Scoring(candidates, features, grounds.ranker.at(touchpoint.id).score(features))


def features_of(pool: Pool, grounds: Grounds, *, moment: Moment, taste: Taste) -> Matrix:
    return feature_matrix(
        pool, shelf=grounds.shelf, habits=grounds.habits, taste=taste, moment=moment
    )


def _limits(touchpoint: Touchpoint) -> Limits:
    plain = Limits()
    return Limits(
        radius_m=touchpoint.radius_m or plain.radius_m,
        detour_m=plain.detour_m if touchpoint.detour_m is None else touchpoint.detour_m,
    )


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
    """The ranked list, one place at a time. Chance is drawn from the trace."""

    def __init__(self, grounds: Grounds, made: Scoring, *, chance: Random) -> None:
        self._goods, self._made, self._chance = grounds.index.goods, made, chance
        self._order = np.argsort(-made.value, kind="stable")
        explore = frozenset(range(EXPLORE_EVERY, 101, EXPLORE_EVERY))
        self._listing = Listing(
            made.candidates.rows[self._order], made.value[self._order], goods=self._goods,
            variety=Variety(weight=VARIETY, per_shop=PER_SHOP, epsilon=EPSILON, explore=explore),
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


def organic(
    asked: Asked, grounds: Grounds, moment: Moment, *, made: Scoring, most: int
) -> list[Choice]:  # fmt: skip
    """The list as it would be without ads, ``most`` long where there is enough to show."""
    touchpoint = asked.touchpoint
    supplies: dict[str, Iterator[Choice]] = {
        "item": iter(Items(grounds, made, chance=Random(asked.trace))),  # noqa: S311
        "store": map(_sure, stores(grounds, moment, touchpoint=touchpoint)),
        "content": map(_sure, pieces(grounds, moment, label=touchpoint.ad_label)),
        "offer": map(_sure, offers(grounds, moment)),
    }
    found: list[Choice] = []
    while len(found) < most:
        tried = (next(supplies[kind], None) for kind in kind_at(touchpoint.kinds, len(found)))
        one = next((choice for choice in tried if choice is not None), None)
        if one is None:
            break
        found.append(one)
    return found


def _sure(slot: Slot) -> Choice:
    return Choice(slot, Drawn(position=0, kind=slot.kind, id=slot.id))


def stores(grounds: Grounds, moment: Moment, *, touchpoint: Touchpoint) -> Iterator[Slot]:
    """Open ones, nearest first; those of a shop or category that was asked for before the rest."""
    places = grounds.index.places
    if places is None or not len(places):
        return
    limits = _limits(touchpoint)
    if moment.route:
        found = places.along(moment.route, detour_m=limits.detour_m, open_at_us=moment.at_us)
    elif moment.here is not None:
        found = places.near(moment.here, radius_m=limits.radius_m, open_at_us=moment.at_us)
    else:
        return
    asked = set(moment.query)
    matched = [bool(asked & _words_of(grounds, int(row))) for row in found[0]]
    order = np.lexsort((found[1], ~np.array(matched, np.bool_)))
    for at in order.tolist():
        row = int(found[0][at])
        told = bucket_of(float(found[1][at]))
        reason = "顺路" if moment.route else "就在附近"
        yield Slot(
            position=0, kind="store", id=places.ids[row], title=places.shop.at(row),
            reason=f"{reason}，与搜索相关" if matched[at] else reason,
            distance=None if moment.route else told,
        )  # fmt: skip


def _words_of(grounds: Grounds, row: int) -> set[str]:
    places = grounds.index.places
    assert places is not None
    place = places.listed[row]
    return set(grounds.words.of(place.shop, place.category))


def pieces(grounds: Grounds, moment: Moment, *, label: str) -> Iterator[Slot]:
    """By the words of the scene. Who sells in a piece marks it (令72 Art 9)."""
    contents = grounds.index.contents
    if contents is None or not moment.words:
        return
    for row in contents.match(moment.words, limit=20)[0].tolist():
        one = contents.listed[row]
        yield Slot(position=0, kind="content", id=one.id, reason="与正在看的有关")


def offers(grounds: Grounds, moment: Moment) -> Iterator[Slot]:
    """For what is in hand first, then of its shops, then of everybody's; the rest is not shown."""
    goods = grounds.index.goods
    rows = goods.rows(moment.basket)
    shops = {goods.shop.at(int(row)) for row in rows}
    categories = {goods.category.at(int(row)) for row in rows}

    def closeness(one: OfferShown) -> int:
        if one.shop is not None and one.shop not in shops:
            return 0
        if set(one.items) & set(moment.basket) or set(one.categories) & categories:
            return 3
        if one.items or one.categories:
            return 0
        return 2 if one.shop is not None else 1

    close = [(closeness(one), one) for one in grounds.offers]
    for near, one in sorted(close, key=lambda pair: (-pair[0], pair[1].id)):
        if near:
            yield Slot(position=0, kind="offer", id=one.id, offer=one.id, title=one.title,
                       reason="刚买过的店，下次可用" if near > 1 else "全场可用")  # fmt: skip


def kind_at(kinds: Sequence[Kind], place: int) -> Sequence[Kind]:
    """In which order kinds are tried for the organic slot ``place`` (from 0)."""
    plain = [one for one in kinds if one != "ad"]
    if len(plain) > 1 and place % OTHER_EVERY == OTHER_EVERY - 1:
        other = plain[1 + place // OTHER_EVERY % (len(plain) - 1)]
        return [other, *(one for one in plain if one != other)]
    return plain
