"""Clients that write down what they send before they send it, and an audit of what was kept."""

import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from quanyu.errors import QuanyuError
from quanyu.events.event import Event
from quanyu.events.log import Appended, Delivery, pack
from quanyu.ids import Token
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.quarantine import Quarantine

AT_US = 1_773_115_200_000_000
Send = Callable[[Delivery], "Future[Appended]"]


def event_log(database: Database) -> PostgresEventLog:
    return PostgresEventLog(database, Quarantine(database, bytes(range(32))))


def delivery(names: list[str], padding: int) -> Delivery:
    shared = {
        "kind": "view",
        "version": 1,
        "at_us": AT_US,
        "received_us": AT_US,
        "touchpoint": "taobao.item",
        "identifiers": (("device", Token(bytes(16))),),
        "props": {"padding": "x" * padding},
    }
    return Delivery("drill", pack(Event(event_id=name, **shared) for name in names), (), AT_US)


@dataclass
class Clients:
    """Threads that send until told to stop, and repeat what was not acknowledged."""

    send: Send
    number: int = 16
    batch: int = 5
    padding: int = 0
    journal: list[str] = field(default_factory=list)
    acked: list[str] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)
    acked_at_s: list[float] = field(default_factory=list)
    refusals: list[QuanyuError] = field(default_factory=list)
    surprises: list[BaseException] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator["Clients"]:
        threads = [threading.Thread(target=self._client, args=(n,)) for n in range(self.number)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(120)

    def _client(self, client: int) -> None:
        for turn in count():
            if self._stop.is_set():
                return
            names = [f"{client}-{turn}-{n}" for n in range(self.batch)]
            self.journal.extend(names)
            started_s = time.monotonic()
            if not self._insist(delivery(names, self.padding)):
                return
            self.acked.extend(names)
            self.acked_at_s.append(time.monotonic())
            self.latencies_s.append(time.monotonic() - started_s)

    def _insist(self, one: Delivery) -> bool:
        """Send the same thing until it is acknowledged; False when the drill ends before."""
        pause = threading.Event()
        while True:
            try:
                self.send(one).result(60)
                return True
            except QuanyuError as error:
                self.refusals.append(error)
            except BaseException as error:
                self.surprises.append(error)
                return False
            if self._stop.is_set():
                return False
            pause.wait(0.02)

    def wait_for_acks(self, more: int, timeout_s: float = 60) -> float:
        """Seconds until ``more`` further events are acknowledged."""
        started_s, goal = time.monotonic(), len(self.acked) + more
        pause = threading.Event()
        while len(self.acked) < goal:
            assert time.monotonic() - started_s < timeout_s, "no progress"
            pause.wait(0.005)
        return time.monotonic() - started_s

    def wait_for_refusals(self, more: int, timeout_s: float = 60) -> None:
        started_s, goal = time.monotonic(), len(self.refusals) + more
        pause = threading.Event()
        while len(self.refusals) < goal:
            assert time.monotonic() - started_s < timeout_s, "nothing was refused"
            pause.wait(0.005)


@contextmanager
def looked_after(server: EmbeddedPostgres) -> Iterator[None]:
    """What ``quanyu serve`` does: start the server again when it has died."""
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.1):
            try:
                server.ensure_running()
            except QuanyuError:
                continue

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def audit(clients: Clients, log: PostgresEventLog, recoveries_s: list[float]) -> dict[str, object]:
    """The one line of a drill: what was promised against what is there."""
    stored: Counter[str] = Counter()
    offsets: list[int] = []
    while events := log.read(offsets[-1] if offsets else 0, 10_000):
        stored.update(logged.event.event_id for logged in events)
        offsets.extend(logged.offset for logged in events)
    dense = offsets == list(range(1, len(offsets) + 1)) and log.head() == len(offsets)
    latencies_ms = sorted(1000 * s for s in clients.latencies_s)
    return {
        "attempted": len(clients.journal),
        "acked": len(clients.acked),
        "lost": len(set(clients.acked) - set(stored)),
        "duplicates": sum(n - 1 for n in stored.values()),
        "violations": len(set(stored) - set(clients.journal))
        + (not dense)
        + len(clients.surprises),
        "p50_ms": round(statistics.median(latencies_ms), 2),
        "p99_ms": round(latencies_ms[int(len(latencies_ms) * 0.99)], 2),
        "recovery_s": round(max(recoveries_s), 3),
    }


def conclude(name: str, report: dict[str, object]) -> None:
    print(json.dumps({"drill": name, **report}))
    assert (report["lost"], report["duplicates"], report["violations"]) == (0, 0, 0)
