"""One engine per module; every test has people of its own."""

from collections.abc import Iterator

import pytest
from tests.conftest import FreshDatabases
from tests.engine_ground import KEY, faults, settled

from quanyu.clock import FixedClock, parse_iso
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")


@pytest.fixture(scope="module")
def engine(
    fresh_databases: FreshDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    url = fresh_databases.take()
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), master_key_given=KEY)
    with Database(url) as database:
        made = Engine(settings, database, clock=FixedClock(NOON_US))
        yield made
        settled(made)
        assert faults(made) == {}
        made.close()
    fresh_databases.discard(url)
