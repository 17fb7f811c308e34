"""A big crowd in the schema of the lake, generated with numpy, the same for the same seed.

``write_crowd("…/crowd", people=1_000_000, events=20_000_000, seed=7)`` writes one file per day
and returns their paths; ``crowd_table(people=…, events=…, seed=…)`` gives one Arrow table.
Everyone has one node (node = person, 1 … people) and visits in sessions: within a session
events follow each other in seconds to minutes. Shares of the kinds follow the public aggregates
of the UserBehavior set.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from quanyu.clock import DAY_US, SECOND_US, format_iso, parse_iso
from quanyu.storage.lake.schema import FILE_SCHEMA, IDENTIFIER, PARQUET_OPTIONS

DAYS = 30
FIRST_DAY_US = parse_iso("2026-09-01T00:00:00+08:00")
KINDS = ("add_to_cart", "click", "favourite", "payment_completed", "search", "view")
"""In the order of their names, which is the order inside a file."""
SHARES = (0.055, 0.050, 0.029, 0.020, 0.046, 0.80)
TOUCHPOINTS = ("taobao.search", "taobao.feed", "taobao.live", "eleme.home", "amap.nearby")
CATEGORIES = ("美妆", "食品", "服饰", "家电", "母婴", "数码", "生鲜", "图书", "运动", "家居")
SESSION_EVENTS_MEAN = 5
ITEMS = 100_000
PAYMENT = KINDS.index("payment_completed")


def write_crowd(lake_dir: str | Path, *, people: int, events: int, seed: int) -> list[Path]:
    """Write DAYS files under ``lake_dir``; a file that exists already is kept."""
    root, paths = Path(lake_dir), []
    for day, rows in enumerate(_rows_per_day(events)):
        first = 1 + sum(_rows_per_day(events)[:day])
        date = format_iso(FIRST_DAY_US + day * DAY_US)[:10]
        path = root / f"day={date}" / f"{first}-{first + rows - 1}.parquet"
        paths.append(path)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".tmp")
            pq.write_table(
                _day_table(people, rows, seed=seed, day=day, first=first), fresh, **PARQUET_OPTIONS
            )
            fresh.rename(path)
    return paths


def crowd_table(*, people: int, events: int, seed: int) -> pa.Table:
    """The same crowd as one table in the columns of FILE_SCHEMA."""
    return pa.concat_tables(_day_tables(people, events, seed))


def _day_tables(people: int, events: int, seed: int) -> Iterator[pa.Table]:
    first = 1
    for day, rows in enumerate(_rows_per_day(events)):
        yield _day_table(people, rows, seed=seed, day=day, first=first)
        first += rows


def _rows_per_day(events: int) -> list[int]:
    return [events * (d + 1) // DAYS - events * d // DAYS for d in range(DAYS)]


def _day_table(people: int, rows: int, *, seed: int, day: int, first: int) -> pa.Table:
    chance = np.random.default_rng([seed, day])
    node, at_us = _sessions(chance, people, rows, FIRST_DAY_US + day * DAY_US)
    kind = _kinds(chance, rows)
    order = np.lexsort((at_us, node, kind))
    node, at_us, kind = node[order], at_us[order], kind[order]
    offset = np.empty(rows, np.int64)
    offset[np.argsort(at_us, kind="stable")] = np.arange(first, first + rows)
    return _table(chance, {"offset": offset, "node": node, "at_us": at_us, "kind": kind})


def _kinds(chance: np.random.Generator, rows: int) -> np.ndarray:
    return chance.choice(len(KINDS), rows, p=SHARES)


def _sessions(
    chance: np.random.Generator, people: int, rows: int, midnight_us: int
) -> tuple[np.ndarray, np.ndarray]:
    """Who and when: sessions of geometric length, with pauses of 5 to 180 s inside."""
    lengths = chance.geometric(1 / SESSION_EVENTS_MEAN, rows // 2 + 16)
    lengths = lengths[: np.searchsorted(np.cumsum(lengths), rows) + 1]
    session = np.repeat(np.arange(len(lengths)), lengths)[:rows]
    who = 1 + (people * chance.random(len(lengths)) ** 1.5).astype(np.int64)
    start_us = midnight_us + chance.integers(0, 20 * 3600 * SECOND_US, len(lengths))
    pauses = np.cumsum(chance.integers(5 * SECOND_US, 180 * SECOND_US, rows))
    begins = np.searchsorted(session, np.arange(len(lengths)))
    at_us = start_us[session] + pauses - pauses[np.minimum(begins, rows - 1)][session]
    return who[session], np.minimum(at_us, midnight_us + DAY_US - 1)


def _table(chance: np.random.Generator, key: dict[str, np.ndarray]) -> pa.Table:
    rows = len(key["offset"])
    item = (ITEMS * chance.random(rows) ** 3).astype(np.int64)
    paid = key["kind"] == PAYMENT
    category = item % len(CATEGORIES)
    columns: dict[str, pa.Array] = {
        "offset": pa.array(key["offset"]),
        "event_id": _numbered("c", key["offset"]),
        "kind": _named(KINDS, key["kind"]),
        "version": pa.array(np.ones(rows, np.int32)),
        "at_us": pa.array(key["at_us"]),
        "received_us": pa.array(key["at_us"] + SECOND_US),
        "touchpoint": _named(TOUCHPOINTS, chance.integers(0, len(TOUCHPOINTS), rows)),
        "node": pa.array(key["node"]),
        "identifiers": _identifiers(key["node"]),
        "item": _numbered("i", item),
        "order_id": _numbered("o", key["offset"], hidden=~paid),
        "amount_fen": pa.array(100 + item % 50_000, mask=~paid),
        "category": _named(CATEGORIES, category),
        "props": _props(category),
    }
    for field in FILE_SCHEMA:
        columns.setdefault(field.name, pa.nulls(rows, field.type))
    return pa.table({name: columns[name] for name in FILE_SCHEMA.names}, schema=FILE_SCHEMA)


def _named(names: tuple[str, ...], codes: np.ndarray) -> pa.Array:
    return pa.DictionaryArray.from_arrays(codes.astype(np.int32), list(names)).cast(pa.string())


def _numbered(prefix: str, numbers: np.ndarray, hidden: np.ndarray | None = None) -> pa.Array:
    import pyarrow.compute as pc

    digits = pc.cast(pa.array(numbers, mask=hidden), pa.string())
    return pc.binary_join_element_wise(prefix, digits, "")


def _identifiers(node: np.ndarray) -> pa.Array:
    """One ``taobao_id`` each; the token is the node through two odd multipliers (SplitMix64's)."""
    rows = len(node)
    mixed = np.empty((rows, 2), np.uint64)
    mixed[:, 0] = node.astype(np.uint64) * np.uint64(0xBF58476D1CE4E5B9)
    mixed[:, 1] = node.astype(np.uint64) * np.uint64(0x94D049BB133111EB)
    token = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), rows, [None, pa.py_buffer(mixed.tobytes())]
    ).cast(pa.binary())
    kind = _named(("taobao_id",), np.zeros(rows, np.int32))
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32))
    pairs = pa.StructArray.from_arrays([kind, token], fields=list(IDENTIFIER))
    return pa.ListArray.from_arrays(offsets, pairs)


def _props(category: np.ndarray) -> pa.Array:
    rows = len(category)
    keys = _named(("category",), np.zeros(rows, np.int32))
    values = _named(tuple(f'"{name}"' for name in CATEGORIES), category)
    return pa.MapArray.from_arrays(pa.array(np.arange(rows + 1, dtype=np.int32)), keys, values)
