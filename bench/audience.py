"""Audiences: from event to membership under load, set algebra, and a fresh tree over the crowd.

    python -m bench.audience [--people 1000000] [--events 20000000] [--seconds 20]

Live: 1,000 events/s into the log, 200 audiences, a million people with history in PostgreSQL; the
projector runs in a process of its own as under ``quanyu serve``; the delay is from before the
append until another connection sees the change. Peer for the set algebra: chdb's groupBitmap.
"""

import argparse
import json
import multiprocessing
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import md5
from pathlib import Path
from typing import Any

import ibis
import msgspec
import numpy as np
from pyroaring import BitMap64

from bench.crowd import DAYS, FIRST_DAY_US, write_crowd
from quanyu.clock import DAY_US, SystemClock
from quanyu.customers.audiences.decode import decode
from quanyu.customers.audiences.ports import Filling
from quanyu.customers.audiences.silence import silence_excludes
from quanyu.customers.audiences.tree import leaves
from quanyu.customers.audiences.vocabulary import Vocabulary
from quanyu.events.event import Event
from quanyu.ids import Token
from quanyu.settings import Settings
from quanyu.storage.lake.audience import People, members
from quanyu.storage.postgres.consumers import Source, catch_up, offsets
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.migrations import migrate
from quanyu.storage.postgres.projector import IDLE_S
from quanyu.wiring import Engine

SHOP = "shop"
KEY = bytes(range(32))
RATE, BATCH = 1_000, 20
AUDIENCES = 200
CATEGORIES = ("美妆", "食品", "服饰", "家电", "母婴", "数码", "生鲜", "图书", "运动", "家居")
KINDS = ("view", "click", "add_to_cart", "favourite", "search", "payment_completed")
WEIGHTS = (70, 8, 8, 4, 5, 5)
TARGETS = {"live_p95_ms": 500, "set_algebra_ms": 10, "fresh_tree_ms": 300}


def main(words: Sequence[str] | None = None) -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--people", type=int, default=1_000_000)
    arguments.add_argument("--events", type=int, default=20_000_000)
    arguments.add_argument("--seconds", type=int, default=20)
    arguments.add_argument("--crowd", type=Path, default=Path(tempfile.gettempdir()) / "crowd")
    arguments.add_argument("--only", choices=["live", "sets", "tree"])
    given = arguments.parse_args(words)
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "sets": lambda: set_algebra(given.people),
        "tree": lambda: fresh_trees(given.crowd, given.people, given.events),
        "live": lambda: live(given.people, given.seconds),
    }
    for name, run in parts.items():
        if given.only in (None, name):
            print(json.dumps({name: run(), "targets": TARGETS}, ensure_ascii=False), flush=True)


# ── set algebra ────────────────────────────────────────────────────────────────────────────────


