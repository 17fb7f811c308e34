"""Columns of numbers between PostgreSQL and numpy, without a Python object per value."""

from typing import Any

import numpy as np
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

from quanyu.customers.identity.ledger import Rows
from quanyu.storage.postgres.sql_files import sql

_COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"
_ARRAY_HEAD_BYTES = 20
_INT8, _INT8_ARRAY = 20, 1016


class Int8s(bytes):
    """A bigint[] parameter, made by ``int8s``."""


class _Int8sDumper(Dumper):
    format, oid = Format.BINARY, _INT8_ARRAY

    def dump(self, obj: bytes) -> bytes:
        return obj


psycopg.adapters.register_dumper(Int8s, _Int8sDumper)


def int8s(values: Rows) -> Int8s:
    """The wire form of a one-dimensional bigint[] without nulls (PostgreSQL ``array_recv``)."""
    if not len(values):
        return Int8s(bytes(8) + _INT8.to_bytes(4, "big"))
    head = (1, 0, _INT8, len(values), 1)
    body = np.empty(len(values), [("size", ">i4"), ("value", ">i8")])
    body["size"], body["value"] = 8, values
    return Int8s(b"".join(n.to_bytes(4, "big") for n in head) + body.tobytes())


def read_rows(
    conn: psycopg.Connection, name: str, *, args: dict[str, Any], dtype: np.dtype[Any]
) -> Rows:
    """Rows of a query that gives ``array_send(array_agg(…))`` per field of ``dtype``."""
    columns = conn.execute(sql(name), args, binary=True).fetchone()
    assert columns is not None, "an aggregate gives one row"
    if columns[0] is None:
        return np.empty(0, dtype)
    values = [
        _values(column, dtype[field])
        for field, column in zip(dtype.names or (), columns, strict=True)
    ]
    rows = np.empty(len(values[0]), dtype)
    for field, value in zip(dtype.names or (), values, strict=True):
        rows[field] = value
    return rows


def _values(column: bytes, dtype: np.dtype[Any]) -> Rows:
    wire = np.dtype([("size", ">i4"), ("value", dtype.newbyteorder(">"))])
    return np.frombuffer(column, wire, offset=_ARRAY_HEAD_BYTES)["value"]


def write_rows(conn: psycopg.Connection, name: str, *, rows: Rows) -> None:
    """Feeds rows to a COPY … FROM STDIN (FORMAT binary)."""
    fields = rows.dtype.names or ()
    body = np.empty(len(rows), _copy_row(rows.dtype))
    body["fields"] = len(fields)
    for field in fields:
        body[field] = rows[field]
        body[f"{field} size"] = rows.dtype[field].itemsize
    with conn.cursor().copy(sql(name)) as copy:
        copy.write(_COPY_HEAD + body.tobytes() + _COPY_END)


def _copy_row(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """One row in binary COPY: the number of fields, then size and value of each."""
    columns: list[tuple[str, Any]] = [("fields", ">i2")]
    for field in dtype.names or ():
        columns += [(f"{field} size", ">i4"), (field, dtype[field].newbyteorder(">"))]
    return np.dtype(columns)
