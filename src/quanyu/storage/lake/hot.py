"""Events that are not in the lake yet."""

import psycopg

from quanyu.events.event import LoggedEvent
from quanyu.storage.postgres.event_log import PostgresEventLog

READ_EVENTS = 10_000


def hot_after(
    log: PostgresEventLog, conn: psycopg.Connection, *, place: int, most: int | None = None
) -> tuple[list[LoggedEvent], int]:
    """Events after a place, and the place up to which they reach; a few more than ``most``."""
    events: list[LoggedEvent] = []
    while most is None or len(events) < most:
        chunk = log.read_hot(conn, place, limit=READ_EVENTS)
        if chunk is None:
            break
        events += chunk.events
        place = chunk.through
    return events, place
