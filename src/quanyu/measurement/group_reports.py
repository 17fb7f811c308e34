"""Reports for a key that may read figures and no persons."""

from dataclasses import dataclass, replace

from quanyu.errors import BadInput
from quanyu.measurement.disclosure import Veil
from quanyu.measurement.funnels import Funnel, FunnelQuery
from quanyu.measurement.groups import (
    funnel_of_a_group,
    is_narrowed,
    is_whole_days,
    items_of_a_group,
    paths_of_a_group,
)
from quanyu.measurement.items import TOP_MAX as ITEMS_MAX
from quanyu.measurement.items import TopItems, TopItemsQuery
from quanyu.measurement.overview import Overview, OverviewQuery
from quanyu.measurement.paths import TOP_MAX as PATHS_MAX
from quanyu.measurement.paths import Paths, PathsQuery
from quanyu.measurement.period import Period
from quanyu.measurement.reports import Reports
from quanyu.measurement.retention import Retention, RetentionQuery
from quanyu.measurement.trends import Trends, TrendsQuery


@dataclass(frozen=True, slots=True)
class GroupReports:
    """The port ``Reports`` for a key that may read figures and no persons."""

    reports: Reports
    veil: Veil

    def overview(self, merchant: str, query: OverviewQuery) -> Overview:
        _must_be_whole_days(query.period)
        return self.reports.overview(merchant, query)

    def funnel(self, merchant: str, query: FunnelQuery) -> Funnel:
        found = self.reports.funnel(merchant, query)
        if not is_narrowed(query):
            return found
        return funnel_of_a_group(query, found, veil=self._of(merchant))

    def paths(self, merchant: str, query: PathsQuery) -> Paths:
        if not is_narrowed(query):
            return self.reports.paths(merchant, query)
        found = self.reports.paths(merchant, replace(query, top=PATHS_MAX))
        return paths_of_a_group(query, found, veil=self._of(merchant))

    def retention(self, merchant: str, query: RetentionQuery) -> Retention:
        _must_be_whole_days(query.period)
        return self.reports.retention(merchant, query)

    def top_items(self, merchant: str, query: TopItemsQuery) -> TopItems:
        if not is_narrowed(query):
            return self.reports.top_items(merchant, query)
        found = self.reports.top_items(merchant, replace(query, top=ITEMS_MAX))
        return items_of_a_group(query, found, veil=self._of(merchant))

    def trends(self, merchant: str, query: TrendsQuery) -> Trends:
        return self.reports.trends(merchant, query)

    def industry_trends(self, query: TrendsQuery) -> Trends:
        return self.reports.industry_trends(query)

    def _of(self, merchant: str) -> Veil:
        return self.veil.of("group", merchant)


def _must_be_whole_days(period: Period) -> None:
    if not is_whole_days(period):
        raise BadInput("from", "use whole days; hours need a key with persons:read")
