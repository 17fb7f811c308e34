"""The server's main process: found, started and stopped without being its parent."""

import contextlib
import os
import signal
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from quanyu.errors import StorageUnavailable
from quanyu.storage.postgres.embedded.account import credentials
from quanyu.storage.postgres.embedded.binaries import Binaries
from quanyu.storage.postgres.embedded.cluster import Cluster

HAS_PROC = Path("/proc/self/cwd").exists()
TICK_S = 0.005
START_TICKS = 60_000
"""Five minutes: crash recovery may have a lot of log to read."""
STOP_TICKS = 12_000
LOG_BYTES_MAX = 5 << 20


@dataclass(frozen=True, slots=True)
class Postmaster:
    pid: int
    socket_dir: str
    status: str
    """``starting``, ``stopping``, ``ready`` or ``standby``."""


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    if HAS_PROC:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def works_in(pid: int, directory: Path) -> bool:
    """Whether the process is one of the server's: all of them work in the cluster's directory.

    After a restart of a container another program may have the number that a pid file names.
    """
    if not HAS_PROC:
        return True
    try:
        return os.readlink(f"/proc/{pid}/cwd") == str(directory)
    except OSError:
        return False


def running(cluster: Cluster) -> Postmaster | None:
    """The live server of this cluster, None when the pid file is absent or stale."""
    try:
        lines = (cluster.path / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
    if not pid or not alive(pid) or not works_in(pid, cluster.path):
        return None
    socket_dir = lines[4] if len(lines) > 4 else ""
    return Postmaster(pid, socket_dir, lines[7].strip() if len(lines) > 7 else "starting")


def leftovers(cluster: Cluster) -> list[int]:
    """Processes of a server whose main process is gone; they would block a new one."""
    if not HAS_PROC:
        return []
    pids = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    return [pid for pid in pids if works_in(pid, cluster.path) and is_server(pid)]


def is_server(pid: int) -> bool:
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe")).startswith("postgres")
    except OSError:
        return False


def launch(cluster: Cluster, programs: Binaries, *, log: Path) -> Postmaster:
    """Start the server and return when it accepts connections.

    The shell in between exits at once, so the server is nobody's child and outlives us if others
    use it. Raises StorageUnavailable with the end of the server's log when it does not start.
    """
    clear_the_way(cluster)
    rotate(log)
    order = [programs.path("postgres"), "-D", str(cluster.path)]
    with log.open("ab") as sink:
        shell = subprocess.run(
            ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *order],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=sink,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            start_new_session=True,
            **credentials(cluster.account),
        )
    return awaited(cluster, int(shell.stdout), log=log)


def clear_the_way(cluster: Cluster) -> None:
    """Ends what is left of a dead server and removes its marks.

    PostgreSQL would remove them too, but takes a zombie or a reused number for the old server.
    """
    for pid in leftovers(cluster):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        wait_for_end(pid)
    (cluster.path / "postmaster.pid").unlink(missing_ok=True)
    for mark in cluster.socket_dir().glob(".s.PGSQL.*"):
        mark.unlink()


def awaited(cluster: Cluster, pid: int, *, log: Path) -> Postmaster:
    pause = threading.Event()
    for _ in range(START_TICKS):
        server = running(cluster)
        if server is not None and server.status == "ready":
            return server
        if not alive(pid):
            break
        pause.wait(TICK_S)
    raise StorageUnavailable(f"PostgreSQL did not start: {tail(log)} (log: {log})")


def stop(cluster: Cluster) -> None:
    """Fast shutdown: open transactions are rolled back, everything is flushed."""
    server = running(cluster)
    if server is None:
        return
    os.kill(server.pid, signal.SIGINT)
    if not wait_for_end(server.pid):
        raise StorageUnavailable(f"PostgreSQL (process {server.pid}) does not stop")


def wait_for_end(pid: int) -> bool:
    pause = threading.Event()
    for _ in range(STOP_TICKS):
        if not alive(pid):
            return True
        pause.wait(TICK_S)
    return False


def tail(log: Path, lines: int = 3) -> str:
    try:
        return " / ".join(log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return "no log"


def rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".log.1"))
    if not log.exists():
        log.touch(mode=0o600)
