"""Shows over HTTP on a real database: each test is a merchant of its own."""

from collections.abc import Iterator
from itertools import count

import pytest
from fastapi import FastAPI
from tests.conftest import FreshDatabases
from tests.engine_ground import KEY
from tests.orders_ground import Door
from tests.shows_ground import STARTS_US
from tests.unit.content.pieces import WordGate

from quanyu.clock import MINUTE_US, FixedClock
from quanyu.compliance.policy import Policy
from quanyu.content.library.rules import Rules
from quanyu.interfaces.api.application import create_app
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

_numbers = count(1)


@pytest.fixture(scope="module")
def database(fresh_databases: FreshDatabases) -> Iterator[Database]:
    """One for all: each test is a merchant of its own, which sees nothing of the others."""
    url = fresh_databases.take()
    with Database(url) as opened:
        yield opened
    fresh_databases.discard(url)


@pytest.fixture(scope="module")
def clock() -> FixedClock:
    return FixedClock(STARTS_US)


@pytest.fixture(scope="module")
def running(
    database: Database, clock: FixedClock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), master_key_given=KEY)
    made = Engine(settings, database, clock=clock)
    vars(made)["content_rules"] = Rules(WordGate(), Policy(), clock)
    yield made
    made.close()


@pytest.fixture
def engine(running: Engine, clock: FixedClock) -> Engine:
    """Each test begins an hour before the show."""
    clock.advance(STARTS_US - 60 * MINUTE_US - clock.now_us())
    return running


@pytest.fixture(scope="module")
def app(running: Engine) -> FastAPI:
    return create_app(running)


@pytest.fixture
def shop() -> str:
    return f"护肤{next(_numbers)}"


@pytest.fixture
def door(app: FastAPI, engine: Engine, shop: str) -> Door:
    """``engine`` is there for its clock."""
    return Door(app, shop)
