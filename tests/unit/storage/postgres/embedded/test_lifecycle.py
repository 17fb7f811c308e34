"""The embedded server: shared by processes, taken over after a kill, stopped by the last."""

import contextlib
import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from quanyu.errors import StorageFull, StorageUnavailable
from quanyu.storage.postgres.embedded import EmbeddedPostgres, cluster, postmaster
from quanyu.storage.postgres.embedded.account import server_account
from quanyu.storage.postgres.embedded.lifecycle import failures_named


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory with a stopped cluster, to be copied: initdb takes a second each time."""
    directory = tmp_path_factory.mktemp("pattern") / "data"
    with embedded(directory):
        pass
    yield directory
    embedded(directory).destroy()


@pytest.fixture
def home(tmp_path: Path, pattern: Path) -> Iterator[Path]:
    """A data directory that is closed to others, as a home is; emptied afterwards."""
    directory = tmp_path / "home" / "data"
    directory.mkdir(parents=True)
    shutil.copy(pattern / "postgres.password", directory)
    place = cluster.link_of(directory)
    if cluster.link_of(pattern).is_symlink():
        place = cluster.make_home(directory) / "postgres"
        cluster.link_of(directory).symlink_to(place)
    subprocess.run(["cp", "-a", cluster_of(pattern).path, place], check=True)
    yield directory
    kill_everything(directory)
    embedded(directory).destroy()


def embedded(directory: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(directory, durable=False)


def cluster_of(directory: Path) -> cluster.Cluster:
    home = cluster.found(directory, server_account())
    assert home is not None
    return home


def pid_of(directory: Path) -> int | None:
    running = postmaster.running(cluster_of(directory))
    return running and running.pid


def kill_everything(directory: Path) -> None:
    """A power cut, as far as the server can tell."""
    home = cluster.found(directory, server_account())
    for pid in postmaster.leftovers(home) if home else []:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        postmaster.wait_for_end(pid)


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question).fetchone()  # type: ignore[call-overload]
        return row and row[0]


def tell(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]


USER = """
import sys, time
from pathlib import Path
from quanyu.storage.postgres.embedded import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1]), durable=False).start(), flush=True)
time.sleep(600)
"""


def another_process(directory: Path) -> subprocess.Popen[str]:
    """A process that uses the server and never says good-bye."""
    order = [sys.executable, "-c", USER, str(directory)]
    user = subprocess.Popen(order, stdout=subprocess.PIPE, text=True)
    assert user.stdout is not None
    assert user.stdout.readline().startswith("postgresql://")
    return user


def end(user: subprocess.Popen[str]) -> None:
    user.kill()
    user.communicate()


def test_what_was_stored_is_there_after_a_restart(home: Path) -> None:
    with embedded(home) as server:
        tell(server.url, "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('全域')")
    assert pid_of(home) is None
    with embedded(home) as server:
        assert ask(server.url, "SELECT word FROM kept") == "全域"


def test_the_last_user_stops_it(home: Path) -> None:
    first, second = embedded(home), embedded(home)
    assert first.start() == second.start()
    pid = pid_of(home)
    first.stop()
    assert pid_of(home) == pid
    second.stop()
    assert pid_of(home) is None
    second.stop()


def test_many_starters_at_once_share_one_server(home: Path) -> None:
    users = [embedded(home) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        urls = set(threads.map(EmbeddedPostgres.start, users))
    assert len(urls) == 1
    assert ask(urls.pop(), "SELECT 1") == 1
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(EmbeddedPostgres.stop, users))
    assert pid_of(home) is None


def test_a_killed_user_leaves_a_server_that_the_next_one_takes_over_and_stops(home: Path) -> None:
    user = another_process(home)
    pid = pid_of(home)
    end(user)
    assert pid_of(home) == pid
    with embedded(home) as server:
        assert pid_of(home) == pid
        assert ask(server.url, "SELECT 1") == 1
    assert pid_of(home) is None


def test_a_short_command_beside_another_process_does_not_stop_its_server(home: Path) -> None:
    user = another_process(home)
    with embedded(home):
        pass
    assert pid_of(home) is not None
    end(user)


def test_committed_work_survives_a_power_cut(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    tell(server.url, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42)")
    kill_everything(home)
    server.stop()
    with EmbeddedPostgres(home) as again:
        assert ask(again.url, "SELECT n FROM kept") == 42


def test_a_pid_file_that_names_a_foreign_process_is_stale(home: Path) -> None:
    server = embedded(home)
    server.start()
    kill_everything(home)
    file = cluster_of(home).path / "postmaster.pid"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert pid_of(home) is None
    server.stop()
    with embedded(home) as again:
        assert ask(again.url, "SELECT 1") == 1
    assert os.getpid()


@pytest.mark.parametrize("content", ["", "garbage\n", "0\n", "99999999\n"])
def test_a_damaged_pid_file_is_stale(home: Path, content: str) -> None:
    embedded(home).start()
    kill_everything(home)
    (cluster_of(home).path / "postmaster.pid").write_text(content)
    with embedded(home) as server:
        assert ask(server.url, "SELECT 1") == 1


def test_back_ends_that_outlive_their_server_do_not_block_the_next(home: Path) -> None:
    server = embedded(home)
    server.start()
    sleeper = psycopg.connect(server.url, autocommit=True)
    os.kill(sleeper.info.backend_pid, signal.SIGSTOP)
    pid = pid_of(home)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    postmaster.wait_for_end(pid)
    assert sleeper.info.backend_pid in postmaster.leftovers(cluster_of(home))
    assert server.ensure_running()
    assert ask(server.url, "SELECT 1") == 1
    sleeper.close()
    server.stop()


def test_a_server_that_runs_needs_no_restart(home: Path) -> None:
    with embedded(home) as server:
        assert not server.ensure_running()


def test_a_dead_server_is_brought_back_with_what_it_held(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        tell(server.url, "CREATE TABLE kept (n int)")
        dead = pid_of(home)
        kill_everything(home)
        assert server.ensure_running()
        assert pid_of(home) not in (None, dead)
        assert ask(server.url, "SELECT count(*) FROM kept") == 0
    assert pid_of(home) is None
    assert not server.ensure_running()


@pytest.mark.parametrize(
    ("raised", "named"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), StorageFull),
        (OSError(errno.EACCES, "Permission denied"), StorageUnavailable),
        (psycopg.OperationalError("connection refused"), StorageUnavailable),
    ],
)
def test_whatever_keeps_it_from_starting_has_a_name(
    raised: Exception, named: type[Exception]
) -> None:
    with pytest.raises(named), failures_named():
        raise raised


def test_nobody_else_gets_in(home: Path) -> None:
    with embedded(home) as server:
        secret = (home / "postgres.password").read_text()
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(server.url.replace(secret, "guess"))
        assert ask(server.url, "SHOW listen_addresses") == ""
    assert stat.S_IMODE((home / "postgres.password").stat().st_mode) == 0o600
    assert stat.S_IMODE(cluster_of(home).path.stat().st_mode) == 0o700


def test_the_ordinary_role_is_not_a_superuser(home: Path) -> None:
    with embedded(home) as server:
        question = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        assert ask(server.url, question) is False
        assert ask(server.maintenance_url, question) is True


@pytest.mark.parametrize(
    ("durable", "setting", "value"),
    [
        (True, "fsync", "on"),
        (True, "synchronous_commit", "on"),
        (True, "full_page_writes", "on"),
        (False, "fsync", "off"),
    ],
)
def test_it_is_durable_unless_a_test_asks_otherwise(
    home: Path, durable: bool, setting: str, value: str
) -> None:
    with EmbeddedPostgres(home, durable=durable) as server:
        assert ask(server.url, f"SHOW {setting}") == value
        assert ask(server.url, "SHOW server_encoding") == "UTF8"
        assert ask(server.url, "SHOW timezone") == "UTC"


def test_the_operator_may_tune_it(home: Path) -> None:
    with embedded(home):
        pass
    local = cluster_of(home).path / "local.conf"
    local.write_text("work_mem = '7MB'\n")
    local.chmod(0o644)
    with embedded(home) as server:
        assert ask(server.url, "SHOW work_mem") == "7MB"


def test_a_server_that_does_not_start_shows_the_end_of_its_log(home: Path) -> None:
    with embedded(home):
        pass
    local = cluster_of(home).path / "local.conf"
    local.write_text("shared_buffers = 'plenty'\n")
    local.chmod(0o644)
    with pytest.raises(StorageUnavailable, match=r"did not start: .*shared_buffers.*postgres\.log"):
        embedded(home).start()
    local.unlink()
    with embedded(home) as server:
        assert ask(server.url, "SELECT 1") == 1


def test_a_long_log_is_put_aside(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postmaster, "LOG_BYTES_MAX", 10)
    (home / "postgres.log").write_text("a long story\n")
    with embedded(home):
        pass
    assert (home / "postgres.log.1").read_text() == "a long story\n"
    assert "a long story" not in (home / "postgres.log").read_text()


def test_destroying_leaves_nothing_of_the_cluster(home: Path) -> None:
    server = embedded(home)
    server.start()
    place = cluster_of(home).path
    server.destroy()
    assert not place.exists()
    assert not cluster.link_of(home).is_symlink()
    with embedded(home) as again:
        assert ask(again.url, "SELECT 1") == 1
