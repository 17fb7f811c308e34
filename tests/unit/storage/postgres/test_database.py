"""Transactions: all or nothing, few connections, and failures that say whose fault it was."""

import os
import signal
import threading
from pathlib import Path

import psycopg
import pytest
from psycopg import errors as pg

from quanyu.errors import BadInput, QuanyuError, StorageFull, StorageUnavailable
from quanyu.storage.postgres import database as module
from quanyu.storage.postgres.database import Database, translated
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.sql_files import FOLDER, sql


@pytest.fixture
def notes(database: Database) -> Database:
    with database.transaction() as conn:
        conn.execute("CREATE TABLE note (text text PRIMARY KEY)")
    return database


def write(database: Database, text: str) -> None:
    with database.transaction() as conn:
        conn.execute("INSERT INTO note VALUES (%s)", [text])


def read(database: Database) -> list[str]:
    with database.transaction() as conn:
        return [row[0] for row in conn.execute("SELECT text FROM note ORDER BY 1")]


def back_end(database: Database) -> int:
    with database.transaction() as conn:
        return conn.info.backend_pid


def test_a_block_that_ends_well_is_kept(notes: Database) -> None:
    write(notes, "a")
    assert read(notes) == ["a"]


def test_a_block_that_fails_leaves_nothing(notes: Database) -> None:
    def fail() -> None:
        with notes.transaction() as conn:
            conn.execute("INSERT INTO note VALUES ('a')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert read(notes) == []


def test_a_mistake_in_sql_stays_what_it_is(notes: Database) -> None:
    write(notes, "a")
    with pytest.raises(pg.UniqueViolation):
        write(notes, "a")
    with pytest.raises(pg.UndefinedTable), notes.transaction() as conn:
        conn.execute("SELECT * FROM nothing")
    assert read(notes) == ["a"]


def test_connections_are_used_again(notes: Database) -> None:
    assert back_end(notes) == back_end(notes)


def test_a_session_runs_what_no_transaction_may(notes: Database) -> None:
    with notes.session() as conn:
        conn.execute("VACUUM note")


def test_at_most_pool_size_connections(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_S", 0.05)
    small = Database(database_url, pool_size=2)
    busy = pytest.raises(StorageUnavailable, match="busy")
    with small, small.transaction(), small.transaction(), busy, small.transaction():
        pass


def test_who_waits_gets_the_connection_that_comes_back(database_url: str) -> None:
    done: list[int] = []
    with Database(database_url, pool_size=2) as small:

        def work(number: int) -> None:
            for _ in range(20):
                with small.transaction() as conn:
                    conn.execute("SELECT 1")
            done.append(number)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert sorted(done) == list(range(8))


def test_a_back_end_that_was_terminated_meanwhile_is_not_used_again(notes: Database) -> None:
    old = back_end(notes)
    with Database(notes.url) as other, other.transaction() as conn:
        conn.execute("SELECT pg_terminate_backend(%s, 5000)", [old])
    assert back_end(notes) != old
    write(notes, "after")
    assert read(notes) == ["after"]


def test_a_back_end_that_ends_in_the_middle_is_an_outage_and_nothing_is_kept(
    notes: Database,
) -> None:
    def fail() -> None:
        with notes.transaction() as conn:
            conn.execute("INSERT INTO note VALUES ('a')")
            conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(StorageUnavailable):
        fail()
    assert read(notes) == []


def test_a_closed_database_says_so_and_takes_its_busy_connections_along(
    database_url: str,
) -> None:
    closing = Database(database_url)
    with closing.transaction() as conn:
        closing.close()
    assert conn.closed
    with pytest.raises(StorageUnavailable, match="closed"), closing.transaction():
        pass


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://x@/quanyu?host=%2Fnowhere&port=5432",
        "postgresql://x@127.0.0.1:1/quanyu",
    ],
)
def test_a_server_that_is_not_there(url: str) -> None:
    with Database(url) as absent, pytest.raises(StorageUnavailable), absent.transaction():
        pass


@pytest.mark.parametrize(
    ("raised", "seen"),
    [
        (pg.DiskFull("could not extend file"), StorageFull),
        (pg.IoError("could not write: No space left on device"), StorageFull),
        (psycopg.OperationalError("server closed the connection unexpectedly"), StorageUnavailable),
        (pg.AdminShutdown("terminating connection"), StorageUnavailable),
        (pg.CrashShutdown("because of crash of another process"), StorageUnavailable),
        (pg.CannotConnectNow("the database system is starting up"), StorageUnavailable),
        (pg.TooManyConnections("too many clients"), StorageUnavailable),
        (pg.OutOfMemory("out of memory"), StorageUnavailable),
        (pg.ConnectionFailure("lost"), StorageUnavailable),
        (psycopg.InterfaceError("the connection is closed"), StorageUnavailable),
        (pg.DeadlockDetected("deadlock"), pg.DeadlockDetected),
        (pg.SerializationFailure("retry"), pg.SerializationFailure),
        (pg.QueryCanceled("timeout"), pg.QueryCanceled),
        (pg.UniqueViolation("duplicate key"), pg.UniqueViolation),
        (pg.SyntaxError("near FORM"), pg.SyntaxError),
        (KeyError("ours"), KeyError),
    ],
)
def test_one_table_says_what_a_driver_error_means(raised: Exception, seen: type[Exception]) -> None:
    with pytest.raises(seen) as caught, translated():
        raise raised
    assert isinstance(caught.value, QuanyuError) == (seen in (StorageFull, StorageUnavailable))


def crash(database: Database) -> None:
    """Kill the back end of an open transaction, which makes the server restart all others."""
    with database.transaction() as conn:
        conn.execute("INSERT INTO note VALUES ('lost')")
        os.kill(conn.info.backend_pid, signal.SIGKILL)
        conn.execute("SELECT 1")


def patiently_read(database: Database) -> list[str]:
    pause = threading.Event()
    for _ in range(100):
        try:
            return read(database)
        except StorageUnavailable:
            pause.wait(0.05)
    raise AssertionError("the server did not come back")


def test_a_crash_of_the_server_is_an_outage_and_then_over(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "data") as server, Database(server.url) as database:
        with database.transaction() as conn:
            conn.execute("CREATE TABLE note (text text PRIMARY KEY)")
        with pytest.raises(StorageUnavailable):
            crash(database)
        assert patiently_read(database) == []
        write(database, "after")
        assert read(database) == ["after"]
    EmbeddedPostgres(tmp_path / "data").destroy()


def test_sql_is_read_from_its_file() -> None:
    assert sql("merchants/find") == (FOLDER / "merchants" / "find.sql").read_text()
    with pytest.raises(FileNotFoundError):
        sql("merchants/forget")


@pytest.mark.parametrize("value", ["a\0b", ["fine", "\0"]])
def test_a_text_that_no_database_keeps_is_the_callers_mistake(
    database: Database, value: object
) -> None:
    """And the connection is as good as before."""
    with pytest.raises(BadInput, match=r"U\+0000"), database.transaction() as conn:
        conn.execute(
            "SELECT %s::text = ANY (array['a'])" if value == "a\0b" else "SELECT %s", [value]
        )
    with database.transaction() as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
