"""A server that is killed again and again while clients stand before it."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

CLIENTS = 32
APP = "quanyu.interfaces.api.application:create_app"
DOOR = [sys.executable, "-m", "uvicorn", APP, "--factory", "--log-level", "critical"]
WHOLE = [sys.executable, "-c", "from quanyu.interfaces.cli.main import run; run()", "serve"]


class Answer(NamedTuple):
    status: int
    document: Any


@dataclass
class Siege:
    """32 clients that go on until it is over. ``port`` is where the server of the round listens.
    Who makes one says in ``client`` what each of them does."""

    secret: str
    port: int = 0
    latencies_s: list[float] = field(default_factory=list)
    under_fire: int = 0
    """Answers before the last server stood."""
    serving: threading.Event = field(default_factory=threading.Event)
    heard: threading.Event = field(default_factory=threading.Event)
    """Somebody was answered in this round."""
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    broken: list[BaseException] = field(default_factory=list)

    def client(self, number: int) -> None:
        raise NotImplementedError

    @contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._client, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join(120)
            assert not any(thread.is_alive() for thread in threads)
        assert not self.broken, self.broken[0]

    def _client(self, number: int) -> None:
        try:
            self.client(number)
        except BaseException as error:
            self.broken.append(error)
            raise

    def send(self, path: str, body: bytes | None, *, key: str = "") -> Answer | None:
        """None when there was no answer. Waits for a server to be there."""
        self.serving.wait(60)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {self.secret}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        begun_s = time.perf_counter()
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, json.loads(response.read()))
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()
        with self.lock:
            self.latencies_s.append(time.perf_counter() - begun_s)
        self.heard.set()
        return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(order: list[str], data_dir: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A server in a process group of its own, as soon as it listens."""
    port = free_port()
    with (data_dir.parent / "server.err").open("ab") as errors:
        process = subprocess.Popen(
            [*order, "--port", str(port)],
            env=os.environ | {"QUANYU_DATA_DIR": str(data_dir)},
            stderr=errors,
            start_new_session=True,
        )
    begun_s = time.monotonic()
    while time.monotonic() - begun_s < 60:
        assert process.poll() is None, "the server did not start"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, port
        time.sleep(0.01)
    raise AssertionError("the server did not listen in time")


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def under_fire(
    siege: Siege, order: list[str], *, rounds: int, data_dir: Path, warm: bool = False
) -> list[float]:
    """Start, let the load in, kill, ``rounds`` times; then one server stays until all is said. A
    ``warm`` one is killed so long after its first answer. Returns the seconds from each kill until
    the next server listened."""
    chance, recoveries_s = random.Random(1), []
    with siege.running():
        for _ in range(rounds):
            begun_s = time.monotonic()
            process, siege.port = started(order, data_dir)
            recoveries_s.append(time.monotonic() - begun_s)
            siege.heard.clear()
            siege.serving.set()
            if warm:
                siege.heard.wait(30)
            time.sleep(chance.uniform(0.05, 0.5))
            siege.serving.clear()
            kill(process)
        siege.under_fire = len(siege.latencies_s)
        process, siege.port = started(order, data_dir)
        siege.over.set()
        siege.serving.set()
    kill(process)
    return recoveries_s


def waited(siege: Siege) -> dict[str, float]:
    """Of the calls that were answered."""
    latencies_ms = sorted(1000 * s for s in siege.latencies_s)
    at = {"p50_ms": len(latencies_ms) // 2, "p99_ms": int(len(latencies_ms) * 0.99)}
    return {name: round(latencies_ms[place], 2) for name, place in at.items()}
