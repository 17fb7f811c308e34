"""The price history of this engine, and prices held against it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from quanyu.clock import CHINA_OFFSET_US, DAY_US, china_day
from quanyu.compliance.policy import DEFAULT, Policy
from quanyu.compliance.prices.ports import PriceHistory, SuggestedPrices
from quanyu.compliance.prices.reviewing import History, ShopItem, review_prices
from quanyu.compliance.prices.trades import Trade
from quanyu.compliance.showing import PriceShown, Showing
from quanyu.compliance.verdict import Verdict

Tx = TypeVar("Tx")
SHOWN_DAYS = 30
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Prices(Generic[Tx]):
    transaction: Callable[[], AbstractContextManager[Tx]]
    store: PriceHistory[Tx]
    makers: SuggestedPrices[Tx]
    policy: Policy = DEFAULT

    def trades(self, merchant: str, of: ShopItem, *, at_us: int) -> Sequence[Trade]:
        """As much of the history of an item as decides about a comparison at that moment."""
        with self.transaction() as tx:
            return self.trades_in(tx, merchant, of=of, at_us=at_us)

    def trades_in(self, tx: Tx, merchant: str, *, of: ShopItem, at_us: int) -> Sequence[Trade]:
        since_us = at_us - max(SHOWN_DAYS, self.policy.rise_days) * DAY_US
        before = self.store.last_before(tx, merchant, of=of, before_us=since_us)
        near = self.store.trades(tx, merchant, of=of, since_us=since_us, until_us=at_us)
        return [*before, *near]

    def suggested(self, merchant: str, of: ShopItem) -> int | None:
        """What the maker suggests, in fen."""
        with self.transaction() as tx:
            return self.makers.suggested(tx, merchant, of=[of]).get(of)

    def review(
        self,
        merchant: str,
        shown: Sequence[PriceShown],
        *,
        at_us: int,
        reasons: Mapping[ShopItem, str] | None = None,
    ) -> Verdict:
        """By what this engine has on record; ``reasons`` say why prices went up before."""
        with self.transaction() as tx:
            return self.review_in(tx, merchant, shown=shown, at_us=at_us, reasons=reasons or {})

    def review_showing(self, showing: Showing, *, now_us: int) -> Verdict:
        """Its prices, as of now on its day, else as of that day's first moment in China."""
        if not showing.prices:
            return Verdict()
        midnight_us = (showing.on - EPOCH).days * DAY_US - CHINA_OFFSET_US
        at_us = now_us if china_day(now_us) == showing.on else midnight_us
        return self.review(showing.merchant, showing.prices, at_us=at_us)

    def review_in(
        self,
        tx: Tx,
        merchant: str,
        *,
        shown: Sequence[PriceShown],
        at_us: int,
        reasons: Mapping[ShopItem, str],
    ) -> Verdict:
        """In the transaction of what is to be shown."""
        said = {
            (one.shop, one.item): one.suggested_fen
            for one in shown
            if one.reference_fen is not None
        }
        open_ones = [of for of, fen in said.items() if fen is None]
        known = self.makers.suggested(tx, merchant, of=open_ones) if open_ones else {}
        histories = {
            of: History(
                trades=self.trades_in(tx, merchant, of=of, at_us=at_us),
                suggested_fen=known.get(of) if fen is None else fen,
                rise_reason=reasons.get(of, ""),
            )
            for of, fen in said.items()
        }
        return review_prices(shown, histories, at_us=at_us, policy=self.policy)
