"""Where shows are kept, and what they ask of those who sell. Engines live in ``storage``."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from quanyu.compliance.streams import Deal
from quanyu.compliance.verdict import Verdict
from quanyu.content.library.version import Version
from quanyu.content.shows.archive import Entry, Head
from quanyu.content.shows.show import Show, Standing
from quanyu.errors import Refused

In = TypeVar("In", contravariant=True)


class ShowStore(Protocol[In]):
    def take_turn(self, tx: In, merchant: str) -> None:
        """Nobody else plans shows of this merchant until commit."""

    def put(self, tx: In, merchant: str, *, standing: Standing) -> None:
        """New, or in the place of the one with that id."""

    def find(self, tx: In, merchant: str, *, show: str) -> Standing | None: ...

    def locked(self, tx: In, merchant: str, *, show: str) -> tuple[Standing, Head] | None:
        """Nobody else changes it until commit."""

    def around(self, tx: In, merchant: str, *, stretch: tuple[int, int]) -> Sequence[Standing]:
        """Those that are planned, approved or live and share a moment with it, by start."""

    def append(self, tx: In, merchant: str, *, entries: Sequence[Entry]) -> None:
        """Behind the head of their show, which they move."""

    def entries(self, tx: In, merchant: str, *, show: str) -> tuple[Sequence[Entry], Head]:
        """The archive of a show, in order."""

    def last_calls(self, tx: In, merchant: str, *, items: Sequence[str]) -> Sequence[Deal]:
        """“最后一次” of these items that was said in any show of the merchant."""


class Scripts(Protocol[In]):
    """The library, as far as shows ask it."""

    def versions(self, tx: In, merchant: str, *, piece: str) -> Sequence[Version]:
        """Oldest first; empty where there is no such piece."""


class Closing(Protocol[In]):
    """What a show brings about when its archive is closed."""

    def close(self, tx: In, merchant: str, *, show: str) -> None:
        """In that transaction; once per show."""


class Goods(Protocol[In]):
    """What the sellers know."""

    def review(self, tx: In, merchant: str, *, show: Show) -> Verdict:
        """Are its offers there, do they hold in this show alone, and does an item cost what the
        host says?"""

    def may_drop(self, tx: In, merchant: str, *, offer: str) -> Refused | None:
        """Can pieces of the batch be claimed now?"""

    def in_stock(self, tx: In, merchant: str, *, item: str) -> int | None:
        """Pieces that can be bought now; None where nobody counts them."""
