"""The two forms of an event: as a caller sends it, and as the log keeps it."""

from datetime import datetime
from typing import Any

import msgspec

from quanyu.ids import Token

PropValue = str | int | float | bool


class Location(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """WGS-84 degrees. Coarsened to an H3 cell before anything is stored."""

    lat: float
    lng: float


class IncomingEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The public form (SEMANTICS §1). ``amount`` is integer fen, ``at`` carries an offset."""

    event_id: str
    kind: str
    at: datetime
    touchpoint: str
    identifiers: dict[str, str]
    merchant: str | None = None
    received_at: datetime | None = None
    item: str | None = None
    store: str | None = None
    content: str | None = None
    offer: str | None = None
    campaign: str | None = None
    decision: str | None = None
    order: str | None = None
    amount: int | None = None
    query: str | None = None
    location: Location | None = None
    props: dict[str, PropValue] = {}


class Event(msgspec.Struct, frozen=True, array_like=True):
    """The stored form: identifiers are tokens, the place is a cell, free text is scrubbed.

    ``array_like``: the log writes millions of these, and field names would be half of the bytes.
    New fields go to the end with a default, so that old segments still decode.
    """

    event_id: str
    kind: str
    version: int
    at_us: int
    received_us: int
    touchpoint: str
    identifiers: tuple[tuple[str, Token], ...]
    """(kind, token), sorted by kind."""
    item: str | None = None
    store: str | None = None
    content: str | None = None
    offer: str | None = None
    campaign: str | None = None
    decision: str | None = None
    order: str | None = None
    amount_fen: int | None = None
    query: str | None = None
    cell: int | None = None
    """H3 index, resolution 7 (8 with consent to precise location)."""
    props: dict[str, PropValue] = {}

    def field(self, name: str) -> Any:
        """Value of a filterable field: one of FIELDS, else the prop of that name, else None."""
        if name in FIELDS:
            return getattr(self, FIELDS[name])
        return self.props.get(name)


FIELDS = {
    "kind": "kind",
    "touchpoint": "touchpoint",
    "item": "item",
    "store": "store",
    "content": "content",
    "offer": "offer",
    "campaign": "campaign",
    "decision": "decision",
    "order": "order",
    "amount": "amount_fen",
    "query": "query",
}
"""Public field name → attribute of Event. Every other name in a condition means a prop."""


class LoggedEvent(msgspec.Struct, frozen=True):
    """An event at its place in the log. Offsets are dense, start at 1 and follow commit order."""

    offset: int
    merchant: str
    event: Event
