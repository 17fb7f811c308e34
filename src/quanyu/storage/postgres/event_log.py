"""The event log in PostgreSQL: one transaction per group of deliveries, offsets without holes.

Duplicates are found by the primary key of ``event_key``; two writers that send one event at the
same time wait for each other there. The head row is locked last and until commit, so offsets
follow commit order: a reader that has seen offset n has seen everything before it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import psycopg

from quanyu.events.event import Event, LoggedEvent
from quanyu.events.log import ERASED, Appended, Delivery, Packed, pack, payload_of, unpack
from quanyu.storage.postgres.binary_arrays import Int4Array, UuidArray
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_names, merchant_no
from quanyu.storage.postgres.quarantine import Quarantine
from quanyu.storage.postgres.sql_files import sql


@dataclass(frozen=True, slots=True)
class HotRange:
    """Offsets that PostgreSQL still holds: first … head; empty when first > head."""

    first: int
    head: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Events in order; every place up to ``through`` is either in them or erased."""

    events: list[LoggedEvent]
    through: int


class PostgresEventLog:
    def __init__(self, database: Database, quarantine: Quarantine) -> None:
        self.database = database
        self._quarantine = quarantine
        self._names: dict[int, str] = {}

    def append(self, merchant: str, events: Sequence[Event]) -> Appended:
        """Durable when it returns; goes around the queue of ``Inbox``."""
        return self.write([Delivery(merchant, pack(events), (), 0)])[0]

    def write(self, deliveries: Sequence[Delivery]) -> list[Appended]:
        """Stores all deliveries in one transaction: new events, and what was refused."""
        with self.database.transaction() as conn:
            killpoint("events.began")
            appended = self._store(conn, deliveries)
        killpoint("events.committed")
        return appended

    def record(self, tx: psycopg.Connection, merchant: str, *, facts: Sequence[Event]) -> None:
        """Facts of ours, in the transaction of what they tell (the port ``Facts``)."""
        if facts:
            self._store(tx, [Delivery(merchant, pack(facts), (), 0)])

    def _store(self, conn: psycopg.Connection, deliveries: Sequence[Delivery]) -> list[Appended]:
        numbers = {m: merchant_no(conn, m) for m in sorted({d.merchant for d in deliveries})}
        fresh = _claim(conn, [(numbers[d.merchant], d.packed) for d in deliveries])
        killpoint("events.claimed")
        refused = [delivery for delivery in deliveries if delivery.refused]
        for delivery in sorted(refused, key=lambda delivery: delivery.merchant):
            self._quarantine.put(conn, delivery)
        killpoint("events.quarantined")
        _append(conn, [(numbers[d.merchant], p) for d, p in zip(deliveries, fresh, strict=True)])
        killpoint("events.appended")
        return [
            Appended(len(new), len(delivery.packed) - len(new))
            for delivery, new in zip(deliveries, fresh, strict=True)
        ]

    def read(self, after_offset: int, limit: int) -> list[LoggedEvent]:
        """Hot events only; those that moved to the lake are read there (see ``consumers``)."""
        with self.database.transaction() as conn:
            place = max(after_offset, self.hot_range(conn).first - 1)
            while chunk := self.read_hot(conn, place, limit=limit):
                if chunk.events:
                    return chunk.events
                place = chunk.through
        return []

    def read_hot(self, conn: psycopg.Connection, after_offset: int, *, limit: int) -> Chunk | None:
        """The next chunk, or None when the place after ``after_offset`` is not hot."""
        args = {"after": after_offset, "limit": limit}
        segments = conn.execute(sql("events/read_segments"), args, binary=True).fetchall()
        if not segments or segments[0][0] > after_offset + 1:
            return None
        events: list[LoggedEvent] = []
        for first, _, number, payload in segments:
            merchant = self._name(conn, number)
            events += [
                LoggedEvent(first + place, merchant, event)
                for place, event in enumerate(unpack(payload))
                if event is not None and first + place > after_offset
            ]
        return Chunk(events, segments[-1][0] + segments[-1][1] - 1)

    def _name(self, conn: psycopg.Connection, number: int) -> str:
        if number not in self._names:
            self._names = merchant_names(conn)
        return self._names[number]

    def head(self) -> int:
        with self.database.transaction() as conn:
            return self.hot_range(conn).head

    def hot_range(self, conn: psycopg.Connection) -> HotRange:
        row = conn.execute(sql("events/hot_range")).fetchone()
        assert row is not None, "migration 0010 makes the head row"
        first, head = row
        return HotRange(head + 1 if first is None else first, head)

    def drop_segments(self, conn: psycopg.Connection, through_offset: int) -> int:
        """Forgets segments at or before an offset; returns how many. Keys stay."""
        return conn.execute(sql("events/drop_segments"), {"through": through_offset}).rowcount

    def rewrite(
        self,
        conn: psycopg.Connection,
        merchant: str,
        *,
        gone: Callable[[Event], bool],
        mentions: Collection[bytes] = (),
    ) -> int:
        """Erases the hot events for which ``gone`` holds; returns how many. Offsets of others stay.

        With ``mentions`` (tokens), segments that hold none of these bytes are left unread.
        """
        erased, after = 0, -1
        place = {"merchant_no": merchant_no(conn, merchant)}
        while rows := conn.execute(
            sql("events/merchant_segments"), {**place, "after": after}, binary=True
        ).fetchall():
            for first, payload in rows:
                if not mentions or any(token in payload for token in mentions):
                    erased += _rewrite_segment(conn, first, payload=payload, gone=gone)
                killpoint("events.rewritten")
                after = first
        return erased


