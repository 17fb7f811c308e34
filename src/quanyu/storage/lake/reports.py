"""The reports over the lake."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from quanyu.measurement.excluded import Excluded
from quanyu.measurement.funnels import Funnel, FunnelQuery
from quanyu.measurement.items import TopItems, TopItemsQuery
from quanyu.measurement.overview import PAID, Overview, OverviewQuery
from quanyu.measurement.paths import Paths, PathsQuery
from quanyu.measurement.period import Period
from quanyu.measurement.retention import Retention, RetentionQuery
from quanyu.measurement.trends import Trends, TrendsQuery, veil_of
from quanyu.storage.lake import funnel, items, overview, paths, retention, trends
from quanyu.storage.lake.filters import chosen
from quanyu.storage.lake.table import Lake, Reading

R = TypeVar("R", bound=msgspec.Struct)


class LakeReports:
    """Each report sees every event that was accepted before it was asked for."""

    def __init__(self, lake: Lake, *, secret: bytes) -> None:
        """``secret`` rounds what is told of groups; it must outlive the process."""
        self._lake = lake
        self._secret = secret

    def overview(self, merchant: str, query: OverviewQuery) -> Overview:
        return self._told(merchant, lambda r: overview.overview(r, query), period=query.period)

    def funnel(self, merchant: str, query: FunnelQuery) -> Funnel:
        return self._told(merchant, lambda r: funnel.funnel(r, query), period=query.period)

    def paths(self, merchant: str, query: PathsQuery) -> Paths:
        return self._told(merchant, lambda r: paths.paths(r, query), period=query.period)

    def retention(self, merchant: str, query: RetentionQuery) -> Retention:
        return self._told(merchant, lambda r: retention.retention(r, query), period=query.period)

    def top_items(self, merchant: str, query: TopItemsQuery) -> TopItems:
        return self._told(merchant, lambda r: items.top_items(r, query), period=query.period)

    def trends(self, merchant: str, query: TrendsQuery) -> Trends:
        return self._trends(merchant, query)

    def industry_trends(self, query: TrendsQuery) -> Trends:
        """Over all merchants; a person counts once per merchant, and k is the wider one. What was
        set aside of each merchant is left out; how much is not told, for it would tell of one."""
        return self._trends(None, query)

    def _trends(self, merchant: str | None, query: TrendsQuery) -> Trends:
        veil = veil_of(self._secret, merchant)
        return self._told(
            merchant, lambda r: trends.trends(r, query, veil=veil), period=query.period
        )

    def _told(self, merchant: str | None, ask: Callable[[Reading], R], *, period: Period) -> R:
        """The report over what is trusted, and beside it what was set aside."""

        def told(reading: Reading) -> R:
            report = ask(reading)
            if merchant is None or not reading.anything_aside:
                return report
            return msgspec.structs.replace(report, excluded=_excluded(reading, period))

        return self._lake.answer(merchant, told, period=period)


def _excluded(reading: Reading, period: Period) -> Excluded:
    aside = reading.aside()
    paid = chosen(aside.filter(aside.kind == PAID), period)
    (row,) = reading.rows(
        paid.aggregate(orders=paid.order_key.nunique(), gmv_fen=paid.amount_fen.sum())
    )
    return Excluded(int(row["orders"]), int(row["gmv_fen"] or 0))
