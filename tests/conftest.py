"""Shared ground of the tests: one embedded server per run, one fresh database per test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from quanyu.clock import FixedClock, parse_iso
from quanyu.customers.privacy.assessments import Assessment, Switch, features
from quanyu.storage.postgres.assessments import PostgresAssessments
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.migrations import migrate

settings.register_profile(
    "quanyu",
    print_blob=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("thorough", settings.get_profile("quanyu"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quanyu"))

_numbers = count(1)
MEMORY = Path("/dev/shm")
ROOM_BYTES = 8 << 30
FAR_US = parse_iso("2100-01-01T00:00:00+08:00")


def pytest_configure() -> None:
    """Throw-away data lives in memory where there is room: a database is copied in a tenth of a
    second there, in two on a slow disk that several tests write to."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ROOM_BYTES:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Drills and walks are few and long: they begin first, so that no worker waits for the last."""
    items.sort(
        key=lambda item: not (item.get_closest_marker("drill") or "walks" in item.path.parts)
    )


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    """A throw-away server that may lose data in a power cut, and is quick for it."""
    directory = Path(tempfile.mkdtemp(prefix="quanyu-test-"))
    directory.chmod(0o711)
    embedded = EmbeddedPostgres(directory, durable=False)
    try:
        embedded.start()
        yield embedded
    finally:
        embedded.destroy()
        shutil.rmtree(directory)


class FreshDatabases:
    """Migrated databases, each used once. The next one is copied while a test uses this one."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        migrate(server.url)
        assess(server.url)
        self._server = server
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="databases")
        self._next = self._worker.submit(create_database, server, "quanyu")

    def take(self) -> str:
        url = self._next.result()
        self._next = self._worker.submit(create_database, self._server, "quanyu")
        return url

    def discard(self, url: str) -> None:
        self._worker.submit(drop_database, self._server, url)

    def close(self) -> None:
        self._worker.shutdown()


@pytest.fixture(scope="session")
def fresh_databases(server: EmbeddedPostgres) -> Iterator[FreshDatabases]:
    databases = FreshDatabases(server)
    yield databases
    databases.close()


def assess(url: str) -> None:
    """An impact assessment that covers everything: tests are about what comes after it."""
    filed = Assessment(
        id="TESTS", subject="tests", features=features(), risks="none", measures="no people",
        approver="tests", valid_until_us=FAR_US, filed_us=1, filed_by="tests",
    )  # fmt: skip
    store = PostgresAssessments()
    with Database(url) as database, database.transaction() as tx:
        store.file(tx, filed)
        for feature in features():
            store.switch(tx, Switch(feature, True, 1, "tests", filed))


def create_database(server: EmbeddedPostgres, template: str = "template1") -> str:
    """URL of a new database that belongs to the ordinary role."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server.maintenance_url, autocommit=True) as connection:
        connection.execute("SET file_copy_method = clone")
        connection.execute(
            f"CREATE DATABASE {name} OWNER quanyu TEMPLATE {template} STRATEGY file_copy"
        )
    return server.url_of("quanyu", name)


def drop_database(server: EmbeddedPostgres, url: str) -> None:
    name = url.partition("@/")[2].partition("?")[0]
    with psycopg.connect(server.maintenance_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(fresh_databases: FreshDatabases) -> Iterator[str]:
    """A migrated database of its own."""
    url = fresh_databases.take()
    yield url
    fresh_databases.discard(url)


@pytest.fixture
def empty_database_url(server: EmbeddedPostgres) -> Iterator[str]:
    """A database in which no migration has run."""
    url = create_database(server)
    yield url
    drop_database(server, url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with Database(database_url) as opened:
        yield opened


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    directory = tmp_path / "data"
    directory.mkdir(mode=0o700)
    return directory


@pytest.fixture
def clock() -> FixedClock:
    """Noon of a Tuesday in China."""
    return FixedClock(parse_iso("2026-03-10T12:00:00+08:00"))
