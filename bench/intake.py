"""Intake over HTTP, durable, on one machine with its client; and the import of a whole file.

    quanyu bench intake [--seconds 3] [--serve]

The client is a process of its own over plain sockets with requests made beforehand, so that the
server is what is measured. Baseline in the same run: one row per commit in the same PostgreSQL.
``--serve`` measures under ``quanyu serve``, whose projector works on the same cores.
"""

import argparse
import gzip
import json
import multiprocessing
import os
import random
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT.parent / "shared" / "data" / "taobao_userbehavior_sample.csv.gz"
SAMPLE_ROWS = 110_300
QUANYU = str(Path(sys.executable).with_name("quanyu"))
APP = "quanyu.interfaces.api.application:create_app"


def event(number: int, run: str) -> dict[str, object]:
    return {
        "event_id": f"{run}-{number:08d}",
        "kind": "view",
        "at": "2026-05-01T20:15:00.123+08:00",
        "touchpoint": "taobao.detail",
        "identifiers": {"taobao_id": f"taobao-{number % 50_000:07d}"},
        "item": f"i{number % 7_777}",
        "props": {"category": "美妆"},
    }


def requests(run: str, secret: str, *, count: int, size: int) -> list[bytes]:
    made = []
    for start in range(0, count * size, size):
        events = [event(number, run) for number in range(start, start + size)]
        body = json.dumps(events, ensure_ascii=False, separators=(",", ":")).encode()
        head = (
            f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


class Connection:
    """Sends the next request when the last one is answered."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_s = 0.0
        self._answer = b""

    def send(self, request: bytes) -> None:
        self.sent_s = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> bytes | None:
        self._answer += self.socket.recv(1 << 16)
        head, gap, body = self._answer.partition(b"\r\n\r\n")
        if not gap:
            return None
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return None
        self._answer = b""
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{head[:60]!r} {body[:200]!r}")
        return body


def drive(
    port: int, made: list[bytes], *, connections: int, results: object, counted: str = "accepted"
) -> None:
    """Body of the client's process: puts (seconds, accepted, latencies) into ``results``."""
    waiting, accepted, latencies = iter(made), 0, []
    selector = selectors.DefaultSelector()
    begun = time.perf_counter()
    for _ in range(connections):
        connection = Connection(port)
        connection.send(next(waiting))
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    while selector.get_map():
        for key, _ in selector.select():
            body = key.data.answered()
            if body is None:
                continue
            latencies.append(time.perf_counter() - key.data.sent_s)
            accepted += json.loads(body)[counted]
            following = next(waiting, None)
            if following is None:
                selector.unregister(key.data.socket)
            else:
                key.data.send(following)
    results.put((time.perf_counter() - begun, accepted, latencies))  # type: ignore[attr-defined]


def measured(
    port: int, secret: str, *, size: int, connections: int, seconds: float
) -> dict[str, float]:
    """A short run to warm up and to find the rate, then one of about ``seconds``."""
    context = multiprocessing.get_context("fork")
    rate = 40.0
    for part in (0.7, seconds):
        count = max(connections, int(rate * part))
        made = requests(f"{size}-{part}-{random.getrandbits(32):x}", secret, count=count, size=size)
        results = context.Queue()
        client = context.Process(
            target=drive, args=(port, made), kwargs={"connections": connections, "results": results}
        )
        client.start()
        took_s, accepted, latencies = results.get()
        client.join()
        if accepted != count * size:
            raise RuntimeError(f"{accepted} of {count * size} were accepted")
        rate = count / took_s
    latencies.sort()
    return {
        "events_per_s": round(accepted / took_s),
        "p50_ms": round(1000 * statistics.median(latencies), 2),
        "p99_ms": round(1000 * latencies[int(len(latencies) * 0.99)], 2),
    }


def one_row_per_commit(url: str, *, clients: int, seconds: float) -> int:
    """Rows per second when every event is a transaction of its own."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS bench_row (id uuid PRIMARY KEY, body bytea)")
    counts = [0] * clients

    def write(client: int) -> None:
        chance = random.Random(client)
        with psycopg.connect(url, autocommit=True) as conn:
            end_s = time.perf_counter() + seconds
            while time.perf_counter() < end_s:
                row = (chance.randbytes(16).hex(), b"x" * 110)
                conn.execute("INSERT INTO bench_row VALUES (%s, %s)", row)
                counts[client] += 1

    threads = [threading.Thread(target=write, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("DROP TABLE bench_row")
    return round(sum(counts) / seconds)


def quanyu(*arguments: str) -> dict[str, object]:
    done = subprocess.run([QUANYU, *arguments], check=True, capture_output=True, text=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(*, serve: bool, workers: int = 1) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    count = ["--workers", str(workers)]
    whole = [QUANYU, "serve", "--port", str(port), *count]
    door = [sys.executable, "-m", "uvicorn", APP, "--factory", "--port", str(port)]
    door += count if workers > 1 else []
    quiet = ["--log-level", "warning", "--no-access-log"]
    process = subprocess.Popen(whole if serve else door + quiet)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield process, port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def peak_mib(process: subprocess.Popen[bytes]) -> int:
    """Sum of the peaks of the server's Python processes."""
    family, total = {process.pid}, 0
    for stat in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda p: int(p.parent.name)):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) in family and "python" in (stat.parent / "comm").read_text():
                family.add(int(stat.parent.name))
        except OSError:
            continue
    for pid in family:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                total += int(line.split()[1])
    return total // 1024