def set_algebra(people: int) -> dict[str, Any]:
    chance = np.random.default_rng(7)
    sets = [chance.choice(people, people // 2, replace=False).astype(np.int64) for _ in range(2)]
    one, other = (BitMap64(found) for found in sets)
    ours = {
        "and_ms": best_ms(lambda: len(one & other)),
        "or_ms": best_ms(lambda: len(one | other)),
        "andnot_ms": best_ms(lambda: len(one - other)),
        "read_snapshot_ms": best_ms(lambda raw=one.serialize(): BitMap64.deserialize(raw)),
    }
    return {"ours": ours, "chdb": chdb_bitmaps(sets, expected=len(one & other))}


def best_ms(run: Callable[[], Any], times: int = 7) -> float:
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        run()
        found.append(time.perf_counter() - begun)
    return round(statistics.median(found) * 1000, 3)


def chdb_bitmaps(sets: list[Any], expected: int) -> dict[str, Any]:
    try:
        from chdb.session import Session
    except ImportError:
        return {"skipped": "chdb is not installed"}
    session = Session()
    session.query("CREATE DATABASE IF NOT EXISTS b ENGINE = Atomic")
    session.query(
        "CREATE TABLE b.m (a UInt8, s AggregateFunction(groupBitmap, UInt32))"
        " ENGINE = MergeTree ORDER BY a"
    )
    with tempfile.TemporaryDirectory() as folder:
        for number, found in enumerate(sets):
            file = Path(folder) / f"{number}.csv"
            np.savetxt(file, found, fmt="%d")
            session.query(
                f"INSERT INTO b.m SELECT {number}, groupBitmapState(p) FROM "
                f"file('{file}', 'CSV', 'p UInt32')"
            )
    query = "SELECT groupBitmapAnd(s) FROM b.m"
    assert int(str(session.query(query)).strip()) == expected
    return {"and_ms": best_ms(lambda: session.query(query))}


# ── a fresh tree over the crowd ────────────────────────────────────────────────────────────────

TREES = {
    "three_conditions": {
        "all": [
            {"event": "payment_completed", "op": "ge", "value": 1, "within": "7d"},
            {"event": "add_to_cart", "where": {"category": "美妆"}, "value": 1, "within": "7d"},
            {"not": {"event": "favourite", "value": 1, "within": "7d"}},
        ]
    },
    "three_over_30_days": {
        "all": [
            {"event": "payment_completed", "measure": "sum", "field": "amount", "op": "ge",
             "value": 50_000},
            {"event": "payment_completed", "op": "between", "value": [1, 3]},
            {"not": {"event": "favourite", "value": 1}},
        ]
    },
    "quiet_for_7_days": {"event": "payment_completed", "op": "eq", "value": 0, "within": "7d"},
    "sequence": {
        "sequence": [{"event": "add_to_cart"}, {"event": "payment_completed"}],
        "within": "1d",
    },
}  # fmt: skip


def fresh_trees(folder: Path, people: int, events: int) -> dict[str, Any]:
    paths = write_crowd(folder / f"{people}-{events}", people=people, events=events, seed=7)
    duck = ibis.duckdb.connect(threads=2)
    table = duck.read_parquet([str(path) for path in paths]).mutate(person=ibis._.node)
    as_of_us = FIRST_DAY_US + DAYS * DAY_US
    words, found = Vocabulary(), {}
    for name, form in TREES.items():
        query = members(decode(form, words), People(table), as_of_us=as_of_us)
        text = ibis.to_sql(query.aggregate(n=query.count()), dialect="duckdb")
        counted = duck.con.execute(text).fetchall()[0][0]
        run = lambda text=text: duck.con.execute(text).fetchall()  # noqa: E731
        found[name] = {"people": counted, "ms": best_ms(run, 5)}
    return found


# ── live ───────────────────────────────────────────────────────────────────────────────────────


def definitions() -> Iterator[tuple[str, dict[str, Any]]]:
    """200 audiences: thresholds, sums, silence, sequences, by kind, category and window."""
    chance = random.Random(7)
    yield "everyone", {"all": []}
    for number in range(AUDIENCES - 1):
        kind, category = chance.choice(KINDS), chance.choice(CATEGORIES)
        within = chance.choice(["1d", "7d", "30d"])
        seen = {"event": kind, "where": {"category": category}, "within": within}
        paid = {"event": "payment_completed", "within": within}
        yield f"a{number}", [
            seen | {"op": "ge", "value": chance.randint(1, 3)},
            {"all": [seen, paid | {"op": "eq", "value": 0}]},
            {"any": [paid | {"measure": "sum", "field": "amount", "op": "ge", "value": 20_000},
                     seen | {"measure": "days", "op": "ge", "value": 2}]},
            {"sequence": [{"event": "view", "where": {"category": category}},
                          {"event": kind if kind != "view" else "click"}], "within": within},
        ][number % 4]  # fmt: skip


def token(number: int) -> Token:
    return Token(md5(str(number).encode()).digest())


def populate(database: Database, people: int) -> None:
    """A million people with two events each that no audience asks about."""
    encode = msgspec.msgpack.Encoder().encode
    now_us = SystemClock().now_us()
    with database.transaction() as conn:
        number = merchant_no(conn, SHOP)
        conn.execute(
            "INSERT INTO identifier (merchant_no, kind, token)"
            " SELECT %s, 'taobao_id', decode(md5(n::text), 'hex') FROM generate_series(1, %s) n",
            [number, people],
        )
        with conn.cursor().copy(
            'COPY history (node, at_us, "offset", event) FROM STDIN (FORMAT BINARY)'
        ) as copy:
            copy.set_types(["int8", "int8", "int8", "bytea"])
            for node in range(1, people + 1):
                for place in (1, 2):
                    event = make_event(f"h{node}-{place}", "impression", node, now_us - place)
                    copy.write_row((node, event.at_us, 0, encode(event)))
    with database.session() as conn:
        conn.execute("ANALYZE identifier, history")


def make_event(event_id: str, kind: str, node: int, at_us: int, category: str = "美妆") -> Event:
    paid = kind == "payment_completed"
    return Event(
        event_id, kind, 1, at_us, at_us, "taobao.feed", (("taobao_id", token(node)),),
        item=f"i{node % 1000}", order=event_id if paid else None,
        amount_fen=9_900 if paid else None, props={"category": category},
    )  # fmt: skip


def opened(url: str, folder: str) -> Engine:
    settings = Settings(data_dir=Path(folder), database_url=url, master_key_given=KEY)
    return Engine(settings, Database(url), clock=SystemClock())


def define(engine: Engine, people: int) -> None:
    """Filled with what the histories say: all people where silence is enough, nobody elsewhere."""
    words, now_us = Vocabulary(), SystemClock().now_us()
    everybody = np.arange(1, people + 1, dtype=np.int64)
    for name, form in definitions():
        tree = decode(form, words)
        nobody = silence_excludes(tree, set(leaves(tree)))  # type: ignore[arg-type]
        persons = everybody[:0] if nobody else everybody
        filling = Filling(persons, (), now_us + DAY_US)
        engine.audience_store.put(SHOP, name, tree=tree, fill=lambda f=filling: f, now_us=now_us)


def project(url: str, folder: str, stop: Any, spent: Any) -> None:
    """The projector's process: rounds until told to stop; says what each projection cost."""
    engine = opened(url, folder)
    source = Source(engine.log)
    cost: dict[str, float] = {}
    while not stop.is_set():
        applied = 0
        for projection in engine.projections:
            begun = time.perf_counter()
            applied += catch_up(source, projection)
            spend(cost, projection.name, begun)
        begun = time.perf_counter()
        engine.audience_store.sweep(engine.live_audiences)
        spend(cost, "sweep", begun)
        if not applied:
            time.sleep(IDLE_S)
    spent.put({name: round(seconds, 2) for name, seconds in cost.items()})


def spend(cost: dict[str, float], name: str, begun: float) -> None:
    cost[name] = cost.get(name, 0.0) + time.perf_counter() - begun


def live(people: int, seconds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="quanyu-bench-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "data") as server:
            migrate(server.url)
            engine = opened(server.url, folder)
            populate(engine.database, people)
            define(engine, people)
            return measured(engine, folder, people=people, seconds=seconds)


def measured(engine: Engine, folder: str, *, people: int, seconds: int) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    stop, spent, url = context.Event(), context.Queue(), engine.database.url
    projector = context.Process(
        target=project, args=(engine.database.url, folder, stop, spent), daemon=True
    )
    projector.start()
    sent: dict[str, float] = {}
    seen: dict[str, float] = {}
    done = threading.Event()
    watcher = threading.Thread(target=watch, args=(Database(url), seen, done))
    watcher.start()
    warm_up(engine, projector)
    send(engine, people, seconds=seconds, sent=sent)
    time.sleep(2)
    done.set()
    stop.set()
    watcher.join()
    cost = spent.get(timeout=30)
    projector.join(30)
    delays = sorted((seen[e] - sent[e]) * 1000 for e in sent if e in seen)
    at = lambda share: round(delays[min(len(delays) - 1, int(len(delays) * share))], 1)  # noqa: E731
    return {
        "events": len(sent), "events_per_s": round(len(sent) / seconds), "people": people,
        "audiences": AUDIENCES, "changing_events": len(delays),
        "p50_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99), "max_ms": at(1),
        "projector_busy_s": cost, "seconds": seconds,
    }  # fmt: skip


def warm_up(engine: Engine, projector: Any) -> None:
    """Until the projector's process has started and loaded the bitmaps."""
    engine.log.append(SHOP, [make_event("warm", "view", 1, SystemClock().now_us())])
    while True:
        assert projector.is_alive(), "the projector has failed"
        with engine.database.transaction() as conn:
            if offsets(conn).get("audiences", 0) >= 1:
                return
        time.sleep(0.05)


def send(engine: Engine, people: int, *, seconds: int, sent: dict[str, float]) -> None:
    chance, clock = random.Random(11), SystemClock()
    begun = time.perf_counter()
    for batch in range(seconds * RATE // BATCH):
        wait = begun + batch * BATCH / RATE - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        events = [
            make_event(f"e{batch}-{n}", chance.choices(KINDS, WEIGHTS)[0],
                       chance.randint(1, people), clock.now_us(), chance.choice(CATEGORIES))
            for n in range(BATCH)
        ]  # fmt: skip
        now = time.perf_counter()
        sent.update((event.event_id, now) for event in events)
        engine.log.append(SHOP, events)


def watch(database: Database, seen: dict[str, float], done: threading.Event) -> None:
    last = 0
    while not done.is_set():
        with database.transaction() as conn:
            rows = conn.execute(
                "SELECT change_no, cause FROM membership_change WHERE change_no > %s"
                " ORDER BY change_no",
                [last],
            ).fetchall()
        now = time.perf_counter()
        for number, cause in rows:
            last = number
            seen.setdefault(cause.removeprefix("event:"), now)
        time.sleep(0.005)


if __name__ == "__main__":
    main()
