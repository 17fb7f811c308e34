"""Who owns which node, as a table that a report can join."""

import numpy as np
import psycopg
import pyarrow as pa

from quanyu.storage.postgres.sql_files import sql

PERSON_OF = pa.schema([("node", pa.int64()), ("person", pa.int64())])
_COPIED = np.dtype([("n", ">i2"), ("a", ">i4"), ("node", ">i8"), ("b", ">i4"), ("person", ">i8")])
_COPY_HEAD, _COPY_TAIL = 19, 2


def person_of(conn: psycopg.Connection, number: int | None) -> pa.Table:
    """node, person of one merchant number, or of all: only nodes whose person has another number.

    COPY's binary form is read as one array: rows of a field count, and a length before each field.
    """
    with conn.cursor().copy(sql("lake/persons_of_merchant"), {"merchant_no": number}) as copy:
        raw = b"".join(copy)
    rows = np.frombuffer(raw[_COPY_HEAD:-_COPY_TAIL], _COPIED)
    columns = [pa.array(rows[name].astype(np.int64)) for name in PERSON_OF.names]
    return pa.table(columns, schema=PERSON_OF)
