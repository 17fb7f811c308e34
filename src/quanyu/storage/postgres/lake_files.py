"""The manifest of the lake, and the lake's place in the log."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import psycopg

from quanyu.storage.postgres.sql_files import sql

CONSUMER = "lake"


@dataclass(frozen=True, slots=True)
class LakeFile:
    file_id: int
    merchant_no: int
    day: int
    path: str
    """Below the lake's directory."""
    first_offset: int
    last_offset: int
    events: int
    bytes: int
    min_at_us: int
    max_at_us: int
    min_node: int
    max_node: int


def locked_place(conn: psycopg.Connection) -> int:
    """Offset up to which the lake has the log. Whoever holds the lock alone makes files."""
    args = {"consumer": CONSUMER}
    row = conn.execute(sql("events/lock_consumer"), args).fetchone()
    if row is None:
        conn.execute(sql("events/add_consumer"), args)
        return locked_place(conn)
    return int(row[0])


def move_place(conn: psycopg.Connection, offset: int) -> None:
    conn.execute(sql("events/move_consumer"), {"consumer": CONSUMER, "offset": offset})


def freeze(conn: psycopg.Connection) -> None:
    """First of a transaction: all its statements see one moment."""
    conn.execute(sql("lake/one_snapshot"))


def place(conn: psycopg.Connection) -> int:
    row = conn.execute(sql("lake/place"), {"consumer": CONSUMER}).fetchone()
    return int(row[0]) if row else 0


def next_file_id(conn: psycopg.Connection) -> int:
    row = conn.execute(sql("lake/next_file_id")).fetchone()
    assert row is not None, "a sequence always has a next value"
    return int(row[0])


def add_files(conn: psycopg.Connection, files: Iterable[LakeFile]) -> None:
    for file in files:
        conn.execute(sql("lake/add_file"), asdict(file))


def live_files(conn: psycopg.Connection, number: int | None = None) -> list[LakeFile]:
    """Files of one merchant number, or of all merchants."""
    rows = conn.execute(sql("lake/live_files"), {"merchant_no": number}).fetchall()
    return [LakeFile(*row) for row in rows]


def files_after(conn: psycopg.Connection, offset: int) -> list[LakeFile]:
    rows = conn.execute(sql("lake/files_after"), {"after": offset}).fetchall()
    return [LakeFile(*row) for row in rows]


def retire_files(conn: psycopg.Connection, files: Sequence[LakeFile], *, now_us: int) -> None:
    args = {"file_ids": [file.file_id for file in files], "now_us": now_us}
    conn.execute(sql("lake/retire_files"), args)


def forget_retired(conn: psycopg.Connection, until_us: int) -> list[str]:
    """Paths of the files that nobody may hold any more."""
    rows = conn.execute(sql("lake/forget_retired"), {"until_us": until_us}).fetchall()
    return [str(row[0]) for row in rows]


def all_paths(conn: psycopg.Connection) -> set[str]:
    return {str(row[0]) for row in conn.execute(sql("lake/all_paths"))}
