"""A real ``quanyu serve`` on a free port, and how to look at its processes."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
from tests.walks.shell import Shell

T = TypeVar("T")
START_S = 60.0
STOP_S = 30.0


def until(ask: Callable[[], T], *, within_s: float = 20.0, what: str = "it") -> T:
    """Asks again and again until the answer is true, and returns it."""
    deadline_s, pause = time.monotonic() + within_s, threading.Event()
    while not (answer := ask()):
        assert time.monotonic() < deadline_s, f"{what} did not come about in {within_s} s"
        pause.wait(0.05)
    return answer


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


class Serving:
    def __init__(self, shell: Shell, *words: str) -> None:
        self.port = free_port()
        self.errors = shell.data_dir.parent / f"serve-{self.port}.err"
        with self.errors.open("wb") as errors:
            self._process = subprocess.Popen(
                shell.command("serve", "--port", str(self.port), *words),
                env=shell.environment,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def __enter__(self) -> "Serving":
        until(self.answers, within_s=START_S, what="an answer")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(STOP_S)

    def answers(self) -> bool:
        assert self._process.poll() is None, self.errors.read_text()
        try:
            with self.client() as client:
                return client.get("/v1/health").json()["status"] == "ok"
        except httpx.TransportError:
            return False

    def client(self, key: str | None = None) -> httpx.Client:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        url = f"http://127.0.0.1:{self.port}"
        return httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(STOP_S)

    def spawned(self) -> list[int]:
        """Processes that serve started: API workers, if more than one, and the projector."""
        return [p for p in children(self._process.pid) if b"spawn_main" in command_line(p)]


def children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def caught_up(client: httpx.Client) -> dict[str, Any]:
    def lag() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get("/v1/lag").raise_for_status().json()
        return None if any(found.values()) else found

    return until(lag, what="a lag of nothing")
