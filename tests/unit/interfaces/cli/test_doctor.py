"""``quanyu doctor`` finds what is wrong, says how to mend it, and exits 1."""

import os
from collections import namedtuple
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from typer.testing import CliRunner

from quanyu.interfaces.cli import doctor as module
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.embedded import cluster as clusters
from quanyu.storage.postgres.installation import bind_master_key

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def environment(database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", database_url)
    monkeypatch.setenv("QUANYU_DATA_DIR", str(data_dir))
    monkeypatch.setattr(clusters, "orphans", list)


def settings() -> Settings:
    return Settings.from_env()


def examined(*, healthy: bool = True) -> dict[str, dict[str, Any]]:
    """Check by name, as the JSON answer has them."""
    result = CliRunner().invoke(module.app, ["--json"])
    assert result.exit_code == (0 if healthy else 1), result.output
    told = msgspec.json.decode(result.stdout)
    assert told["ok"] is healthy
    assert all("mend" in check for check in told["checks"] if check["status"] != "ok")
    return {check["name"]: check for check in told["checks"]}


def test_a_healthy_place_has_nothing_to_mend() -> None:
    settings().master_key()
    checks = examined()
    assert {check["status"] for check in checks.values()} <= {"ok", "warning"}
    assert checks["PostgreSQL"]["detail"].startswith("outside, version 18")
    assert "none pending" in checks["schema"]["detail"]
    assert "keep a copy" in checks["master key"]["detail"]


def test_for_people_each_finding_is_a_line_and_each_mend_one_below(data_dir: Path) -> None:
    data_dir.chmod(0o777)
    result = CliRunner().invoke(module.app, [])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("✗ data directory"))
    assert lines[place + 1] == f"  mend: chmod go-w {data_dir}"


def test_a_data_directory_that_is_not_there_yet_is_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANYU_DATA_DIR", str(tmp_path / "later"))
    checks = examined()
    assert "will be made" in checks["data directory"]["detail"]
    assert "will be made" in checks["master key"]["detail"]
    assert not (tmp_path / "later").exists()


@pytest.mark.parametrize(
    ("free", "status"), [(1 << 20, "wrong"), (1 << 30, "warning"), (50 << 30, "ok")]
)
def test_space_runs_out_in_steps(monkeypatch: pytest.MonkeyPatch, free: int, status: str) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(100 << 30, 0, free))
    assert module.disk(settings()).status == status


def test_a_key_from_the_environment_needs_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_MASTER_KEY", bytes(range(32)).hex())
    assert examined()["master key"]["detail"] == "from QUANYU_MASTER_KEY"


def test_a_damaged_master_key_is_wrong_and_must_be_restored() -> None:
    settings().master_key_file.write_text("oops")
    assert "backup" in module.master_key(settings()).mend  # type: ignore[operator]
    examined(healthy=False)


@pytest.mark.parametrize("name", ["master.key", "postgres.password"])
def test_a_secret_that_others_can_read_is_wrong(data_dir: Path, name: str) -> None:
    settings().master_key()
    (data_dir / name).touch()
    (data_dir / name).chmod(0o644)
    check = examined(healthy=False)[name]
    assert check["mend"] == f"chmod 600 {data_dir / name}"


def test_an_open_lake_is_worth_a_word(data_dir: Path) -> None:
    (data_dir / "lake").mkdir(mode=0o755)
    assert examined()["lake"]["status"] == "warning"


def test_a_server_that_does_not_answer_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", "postgresql://x@127.0.0.1:1/x")
    check = examined(healthy=False)["PostgreSQL"]
    assert "QUANYU_DATABASE_URL" in check["mend"]


def test_an_embedded_server_that_does_not_start_is_wrong(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QUANYU_DATABASE_URL")
    clusters.link_of(data_dir).symlink_to(data_dir / "gone")
    check = examined(healthy=False)["PostgreSQL"]
    assert "gone" in check["detail"]
    assert "postgres.log" in check["mend"]


def test_the_embedded_server_is_started_for_the_question_and_stopped_again(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QUANYU_DATABASE_URL")
    checks = examined()
    assert checks["PostgreSQL"]["detail"].startswith("embedded, version 18")
    assert checks["schema"]["detail"].startswith("empty")
    assert not (clusters.link_of(data_dir) / "postmaster.pid").exists()
    EmbeddedPostgres(data_dir).destroy()


def test_a_schema_that_lags_behind_is_worth_a_word(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM _yoyo_migration WHERE migration_id LIKE '0002%'")
    check = examined()["schema"]
    assert (check["status"], check["detail"]) == ("warning", "pending: 0002.api_key")


def test_a_database_of_another_master_key_is_wrong(database: Database) -> None:
    bind_master_key(database, os.urandom(32))
    settings().master_key()
    check = examined(healthy=False)["master key and database"]
    assert check["detail"] == "they do not belong together"


def test_a_database_of_this_master_key_is_fine(database: Database) -> None:
    bind_master_key(database, settings().master_key())
    assert examined()["master key and database"]["detail"] == "they belong together"


def test_a_projection_far_behind_is_worth_a_word(database: Database) -> None:
    with database.transaction() as conn:
        conn.execute("UPDATE log_head SET head = 200000")
        conn.execute("""INSERT INTO consumer_offset (consumer, "offset") VALUES ('slow', 7)""")
    check = examined()["projections"]
    assert (check["status"], check["detail"]) == ("warning", "slow 199993 behind")


def test_a_forgotten_cluster_is_worth_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "orphans", lambda: [(Path("/var/lib/quanyu/db_1"), "/gone")])
    check = examined()["forgotten cluster"]
    assert check["status"] == "warning"
    assert "/var/lib/quanyu/db_1" in check["mend"]
