"""Words that the tests of the event log share: events as callers write them, and a desk."""

import json
from collections.abc import Sequence
from typing import Any

from quanyu.clock import FixedClock
from quanyu.events.admission import Admission
from quanyu.events.event import Event
from quanyu.events.log import Appended, Delivery, Packed
from quanyu.events.service import Events
from quanyu.ids import Token, Tokeniser
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.group_commit import GroupCommit
from quanyu.storage.postgres.quarantine import Quarantine

MASTER = bytes(range(32))
MERCHANT = "shop"
AT = "2026-03-10T11:00:00+08:00"


def tokeniser_of(merchant: str) -> Tokeniser:
    return Tokeniser.of_merchant(MASTER, merchant)


def admission(merchant: str = MERCHANT) -> Admission:
    return Admission(merchant, tokeniser_of(merchant))


def seen(event_id: str = "e-1", **fields: Any) -> dict[str, Any]:
    """A view in public form; ``fields`` add or replace, None removes."""
    event = {
        "event_id": event_id,
        "kind": "view",
        "at": AT,
        "touchpoint": "taobao.detail",
        "identifiers": {"taobao_id": "tb-7"},
    } | fields
    return {name: value for name, value in event.items() if value is not None}


def array(*events: dict[str, Any]) -> bytes:
    return json.dumps(events, ensure_ascii=False, separators=(",", ":")).encode()


def lines(*events: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(event, ensure_ascii=False).encode() for event in events)


def stored(event_id: str, kind: str = "view", **fields: Any) -> Event:
    """An event as the log keeps it."""
    token = Token(event_id.encode().ljust(16, b".")[:16])
    identifiers = fields.pop("identifiers", (("taobao_id", token),))
    return Event(
        event_id=event_id, kind=kind, version=1, at_us=1_773_111_600_000_000,
        received_us=1_773_111_601_000_000, touchpoint="taobao.detail", identifiers=identifiers,
        **fields,
    )  # fmt: skip


def new_log(database: Database) -> PostgresEventLog:
    return PostgresEventLog(database, Quarantine(database, MASTER))


class Desk:
    """The whole way of an event over a real database; close it."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.quarantine = Quarantine(database, MASTER)
        self.log = PostgresEventLog(database, self.quarantine)
        self.inbox: GroupCommit[Delivery, Appended] = GroupCommit(
            self.log.write, max_weight=1 << 20, queue_max=1 << 24, weight=lambda d: d.weight
        )
        self.events = Events(self.inbox, self.quarantine, tokeniser_of=tokeniser_of, clock=clock)

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self.inbox.close()

    def ids(self) -> list[str]:
        return [logged.event.event_id for logged in read_all(self.log)]


def read_all(log: PostgresEventLog, limit: int = 7) -> list[Any]:
    found: list[Any] = []
    while page := log.read(found[-1].offset if found else 0, limit):
        found += page
    return found


def nothing() -> Packed:
    return Packed([], [])


def ids_of(events: Sequence[Any]) -> list[str]:
    return [logged.event.event_id for logged in events]
