"""Which node of the identity graph an event belongs to."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import psycopg
import pyarrow as pa

from quanyu.customers.identity.anchors import Identifier
from quanyu.events.event import Event, LoggedEvent
from quanyu.storage.lake.rows import table_of


class Nodes(Protocol):
    def of(self, conn: psycopg.Connection, merchant: str, *, events: Sequence[Event]) -> list[int]:
        """The node of each event's strongest identifier, made known where it is new."""


def rows_of(
    conn: psycopg.Connection, merchant: str, *, group: Sequence[LoggedEvent], nodes: Nodes
) -> pa.Table:
    """Events of one merchant as rows of the lake."""
    events = [logged.event for logged in group]
    offsets = [logged.offset for logged in group]
    return table_of(offsets, events, nodes=nodes.of(conn, merchant, events=events))


class Register(Protocol):
    def __call__(
        self, conn: psycopg.Connection, merchant: str, *, pairs: Collection[Identifier]
    ) -> dict[Identifier, int]:
        """Node of each (kind, token), made when new."""


Anchor = Callable[[str, Event], Identifier]
"""``anchor(merchant, event)`` → its strongest identifier that is not blocked."""


class AnchorNodes:
    def __init__(self, register: Register, anchor: Anchor) -> None:
        self._register = register
        self._anchor = anchor

    def of(self, conn: psycopg.Connection, merchant: str, *, events: Sequence[Event]) -> list[int]:
        """The node of each event's strongest identifier, made known where it is new."""
        pairs = [self._anchor(merchant, event) for event in events]
        nodes = self._register(conn, merchant, pairs=list(dict.fromkeys(pairs)))
        return [nodes[pair] for pair in pairs]
