"""The pretend market's goods, meals, places and cities, read from catalogue.toml."""

from functools import cache
from importlib import resources

import msgspec


class Goods(msgspec.Struct, frozen=True):
    category: str
    code: str
    words: tuple[str, ...]
    items: int
    price_fen: tuple[int, int]
    content: tuple[str, ...]
    traits: tuple[str, ...]
    """What titles say besides, in turn."""


class Meals(msgspec.Struct, frozen=True):
    cuisine: str
    code: str
    price_fen: tuple[int, int]


class Places(msgspec.Struct, frozen=True):
    kind: str
    code: str
    stores: tuple[str, ...]


class City(msgspec.Struct, frozen=True):
    name: str
    code: str
    lat: float
    lng: float
    weight: int


class Catalogue(msgspec.Struct, frozen=True):
    goods: tuple[Goods, ...]
    meals: tuple[Meals, ...]
    places: tuple[Places, ...]
    cities: tuple[City, ...]


@cache
def catalogue() -> Catalogue:
    text = resources.files(__package__).joinpath("catalogue.toml").read_bytes()
    return msgspec.toml.decode(text, type=Catalogue)


def item_id(goods: Goods, number: int) -> str:
    return f"{goods.code}-{number:03d}"


def store_id(city: City, place: Places | Meals, *, number: int) -> str:
    return f"{city.code}-{place.code}-{number}"


def item_price_fen(goods: Goods, number: int) -> int:
    """Prices spread evenly over the range and end in 90 fen, as they do in shops."""
    low, high = goods.price_fen
    return low + (high - low) * number // max(1, goods.items - 1) // 100 * 100 + 90
