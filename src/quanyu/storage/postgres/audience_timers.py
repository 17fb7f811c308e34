"""When to look at somebody again although nothing happens."""

from collections.abc import Collection, Sequence

import psycopg

from quanyu.customers.audiences.plan import Verdict
from quanyu.customers.audiences.ports import Filling
from quanyu.storage.postgres.sql_files import sql

TIMERS_PER_SWEEP = 2_000


def due(conn: psycopg.Connection, now_us: int) -> list[tuple[str, int, int]]:
    """(merchant, audience, person) of what has fallen due; these timers are gone afterwards."""
    args = {"now_us": now_us, "reached": profiles_at(conn), "limit": TIMERS_PER_SWEEP}
    return conn.execute(sql("audiences/due_timers"), args).fetchall()


def profiles_at(conn: psycopg.Connection) -> int:
    """Offset up to which identity and profiles have both come."""
    row = conn.execute(sql("audiences/profiles_at")).fetchone()
    return int(row[0]) if row else 0


def set_timers(tx: psycopg.Connection, verdicts: Sequence[tuple[int, Verdict]]) -> None:
    """The next look at each person. A timer that is there and earlier stays, although an event has
    moved the moment away: a look too many costs less than a write per event."""
    later = [(v.audience, p, v.next_us) for p, v in verdicts if v.next_us is not None]
    lay(tx, [(no, p) for no, p, _ in later], dues=[due for _, _, due in later])


def lay(
    tx: psycopg.Connection,
    places: Collection[tuple[int, int]],
    *,
    dues: Sequence[int],
    after_offset: int = 0,
) -> None:
    """``places``: (audience, person), each once."""
    if places:
        args = {
            "audiences": [no for no, _ in places],
            "persons": [p for _, p in places],
            "dues": list(dues),
            "offsets": [after_offset] * len(places),
        }
        tx.execute(sql("audiences/set_timers"), args)


def lay_filling(conn: psycopg.Connection, audience: int, *, filling: Filling) -> None:
    """Timers of a bulk evaluation. Those that exist stay: they come from a closer look."""
    args = {
        "audience_no": audience,
        "persons": [person for person, _ in filling.timers],
        "dues": [due_us for _, due_us in filling.timers],
    }
    conn.execute(sql("audiences/lay_timers"), args)
