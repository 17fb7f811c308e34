"""The port of reports. Engines live in ``storage``; a report of a merchant sees nobody else's."""

from typing import Protocol

from quanyu.measurement.funnels import Funnel, FunnelQuery
from quanyu.measurement.items import TopItems, TopItemsQuery
from quanyu.measurement.overview import Overview, OverviewQuery
from quanyu.measurement.paths import Paths, PathsQuery
from quanyu.measurement.retention import Retention, RetentionQuery
from quanyu.measurement.trends import Trends, TrendsQuery


class Reports(Protocol):
    """Each report sees every event that was accepted before it was asked for."""

    def overview(self, merchant: str, query: OverviewQuery) -> Overview: ...

    def funnel(self, merchant: str, query: FunnelQuery) -> Funnel: ...

    def paths(self, merchant: str, query: PathsQuery) -> Paths: ...

    def retention(self, merchant: str, query: RetentionQuery) -> Retention: ...

    def top_items(self, merchant: str, query: TopItemsQuery) -> TopItems: ...

    def trends(self, merchant: str, query: TrendsQuery) -> Trends: ...

    def industry_trends(self, query: TrendsQuery) -> Trends:
        """Over all merchants; a person counts once per merchant, and k is the wider one."""
