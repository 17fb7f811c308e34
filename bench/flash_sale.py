"""Flash sale: attempts/s on one item, and sold = stock, beside one row lock per attempt.

    python -m bench.flash_sale [--attempts 60000] [--callers 64]

Ours: callers in threads, each waits for its answer (durable) before the next; then with a window
of several attempts per caller, as an event loop has them. Two mixes: nine in ten come too late, and
everybody gets a piece. Peers, same PostgreSQL, same run: one transaction per attempt with
UPDATE … WHERE free > 0 + INSERT, and SELECT … FOR UPDATE + UPDATE + INSERT.
"""

import argparse
import json
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg

from quanyu.clock import DAY_US, SystemClock, format_iso
from quanyu.ids import Token
from quanyu.promotions.flash_sales.sales import Attempt, Held
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.migrations import migrate
from quanyu.wiring import Engine

SHOP = "shop"
TARGET = 10_000
PEER_CLIENTS = (16, 64)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=60_000)
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--peer-attempts", type=int, default=4_000)
    asked = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="quanyu-bench-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        migrate(server.url)
        for mix, share in (("nine in ten too late", 10), ("everybody gets one", 1)):
            for window in (1, 16):
                pieces = asked.attempts // share
                report(ours(server.url, folder, mix=(mix, pieces), sizes=(asked, window)))
        for clients in PEER_CLIENTS:
            for statement in PEERS:
                report(peer(server.url, statement, clients=clients, attempts=asked.peer_attempts))
    finally:
        server.destroy()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def report(figures: dict[str, Any]) -> None:
    print(json.dumps(figures, ensure_ascii=False), flush=True)


def ours(url: str, folder: Path, *, mix: tuple[str, int], sizes: tuple[Any, int]) -> dict[str, Any]:
    (label, pieces), (asked, window) = mix, sizes
    name = f"s{pieces}-{window}"
    with Database(url, pool_size=4) as database:
        engine = Engine(Settings(data_dir=folder), database, clock=SystemClock())
        try:
            engine.flash_sales.create(SHOP, terms(name, pieces))
            share = asked.attempts // asked.callers
            work = [attempts(name, caller, share) for caller in range(asked.callers)]
            seconds, got, waits = driven(engine, work, window=window)
            _, standing = engine.flash_sales.show(SHOP, name)
        finally:
            engine.close()
    total = share * asked.callers
    rate = int(total / seconds)
    return {
        "bench": "flash sale", "mix": label, "callers": asked.callers, "window": window,
        "attempts": total, "attempts_per_s": rate, "target": TARGET, "hit": rate >= TARGET,
        "p50_ms": percentile(waits, 50), "p99_ms": percentile(waits, 99),
        "pieces": pieces, "got": got, "held": standing.held, "free": standing.free,
        "right": got == standing.held == min(pieces, total) and standing.free == pieces - got,
    }  # fmt: skip


def terms(name: str, pieces: int) -> bytes:
    now_us = SystemClock().now_us()
    return json.dumps({
        "name": name, "item": "serum", "price_fen": 9_900, "pieces": pieces, "hold_seconds": 900,
        "starts": format_iso(now_us - DAY_US), "ends": format_iso(now_us + DAY_US),
    }).encode()  # fmt: skip


def attempts(name: str, caller: int, share: int) -> list[Attempt]:
    return [
        Attempt(
            SHOP,
            name,
            ("taobao_id", Token((caller << 32 | n).to_bytes(16, "big"))),
            f"{caller}-{n}",
        )
        for n in range(share)
    ]


def driven(
    engine: Engine, work: list[list[Attempt]], *, window: int
) -> tuple[float, int, list[float]]:
    got, waits = [0] * len(work), [list[float]() for _ in work]
    start = threading.Barrier(len(work) + 1)

    def call(caller: int) -> None:
        waiting: deque[tuple[float, Any]] = deque()
        start.wait()
        for attempt in work[caller]:
            waiting.append((time.perf_counter(), engine.flash_sales.submit(attempt)))
            if len(waiting) >= window:
                settle(caller, *waiting.popleft())
        for one in waiting:
            settle(caller, *one)

    def settle(caller: int, begun: float, pending: Any) -> None:
        got[caller] += isinstance(pending.result(), Held)
        waits[caller].append(time.perf_counter() - begun)

    with ThreadPoolExecutor(len(work)) as threads:
        done = [threads.submit(call, caller) for caller in range(len(work))]
        start.wait()
        begun = time.perf_counter()
        for one in done:
            one.result()
    return time.perf_counter() - begun, sum(got), [w for some in waits for w in some]


def percentile(waits: list[float], percent: int) -> float:
    return round(sorted(waits)[len(waits) * percent // 100] * 1000, 2)


def guarded(conn: psycopg.Connection, buyer: int) -> bool:
    with conn.transaction():
        took = conn.execute("UPDATE peer_sale SET free = free - 1 WHERE id = 1 AND free > 0")
        if took.rowcount:
            conn.execute("INSERT INTO peer_order (buyer) VALUES (%s)", [buyer])
        return bool(took.rowcount)


def locked(conn: psycopg.Connection, buyer: int) -> bool:
    with conn.transaction():
        row = conn.execute("SELECT free FROM peer_sale WHERE id = 1 FOR UPDATE").fetchone()
        assert row is not None
        if row[0] > 0:
            conn.execute("UPDATE peer_sale SET free = free - 1 WHERE id = 1")
            conn.execute("INSERT INTO peer_order (buyer) VALUES (%s)", [buyer])
        return bool(row[0] > 0)


PEERS: dict[str, Callable[[psycopg.Connection, int], bool]] = {
    "UPDATE … WHERE free > 0": guarded, "SELECT … FOR UPDATE": locked,
}  # fmt: skip


def peer(url: str, statement: str, *, clients: int, attempts: int) -> dict[str, Any]:
    """Everybody gets a piece: a peer that only says "sold out" would be a read."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("DROP TABLE IF EXISTS peer_sale, peer_order")
        conn.execute("CREATE TABLE peer_sale (id int PRIMARY KEY, free int CHECK (free >= 0))")
        conn.execute("CREATE TABLE peer_order (id bigserial PRIMARY KEY, buyer int UNIQUE)")
        conn.execute("INSERT INTO peer_sale VALUES (1, %s)", [attempts])
    share = attempts // clients
    start = threading.Barrier(clients + 1)

    def call(client: int) -> int:
        with psycopg.connect(url, autocommit=True) as conn:
            start.wait()
            return sum(PEERS[statement](conn, client * share + n) for n in range(share))

    with ThreadPoolExecutor(clients) as threads:
        done = [threads.submit(call, client) for client in range(clients)]
        start.wait()
        begun = time.perf_counter()
        got = sum(one.result() for one in done)
    seconds = time.perf_counter() - begun
    return {
        "bench": "flash sale, peer", "statement": statement, "clients": clients,
        "attempts_per_s": int(share * clients / seconds), "got": got,
    }  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
