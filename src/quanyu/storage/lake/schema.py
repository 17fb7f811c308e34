"""The columns of the lake: what a Parquet file holds, and what a report sees.

A file holds every field of an event exactly, so that the lake can give the log back. ``props``
keeps each scalar as JSON text (a text is quoted, so ``"5"`` and ``5`` stay apart); ``category``
is a plain copy of the prop of that name where that is a text, because most reports ask for it.
"""

import pyarrow as pa

IDENTIFIER = pa.struct([("kind", pa.string()), ("token", pa.binary())])

FILE_SCHEMA = pa.schema(
    [
        ("offset", pa.int64()),
        ("event_id", pa.string()),
        ("kind", pa.string()),
        ("version", pa.int32()),
        ("at_us", pa.int64()),
        ("received_us", pa.int64()),
        ("touchpoint", pa.string()),
        ("node", pa.int64()),
        ("identifiers", pa.list_(IDENTIFIER)),
        ("item", pa.string()),
        ("store", pa.string()),
        ("content", pa.string()),
        ("offer", pa.string()),
        ("campaign", pa.string()),
        ("decision", pa.string()),
        ("order_id", pa.string()),
        ("amount_fen", pa.int64()),
        ("query", pa.string()),
        ("cell", pa.int64()),
        ("category", pa.string()),
        ("props", pa.map_(pa.string(), pa.string())),
    ]
)
"""Columns of a file. A report sees these, and ``at`` (UTC) and ``person`` besides."""

SORTED_BY = ("kind", "node", "at_us", "event_id")
"""Order inside a file. Reports ask for a few kinds: with the kind first, whole row groups are
skipped by their statistics."""

ROW_GROUP_ROWS = 122_880
"""DuckDB reads one row group per thread at a time; 60 of its vectors."""

_REPEATING = [
    "kind", "version", "touchpoint", "item", "store", "content", "offer", "campaign", "category",
    "cell", "identifiers.list.element.kind", "props.key_value.key", "props.key_value.value",
]  # fmt: skip

PARQUET_OPTIONS = {
    "compression": "zstd",
    "row_group_size": ROW_GROUP_ROWS,
    "use_dictionary": _REPEATING,
    "store_schema": False,
    "version": "2.6",
}
