"""Goods and what was learned as plain arrays, and back: what an index saves."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from quanyu.decisions.goods import Column, Goods
from quanyu.decisions.recall.best import Found
from quanyu.decisions.recall.learned import Learned
from quanyu.decisions.recall.neighbours import Neighbours
from quanyu.decisions.recall.popular import Popular
from quanyu.decisions.recall.similar import Similar

Array = npt.NDArray[Any]
Arrays = dict[str, Array]


class Popularity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One level, its rows in the file of all levels."""

    name: str
    band: int | None
    """None: the name is that of a category."""
    size: int


def levels_of(popular: Popular) -> list[tuple[tuple[str, int | None], Found]]:
    levels: list[tuple[tuple[str, int | None], Found]] = [
        (level, found) for level, found in popular.levels.items()
    ]
    return levels + [((name, None), found) for name, found in popular.of_category.items()]


def arrays_of_goods(goods: Goods) -> Arrays:
    vocabulary: dict[str, int] = {}
    flat = [vocabulary.setdefault(word, len(vocabulary)) for word in chain(*goods.words)]
    return {
        **_texts("ids", goods.ids),
        **_texts("titles", goods.titles),
        **_texts("vocabulary", tuple(vocabulary)),
        **_texts("shops", goods.shop.names),
        **_texts("categories", goods.category.names),
        "words": np.array(flat, np.int32),
        "word_counts": np.fromiter(map(len, goods.words), np.int32, len(goods)),
        "shop": goods.shop.codes,
        "category": goods.category.codes,
        "price_fen": goods.price_fen,
        "since_us": goods.since_us,
    }


def goods_of(arrays: Arrays) -> Goods:
    vocabulary = _read_texts(arrays, "vocabulary")
    words = [vocabulary[code] for code in arrays["words"].tolist()]
    ends = np.cumsum(arrays["word_counts"]).tolist()
    ids = _read_texts(arrays, "ids")
    return Goods(
        ids=ids,
        row_of={id: row for row, id in enumerate(ids)},
        titles=_read_texts(arrays, "titles"),
        words=tuple(tuple(words[a:b]) for a, b in zip([0, *ends], ends, strict=False)),
        shop=Column(_read_texts(arrays, "shops"), arrays["shop"]),
        category=Column(_read_texts(arrays, "categories"), arrays["category"]),
        price_fen=arrays["price_fen"],
        since_us=arrays["since_us"],
    )


def arrays_of_learned(learned: Learned | None) -> Arrays:
    if learned is None:
        return {}
    levels = [found for _, found in levels_of(learned.popular)]
    arrays: Arrays = {
        "popular_rows": np.concatenate([np.empty(0, np.int32), *(rows for rows, _ in levels)]),
        "popular_scores": np.concatenate([np.empty(0, np.float32), *(one for _, one in levels)]),
    }
    for name, one in (("ease", learned.similar.ease), ("pairs", learned.similar.covisit)):
        arrays |= {f"{name}_starts": one.starts, f"{name}_rows": one.rows,
                   f"{name}_scores": one.scores}  # fmt: skip
    return arrays


def similar_of(arrays: Arrays, goods: Goods) -> Similar:
    """Raises AssertionError where it is of other goods."""
    linear = _neighbours(arrays, "ease", goods=goods)
    return Similar(linear, _neighbours(arrays, "pairs", goods=goods))


def _neighbours(arrays: Arrays, name: str, *, goods: Goods) -> Neighbours:
    found = Neighbours(*(arrays[f"{name}_{part}"] for part in ("starts", "rows", "scores")))
    assert len(found) == len(goods), f"{name} is of other goods"
    return found


def popular_of(arrays: Arrays, listed: Iterable[Popularity]) -> Popular:
    popular, begun = Popular({}, {}), 0
    for one in listed:
        span = slice(begun, begun + one.size)
        found = arrays["popular_rows"][span], arrays["popular_scores"][span]
        begun += one.size
        if one.band is None:
            popular.of_category[one.name] = found
        else:
            popular.levels[one.name, one.band] = found
    return popular


def _texts(name: str, texts: Sequence[str]) -> Arrays:
    bodies = [text.encode("utf-8", "surrogatepass") for text in texts]
    sizes = np.fromiter(map(len, bodies), np.int32, len(bodies))
    return {name: np.frombuffer(b"".join(bodies), np.uint8), f"{name}_sizes": sizes}


def _read_texts(arrays: Arrays, name: str) -> tuple[str, ...]:
    body = arrays[name].tobytes()
    ends = np.cumsum(arrays[f"{name}_sizes"], dtype=np.int64).tolist()
    return tuple(
        body[a:b].decode("utf-8", "surrogatepass") for a, b in zip([0, *ends], ends, strict=False)
    )
