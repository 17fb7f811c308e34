"""Migrations: forward from every released state, by several starters at once, cheap when done."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from tests.conftest import create_database, drop_database

from quanyu.errors import StorageUnavailable
from quanyu.storage.postgres import migrations
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.migrations import known, migrate, pending

SHAPE = """
SELECT 'column', table_name, column_name, data_type, is_nullable, column_default
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'index', tablename, indexname, indexdef, '', ''
  FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', ''
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'function', proname, '', pg_get_functiondef(oid), '', ''
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


def shape(url: str) -> list[str]:
    """Everything that makes up the schema, but for the tool's own tables and column order."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(SHAPE).fetchall()
    return sorted(str(row) for row in rows if "yoyo" not in row[1])


def seeds(url: str) -> dict[str, int]:
    """Rows that a fresh schema starts with."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename NOT LIKE '%yoyo%'"
        ).fetchall()
        return {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # type: ignore
            for (table,) in tables
        }


@pytest.fixture(scope="module")
def fresh_install(server: EmbeddedPostgres) -> Iterator[str]:
    url = create_database(server)
    migrate(url)
    yield url
    drop_database(server, url)


@pytest.mark.parametrize("state", known())
def test_every_released_state_reaches_the_schema_of_a_fresh_install(
    empty_database_url: str, fresh_install: str, state: str
) -> None:
    ran = migrate(empty_database_url, upto=state)
    assert ran == [name for name in known() if name <= state]
    ran += migrate(empty_database_url)
    assert ran == known()
    assert shape(empty_database_url) == shape(fresh_install)
    assert seeds(empty_database_url) == seeds(fresh_install)


def test_a_database_that_is_up_to_date_is_left_alone(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert pending(connection) == []
    assert migrate(database_url) == []


def test_a_migration_that_comes_between_released_ones_still_runs(empty_database_url: str) -> None:
    first, second, *rest = known()
    migrations.apply(empty_database_url, [first])
    migrations.apply(empty_database_url, rest[:1])
    assert migrate(empty_database_url) == [second, *rest[1:]]


def test_starters_at_once_take_turns(empty_database_url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        ran = list(threads.map(lambda _: migrate(empty_database_url), range(4)))
    assert sorted(ran, key=len)[-1] == known()
    assert sum(map(bool, ran)) == 1


def test_a_starter_that_died_while_migrating_does_not_lock_the_next_one_out(
    empty_database_url: str,
) -> None:
    migrate(empty_database_url, upto=known()[0])
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO yoyo_lock (locked, pid) VALUES (1, 4242)")
    assert migrate(empty_database_url) == known()[1:]


def test_the_tool_is_loaded_only_when_something_is_pending(database_url: str) -> None:
    program = (
        "import sys; from quanyu.storage.postgres.migrations import migrate; "
        "migrate(sys.argv[1]); print('yoyo' in sys.modules)"
    )
    order = [sys.executable, "-c", program, database_url]
    assert subprocess.run(order, capture_output=True, text=True).stdout == "False\n"


def test_no_server_is_an_outage() -> None:
    with pytest.raises(StorageUnavailable):
        migrate("postgresql://x@/quanyu?host=%2Fnowhere&port=5432")


@pytest.mark.parametrize("name", known())
def test_each_migration_has_a_number_of_its_own_and_says_what_it_is_for(name: str) -> None:
    number = name.split(".")[0]
    assert number.isdigit()
    assert len(number) == 4
    assert [other.split(".")[0] for other in known()].count(number) == 1
    assert (migrations.FOLDER / f"{name}.sql").read_text().startswith("-- ")
