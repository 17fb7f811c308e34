"""The reports over the lake."""

from quanyu.measurement.funnels import Funnel, FunnelQuery
from quanyu.measurement.items import TopItems, TopItemsQuery
from quanyu.measurement.overview import Overview, OverviewQuery
from quanyu.measurement.paths import Paths, PathsQuery
from quanyu.measurement.retention import Retention, RetentionQuery
from quanyu.measurement.trends import Trends, TrendsQuery, veil_of
from quanyu.storage.lake import funnel, items, overview, paths, retention, trends
from quanyu.storage.lake.table import Lake


class LakeReports:
    """Each report sees every event that was accepted before it was asked for."""

    def __init__(self, lake: Lake, *, secret: bytes) -> None:
        """``secret`` rounds what is told of groups; it must outlive the process."""
        self._lake = lake
        self._secret = secret

    def overview(self, merchant: str, query: OverviewQuery) -> Overview:
        return self._lake.answer(
            merchant, lambda r: overview.overview(r, query), period=query.period
        )

    def funnel(self, merchant: str, query: FunnelQuery) -> Funnel:
        return self._lake.answer(merchant, lambda r: funnel.funnel(r, query), period=query.period)

    def paths(self, merchant: str, query: PathsQuery) -> Paths:
        return self._lake.answer(merchant, lambda r: paths.paths(r, query), period=query.period)

    def retention(self, merchant: str, query: RetentionQuery) -> Retention:
        return self._lake.answer(
            merchant, lambda r: retention.retention(r, query), period=query.period
        )

    def top_items(self, merchant: str, query: TopItemsQuery) -> TopItems:
        return self._lake.answer(merchant, lambda r: items.top_items(r, query), period=query.period)

    def trends(self, merchant: str, query: TrendsQuery) -> Trends:
        return self._trends(merchant, query)

    def industry_trends(self, query: TrendsQuery) -> Trends:
        """Over all merchants; a person counts once per merchant, and k is the wider one."""
        return self._trends(None, query)

    def _trends(self, merchant: str | None, query: TrendsQuery) -> Trends:
        veil = veil_of(self._secret, merchant)
        return self._lake.answer(merchant, lambda r: trends.trends(r, query, veil=veil))
