"""A shop's visitors as plain values, and reports over them by definition alone: no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.lake_town import event

from quanyu.clock import CHINA_OFFSET_US, DAY_US, HOUR_US, MINUTE_US
from quanyu.measurement import funnels, items, overview, paths, retention, trends
from quanyu.measurement.funnels import Funnel, FunnelQuery
from quanyu.measurement.items import TopItems, TopItemsQuery
from quanyu.measurement.overview import Overview, OverviewQuery
from quanyu.measurement.paths import Paths, PathsQuery
from quanyu.measurement.retention import Retention, RetentionQuery
from quanyu.measurement.steps import Seen
from quanyu.measurement.trends import Trends, TrendsQuery, veil_of

DAY = 20_000
"""Number of the first day."""
SECRET = b"reports"


def midnight_us(day: int) -> int:
    return (DAY + day) * DAY_US - CHINA_OFFSET_US


def visit(person: int, day: int = 0, *, paid: bool = False, **about: Any) -> list[Seen]:
    """Somebody looks at an item at nine, and perhaps pays ten minutes later."""
    item = about.pop("item", "tea")
    at_us, told = midnight_us(day) + 9 * HOUR_US + person, {"category": "茶", **about}
    seen = [Seen(person, event(f"v{person}-{day}", at_us, item=item, props=told))]
    if paid:
        later = event(
            f"p{person}-{day}", at_us + 10 * MINUTE_US, kind="payment_completed", item=item,
            props=told, amount_fen=9_900,
        )  # fmt: skip
        seen.append(Seen(person, later))
    return seen


@dataclass
class PlainReports:
    """The port ``Reports`` by the definitions in plain Python; merchant → what was seen."""

    of: dict[str, Sequence[Seen]] = field(default_factory=dict)

    def overview(self, merchant: str, query: OverviewQuery) -> Overview:
        return overview.evaluate(query, self.of[merchant])

    def funnel(self, merchant: str, query: FunnelQuery) -> Funnel:
        return funnels.evaluate(query, self.of[merchant])

    def paths(self, merchant: str, query: PathsQuery) -> Paths:
        return paths.evaluate(query, self.of[merchant])

    def retention(self, merchant: str, query: RetentionQuery) -> Retention:
        return retention.evaluate(query, self.of[merchant])

    def top_items(self, merchant: str, query: TopItemsQuery) -> TopItems:
        return items.evaluate(query, self.of[merchant])

    def trends(self, merchant: str, query: TrendsQuery) -> Trends:
        return trends.evaluate(query, self.of[merchant], veil=veil_of(SECRET, merchant))

    def industry_trends(self, query: TrendsQuery) -> Trends:
        """A person counts once per merchant."""
        everything = [
            Seen(1_000_000 * number + one.person, one.event)
            for number, seen in enumerate(self.of.values())
            for one in seen
        ]
        return trends.evaluate(query, everything, veil=veil_of(SECRET, None))


def all_of(*visits: Iterable[Seen]) -> list[Seen]:
    return [seen for one in visits for seen in one]
