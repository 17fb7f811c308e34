"""Transfers through the book: from Python and over HTTP, beside one transaction per transfer.

    quanyu bench ledger [--seconds 3] [--sizes 10000,100000,1000000] [--no-http]

Everything is durable when it is answered. The peer runs in the same PostgreSQL: a guarded UPDATE
of each of two balances and an INSERT of the transfer, one transaction each.
"""

import argparse
import json
import multiprocessing
import os
import random
import statistics
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from bench.intake import drive, quanyu, server, show

if TYPE_CHECKING:
    from quanyu.wiring import Engine

ACCOUNTS = 10_000
CALLERS = 64
MERCHANT = "bench"
GUARDED = "UPDATE peer_balance SET fen = fen + %s WHERE no = %s AND fen + %s >= 0"
PEER = f"INSERT INTO peer_balance SELECT n, 1000000 FROM generate_series(0, {ACCOUNTS - 1}) n"


def accounts() -> list[object]:
    from quanyu.ledger.accounts import Account

    return [Account(f"bench/{n}", "fen", MERCHANT) for n in range(ACCOUNTS)]


def chains(chance: random.Random, size: int) -> list[object]:
    from quanyu.ledger.transfers import Transfer

    made = []
    for _ in range(size):
        debit, credit = chance.sample(range(ACCOUNTS), 2)
        id_ = chance.randbytes(16)
        made.append([Transfer(id_, f"bench/{debit}", f"bench/{credit}", 100, "bench")])  # type: ignore[arg-type]
    return made  # type: ignore[return-value]


