"""One suite of the reports over every engine: DuckDB, and Spark where there is a Java."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.lake_town import VEIL, event, veil
from tests.property.lake_ground import MORNING_US, crowd_of, reading_of

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, day_number, parse_iso
from quanyu.measurement import funnels, items, overview, paths, retention, trends
from quanyu.measurement.period import Period
from quanyu.measurement.steps import Seen, Step, parse_steps
from quanyu.storage.lake import funnel as funnel_expression
from quanyu.storage.lake import items as items_expression
from quanyu.storage.lake import overview as overview_expression
from quanyu.storage.lake import paths as paths_expression
from quanyu.storage.lake import retention as retention_expression
from quanyu.storage.lake import trends as trends_expression
from quanyu.storage.lake.engine import DuckDBEngine, LakeEngine, SparkEngine
from quanyu.storage.lake.files import write_file
from quanyu.storage.lake.people import PERSON_OF
from quanyu.storage.lake.rows import table_of
from quanyu.storage.lake.schema import FILE_SCHEMA
from quanyu.storage.lake.snapshot import Part, Snapshot
from quanyu.storage.lake.table import Reading

# Spark's own client leaves its socket to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
NOON_US = parse_iso("2026-03-10T12:00:00+08:00")
SEEDS = (1, 2, 3)


def spark_or_skip() -> LakeEngine:
    if shutil.which("java") is None:
        pytest.skip("no Java runtime on this machine")
    return SparkEngine()


@pytest.fixture(scope="module", params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request: pytest.FixtureRequest) -> Iterator[LakeEngine]:
    made = DuckDBEngine() if request.param == "duckdb" else spark_or_skip()
    yield made
    made.close()


def ask(engine: LakeEngine, seen: list[Seen], report: Any) -> Any:
    with reading_of(engine, seen) as reading:
        return report(reading)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("crowd_max", [0, 64], ids=["line", "pairs"])
def test_funnel(engine: LakeEngine, seed: int, crowd_max: int) -> None:
    seen = crowd_of(seed, events=80, people=4)
    query = funnels.FunnelQuery(
        parse_steps("view,add_to_cart,payment_completed"),
        window_us=Random(seed).choice((HOUR_US, DAY_US, 30 * DAY_US)),
    )
    ours = ask(engine, seen, lambda r: funnel_expression.funnel(r, query, crowd_max=crowd_max))
    assert ours == funnels.evaluate(query, seen)


@pytest.mark.parametrize("seed", SEEDS)
def test_funnel_with_conditions_and_repeated_steps(engine: LakeEngine, seed: int) -> None:
    seen = crowd_of(seed, events=80, people=4)
    steps = (
        Step("view"),
        Step("view", (("category", ("美妆", 7)), ("touchpoint", ("taobao.search",)))),
        Step("payment_completed", (("size", (5, "5")),)),
    )
    query = funnels.FunnelQuery(steps, window_us=5 * DAY_US)
    ours = ask(engine, seen, lambda r: funnel_expression.funnel(r, query))
    assert ours == funnels.evaluate(query, seen)


@pytest.mark.parametrize("by", ["kind", "touchpoint", "touchpoint:kind"])
def test_paths(engine: LakeEngine, by: Any) -> None:
    seen = crowd_of(5, events=80, people=4)
    query = paths.PathsQuery(by=by, gap_us=40 * MINUTE_US, length=3, top=6)
    ours = ask(engine, seen, lambda r: paths_expression.paths(r, query))
    assert ours == paths.evaluate(query, seen)


@pytest.mark.parametrize("first", [None, "view"])
def test_retention(engine: LakeEngine, first: str | None) -> None:
    seen = crowd_of(6, events=80, people=9)
    query = retention.RetentionQuery(days=5, first=first)
    ours = ask(engine, seen, lambda r: retention_expression.retention(r, query))
    assert ours == retention.evaluate(query, seen)


@pytest.mark.parametrize("top", [1, 5])
def test_top_items(engine: LakeEngine, top: int) -> None:
    seen = crowd_of(7, events=80, people=4)
    query = items.TopItemsQuery(top=top, where=(("category", ("美妆", "生鲜", 7)),))
    ours = ask(engine, seen, lambda r: items_expression.top_items(r, query))
    assert ours == items.evaluate(query, seen)


@pytest.mark.parametrize("seed", SEEDS)
def test_overview(engine: LakeEngine, seed: int) -> None:
    seen = crowd_of(seed, events=80, people=4)
    query = overview.OverviewQuery(Period(MORNING_US + HOUR_US, MORNING_US + 3 * DAY_US))
    ours = ask(engine, seen, lambda r: overview_expression.overview(r, query))
    assert ours == overview.evaluate(query, seen)


@pytest.mark.parametrize("subject", ["category", "item", "touchpoint"])
def test_trends(engine: LakeEngine, subject: Any) -> None:
    seen = crowd_of(8, events=200, people=9)
    query = trends.TrendsQuery(day_number(MORNING_US) + 3, days=2, subject=subject)
    ours = ask(engine, seen, lambda r: trends_expression.trends(r, query, veil=veil(2)))
    assert ours == trends.evaluate(query, seen, veil=veil(2))


REPORTS = {
    "funnel": lambda r: funnel_expression.funnel(r, funnels.FunnelQuery(parse_steps("view,click"))),
    "paths": lambda r: paths_expression.paths(r, paths.PathsQuery()),
    "retention": lambda r: retention_expression.retention(r, retention.RetentionQuery()),
    "top_items": lambda r: items_expression.top_items(r, items.TopItemsQuery()),
    "overview": lambda r: overview_expression.overview(r, overview.OverviewQuery()),
    "trends": lambda r: trends_expression.trends(r, trends.TrendsQuery(20_000), veil=VEIL),
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_merchant_without_events_gets_an_empty_report(engine: LakeEngine, name: str) -> None:
    answer = ask(engine, [], REPORTS[name])
    figures = [v for v in (getattr(answer, f) for f in answer.__struct_fields__) if v]
    assert all(isinstance(v, str | int | list) for v in figures)


def test_files_and_hot_events_are_one_table(engine: LakeEngine, tmp_path: Path) -> None:
    """Files of two days, hot events, times to the microsecond, props of every type."""
    some = [
        event(f"e{n}", NOON_US + n * 9 * HOUR_US + n, props={"category": "美妆", "n": n, "x": 0.5})
        for n in range(6)
    ]
    cold = tmp_path / "merchant=1" / "day=2026-03-10" / "1-4.1.parquet"
    write_file(cold, table_of(range(1, 5), some[:4], nodes=[1, 2, 1, 2]))
    hot = table_of(range(5, 7), some[4:], nodes=[1, 3])
    with engine.session() as session:
        reading = Reading(session, Snapshot((Part((str(cold),), hot),), PERSON_OF.empty_table()))
        rows = reading.rows(
            reading.events.select(
                "event_id", "at", "at_us", "person", n=reading.events.props.get("n")
            ).order_by("event_id")
        )
    assert [row["event_id"] for row in rows] == [e.event_id for e in some]
    assert [row["at_us"] for row in rows] == [e.at_us for e in some]
    assert [row["at"].microsecond for row in rows] == list(range(6))
    assert rows[0]["at"].isoformat() == "2026-03-10T04:00:00"
    assert [row["person"] for row in rows] == [1, 2, 1, 2, 1, 3]
    assert [row["n"] for row in rows] == ["0", "1", "2", "3", "4", "5"]


def test_people_are_followed_over_their_nodes(engine: LakeEngine) -> None:
    """Seen on one node, bought on another that belongs to the same person."""
    seen = [
        Seen(1, event("a", NOON_US, kind="view")),
        Seen(1, event("b", NOON_US + SECOND_US, kind="payment_completed")),
    ]
    query = funnels.FunnelQuery(parse_steps("view,payment_completed"))
    found = ask(engine, seen, lambda r: funnel_expression.funnel(r, query))
    assert [step.people for step in found.steps] == [1, 1]
    assert found.steps[1].median_seconds == 1.0


def test_own_tables_join_the_events(engine: LakeEngine) -> None:
    import pyarrow as pa

    with reading_of(engine, crowd_of(9, events=50, people=5)) as reading:
        chosen = reading.memory(pa.table({"person": pa.array([1, 2], pa.int64())}))
        kept = reading.events.semi_join(chosen, "person")
        people = reading.rows(kept.select("person").distinct().order_by("person"))
    assert [row["person"] for row in people] == [1, 2]


def test_the_schema_of_a_file_is_read_the_same(engine: LakeEngine, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_file(path, table_of([1], [event("e", NOON_US, props={"k": "v"})], nodes=[1]))
    with engine.session() as session:
        reading = Reading(
            session,
            Snapshot((Part((str(path),), FILE_SCHEMA.empty_table()),), PERSON_OF.empty_table()),
        )
        row = reading.rows(reading.events)[0]
    assert set(row) == {*FILE_SCHEMA.names, "at", "person"}
    assert dict(row["props"]) == {"k": '"v"'}
    assert row["identifiers"][0]["kind"] == "taobao_id"


@pytest.mark.parametrize("dialect", ["duckdb", "pyspark"])
def test_gap_no_times_from_microseconds(dialect: str) -> None:
    """When this fails the gap has closed: make ``at`` in the expression, not in the sessions."""
    import ibis
    from ibis.common.exceptions import IbisError

    numbers = ibis.table({"at_us": "int64"}, name="numbers")
    at = numbers.select(at=numbers.at_us.as_timestamp("us"))
    with pytest.raises(IbisError):
        ibis.to_sql(at, dialect=dialect)
