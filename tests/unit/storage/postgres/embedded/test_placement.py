"""Where the cluster lies and who runs it, without touching directories that are not ours."""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from quanyu.errors import StorageUnavailable
from quanyu.storage.postgres.embedded import EmbeddedPostgres, account, binaries, cluster
from quanyu.storage.postgres.embedded.account import Account, server_account

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that every account can pass through."""
    directory = Path(tempfile.mkdtemp(prefix="quanyu-test-"))
    directory.chmod(0o755)
    yield directory
    for data_dir in directory.glob("**/postgres.password"):
        EmbeddedPostgres(data_dir.parent).destroy()
    shutil.rmtree(directory)


@pytest.fixture
def state_dir(open_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for root's state directory."""
    place = open_dir / "state"
    monkeypatch.setattr(binaries, "STATE_DIR", place)
    return place


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def answers(server: EmbeddedPostgres) -> bool:
    with psycopg.connect(server.url) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_the_cluster_lies_in_a_data_directory_that_can_be_reached(
    open_dir: Path, state_dir: Path
) -> None:
    data_dir = open_dir / "data"
    with EmbeddedPostgres(data_dir, durable=False) as server:
        assert answers(server)
        assert not cluster.link_of(data_dir).is_symlink()
    assert not state_dir.exists()
    assert not mode(data_dir) & 0o066


@as_root
def test_root_keeps_the_cluster_elsewhere_when_the_home_is_closed(
    open_dir: Path, state_dir: Path
) -> None:
    home = open_dir / "home"
    home.mkdir(mode=0o700)
    with EmbeddedPostgres(home / "data", durable=False) as server:
        assert answers(server)
        place = cluster.link_of(home / "data").resolve()
        assert place.is_relative_to(state_dir)
        assert place.stat().st_uid != 0
        assert (place.parent / "owner").read_text().strip() == str(home / "data")
    assert mode(home) == 0o700
    assert mode(open_dir) == 0o755


@as_root
@pytest.mark.parametrize("given", [0o700, 0o750, 0o755])
def test_a_data_directory_that_was_there_keeps_its_mode(
    open_dir: Path, state_dir: Path, given: int
) -> None:
    data_dir = open_dir / "data"
    data_dir.mkdir()
    data_dir.chmod(given)
    with EmbeddedPostgres(data_dir, durable=False) as server:
        assert answers(server)
        assert cluster.link_of(data_dir).is_symlink() == (given != 0o755)
    assert mode(data_dir) == given
    assert data_dir.stat().st_uid == 0


@as_root
def test_the_programs_are_copied_when_the_account_cannot_run_them(
    open_dir: Path, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = open_dir / "venv"
    closed.mkdir(mode=0o700)
    original = binaries.bundled().directory.parents[1]
    shutil.copytree(original, closed / original.name, ignore=shutil.ignore_patterns("pginstall"))
    shutil.copytree(original.with_name(f"{original.name}.libs"), closed / f"{original.name}.libs")
    moved = binaries.Binaries(closed / original.name / binaries.INSTALLATION / "bin")
    monkeypatch.setattr(binaries, "bundled", lambda: moved)

    with EmbeddedPostgres(open_dir / "data", durable=False) as server:
        assert answers(server)
    copies = list(state_dir.iterdir())
    assert [copy.name for copy in copies] == [f"postgresql-{moved.version()}"]
    assert binaries.reachable(server_account()).directory.is_relative_to(copies[0])
    assert mode(closed) == 0o700


@as_root
def test_two_copies_at_once_make_one(open_dir: Path, state_dir: Path) -> None:
    source = binaries.bundled().directory.parent
    for _ in range(2):
        binaries.copy_installation(source, state_dir / "postgresql-x")
    assert [entry.name for entry in state_dir.iterdir()] == ["postgresql-x"]


def test_who_cannot_pass_a_directory_cannot_execute_below_it(tmp_path: Path) -> None:
    me = Account("me", os.geteuid(), os.getegid())
    assert me.can_execute(tmp_path)
    assert not me.can_execute(tmp_path / "absent")
    nobody = account.known("nobody")
    if os.geteuid() == 0 and nobody is not None:
        tmp_path.chmod(0o700)
        assert not nobody.can_execute(tmp_path)


def test_an_ordinary_user_runs_the_server_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert server_account() is None


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        (["postgres", "quanyu", "nobody"], "postgres"),
        (["quanyu", "nobody"], "quanyu"),
        (["nobody"], "nobody"),
        ([], None),
    ],
)
def test_root_lends_the_best_account_there_is(
    monkeypatch: pytest.MonkeyPatch, there: list[str], chosen: str | None
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "created", lambda name: None)
    monkeypatch.setattr(
        account, "known", lambda name: Account(name, 7, 7) if name in there else None
    )
    found = server_account()
    assert (found and found.name) == chosen


