"""The log: offsets without holes, a key for every event, no consumer past the head."""

from collections.abc import Sequence
from uuid import UUID

import psycopg

from quanyu.events.log import key_of
from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.postgres.consumers import offsets
from quanyu.storage.postgres.lake_files import place
from quanyu.storage.postgres.merchants import merchant_names
from quanyu.storage.postgres.sql_files import sql

CHUNK = 10_000


def log_is_dense(parts: Audited) -> Check:
    """Offsets have no holes, the segments begin where the lake ends at the latest, and the head
    is where the last one ends."""
    with parts.database.transaction() as conn:
        gaps = conn.execute(sql("audit/segment_gaps")).fetchall()
        row = conn.execute(sql("audit/hot_end")).fetchone()
        first, in_lake = parts.log.hot_range(conn).first, place(conn)
    assert row is not None, "migration 0010 makes the head row"
    head, end = row
    faults = [f"segment {begun} should begin at {expected}" for begun, expected in gaps]
    if first > in_lake + 1:
        faults.append(f"offsets {in_lake + 1} to {first - 1} are neither hot nor in the lake")
    if end is not None and end != head:
        faults.append(f"the head says {head}, the segments end at {end}")
    return Check("log: offsets are dense", head, tuple(faults))


def every_event_has_its_key(parts: Audited) -> Check:
    """Each hot event would be found as a duplicate, and no id stands there twice."""
    looked_at, faults = 0, []
    with parts.database.transaction() as conn:
        numbers = {name: number for number, name in merchant_names(conn).items()}
        place = parts.log.hot_range(conn).first - 1
        seen: set[tuple[str, bytes]] = set()
        while chunk := parts.log.read_hot(conn, place, limit=CHUNK):
            keys = [(e.merchant, key_of(e.event.event_id)) for e in chunk.events]
            looked_at += len(keys)
            if len(set(keys)) < len(keys) or seen.intersection(keys):
                faults.append(f"an event id stands twice in offsets {place + 1}–{chunk.through}")
            seen.update(keys)
            for merchant in {merchant for merchant, _ in keys}:
                mine = [UUID(bytes=key) for owner, key in keys if owner == merchant]
                lost = _missing_keys(conn, numbers[merchant], keys=mine)
                if lost:
                    faults.append(f"{lost} events of {merchant} have no key")
            place = chunk.through
    return Check("log: every event has its key", looked_at, tuple(faults))


def _missing_keys(conn: psycopg.Connection, number: int, *, keys: Sequence[UUID]) -> int:
    args = {"merchant_no": number, "keys": list(keys)}
    row = conn.execute(sql("audit/missing_keys"), args).fetchone()
    return int(row[0]) if row else 0


def consumers_are_behind_the_head(parts: Audited) -> Check:
    with parts.database.transaction() as conn:
        head = parts.log.hot_range(conn).head
        places = offsets(conn)
    faults = [
        f"{name} is at {at}, past the head {head}" for name, at in places.items() if at > head
    ]
    return Check("projections: none is past the log", len(places), tuple(faults))