def sample(folder: Path) -> Path:
    """The real file where it lies beside the checkout, else rows of the same shape."""
    if SAMPLE.exists():
        return SAMPLE
    chance = random.Random(7)
    path = folder / "generated.csv.gz"
    with gzip.open(path, "wt") as out:
        for number in range(SAMPLE_ROWS):
            behaviour = chance.choices(["pv", "cart", "fav", "buy"], [897, 55, 29, 20])[0]
            user, item = chance.randrange(61_000), chance.randrange(77_000)
            out.write(f"{user},{item},{item % 9_000},{behaviour},{1511658000 + number // 14}\n")
    return path


def import_seconds(folder: Path) -> float:
    begun = time.perf_counter()
    told = quanyu("import", "taobao-userbehavior", str(sample(folder)), "--merchant", "b", "--json")
    took_s = time.perf_counter() - begun
    if told["received"] != told["accepted"]:
        raise RuntimeError(f"not all were accepted: {told}")
    return round(took_s, 2)


def show(name: str, value: float, target: str) -> None:
    print(f"{name:<46}{value:>12,}   {target}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="quanyu bench intake")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--serve", action="store_true", help="under quanyu serve, with projector")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="quanyu-bench-") as folder:
        Path(folder).chmod(0o711)
        os.environ["QUANYU_DATA_DIR"] = f"{folder}/data"
        secret = str(
            quanyu("key", "create", "--merchant", "bench", "--scopes", "events:write", "--json")[
                "key"
            ]
        )
        report(secret, Path(folder), given)
    return 0


def report(secret: str, folder: Path, given: argparse.Namespace) -> None:
    from quanyu.settings import Settings
    from quanyu.wiring import database_server

    seconds = given.seconds
    with server(serve=given.serve) as (process, port):
        single = measured(port, secret, size=1, connections=64, seconds=seconds)
        show("single events/s, 64 connections", single["events_per_s"], "target ≥ 5,000")
        show("  p50 / p99 ms", single["p50_ms"], f"/ {single['p99_ms']}")
        batched = measured(port, secret, size=200, connections=32, seconds=seconds)
        show("batches of 200, events/s, 32 connections", batched["events_per_s"], "target ≥ 80,000")
        show("  p50 / p99 ms", batched["p50_ms"], f"/ {batched['p99_ms']}")
        show("server's Python processes, peak MiB", peak_mib(process), "target ≤ 1,024")
    with database_server(Settings.from_env()) as postgres:
        for clients in (1, 16):
            rate = one_row_per_commit(postgres.url, clients=clients, seconds=min(2.0, seconds))
            ratio = round(batched["events_per_s"] / max(1, rate), 1)
            show(f"PostgreSQL, a row per commit, {clients} clients", rate, f"batched is × {ratio}")
    show("import of 110,300 rows, whole process, s", import_seconds(folder), "target ≤ 6")


if __name__ == "__main__":
    raise SystemExit(main())