def test_a_missing_account_is_made_where_there_is_a_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    orders: list[list[str]] = []
    monkeypatch.setattr(shutil, "which", lambda tool: f"/usr/sbin/{tool}")
    monkeypatch.setattr(subprocess, "run", lambda order, **_: orders.append(order))
    assert account.created("no-such-account") is None
    assert orders[0][:2] == ["/usr/sbin/useradd", "--system"]
    monkeypatch.setattr(shutil, "which", lambda tool: None)
    assert account.created("no-such-account") is None
    assert len(orders) == 1


def test_a_long_path_gets_a_short_socket(open_dir: Path, state_dir: Path) -> None:
    data_dir = open_dir / ("d" * 60) / ("e" * 60)
    with EmbeddedPostgres(data_dir, durable=False) as server:
        assert answers(server)
        place = cluster.found(data_dir, server_account())
        assert place is not None
        socket_dir = place.socket_dir()
        assert socket_dir.parent == Path(tempfile.gettempdir())
        assert mode(socket_dir) == 0o700
    shutil.rmtree(socket_dir)


def test_a_socket_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.mkdir(mode=0o777)
    trap.chmod(0o777)
    with pytest.raises(StorageUnavailable, match="not ours"):
        cluster.make_private(trap, None)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(StorageUnavailable, match="not ours"):
        cluster.make_private(link, None)


def test_the_files_of_another_version_are_left_alone(open_dir: Path, state_dir: Path) -> None:
    data_dir = open_dir / "data"
    with EmbeddedPostgres(data_dir, durable=False):
        pass
    version = data_dir / "postgres" / "PG_VERSION"
    version.write_text("16\n")
    with pytest.raises(StorageUnavailable, match=r"made by PostgreSQL 16 and this is 18.*pg_dump"):
        EmbeddedPostgres(data_dir).start()
    assert version.read_text() == "16\n"


def test_a_link_that_points_nowhere_is_a_loss_and_not_a_fresh_start(
    open_dir: Path, state_dir: Path
) -> None:
    (open_dir / "data").mkdir()
    cluster.link_of(open_dir / "data").symlink_to(open_dir / "gone")
    with pytest.raises(StorageUnavailable, match="gone; restore that directory"):
        EmbeddedPostgres(open_dir / "data").start()
    assert cluster.link_of(open_dir / "data").is_symlink()
    cluster.link_of(open_dir / "data").unlink()


def test_a_cluster_that_was_never_finished_is_made_again(open_dir: Path, state_dir: Path) -> None:
    draft = open_dir / "data" / "postgres.draft"
    draft.mkdir(parents=True)
    (draft / "half").write_text("done")
    with EmbeddedPostgres(open_dir / "data", durable=False) as server:
        assert answers(server)
    assert not draft.exists()


def test_a_failing_initdb_says_why_and_leaves_nothing(open_dir: Path, state_dir: Path) -> None:
    broken = binaries.Binaries(open_dir)
    (open_dir / "initdb").write_text("#!/bin/sh\necho out of luck >&2\nexit 1\n")
    (open_dir / "initdb").chmod(0o755)
    (open_dir / "data").mkdir()
    with pytest.raises(StorageUnavailable, match="initdb failed: out of luck"):
        cluster.made(open_dir / "data", None, programs=broken)
    assert [entry.name for entry in (open_dir / "data").iterdir()] == ["postgres.password"]


def test_a_forgotten_cluster_can_be_told_apart(tmp_path: Path) -> None:
    kept, lost = tmp_path / "kept", tmp_path / "lost"
    state = tmp_path / "state"
    for name, owner in (("db_1", kept), ("db_2", lost)):
        (state / name / "postgres").mkdir(parents=True)
        (state / name / "owner").write_text(f"{owner}\n")
    kept.mkdir()
    cluster.link_of(kept).symlink_to(state / "db_1" / "postgres")
    assert cluster.orphans(state) == [(state / "db_2", str(lost))]
    assert cluster.orphans(tmp_path / "absent") == []


def test_where_no_server_is_bundled_the_message_names_the_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda name: None)
    with pytest.raises(StorageUnavailable, match="QUANYU_DATABASE_URL"):
        binaries.bundled()


def test_a_place_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable, match="cannot be made"):
        EmbeddedPostgres(tmp_path / "file" / "data").start()
