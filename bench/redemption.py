"""Redemptions of distinct coupons over HTTP, durable; beside it a plain guarded UPDATE.

    quanyu bench redemption [--seconds 4] [--serve] [--workers 2] [--connections 384]

The client is a process of its own over plain sockets with requests made beforehand. The peer is
16 clients that each redeem by `UPDATE … WHERE state = 'issued'` and check the row count, one
commit per coupon, in the same PostgreSQL: no ledger, no caps, no kill switch, no facts, no
idempotency.
"""

import argparse
import json
import multiprocessing
import os
import selectors
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from bench.intake import Connection, quanyu, server, show

PEER_CLIENTS = 16
FACE_FEN = 2000


def template(pieces: int) -> dict[str, object]:
    benefit = {"amount_off": {"amount": FACE_FEN, "threshold": 10_000}}
    return {
        "terms": {"id": "bench", "lane": "shop", "kind": "coupon", "benefit": benefit},
        "pieces": pieces, "money": pieces * FACE_FEN, "valid_for": "7d",
        "forecast_hour": pieces * FACE_FEN, "trips_at": 1000,
    }  # fmt: skip


def prepared(folder: Path, pieces: int) -> list[str]:
    """Codes of a published offer, and how long they took."""
    file = folder / "template.json"
    file.write_text(json.dumps(template(pieces)))
    quanyu("offer", "create", "--template", str(file), "--actor", "a", "--json")
    quanyu("offer", "submit", "bench", "--actor", "a", "--json")
    quanyu("offer", "approve", "bench", "--actor", "b", "--json")
    out = folder / "codes.csv"
    begun = time.perf_counter()
    quanyu(
        "coupon",
        "codes",
        "b1",
        "--offer",
        "bench",
        "--pieces",
        str(pieces),
        "--out",
        str(out),
        "--json",
    )
    took_s = time.perf_counter() - begun
    show(f"{pieces:,} printed codes, whole process, s", round(took_s, 1), "target ≤ 60 per 100,000")
    return [line.split(",")[2] for line in out.read_text().splitlines()[1:]]


def requests(codes: Sequence[str], secret: str) -> list[bytes]:
    made = []
    for code in codes:
        body = json.dumps({"code": code, "amount": 15_000, "store": "s1"}).encode()
        head = (
            f"POST /v1/redemptions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n"
            f"Idempotency-Key: k-{code}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def drive(port: int, made: list[bytes], *, connections: int, results: object) -> None:
    """Body of the client's process: puts (seconds, discounts, latencies) into ``results``."""
    waiting, discounts_fen, latencies = iter(made), 0, []
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
            discounts_fen += json.loads(body)["discount"]
            following = next(waiting, None)
            if following is None:
                selector.unregister(key.data.socket)
            else:
                key.data.send(following)
    results.put((time.perf_counter() - begun, discounts_fen, latencies))  # type: ignore[attr-defined]


def redeemed(port: int, made: list[bytes], *, connections: int) -> float:
    """Redemptions per second; each of them must have been given its discount."""
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    how = {"connections": connections, "results": results}
    client = context.Process(target=drive, args=(port, made), kwargs=how)
    client.start()
    took_s, discounts_fen, latencies = results.get()
    client.join()
    if discounts_fen != len(made) * FACE_FEN:
        raise RuntimeError(f"{discounts_fen} fen were given for {len(made)} redemptions")
    latencies.sort()
    name = f"redemptions/s over HTTP, {connections} connections"
    show(name, round(len(made) / took_s), "target ≥ 5,000")
    p50, p99 = latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]
    show("  p50 / p99 ms", round(1000 * p50, 1), f"/ {round(1000 * p99, 1)}")
    return len(made) / took_s


def guarded_updates(url: str, *, seconds: float) -> int:
    """The peer: one commit per coupon, the row count checked."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE TABLE bench_coupon (no int PRIMARY KEY, state text NOT NULL)")
        conn.execute(
            "INSERT INTO bench_coupon SELECT n, 'issued' FROM generate_series(1, 200000) n"
        )
    counts = [0] * PEER_CLIENTS

    def redeem(client: int) -> None:
        end_s, number = time.perf_counter() + seconds, client + 1
        with psycopg.connect(url, autocommit=True) as conn:
            while time.perf_counter() < end_s:
                done = conn.execute(
                    "UPDATE bench_coupon SET state = 'used' WHERE no = %s AND state = 'issued'",
                    [number],
                )
                counts[client] += done.rowcount
                number += PEER_CLIENTS

    threads = [threading.Thread(target=redeem, args=(n,)) for n in range(PEER_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("DROP TABLE bench_coupon")
    return round(sum(counts) / seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="quanyu bench redemption")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--pieces", type=int, default=20_000)
    parser.add_argument("--serve", action="store_true", help="under quanyu serve, with projector")
    parser.add_argument("--connections", type=int, default=128)
    parser.add_argument("--workers", type=int, default=1, help="processes of the API")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="quanyu-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        os.environ["QUANYU_DATA_DIR"] = f"{folder}/data"
        os.environ["QUANYU_MERCHANT"] = "bench"
        scopes = ("key", "create", "--merchant", "bench", "--scopes", "redemptions:write", "--json")
        secret = str(quanyu(*scopes)["key"])
        report(secret, folder, given)
    return 0


def report(secret: str, folder: Path, given: argparse.Namespace) -> None:
    from quanyu.settings import Settings
    from quanyu.wiring import database_server

    made = requests(prepared(folder, given.pieces), secret)
    with server(serve=given.serve, workers=given.workers) as (_, port):
        rate = redeemed(port, made, connections=given.connections)
    with database_server(Settings.from_env()) as postgres:
        peer = guarded_updates(postgres.url, seconds=min(3.0, given.seconds))
    show("guarded UPDATE, a commit each, 16 clients", peer, f"ours is × {rate / max(1, peer):.1f}")


if __name__ == "__main__":
    raise SystemExit(main())
