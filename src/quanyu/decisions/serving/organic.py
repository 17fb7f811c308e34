"""The page without ads: items as they are ranked, stores by distance, pieces by scene, offers by
what is in hand."""

from collections.abc import Iterator, Sequence

import numpy as np

from quanyu.decisions.guards.load import ads_allowed, page_around
from quanyu.decisions.recall.geo import bucket_of
from quanyu.decisions.serving.answer import Slot
from quanyu.decisions.serving.case import Case
from quanyu.decisions.serving.explanation import Drawn
from quanyu.decisions.serving.grounds import OfferShown
from quanyu.decisions.serving.items import Choice, Items
from quanyu.decisions.serving.scoring import Scoring, limits_of
from quanyu.touchpoints.touchpoint import Kind

OTHER_EVERY = 5
"""Each fifth slot goes to another kind than the first, where there is any."""
PIECES = 20


def organic(case: Case, made: Scoring, *, most: int) -> list[Choice]:
    """The list as it would be without ads, ``most`` long where there is enough to show."""
    supplies: dict[str, Iterator[Choice]] = {
        "item": iter(Items(case, made)),
        "store": map(_sure, stores(case)),
        "content": map(_sure, pieces(case)),
        "offer": map(_sure, offers(case)),
    }
    found: list[Choice] = []
    while len(found) < most:
        tried = (next(supplies[kind], None) for kind in kind_at(case.touchpoint.kinds, len(found)))
        one = next((choice for choice in tried if choice is not None), None)
        if one is None:
            break
        found.append(one)
    return _within_load(case, found)


def _within_load(case: Case, listed: list[Choice]) -> list[Choice]:
    """Pieces that sell are ads, and count as such; the last ones go first."""
    slots, page = case.asked.slots, case.asked.ask.context.page
    kept, selling = list(listed), [one for one in listed if one.slot.label is not None]
    while selling:
        around = page_around(page, size=min(slots, len(kept)), slots=slots)
        if len(selling) <= ads_allowed(case.touchpoint, around):
            break
        kept.remove(selling.pop())
    return kept


def _sure(slot: Slot) -> Choice:
    return Choice(slot, Drawn(position=0, kind=slot.kind, id=slot.id))


def stores(case: Case) -> Iterator[Slot]:
    """Open ones, nearest first; those of a shop or category that was asked for before the rest."""
    places, moment = case.grounds.index.places, case.moment
    if places is None or not len(places):
        return
    limits = limits_of(case.touchpoint)
    if moment.route:
        found = places.along(moment.route, detour_m=limits.detour_m, open_at_us=moment.at_us)
    elif moment.here is not None:
        found = places.near(moment.here, radius_m=limits.radius_m, open_at_us=moment.at_us)
    else:
        return
    asked = set(moment.query)
    matched = [bool(asked & _words_of(case, int(row))) for row in found[0]]
    order = np.lexsort((found[1], ~np.array(matched, np.bool_)))
    for at in order.tolist():
        row = int(found[0][at])
        told = bucket_of(float(found[1][at]))
        reason = "顺路" if moment.route else "就在附近"
        yield Slot(
            position=0, kind="store", id=places.ids[row],
            title=places.listed[row].name or places.shop.at(row),
            reason=f"{reason}，与搜索相关" if matched[at] else reason,
            distance=None if moment.route else told,
        )  # fmt: skip


def _words_of(case: Case, row: int) -> set[str]:
    places = case.grounds.index.places
    assert places is not None
    place = places.listed[row]
    return set(case.grounds.words.of(place.name, place.shop, place.category))


def pieces(case: Case) -> Iterator[Slot]:
    """By the words of the scene. One that sells is an ad, whoever paid (令72 Art 9)."""
    contents, words = case.grounds.index.contents, case.moment.words
    if contents is None or not words:
        return
    for row in contents.match(words, limit=PIECES)[0].tolist():
        one = contents.listed[row]
        if one.sells and case.spared is not None:
            continue
        label = case.touchpoint.ad_label if one.sells else None
        yield Slot(
            position=0, kind="content", id=one.id, label=label, title=one.title or None,
            reason="与正在看的有关",
        )  # fmt: skip


def offers(case: Case) -> Iterator[Slot]:
    """For what is in hand first, then of its shops, then of everybody's; the rest is not shown."""
    goods, hand = case.grounds.index.goods, case.moment.basket
    rows = goods.rows(hand)
    shops = {goods.shop.at(int(row)) for row in rows}
    categories = {goods.category.at(int(row)) for row in rows}

    def closeness(one: OfferShown) -> int:
        if one.shop is not None and one.shop not in shops:
            return 0
        if set(one.items) & set(hand) or set(one.categories) & categories:
            return 3
        if one.items or one.categories:
            return 0
        return 2 if one.shop is not None else 1

    close = [(closeness(one), one) for one in case.grounds.offers]
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
