"""Fixtures for folders whose tests share one engine per module, each as a merchant of its own."""

from collections.abc import Iterator

import pytest
from tests.conftest import FreshDatabases
from tests.engine_ground import KEY

from quanyu.clock import FixedClock, parse_iso
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")


@pytest.fixture(scope="module")
def database(fresh_databases: FreshDatabases) -> Iterator[Database]:
    url = fresh_databases.take()
    with Database(url) as opened:
        yield opened
    fresh_databases.discard(url)


@pytest.fixture(scope="module")
def engine(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), master_key_given=KEY)
    made = Engine(settings, database, clock=FixedClock(NOON_US))
    yield made
    made.close()


@pytest.fixture
def clock(engine: Engine) -> Iterator[FixedClock]:
    """Noon again after the test, so that none waits for another."""
    assert isinstance(engine.clock, FixedClock)
    yield engine.clock
    engine.clock.advance(NOON_US - engine.clock.now_us())
