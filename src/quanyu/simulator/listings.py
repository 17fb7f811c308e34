"""What the pretend market has on its shelves and on its maps, for merchants' listings."""

from collections.abc import Iterator

from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store
from quanyu.simulator.catalogue import Goods, catalogue, item_id, item_price_fen, store_id

ASKED = {
    "taobao.search": {"query": "电脑"},
    "amap.nearby": {"location": {"lat": 31.231, "lng": 121.474}},
}
"""Touchpoint → a question that somebody in the middle of Shanghai might have there."""
BESIDE_DEG = 0.004
"""Some 400 m between two stores of a city."""


def items() -> Iterator[Item]:
    """With the ids that the market's people look at and buy."""
    for goods in catalogue().goods:
        for number in range(goods.items):
            yield Item(
                id=item_id(goods, number), shop=f"{goods.category}旗舰店",
                title=title(goods, number), price_fen=item_price_fen(goods, number),
                state="on_sale", category=(goods.category,),
            )  # fmt: skip


def title(goods: Goods, number: int) -> str:
    word = goods.words[number % len(goods.words)]
    trait = goods.traits[number // len(goods.words) % len(goods.traits)]
    return f"{word} {trait} {number + 1}号"


def stores() -> Iterator[Store]:
    """Those that people look for on the map."""
    named = [(place, number) for place in catalogue().places for number in range(len(place.stores))]
    for city in catalogue().cities:
        for at, (place, number) in enumerate(named):
            name = place.stores[number]
            yield Store(
                id=store_id(city, place, number=number), name=name, shop=name,
                lat=round(city.lat + BESIDE_DEG * (at % 4), 6),
                lng=round(city.lng + BESIDE_DEG * (at // 4), 6),
                address=f"{city.name}市中心{at + 1}号", categories=(place.kind,),
            )  # fmt: skip
