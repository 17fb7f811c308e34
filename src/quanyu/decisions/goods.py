"""What can be shown, as columns: a row per item, so that recall and ranking work on numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int32]
Amounts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """An item as decisions look at it."""

    id: str
    title: str
    shop: str
    category: str
    """The narrowest."""
    price_fen: int
    words: tuple[str, ...] = ()
    """Tokens of title, category, selling points and attributes."""
    since_us: int = 0
    """On sale since."""


@dataclass(frozen=True, slots=True)
class Column:
    """A text column: ``names[codes[row]]``."""

    names: tuple[str, ...]
    codes: Codes

    @classmethod
    def of(cls, values: Iterable[str]) -> "Column":
        places: dict[str, int] = {}
        codes = np.fromiter((places.setdefault(one, len(places)) for one in values), np.int32)
        return cls(tuple(places), codes)

    def at(self, row: int) -> str:
        return self.names[int(self.codes[row])]


@dataclass(frozen=True, slots=True)
class Goods:
    """Immutable: a new catalogue is a new one, put in the place of the old in one step."""

    ids: tuple[str, ...]
    row_of: Mapping[str, int]
    titles: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    shop: Column
    category: Column
    price_fen: Amounts
    since_us: Amounts

    @classmethod
    def of(cls, goods: Iterable[Good]) -> "Goods":
        """Rows in the order given; ids must not repeat."""
        listed = tuple(goods)
        row_of = {one.id: row for row, one in enumerate(listed)}
        assert len(row_of) == len(listed), "an id stands twice"
        return cls(
            ids=tuple(one.id for one in listed),
            row_of=row_of,
            titles=tuple(one.title for one in listed),
            words=tuple(one.words for one in listed),
            shop=Column.of(one.shop for one in listed),
            category=Column.of(one.category for one in listed),
            price_fen=np.fromiter((one.price_fen for one in listed), np.int64, len(listed)),
            since_us=np.fromiter((one.since_us for one in listed), np.int64, len(listed)),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, ids: Iterable[str]) -> Rows:
        """Of those that are known, in order."""
        found = (self.row_of.get(one) for one in ids)
        return np.fromiter((row for row in found if row is not None), np.int32)
