"""The real sample through log and lake: the reports agree with figures counted from the file."""

import csv
import gzip
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from tests.lake_town import TOKENISER, Town, town_of

from quanyu.clock import SECOND_US, FixedClock
from quanyu.events.event import Event
from quanyu.measurement.funnels import FunnelQuery
from quanyu.measurement.items import TopItemsQuery
from quanyu.measurement.overview import OverviewQuery
from quanyu.measurement.steps import parse_steps
from quanyu.storage.postgres.database import Database

NAME = "taobao_userbehavior_sample.csv.gz"
KINDS = {"pv": "view", "cart": "add_to_cart", "fav": "favourite", "buy": "payment_completed"}
COUNTED = {
    "view": (98_361, 60_993),
    "add_to_cart": (6_063, 5_608),
    "favourite": (3_383, 3_026),
    "payment_completed": (2_493, 2_407),
}


def sample() -> Path:
    folders = [Path(p) / "shared" / "data" for p in Path(__file__).parents]
    named = os.environ.get("QUANYU_TAOBAO_SAMPLE")
    found = [p for p in ([Path(named)] if named else [f / NAME for f in folders]) if p.exists()]
    if not found:
        pytest.skip("the Taobao sample is not on this machine (QUANYU_TAOBAO_SAMPLE)")
    return found[0]


def events(path: Path) -> Iterator[Event]:
    with gzip.open(path, "rt") as lines:
        for n, (who, item, category, behaviour, unix) in enumerate(csv.reader(lines)):
            yield Event(
                event_id=f"t{n}",
                kind=KINDS[behaviour],
                version=1,
                at_us=int(unix) * SECOND_US,
                received_us=int(unix) * SECOND_US,
                touchpoint="taobao",
                identifiers=(("taobao_id", TOKENISER.token("taobao_id", who)),),
                item=item,
                props={"category": category},
            )


@pytest.fixture
def town(database: Database, data_dir: Path, clock: FixedClock) -> Town:
    rows = events(sample())
    town = town_of(database, data_dir / "lake", clock)
    while batch := list(islice(rows, 20_000)):
        town.take_in(*batch)
    assert town.writer.flush() == 110_300
    return town


def test_the_figures_of_the_sample(town: Town) -> None:
    found = town.reports.overview("demo", OverviewQuery())
    assert {c.name: (c.events, c.people) for c in found.kinds} == COUNTED
    assert (found.events, found.buyers, found.gmv_fen) == (110_300, 2_407, 0)
    assert [day.day for day in found.days] == ["2017-11-26"]
    funnel = town.reports.funnel(
        "demo", FunnelQuery(parse_steps("view,add_to_cart,payment_completed"))
    )
    assert funnel.steps[0].people == 60_993
    people = [step.people for step in funnel.steps]
    assert people == sorted(people, reverse=True)
    hours = town.reports.top_items("demo", TopItemsQuery(top=3)).hours
    assert [hour.hour[:13] for hour in hours] == ["2017-11-26T09", "2017-11-26T10", "2017-11-26T11"]
    assert all(len(hour.items) == 3 for hour in hours)
