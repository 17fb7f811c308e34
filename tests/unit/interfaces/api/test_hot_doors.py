"""Hot routes are answered before the framework, in the same forms."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from tests.asgi import Client
from tests.engine_ground import opened

from quanyu.clock import FixedClock
from quanyu.interfaces.api import hot_doors
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database

HOT = sorted(hot_doors.DOORS)


@pytest.fixture
def app(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[FastAPI]:
    with opened(database, clock, data_dir) as engine:
        yield create_app(engine)


@pytest.mark.parametrize("path", HOT)
def test_each_is_documented_as_any_other(app: FastAPI, path: str) -> None:
    assert "post" in app.openapi()["paths"][path]


@pytest.mark.parametrize("path", HOT)
def test_who_has_no_key_is_told_so(app: FastAPI, path: str) -> None:
    answer = Client(app).post(path, json=[])
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "no_key")


@pytest.mark.parametrize("path", HOT)
def test_another_method_is_the_framework_s(app: FastAPI, path: str) -> None:
    answer = Client(app).request("DELETE", path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "http_error")


@pytest.mark.parametrize("path", HOT)
def test_a_defect_is_answered_without_its_inside(
    app: FastAPI, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And raised, so that the server writes it down."""

    async def broken(_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setitem(hot_doors.DOORS, path, broken)
    answer = Client(app).post(path, json=[])
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "secret" not in answer.text
