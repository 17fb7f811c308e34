"""Events ⇄ rows of the lake, exactly."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from quanyu.events.event import Event, PropValue
from quanyu.ids import Token
from quanyu.storage.lake.schema import FILE_SCHEMA, IDENTIFIER

_write_json = msgspec.json.Encoder().encode
_read_json = msgspec.json.Decoder().decode

_FIELDS = {
    "event_id": "event_id", "kind": "kind", "version": "version", "at_us": "at_us",
    "received_us": "received_us", "touchpoint": "touchpoint", "item": "item", "store": "store",
    "content": "content", "offer": "offer", "campaign": "campaign", "decision": "decision",
    "order_id": "order", "amount_fen": "amount_fen", "query": "query", "cell": "cell",
}  # fmt: skip
"""Column → attribute of Event, where one is the other."""


def table_of(offsets: Sequence[int], events: Sequence[Event], *, nodes: Sequence[int]) -> pa.Table:
    """One row per event, in the order given, in the columns of FILE_SCHEMA."""
    columns: dict[str, pa.Array] = {
        "offset": pa.array(offsets, pa.int64()),
        "node": pa.array(nodes, pa.int64()),
        "category": pa.array([_plain(e.props.get("category")) for e in events], pa.string()),
        "identifiers": _identifiers(events),
        "props": _props(events),
    }
    for column, attribute in _FIELDS.items():
        kind = FILE_SCHEMA.field(column).type
        columns[column] = pa.array([getattr(e, attribute) for e in events], kind)
    return pa.table([columns[name] for name in FILE_SCHEMA.names], schema=FILE_SCHEMA)


def _plain(value: PropValue | None) -> str | None:
    return value if isinstance(value, str) else None


def json_text(value: PropValue) -> str:
    """How a prop's value stands in the lake."""
    return _write_json(value).decode()


def _identifiers(events: Sequence[Event]) -> pa.Array:
    kinds = pa.array([kind for e in events for kind, _ in e.identifiers], pa.string())
    tokens = pa.array([token for e in events for _, token in e.identifiers], pa.binary())
    pairs = pa.StructArray.from_arrays([kinds, tokens], fields=list(IDENTIFIER))
    return pa.ListArray.from_arrays(_starts(len(e.identifiers) for e in events), pairs)


def _props(events: Sequence[Event]) -> pa.Array:
    keys = pa.array([key for e in events for key in e.props], pa.string())
    values = pa.array([json_text(v) for e in events for v in e.props.values()], pa.string())
    return pa.MapArray.from_arrays(_starts(len(e.props) for e in events), keys, values)


def _starts(lengths: Iterable[int]) -> pa.Array:
    starts = [0]
    for length in lengths:
        starts.append(starts[-1] + length)
    return pa.array(starts, pa.int32())


def events_of(table: pa.Table) -> list[tuple[int, Event]]:
    """(offset, event) of each row, in the order of the table."""
    offsets = table["offset"].to_pylist()
    columns = [table[name].to_pylist() for name in _FIELDS]
    identifiers = map(_tokens, table["identifiers"].to_pylist())
    props = map(_values, table["props"].to_pylist())
    plain = zip(*columns, strict=True)
    return [
        (offset, Event(*[*head[:6], found, *head[6:], prop]))
        for offset, head, found, prop in zip(offsets, plain, identifiers, props, strict=True)
    ]


def _tokens(pairs: Iterable[dict[str, Any]]) -> tuple[tuple[str, Token], ...]:
    return tuple((pair["kind"], Token(pair["token"])) for pair in pairs)


def _values(pairs: Iterable[tuple[str, str]]) -> dict[str, PropValue]:
    return {key: _read_json(text) for key, text in pairs}


def split(table: pa.Table, key: Callable[[pa.Table], pa.Array]) -> list[tuple[Any, pa.Table]]:
    """Parts of a table by the value of ``key``, in the order of the values."""
    import pyarrow.compute as pc  # loading it takes a tenth of a short command

    keys = key(table)
    values = sorted(pc.unique(keys).to_pylist())
    return [(value, table.filter(pc.equal(keys, value))) for value in values]
