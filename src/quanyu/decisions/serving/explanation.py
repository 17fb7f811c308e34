"""Why this, why not that: what was recalled, dropped, ranked, sold and drawn, packed small."""

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from quanyu.decisions.recall.recalling import Source

RANKED_KEPT = 60
"""Candidates of which the scores are kept; of the rest only the order is."""


class Ranked(msgspec.Struct, frozen=True, array_like=True):
    id: str
    sources: int
    """Bits of Source."""
    click: float
    """p(click) of an impression."""
    buy: float
    """p(click and buy)."""


class Bidder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An ad that took part, or might have."""

    campaign: str
    creative: str = ""
    matched: str = ""
    """The keyword and how it matched, the scene, the category …"""
    bid_fen: int = 0
    click: float = 0.0
    why_not: str = ""
    """Empty for a winner."""
    price_fen: int | None = None
    """Per click."""
    need_fen: int | None = None
    """What would have won the last slot."""


class Ads(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    none: str = ""
    """Why there could be none at all."""
    places: tuple[int, ...] = ()
    """Positions from 1 that load and gaps allow."""
    bidders: tuple[Bidder, ...] = ()
    dropped: Mapping[str, int] = {}
    """Reason → how many campaigns."""


class Drawn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A slot as it was filled."""

    position: int
    kind: str
    id: str
    propensity: float = 1.0
    """Of this in this place, given what stands above."""
    explored: bool = False
    campaign: str = ""
    features: tuple[float, ...] = ()
    """As the ranking saw them: what is learned from is what was seen."""


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    touchpoint: str
    at_us: int
    asked: Mapping[str, Any] = {}
    """What was used of the question: no identifier, no place."""
    plain: str = ""
    """Why the answer is nobody's own."""
    sources: Mapping[str, int] = {}
    missing: tuple[str, ...] = ()
    read_as: tuple[str, ...] = ()
    ranker: str = ""
    feature_names: tuple[str, ...] = ()
    ranked: tuple[Ranked, ...] = ()
    others: tuple[str, ...] = ()
    """Ids of the candidates below, in their order."""
    dropped: Mapping[str, str] = {}
    """Id → why it could not stand there."""
    ads: Ads = Ads()
    slots: tuple[Drawn, ...] = ()
    wanted: Mapping[str, str] = {}
    """Id that the asker wanted to hear about → why it is there, or not."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Told).decode


def packed(told: Told) -> bytes:
    return zlib.compress(_encode(told), 1)


def unpacked(raw: bytes) -> Told:
    return _decode(zlib.decompress(raw))


def why(told: Told, id: str, *, known: bool) -> str:
    """Of an item, a campaign or anything that can stand in a slot. ``known``: is it listed?"""
    for slot in told.slots:
        if id in (slot.id, slot.campaign):
            drawn = "，探索位抽中" if slot.explored else ""
            return f"展示在第 {slot.position} 位{drawn}"
    if id in told.dropped:
        return f"被过滤：{told.dropped[id]}"
    for bidder in told.ads.bidders:
        if id == bidder.campaign:
            need = "" if bidder.need_fen is None else f"，需出价 {bidder.need_fen} 分"
            return f"广告未展示：{bidder.why_not or '未排上'}{need}"
    place = _place(told, id)
    if place is not None:
        return f"召回后排第 {place} 位，展示位不够"
    return "没有被任何来源召回" if known else "目录里没有在售的这个编号"


def _place(told: Told, id: str) -> int | None:
    ids: Sequence[str] = (*(one.id for one in told.ranked), *told.others)
    return ids.index(id) + 1 if id in ids else None


def explained(told: Told) -> dict[str, Any]:
    """As JSON for people and programs."""
    found: dict[str, Any] = msgspec.to_builtins(told)
    found["ranked"] = [
        {
            "id": one.id,
            "sources": [source.name.lower() for source in Source
                        if source & one.sources and source.name],
            "click": round(one.click, 6), "buy": round(one.buy, 6),
        }
        for one in told.ranked
    ]  # fmt: skip
    for slot in found.get("slots", ()):
        slot["features"] = dict(zip(told.feature_names, slot.get("features", ()), strict=False))
    found.pop("feature_names", None)
    return found
