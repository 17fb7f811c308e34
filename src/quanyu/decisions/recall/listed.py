"""What merchants list, as recall looks at it: items on sale, open stores, published pieces."""

from collections.abc import Callable, Iterable, Iterator

from quanyu.content.piece import Piece
from quanyu.decisions.goods import Good
from quanyu.decisions.recall.geo import Place
from quanyu.decisions.recall.scenes import Content
from quanyu.decisions.recall.words import Words
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store

Since = Callable[[Item], int]
"""Microseconds since 1970 from which an item has been on sale; 0 where nobody knows."""
PIECE_TEXT_MAX = 2_000
"""Characters of a piece that say what it is about, behind its title and scene."""


def goods_of(items: Iterable[Item], words: Words, *, since: Since) -> Iterator[Good]:
    """Those on sale; what is withheld is read as off sale."""
    return (good_of(one, words, since_us=since(one)) for one in items if one.offered)


def good_of(item: Item, words: Words, *, since_us: int) -> Good:
    """Its words are those of title, categories, selling points and attributes."""
    texts = (item.title, *item.category, *item.selling_points, *item.attributes.values())
    return Good(
        id=item.id,
        title=item.title,
        shop=item.shop,
        category=item.category[-1] if item.category else "",
        price_fen=item.price_fen,
        words=words.of(*texts),
        since_us=since_us,
    )


def places_of(stores: Iterable[Store]) -> Iterator[Place]:
    """Those that are open at all."""
    return (
        Place(
            id=one.id,
            lat=one.lat,
            lng=one.lng,
            shop=one.shop,
            name=one.name,
            category=one.categories[-1] if one.categories else "",
            hours=one.hours,
        )
        for one in stores
        if one.offered
    )


def contents_of(pieces: Iterable[Piece], words: Words) -> Iterator[Content]:
    for one in pieces:
        said = " ".join(segment.text for segment in one.segments)[:PIECE_TEXT_MAX]
        yield Content(
            one.id, words.of(one.title, *one.scene, said), title=one.title, sells=one.sells
        )
