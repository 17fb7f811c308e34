"""What people did lately, read from their history."""

from collections.abc import Mapping, Sequence

import msgspec
import psycopg

from quanyu.decisions.taste import KEPT, KINDS, Deed, Taste
from quanyu.storage.postgres.sql_files import sql

LOOKED_AT = 512
"""Newest events of a node among which its deeds are: somebody who only searches costs no more."""


class _Beginning(msgspec.Struct, array_like=True, gc=False):
    """Of a stored event (``events/event.py``), as far as a deed needs; the rest is skipped."""

    event_id: msgspec.Raw
    kind: str
    version: msgspec.Raw
    at_us: int
    received_us: msgspec.Raw
    touchpoint: msgspec.Raw
    identifiers: msgspec.Raw
    item: str | None = None


_decode = msgspec.msgpack.Decoder(list[_Beginning]).decode
_KINDS = [msgspec.msgpack.encode(kind) for kind in KINDS]


def tastes(
    tx: psycopg.Connection, nodes: Mapping[int, Sequence[int]], *, at_us: int
) -> dict[int, Taste]:
    """Ask → the newest deeds over the nodes of its person; nothing of people who did nothing."""
    args = {**by_ask(nodes), "kinds": _KINDS, "at_us": at_us, "looked_at": LOOKED_AT, "kept": KEPT}
    rows = tx.execute(sql("decisions/deeds"), args, binary=True)
    return {ask: _taste(count, packed) for ask, count, packed in rows}


def by_ask(nodes: Mapping[int, Sequence[int]]) -> dict[str, list[int]]:
    """For a statement that unnests them."""
    pairs = [(ask, node) for ask, listed in nodes.items() for node in listed]
    return {"asks": [ask for ask, _ in pairs], "nodes": [node for _, node in pairs]}


def _taste(count: int, packed: bytes) -> Taste:
    """``packed``: ``count`` events, the oldest first; those without an item are no deeds."""
    events = _decode(b"\xdd" + count.to_bytes(4, "big") + packed)
    deeds = [Deed(one.item, one.kind, one.at_us) for one in events if one.item is not None]
    return Taste(tuple(deeds))
