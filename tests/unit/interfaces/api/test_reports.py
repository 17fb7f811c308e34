"""The routes of the reports: the same JSON as the commands, behind a key."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from tests.asgi import Client
from tests.lake_town import VEIL, Town, event, town_of

from quanyu.clock import DAY_US, FixedClock
from quanyu.interfaces.api import reports
from quanyu.interfaces.api.problems import answer_failures
from quanyu.measurement.funnels import FunnelQuery
from quanyu.measurement.steps import parse_steps
from quanyu.storage.postgres.access import ApiKeys
from quanyu.storage.postgres.database import Database

ROUTES = ("overview", "funnel", "paths", "retention", "top-items", "trends")


@pytest.fixture
def town(database: Database, data_dir: Path, clock: FixedClock) -> Town:
    town = town_of(database, data_dir / "lake", clock)
    at_us = clock.now_us() - DAY_US
    town.take_in(event("a", at_us, item="i", props={"city": "上海"}))
    town.take_in(event("b", at_us + 1, kind="add_to_cart", item="i"))
    town.take_in(event("x", at_us), merchant="other")
    return town


@pytest.fixture
def app(town: Town) -> FastAPI:
    app = FastAPI()
    answer_failures(app)
    app.include_router(reports.router)
    access = ApiKeys(town.database, town.clock)
    app.state.quanyu = SimpleNamespace(
        reports=town.reports, clock=town.clock, access=access, group_veil=VEIL
    )
    return app


def client(app: FastAPI, *scopes: str, merchant: str = "demo") -> Client:
    key: Any = app.state.quanyu.access.create(merchant, scopes or ["reports:read"])
    secret = key[0] if isinstance(key, tuple) else getattr(key, "secret", key)
    return Client(app, headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize("route", ROUTES)
def test_every_report_answers(app: FastAPI, route: str) -> None:
    answer = client(app).get(f"/v1/reports/{route}")
    assert answer.status_code == 200
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("route", ROUTES)
def test_a_key_without_the_scope_is_turned_away(app: FastAPI, route: str) -> None:
    assert client(app, "events:read").get(f"/v1/reports/{route}").status_code == 403
    assert Client(app).get(f"/v1/reports/{route}").status_code == 401


def test_the_same_json_as_the_service(app: FastAPI, town: Town) -> None:
    query = FunnelQuery(parse_steps("view,add_to_cart"))
    ours = msgspec.to_builtins(town.reports.funnel("demo", query))
    answer = client(app).get("/v1/reports/funnel?steps=view,add_to_cart")
    assert answer.json() == ours
    posted = client(app).post("/v1/reports/funnel", json={"steps": ["view", "add_to_cart"]})
    assert posted.json() == ours


def test_a_key_sees_its_merchant_only(app: FastAPI) -> None:
    assert client(app, merchant="other").get("/v1/reports/overview").json()["events"] == 1


def test_a_funnel_with_conditions(app: FastAPI) -> None:
    form = {
        "steps": [{"kind": "view", "where": {"city": ["上海"]}}, "add_to_cart"],
        "window": "2h",
        "from": "2026-03-01",
        "where": {"item": "i"},
    }
    wide = client(app, "reports:read", "persons:read")
    answer = wide.post("/v1/reports/funnel", json=form).json()
    assert ([step["people"] for step in answer["steps"]], answer["k"]) == ([1, 1], 0)
    narrow = client(app).post("/v1/reports/funnel", json=form).json()
    assert ([step["people"] for step in narrow["steps"]], narrow["k"]) == ([0, 0], 10)


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("funnel?steps=buy", "steps"),
        ("funnel?window=soon", "window"),
        ("funnel?where=city", "where"),
        ("overview?from=2026-03-11&to=2026-03-10", "from"),
        ("paths?by=person", "by"),
        ("retention?days=0", "days"),
        ("top-items?kind=buy", "kind"),
        ("trends?subject=person", "subject"),
    ],
)
def test_bad_input_names_the_field(app: FastAPI, address: str, field: str) -> None:
    answer = client(app).get(f"/v1/reports/{address}")
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field


@pytest.mark.parametrize(
    "form", [{}, {"steps": []}, {"steps": [{}]}, {"steps": ["view"], "were": 1}, {"steps": "view"}]
)
def test_forms_that_are_no_funnel(app: FastAPI, form: dict[str, Any]) -> None:
    answer = client(app).post("/v1/reports/funnel", json=form)
    assert answer.status_code in (400, 422)
    assert "error" in answer.json()
