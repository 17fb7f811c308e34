"""Where listings are kept. Engines live in ``storage``."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store

In = TypeVar("In", contravariant=True)
Listing = Item | Store
Entry = TypeVar("Entry", Item, Store)
Form = type[Any]
"""``Item`` or ``Store``."""


class ListingStore(Protocol[In]):
    """An item that the gate withholds is read as off sale."""

    def put(self, tx: In, merchant: str, *, listings: Sequence[Listing], at_us: int) -> int:
        """New, or in the place of the one with that id; returns how many were not the same."""

    def find(
        self, tx: In, merchant: str, *, form: type[Entry], ids: Collection[str]
    ) -> Sequence[Entry]:
        """Those of these ids that exist, by id."""

    def page(
        self, tx: In, merchant: str, *, form: type[Entry], after: tuple[str, int]
    ) -> Sequence[Entry]:
        """``after``: (id, how many at most). By id."""

    def stream(self, tx: In, merchant: str, *, form: type[Entry]) -> Iterator[Entry]:
        """All of them by id, a batch at a time: a catalogue is larger than a memory likes."""

    def offered(self, tx: In, merchant: str) -> Iterator[Item]:
        """Items on sale by id as they were written, also those that are withheld."""

    def industries(self, tx: In, merchant: str, *, items: Collection[str]) -> set[str | None]:
        """Of these items, as far as they exist; None stands for the merchant's."""
