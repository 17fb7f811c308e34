"""Files of tables are written anew: PostgreSQL leaves the bytes of removed rows in place."""

from contextlib import suppress

import psycopg
from psycopg import errors as pg
from psycopg.sql import SQL, Identifier

from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.sql_files import sql

COMPACT_BYTES_MAX = 256 << 20
"""Larger tables are vacuumed, not written anew: their freed bytes stay until they are reused."""
LOCK_TIMEOUT = "5s"


def write_anew(database: Database, only: str | None = None) -> None:
    """All tables that hold something of people, or one of them."""
    with database.session() as conn:
        tables = [row for row in conn.execute(sql("privacy/tables")) if only in (None, row[0])]
        conn.execute(sql("privacy/lock_timeout"), {"timeout": LOCK_TIMEOUT})
        try:
            for table, size in tables:
                _compact(conn, table, size=size)
            with suppress(pg.InsufficientPrivilege):
                conn.execute(sql("privacy/checkpoint"))
        finally:
            conn.execute(sql("privacy/lock_timeout"), {"timeout": "0"})


def _compact(conn: psycopg.Connection, table: str, *, size: int) -> None:
    name = Identifier(table)
    if size <= COMPACT_BYTES_MAX:
        with suppress(pg.LockNotAvailable):
            conn.execute(SQL(sql("privacy/compact")).format(table=name))
            return
    conn.execute(SQL(sql("privacy/vacuum")).format(table=name))
