"""What recall learns from, read by an expression and counted plainly: the same on any events."""

import os
import shutil
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.lake_ground import MORNING_US, STEP_US, crowd_of, crowds, reading_of
from tests.recall_ground import good

from quanyu.decisions.goods import Goods
from quanyu.decisions.recall.interactions import Interactions
from quanyu.decisions.taste import KINDS
from quanyu.measurement.period import Period
from quanyu.measurement.steps import Seen
from quanyu.storage.lake.engine import DuckDBEngine, LakeEngine, SparkEngine
from quanyu.storage.lake.interactions import read

GOODS = Goods.of([good("i2", "二"), good("i9", "九"), good("i1", "一")])
Deed = tuple[int, int, str, int, str]


def plainly(seen: Sequence[Seen], since_us: int) -> list[Deed]:
    """(Person, row, kind, microseconds, touchpoint) in the order of time, then of event ids."""
    wanted = [
        one for one in seen
        if one.event.kind in KINDS
        and one.event.item in GOODS.row_of
        and one.event.at_us >= since_us
    ]  # fmt: skip
    wanted.sort(key=lambda one: (one.event.at_us, one.event.event_id))
    return [
        (one.person, GOODS.row_of[one.event.item or ""], one.event.kind, one.event.at_us,
         one.event.touchpoint)
        for one in wanted
    ]  # fmt: skip


def columns(found: Interactions) -> list[Deed]:
    return [
        (person, row, KINDS[kind], at_us, found.touchpoints[place])
        for person, row, kind, at_us, place in zip(
            found.person.tolist(), found.row.tolist(), found.kind.tolist(), found.at_us.tolist(),
            found.touchpoint.tolist(), strict=True,
        )
    ]  # fmt: skip


def agrees(engine: LakeEngine, seen: Sequence[Seen], since_us: int) -> None:
    with reading_of(engine, seen) as reading:
        found = read(reading, GOODS, period=Period(since_us))
    assert columns(found) == plainly(seen, since_us)
    assert (found.row.dtype, found.kind.dtype) == ("int32", "int8")
    assert (found.person.dtype, found.at_us.dtype, found.touchpoint.dtype) == (
        "int64", "int64", "int16",
    )  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> DuckDBEngine:
    return DuckDBEngine()


@given(crowds, st.integers(-1, 60))
@settings(max_examples=30)
def test_on_any_events(engine: DuckDBEngine, seen: list[Seen], step: int) -> None:
    agrees(engine, seen, MORNING_US + step * STEP_US)


def test_of_no_goods_nothing_is_read(engine: DuckDBEngine) -> None:
    with reading_of(engine, []) as reading:
        assert len(read(reading, Goods.of(()), period=Period(0))) == 0


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")
def test_spark_reads_the_same() -> None:
    pytest.importorskip("pyspark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs a Java runtime")
    engine = SparkEngine()
    try:
        agrees(engine, crowd_of(1), MORNING_US)
    finally:
        engine.close()
