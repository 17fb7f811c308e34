"""Which node of the identity graph an event belongs to."""

from collections.abc import Callable, Sequence

import psycopg

from quanyu.events.event import Event
from quanyu.ids import Token

Pair = tuple[str, Token]
Register = Callable[[psycopg.Connection, str, Sequence[Pair]], dict[Pair, int]]
"""``register(conn, merchant, pairs)`` → node of each (kind, token), made when new."""
Anchor = Callable[[Sequence[Pair]], Pair]
"""The strongest identifier of an event."""


class AnchorNodes:
    def __init__(self, register: Register, anchor: Anchor) -> None:
        self._register = register
        self._anchor = anchor

    def of(self, conn: psycopg.Connection, merchant: str, events: Sequence[Event]) -> list[int]:
        """The node of each event's strongest identifier, made known where it is new."""
        pairs = [self._anchor(event.identifiers) for event in events]
        nodes = self._register(conn, merchant, list(dict.fromkeys(pairs)))
        return [nodes[pair] for pair in pairs]
