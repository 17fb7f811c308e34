"""Locks that die with their process, and one server per data directory."""

import subprocess
import sys
from pathlib import Path

import pytest

from quanyu.errors import DirectoryInUse
from quanyu.storage.postgres.embedded import ServeLock
from quanyu.storage.postgres.embedded.locks import FileLock, alone

SERVE = """
import sys, time
from pathlib import Path
from quanyu.storage.postgres.embedded import ServeLock
with ServeLock(Path(sys.argv[1])):
    print("serving", flush=True)
    time.sleep(600)
"""


def test_a_second_server_on_the_same_directory_is_refused_with_pid_and_mend(
    data_dir: Path,
) -> None:
    order = [sys.executable, "-c", SERVE, str(data_dir)]
    first = subprocess.Popen(order, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert first.stdout.readline() == "serving\n"
    with pytest.raises(DirectoryInUse, match="set QUANYU_DATA_DIR") as refused:
        ServeLock(data_dir).__enter__()
    assert refused.value.facts["pid"] == first.pid
    first.kill()
    first.communicate()
    with ServeLock(data_dir):
        assert (data_dir / "serve.lock").read_text().strip().isdigit()


def test_the_lock_is_free_after_a_clean_end(data_dir: Path) -> None:
    for _ in range(2):
        with ServeLock(data_dir):
            pass


def test_the_directory_is_made(tmp_path: Path) -> None:
    with ServeLock(tmp_path / "new" / "data"):
        assert (tmp_path / "new" / "data").is_dir()


def test_sharers_keep_an_excluder_out_until_the_last_has_gone(tmp_path: Path) -> None:
    first, second, third = (FileLock(tmp_path / "lock") for _ in range(3))
    first.share()
    second.share()
    assert not third.try_exclude()
    first.close()
    assert not third.try_exclude()
    second.close()
    assert third.try_exclude()
    third.close()
    third.close()


def test_the_last_sharer_can_exclude(tmp_path: Path) -> None:
    only = FileLock(tmp_path / "lock")
    only.share()
    assert only.try_exclude()
    only.close()


def test_alone_means_alone(tmp_path: Path) -> None:
    other = FileLock(tmp_path / "lock")
    with alone(tmp_path / "lock"):
        assert not other.try_exclude()
    assert other.try_exclude()
    other.close()
