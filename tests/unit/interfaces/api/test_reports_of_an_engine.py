"""From the intake to the report, over the whole application: what a shop sent is what it reads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.asgi import Client
from tests.engine_ground import SHOES, TEA, opened, paid, said, settled, tell

from quanyu.clock import DAY_US, HOUR_US, FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    """Yesterday: eleven people look at tea, one of them buys; a shoe shop has one look."""
    with opened(database, clock, data_dir) as engine:
        at_us = clock.now_us() - DAY_US
        people = [{"taobao_id": f"p{n}"} for n in range(11)]
        props = {"category": "茶叶"}
        looks = [said(f"v{n}", who, at_us=at_us, props=props) for n, who in enumerate(people)]
        tell(engine, TEA, *looks, paid("b", people[0], at_us=at_us + HOUR_US))
        tell(engine, SHOES, looks[0])
        settled(engine)
        yield engine


def reader(engine: Engine, merchant: str) -> Client:
    key: Any = engine.access.create(merchant, ["reports:read"])
    secret = key[0] if isinstance(key, tuple) else getattr(key, "secret", key)
    return Client(create_app(engine), headers={"Authorization": f"Bearer {secret}"})


def test_one_shops_figures(engine: Engine) -> None:
    ask = reader(engine, TEA)
    found = ask.get("/v1/reports/overview").json()
    assert (found["people"], found["events"], found["gmv_fen"]) == (11, 12, 12_900)
    steps = ask.get("/v1/reports/funnel?steps=view,payment_completed&window=1h").json()["steps"]
    assert [step["people"] for step in steps] == [11, 1]
    assert steps[1]["median_seconds"] == 3600.0
    trend = ask.get("/v1/reports/trends?days=1").json()
    assert [(t["subject"], t["index"]) for t in trend["trends"]] == [("茶叶", None)]
    assert trend["trends"][0]["visits"] in (10, 20), "eleven, to a multiple of ten"
    assert ask.get("/v1/reports/trends?days=1").json() == trend, "and always the same one"
    assert ask.get("/v1/reports/trends?days=1&kind=payment_completed").json()["trends"] == []
    engine.lake.flush()
    assert ask.get("/v1/reports/overview").json() == found
    other = reader(engine, SHOES).get("/v1/reports/overview").json()
    assert (other["events"], other["gmv_fen"]) == (1, 0)


def test_bad_questions_name_field_and_mend(engine: Engine) -> None:
    ask = reader(engine, TEA)
    for address, field, mend in (
        ("funnel?where=category", "where", "write field=value"),
        ("overview?from=2026-02-30", "from", "2026-05-01"),
        ("paths?gap=0m", "gap", "longer than nothing"),
        ("trends?to=soon", "to", "2026-05-01"),
        ("retention?again=came", "again", "no kind of event"),
    ):
        answer = ask.get(f"/v1/reports/{address}")
        error = answer.json()["error"]
        assert (answer.status_code, error["field"]) == (400, field)
        assert mend in str(error)
