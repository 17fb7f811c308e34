"""A1: the serving process is killed 50 to 500 ms into load, again and again; 32 clients write down
what they send before they send it, and send again what got no answer, under the same ids."""

import http.client
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.events_ground import array, seen

from quanyu.clock import SystemClock
from quanyu.settings import Settings
from quanyu.storage.postgres.access import ApiKeys
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.migrations import migrate
from quanyu.storage.postgres.quarantine import Quarantine

ROUNDS = int(os.environ.get("QUANYU_DRILL_ROUNDS", "50"))
WHOLE_ROUNDS = max(3, ROUNDS // 20)
CLIENTS = 32
APP = "quanyu.interfaces.api.application:create_app"
DOOR = [sys.executable, "-m", "uvicorn", APP, "--factory", "--log-level", "critical"]
WHOLE = [sys.executable, "-c", "from quanyu.interfaces.cli.main import run; run()", "serve"]

pytestmark = pytest.mark.drill


@dataclass
class Load:
    """What 32 clients have sent and heard. ``port`` is where the server of the round listens."""

    secret: str
    path: str = "/v1/events"
    counted: str = "accepted"
    body_of: Callable[[list[str]], bytes] = lambda names: array(*(seen(name) for name in names))
    journal: Counter[str] = field(default_factory=Counter)
    acked: list[str] = field(default_factory=list)
    accepted: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)
    port: int = 0
    serving: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

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
                thread.join(60)
            assert not any(thread.is_alive() for thread in threads)

    def _client(self, client: int) -> None:
        chance, turn = random.Random(client), 0
        while not self.over.is_set():
            names = [f"{client}-{turn}-{n}" for n in range(chance.randint(1, 5))]
            turn += 1
            with self._lock:
                self.journal.update(names)
            self._insist(names)

    def _insist(self, names: list[str]) -> None:
        body = self.body_of(names)
        while True:
            self.serving.wait(30)
            begun_s = time.perf_counter()
            answer = self._send(body)
            if answer is not None:
                with self._lock:
                    self.acked += names
                    self.accepted += answer[self.counted]
                    self.latencies_s.append(time.perf_counter() - begun_s)
                return

    def _send(self, body: bytes) -> dict[str, int] | None:
        """The receipt, or None when there was no answer or a request to come again."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"Authorization": f"Bearer {self.secret}"}
            connection.request("POST", self.path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        if response.status != 200:
            self.refused[response.status] += 1
            return None
        receipt: dict[str, int] = json.loads(answer)
        return receipt


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(order: list[str], data_dir: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A server in a process group of its own, as soon as it listens."""
    port = free_port()
    process = subprocess.Popen(
        [*order, "--port", str(port)],
        env=os.environ | {"QUANYU_DATA_DIR": str(data_dir)},
        stderr=subprocess.DEVNULL,
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


def under_fire(load: Load, order: list[str], *, rounds: int, data_dir: Path) -> list[float]:
    """Start, let the load in, kill, ``rounds`` times; then one server stays until all is said.
    Returns the seconds from each kill until the next server listened."""
    chance, recoveries_s = random.Random(1), []
    with load.running():
        for _ in range(rounds):
            begun_s = time.monotonic()
            process, load.port = started(order, data_dir)
            recoveries_s.append(time.monotonic() - begun_s)
            load.serving.set()
            time.sleep(chance.uniform(0.05, 0.5))
            load.serving.clear()
            kill(process)
        process, load.port = started(order, data_dir)
        load.over.set()
        load.serving.set()
    kill(process)
    return recoveries_s


def audit(load: Load, log: PostgresEventLog, recoveries_s: list[float]) -> dict[str, object]:
    stored: Counter[str] = Counter()
    offsets: list[int] = []
    while events := log.read(offsets[-1] if offsets else 0, 10_000):
        stored.update(logged.event.event_id for logged in events)
        offsets.extend(logged.offset for logged in events)
    dense = offsets == list(range(1, len(offsets) + 1)) and log.head() == len(offsets)
    unexpected = sum(n for status, n in load.refused.items() if status not in (429, 503))
    latencies_ms = sorted(1000 * s for s in load.latencies_s)
    return {
        "attempted": load.journal.total(),
        "acked": len(load.acked),
        "lost": len(set(load.acked) - set(stored)),
        "duplicates": sum(n - 1 for n in stored.values()) + (load.accepted > len(stored)),
        "violations": len(set(stored) - set(load.journal)) + (not dense) + unexpected,
        "p50_ms": round(statistics.median(latencies_ms), 2),
        "p99_ms": round(latencies_ms[int(len(latencies_ms) * 0.99)], 2),
        "recovery_s": round(max(recoveries_s), 2),
    }


@pytest.mark.parametrize(
    ("what", "order", "rounds"),
    [("the API process", DOOR, ROUNDS), ("quanyu serve with its children", WHOLE, WHOLE_ROUNDS)],
)
def test_nothing_acknowledged_is_lost(
    tmp_path: Path, what: str, *, order: list[str], rounds: int
) -> None:
    data_dir = tmp_path / "data"
    with EmbeddedPostgres(data_dir) as server:
        migrate(server.url)
        with Database(server.url) as database:
            secret = ApiKeys(database, SystemClock()).create("shop", ["events:write"]).secret
            load = Load(secret)
            recoveries_s = under_fire(load, order, rounds=rounds, data_dir=data_dir)
            master = Settings(data_dir=data_dir).master_key()
            log = PostgresEventLog(database, Quarantine(database, master))
            report = audit(load, log, recoveries_s)
        print(json.dumps({"drill": "A1", "killed": what, "rounds": rounds, **report}))
        assert (report["lost"], report["duplicates"], report["violations"]) == (0, 0, 0)
        assert load.acked
    server.destroy()
