"""Identity: 1M edges of the ledger into people, and events into identifiers.

    python -m bench.identity [--sizes 100000,300000,1000000]

Rebuild: the whole ledger is read, folded, resolved under caps and the people are written, durable,
from empty tables; then once more when they are right. Peer: a union-find in plain Python over the
same edges in memory, without kinds, caps, retractions or storage (and networkx where installed).
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from quanyu.clock import SECOND_US, FixedClock
from quanyu.customers.identity.anchors import BlockedTokens
from quanyu.events.event import Event, LoggedEvent
from quanyu.ids import Token, Tokeniser
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.identity.people import People
from quanyu.storage.postgres.identity.projection import IdentityProjection
from quanyu.storage.postgres.identity.registry import Registry
from quanyu.storage.postgres.identity.store import PostgresIdentity
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.migrations import migrate

KEY = bytes(range(32))
NOW_US = 1_773_115_200 * SECOND_US
KINDS = ("taobao_id", "phone", "device", "alipay_id", "cookie")
TARGET_S = 10.0
EVENTS = 110_000
EVENT_PEOPLE = 61_000


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100000,300000,1000000")
    sizes = [int(size) for size in parser.parse_args(arguments).sizes.split(",")]
    folder = Path(tempfile.mkdtemp(prefix="quanyu-bench-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        migrate(server.url)
        with Database(server.url) as database:
            for size in sizes:
                report(rebuilding(database, f"shop{size}", size))
            report(projecting(database, several=1))
            report(projecting(database, several=2))
    finally:
        server.destroy()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def report(figures: dict[str, Any]) -> None:
    print(json.dumps(figures, ensure_ascii=False), flush=True)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return round(time.perf_counter() - start, 2), result


def people_of(database: Database) -> People:
    return People(BlockedTokens(lambda merchant: Tokeniser(KEY)))


def rebuilding(database: Database, merchant: str, edges: int) -> dict[str, Any]:
    pairs = fill(database, merchant, edges)
    people, clock = people_of(database), FixedClock(NOW_US)
    store = PostgresIdentity(database, people, registry=Registry(), clock=clock)
    seconds, rebuilt = timed(lambda: store.rebuild(merchant))
    again, _ = timed(lambda: store.rebuild(merchant))
    plain, _ = timed(lambda: union_find(pairs))
    figures = {
        "bench": "identity rebuild",
        **rebuilt.as_json(),
        "seconds": seconds,
        "seconds_when_right_already": again,
        "edges_per_s": int(edges / seconds),
        "plain_python_union_find_s": plain,
        "ratio_to_plain_python": round(seconds / plain, 2),
    }
    if find_spec("networkx"):
        networkx_s, _ = timed(lambda: networkx_components(pairs))
        figures |= {"networkx_s": networkx_s, "ratio_to_networkx": round(seconds / networkx_s, 2)}
    return figures | ({"target_s": TARGET_S} if edges == 1_000_000 else {})


def fill(database: Database, merchant: str, edges: int) -> list[tuple[int, int]]:
    """People of two to six identifiers, and one edge in a hundred that crosses two of them."""
    chance = np.random.default_rng(edges)
    nodes = edges * 5 // 4
    with database.transaction() as conn:
        number = merchant_no(conn, merchant)
        first = conn.execute(
            "WITH made AS (INSERT INTO identifier (merchant_no, kind, token)"
            " SELECT %s, (%s::text[])[1 + n %% 5], decode(md5(%s || n), 'hex')"
            " FROM generate_series(0, %s - 1) AS n RETURNING node) SELECT min(node) FROM made",
            [number, list(KINDS), merchant, nodes],
        ).fetchone()
        assert first is not None
        low, high = (end + first[0] for end in distinct_pairs(chance, nodes, edges=edges))
        at = NOW_US - chance.integers(1, 10**12, edges)
        with conn.cursor().copy(
            "COPY edge_entry (merchant_no, a, b, rule, retracts, at_us, actor, evidence,"
            " recorded_us) FROM STDIN"
        ) as copy:
            for one in zip(low.tolist(), high.tolist(), at.tolist(), strict=True):
                copy.write_row((number, one[0], one[1], "same_event", False, one[2], "b", "{}", 0))
    with database.session() as conn:
        conn.execute("ANALYZE")
    return list(zip(low.tolist(), high.tolist(), strict=True))


def distinct_pairs(
    chance: np.random.Generator, nodes: int, *, edges: int
) -> tuple[np.ndarray, np.ndarray]:
    """Blocks of five nodes, mostly linked inside their block."""
    drawn = edges * 2
    a = chance.integers(0, nodes - 5, drawn)
    b = a // 5 * 5 + (a % 5 + chance.integers(1, 5, drawn)) % 5
    b = np.where(chance.random(drawn) < 0.01, chance.integers(0, nodes, drawn), b)
    b = np.where(a == b, a + 1, b)
    codes = np.unique(np.minimum(a, b) * nodes + np.maximum(a, b))
    codes = chance.permutation(codes)[:edges]
    return codes // nodes, codes % nodes


def union_find(pairs: list[tuple[int, int]]) -> int:
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = parent[above]
            node = above
        return node

    for a, b in pairs:
        parent[root(a)] = root(b)
    return len({root(node) for node in list(parent)})


def networkx_components(pairs: list[tuple[int, int]]) -> int:
    import networkx

    return int(networkx.number_connected_components(networkx.Graph(pairs)))


def projecting(database: Database, *, several: int) -> dict[str, Any]:
    """110,000 events in batches of 5,000, one or two identifiers each, into empty tables."""
    chance, shop = np.random.default_rng(several), f"events{several}"
    who = chance.integers(0, EVENT_PEOPLE, EVENTS).tolist()
    tokeniser = Tokeniser(KEY)
    tokens = [tokeniser.token("taobao_id", f"{shop}{n}") for n in range(EVENT_PEOPLE)]
    devices = [tokeniser.token("device", f"{shop}{n}") for n in range(EVENT_PEOPLE)]
    events = [
        LoggedEvent(n, shop, event(n, tokens[one], devices[one] if several > 1 else None))
        for n, one in enumerate(who, 1)
    ]
    projection = IdentityProjection(people_of(database), Registry())

    def project() -> None:
        for first in range(0, EVENTS, 5_000):
            with database.transaction() as conn:
                projection.apply(conn, events[first : first + 5_000])

    seconds, _ = timed(project)
    return {
        "bench": "identity projection",
        "identifiers_per_event": several,
        "events": EVENTS,
        "seconds": seconds,
        "events_per_s": int(EVENTS / seconds),
        **({"target_s": 1.5} if several == 1 else {}),
    }


def event(number: int, token: Token, device: Token | None) -> Event:
    pairs = (
        (("taobao_id", token),) if device is None else (("device", device), ("taobao_id", token))
    )
    return Event(f"e{number}", "view", 1, NOW_US, NOW_US, "taobao.feed", pairs)


if __name__ == "__main__":
    raise SystemExit(main())
