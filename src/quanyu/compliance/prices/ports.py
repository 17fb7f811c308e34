"""Where the price history comes from. Engines live in ``storage``."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, TypeVar

from quanyu.compliance.prices.reviewing import ShopItem
from quanyu.compliance.prices.trades import Trade

In = TypeVar("In", contravariant=True)


class PriceHistory(Protocol[In]):
    def trades(
        self, tx: In, merchant: str, *, of: ShopItem, since_us: int, until_us: int
    ) -> Sequence[Trade]:
        """[since, until), oldest first; orders suspected of being fake are flagged."""

    def last_before(
        self, tx: In, merchant: str, *, of: ShopItem, before_us: int
    ) -> Sequence[Trade]:
        """Everything of the last day in China with a trade that counts; empty without one."""


class SuggestedPrices(Protocol[In]):
    def suggested(
        self, tx: In, merchant: str, *, of: Collection[ShopItem]
    ) -> Mapping[ShopItem, int]:
        """What makers suggest for these items, in fen, as far as it is on record."""
