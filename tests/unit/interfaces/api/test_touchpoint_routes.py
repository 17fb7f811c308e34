"""Touchpoints over HTTP: the ecosystem of the installation, and no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from tests.orders_ground import Door, error_of

from quanyu.clock import FixedClock
from quanyu.errors import BadInput
from quanyu.interfaces.api.application import create_app
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine


@pytest.fixture
def app(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[FastAPI]:
    engine = Engine(Settings(data_dir=data_dir, ecosystem="linli"), database, clock=clock)
    yield create_app(engine)
    engine.close()


def test_the_ecosystem_and_one_touchpoint(app: FastAPI) -> None:
    door = Door(app, scope="campaigns:read")
    whole = door.get("touchpoints").json()
    assert whole["id"] == "linli"
    assert len(whole["touchpoints"]) == 9
    one = door.get("touchpoints/screen.shelf").json()
    assert one in whole["touchpoints"]
    assert error_of(door.get("touchpoints/taobao.home"))["status"] == 404


def test_a_key_without_the_scope(app: FastAPI) -> None:
    door = Door(app, scope="offers:read")
    assert error_of(door.get("touchpoints"))["status"] == 403


def test_a_file_that_cannot_be_used_says_where(
    database: Database, clock: FixedClock, data_dir: Path, tmp_path: Path
) -> None:
    file = tmp_path / "ours.toml"
    file.write_text('id = "x"\nlabel = "X"\n[apps]\na = "A"\n[[touchpoint]]\nid = "a.b"\n')
    engine = Engine(Settings(data_dir=data_dir, ecosystem=str(file)), database, clock=clock)
    with pytest.raises(BadInput, match=r"ours\.toml: touchpoint 'a\.b'"):
        _ = engine.ecosystem
    engine.close()