def callers(
    engine: "Engine", *, size: int, seconds: float, number: int = CALLERS
) -> dict[str, float]:
    """Threads that post, wait for the answer, and post again; what they post is made beforehand."""
    stacks = [
        [
            chains(random.Random(f"{n}-{k}-{time.time_ns()}"), size)
            for k in range(int(1500 * seconds) // (1 + size // 10) // 2)
        ]
        for n in range(number)
    ]
    posted, latencies = [0] * number, [[] for _ in range(number)]  # type: ignore[var-annotated]
    barrier = threading.Barrier(number + 1)
    end_s = [0.0]

    def post(caller: int) -> None:
        barrier.wait()
        for some in stacks[caller]:
            begun_s = time.perf_counter()
            if begun_s > end_s[0]:
                return
            engine.ledger.post(some)  # type: ignore[arg-type]
            latencies[caller].append(time.perf_counter() - begun_s)
            posted[caller] += size

    threads = [threading.Thread(target=post, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    begun_s = time.perf_counter()
    end_s[0] = begun_s + seconds
    barrier.wait()
    for thread in threads:
        thread.join()
    took_s = time.perf_counter() - begun_s
    return told(sum(posted), took_s, sorted(one for some in latencies for one in some))


def told(transfers: int, took_s: float, latencies: list[float]) -> dict[str, float]:
    return {
        "per_s": round(transfers / took_s),
        "p50_ms": round(1000 * statistics.median(latencies), 2),
        "p99_ms": round(1000 * latencies[int(len(latencies) * 0.99)], 2),
    }


def filled(engine: "Engine", goal: int) -> None:
    """Fills the book up to ``goal`` transfers, 1,000 per call."""
    with engine.database.transaction() as conn:
        row = conn.execute("SELECT no FROM ledger_head").fetchone()
    missing = goal - (int(row[0]) if row else 0)
    chance, waiting = random.Random(goal), deque()  # type: ignore[var-annotated]
    for _ in range(missing // 1000):
        waiting.append(engine.ledger.submit(chains(chance, 1000)))  # type: ignore[arg-type]
        if len(waiting) > 4:
            waiting.popleft().result()
    while waiting:
        waiting.popleft().result()


def one_transaction_each(url: str, *, clients: int, seconds: float) -> int:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("DROP TABLE IF EXISTS peer_balance, peer_transfer")
        conn.execute(
            "CREATE TABLE peer_balance (no int PRIMARY KEY, fen bigint CHECK (fen >= 0)) "
            "WITH (fillfactor = 50)"
        )
        conn.execute(PEER)
        conn.execute(
            "CREATE TABLE peer_transfer (id uuid PRIMARY KEY, debit int, credit int, fen bigint)"
        )
    counts = [0] * clients

    def write(client: int) -> None:
        chance = random.Random(client)
        with psycopg.connect(url, autocommit=True) as conn:
            end_s = time.perf_counter() + seconds
            while time.perf_counter() < end_s:
                debit, credit = chance.sample(range(ACCOUNTS), 2)
                steps = sorted([(debit, -100), (credit, 100)])
                with conn.transaction():
                    for no, fen in steps:
                        done = conn.execute(GUARDED, (fen, no, fen))
                        assert done.rowcount == 1
                    row = (chance.randbytes(16).hex(), debit, credit, 100)
                    conn.execute("INSERT INTO peer_transfer VALUES (%s, %s, %s, %s)", row)
                counts[client] += 1

    threads = [threading.Thread(target=write, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("DROP TABLE peer_balance, peer_transfer")
    return round(sum(counts) / seconds)


_runs = count()


def requests(secret: str, *, number: int, size: int) -> list[bytes]:
    run, chance, made = f"{next(_runs)}-{time.time_ns()}", random.Random(size), []
    for call in range(number):
        body = [
            {
                "id": f"{run}-{call}-{n}",
                "debit": f"bench/{chance.randrange(0, ACCOUNTS, 2)}",
                "credit": f"bench/{chance.randrange(1, ACCOUNTS, 2)}",
                "amount": 100,
                "code": "bench",
            }
            for n in range(size)
        ]
        sent = json.dumps(body, separators=(",", ":")).encode()
        head = (
            f"POST /v1/ledger/transfers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
        )
        made.append(head.encode() + sent)
    return made


def over_http(port: int, secret: str, *, size: int, seconds: float) -> dict[str, float]:
    """A short run to warm up and to find the rate, then one of about ``seconds``."""
    context = multiprocessing.get_context("fork")
    rate = 100.0
    for part in (0.7, seconds):
        number = max(CALLERS, int(rate * part))
        made = requests(secret, number=number, size=size)
        results = context.Queue()
        given = {"connections": CALLERS, "results": results, "counted": "posted"}
        client = context.Process(target=drive, args=(port, made), kwargs=given)
        client.start()
        took_s, posted, latencies = results.get()
        client.join()
        if posted != number * size:
            raise RuntimeError(f"{posted} of {number * size} were posted")
        rate = number / took_s
    return told(posted, took_s, sorted(latencies))


def line(name: str, found: dict[str, float], target: str) -> None:
    show(name, found["per_s"], target)
    show("  p50 / p99 ms", found["p50_ms"], f"/ {found['p99_ms']}")


def from_python(seconds: float, sizes: Sequence[int]) -> None:
    from quanyu.settings import Settings
    from quanyu.wiring import open_engine

    with open_engine(Settings.from_env()) as engine:
        engine.ledger.post([], accounts=accounts())  # type: ignore[arg-type]
        for size in sizes:
            filled(engine, size)
            found = callers(engine, size=10, seconds=seconds)
            show(f"book of {size:,}: 64 callers × 10, transfers/s", found["per_s"], "growth")
        measure: Callable[..., dict[str, float]] = callers
        one = measure(engine, size=1, seconds=seconds)
        line("64 callers, 1 transfer per call, transfers/s", one, "target ≥ 30,000")
        ten = measure(engine, size=10, seconds=seconds)
        line("64 callers, 10 transfers per call, transfers/s", ten, "target ≥ 30,000")
        for clients in (1, 16):
            rate = one_transaction_each(
                engine.database.url, clients=clients, seconds=min(2, seconds)
            )
            ratio = round(ten["per_s"] / max(1, rate), 1)
            show(f"peer: a transaction each, {clients} clients", rate, f"batched is × {ratio}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="quanyu bench ledger")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--no-http", action="store_true")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="quanyu-bench-") as folder:
        Path(folder).chmod(0o711)
        os.environ["QUANYU_DATA_DIR"] = f"{folder}/data"
        from_python(given.seconds, [int(size) for size in given.sizes.split(",") if size])
        if not given.no_http:
            http(given.seconds)
    return 0


def http(seconds: float) -> None:
    made = quanyu("key", "create", "--merchant", MERCHANT, "--scopes", "ledger:write", "--json")
    with server(serve=False) as (_, port):
        for size in (1, 10, 50):
            found = over_http(port, str(made["key"]), size=size, seconds=seconds)
            line(f"HTTP, batches of {size}, 64 connections, transfers/s", found, "target ≥ 8,000")


if __name__ == "__main__":
    raise SystemExit(main())