def _claim(conn: psycopg.Connection, sent: list[tuple[int, Packed]]) -> list[Packed]:
    """What is new in each delivery, in the order of sending.

    Keys go in sorted, so that two writers with the same events cannot lock each other out.
    """
    marks = [(number.to_bytes(4, "big"), packed) for number, packed in sent]
    claims = sorted({mark + key for mark, packed in marks for key in packed.keys})
    if not claims:
        return [packed for _, packed in sent]
    new = _insert_keys(conn, claims)
    total = sum(len(packed) for _, packed in sent)
    if new is None and len(claims) == total:
        return [packed for _, packed in sent]
    left = set(claims if new is None else new)
    return [_only(packed, mark, left=left) for mark, packed in marks]


def _insert_keys(conn: psycopg.Connection, claims: list[bytes]) -> list[bytes] | None:
    """The claims that were new; None when all were."""
    args = {
        "merchants": Int4Array.of_bytes([claim[:4] for claim in claims]),
        "keys": UuidArray.of(claim[4:] for claim in claims),
        "sent": len(claims),
    }
    row = conn.execute(sql("events/insert_keys"), args, binary=True).fetchone()
    assert row is not None, "an aggregate gives one row"
    if row[0] == len(claims):
        return None
    found = row[1] or b""
    return [found[at : at + 20] for at in range(0, len(found), 20)]


def _only(packed: Packed, mark: bytes, *, left: set[bytes]) -> Packed:
    """The events whose claim is in ``left``; each claim is used up by its first event."""
    keys, items = [], []
    for key, item in zip(packed.keys, packed.items, strict=True):
        if mark + key in left:
            left.discard(mark + key)
            keys.append(key)
            items.append(item)
    return Packed(keys, items)


def _append(conn: psycopg.Connection, fresh: list[tuple[int, Packed]]) -> None:
    """One segment per merchant, so that a hundred small deliveries do not make a hundred rows."""
    items: dict[int, list[bytes]] = {}
    for number, packed in fresh:
        if packed.items:
            items.setdefault(number, []).extend(packed.items)
    if not items:
        return
    args = {
        "merchants": list(items),
        "sizes": [len(some) for some in items.values()],
        "payloads": [payload_of(some) for some in items.values()],
        "total": sum(len(some) for some in items.values()),
    }
    conn.execute(sql("events/append_segments"), args)


def _rewrite_segment(
    conn: psycopg.Connection, first: int, *, payload: bytes, gone: Callable[[Event], bool]
) -> int:
    events = unpack(payload)
    leaving = [event is not None and gone(event) for event in events]
    if not any(leaving):
        return 0
    items = [
        ERASED if event is None or leaves else pack([event]).items[0]
        for event, leaves in zip(events, leaving, strict=True)
    ]
    args = {"first_offset": first, "payload": payload_of(items)}
    conn.execute(sql("events/replace_payload"), args)
    return sum(leaving)
