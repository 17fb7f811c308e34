"""Where releases are kept. Engines live in ``storage``."""

from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

from quanyu.promotions.releases.release import Release

In = TypeVar("In", contravariant=True)


class ReleaseStore(Protocol[In]):
    def put(self, tx: In, merchant: str, *, release: Release) -> None:
        """New, or in the place of the one with that id."""

    def remove(self, tx: In, merchant: str, *, release: str) -> bool:
        """False when there is none of that id."""

    def all(self, tx: In, merchant: str) -> Sequence[Release]:
        """By id."""

    def covering(
        self, tx: In, merchant: str, *, items: Collection[str], categories: Collection[str]
    ) -> Sequence[Release]:
        """Those that name one of them."""
