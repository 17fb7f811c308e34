"""Each report has two evaluators: plain Python, and an expression run by an engine. On any events
and any query both give the same answer."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lake_town import veil
from tests.property.lake_ground import KINDS, MORNING_US, STEP_US, TOUCHPOINTS, crowds, reading_of

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, day_number
from quanyu.measurement import funnels, items, overview, paths, retention, trends
from quanyu.measurement.period import ALL_TIME, Period
from quanyu.measurement.steps import Seen, Step
from quanyu.storage.lake import funnel as funnel_expression
from quanyu.storage.lake import items as items_expression
from quanyu.storage.lake import overview as overview_expression
from quanyu.storage.lake import paths as paths_expression
from quanyu.storage.lake import retention as retention_expression
from quanyu.storage.lake import trends as trends_expression
from quanyu.storage.lake.engine import DuckDBEngine
from quanyu.storage.lake.table import Reading

few = settings(max_examples=40)

periods = st.one_of(
    st.just(ALL_TIME),
    st.builds(
        lambda start, length: Period(
            MORNING_US + start * STEP_US, MORNING_US + (start + length) * STEP_US
        ),
        st.integers(-3, 100),
        st.integers(1, 300),
    ),
)
wheres = st.sampled_from(
    (
        (),
        (("touchpoint", ("taobao.search",)),),
        (("category", ("美妆", "生鲜")),),
        (("category", (7,)),),
        (("size", (5,)), ("touchpoint", TOUCHPOINTS)),
        (("size", ("5", 5.0)),),
        (("vip", (True,)),),
        (("item", ("i1", 3)),),
        (("amount", (1, "1")),),
    )
)
steps = st.builds(Step, st.sampled_from(KINDS), wheres)
funnel_queries = st.builds(
    funnels.FunnelQuery,
    steps=st.lists(steps, min_size=1, max_size=4).map(tuple),
    window_us=st.sampled_from((1, STEP_US, HOUR_US, DAY_US, 30 * DAY_US)),
    period=periods,
    where=wheres,
)
plain_funnels = st.builds(
    funnels.FunnelQuery,
    steps=st.permutations(KINDS).flatmap(
        lambda kinds: st.integers(1, 4).map(lambda n: tuple(Step(k) for k in kinds[:n]))
    ),
    window_us=st.sampled_from((1, STEP_US, HOUR_US, DAY_US)),
)
paths_queries = st.builds(
    paths.PathsQuery,
    by=st.sampled_from(("kind", "touchpoint", "touchpoint:kind")),
    gap_us=st.sampled_from((MINUTE_US, STEP_US, DAY_US)),
    length=st.integers(1, 5),
    top=st.integers(1, 30),
    conversions=st.sampled_from(((), ("payment_completed",), ("view", "refund_completed"))),
    period=periods,
    where=wheres,
)
retention_queries = st.builds(
    retention.RetentionQuery,
    days=st.integers(1, 8),
    first=st.sampled_from((None, "view")),
    again=st.sampled_from((None, "payment_completed")),
    period=periods,
)
items_queries = st.builds(
    items.TopItemsQuery,
    kind=st.sampled_from(KINDS),
    top=st.integers(1, 3),
    period=periods,
    where=wheres,
)
overview_queries = st.builds(overview.OverviewQuery, period=periods)
trends_queries = st.builds(
    trends.TrendsQuery,
    last_day=st.integers(0, 5).map(lambda n: day_number(MORNING_US) + n),
    days=st.integers(1, 4),
    subject=st.sampled_from(("category", "item", "touchpoint")),
    kind=st.sampled_from(KINDS),
    top=st.integers(1, 5),
)

Answer = Callable[[Reading], Any]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine()
    yield made
    made.close()


def answered(engine: DuckDBEngine, seen: Sequence[Seen], ask: Answer) -> Any:
    with reading_of(engine, seen) as reading:
        return ask(reading)


@few
@given(seen=crowds, query=funnel_queries)
def test_funnels_of_any_steps(
    engine: DuckDBEngine, seen: list[Seen], query: funnels.FunnelQuery
) -> None:
    ours = answered(engine, seen, lambda r: funnel_expression.funnel(r, query))
    assert ours == funnels.evaluate(query, seen)


@few
@given(seen=crowds, query=plain_funnels)
def test_both_forms_of_a_funnel(
    engine: DuckDBEngine, seen: list[Seen], query: funnels.FunnelQuery
) -> None:
    expected = funnels.evaluate(query, seen)
    assert answered(engine, seen, lambda r: funnel_expression.funnel(r, query)) == expected
    assert (
        answered(engine, seen, lambda r: funnel_expression.funnel(r, query, crowd_max=0))
        == expected
    )


@few
@given(seen=crowds, query=paths_queries)
def test_paths(engine: DuckDBEngine, seen: list[Seen], query: paths.PathsQuery) -> None:
    ours = answered(engine, seen, lambda r: paths_expression.paths(r, query))
    assert ours == paths.evaluate(query, seen)


@few
@given(seen=crowds, query=retention_queries)
def test_retention(engine: DuckDBEngine, seen: list[Seen], query: retention.RetentionQuery) -> None:
    ours = answered(engine, seen, lambda r: retention_expression.retention(r, query))
    assert ours == retention.evaluate(query, seen)


@few
@given(seen=crowds, query=items_queries)
def test_top_items(engine: DuckDBEngine, seen: list[Seen], query: items.TopItemsQuery) -> None:
    ours = answered(engine, seen, lambda r: items_expression.top_items(r, query))
    assert ours == items.evaluate(query, seen)


@few
@given(seen=crowds, query=overview_queries)
def test_overview(engine: DuckDBEngine, seen: list[Seen], query: overview.OverviewQuery) -> None:
    ours = answered(engine, seen, lambda r: overview_expression.overview(r, query))
    assert ours == overview.evaluate(query, seen)


@few
@given(seen=crowds, query=trends_queries, k=st.integers(1, 3))
def test_trends(engine: DuckDBEngine, seen: list[Seen], query: trends.TrendsQuery, k: int) -> None:
    ours = answered(engine, seen, lambda r: trends_expression.trends(r, query, veil=veil(k)))
    assert ours == trends.evaluate(query, seen, veil=veil(k))
