"""Rows of numbers between PostgreSQL and numpy, through binary COPY."""

from typing import Any

import numpy as np
import psycopg

from quanyu.customers.identity.ledger import Rows
from quanyu.storage.postgres.sql_files import sql

_SIGNATURE = b"PGCOPY\n\xff\r\n\0"
_HEAD = _SIGNATURE + bytes(8)
_END = b"\xff\xff"


def read_rows(
    conn: psycopg.Connection, name: str, *, args: dict[str, Any], dtype: np.dtype[Any]
) -> Rows:
    """Rows of a COPY … TO STDOUT whose columns are those of ``dtype``, none of them null."""
    with conn.cursor().copy(sql(name), args) as copy:
        data = b"".join(copy)
    body = np.frombuffer(data[len(_HEAD) : -len(_END)], wire(dtype))
    rows = np.empty(len(body), dtype)
    for field in dtype.names or ():
        rows[field] = body[field]
    return rows


def write_rows(conn: psycopg.Connection, name: str, rows: Rows) -> None:
    """Feeds rows to a COPY … FROM STDIN."""
    fields = rows.dtype.names or ()
    body = np.empty(len(rows), wire(rows.dtype))
    body["fields"] = len(fields)
    for field in fields:
        body[field] = rows[field]
        body[f"{field} size"] = rows.dtype[field].itemsize
    with conn.cursor().copy(sql(name)) as copy:
        copy.write(_HEAD + body.tobytes() + _END)


def wire(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The layout of one row in PostgreSQL's binary COPY format: count, then size and value."""
    columns: list[tuple[str, Any]] = [("fields", ">i2")]
    for field in dtype.names or ():
        columns += [(f"{field} size", ">i4"), (field, dtype[field].newbyteorder(">"))]
    return np.dtype(columns)
