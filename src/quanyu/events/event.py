"""The two forms of an event: as a caller sends it, and as the log keeps it."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from quanyu.ids import Token
from quanyu.money import FEN_MAX

PropValue = str | int | float | bool

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Text = Annotated[str, Meta(max_length=1024)]
Word = Annotated[str, Meta(min_length=1, max_length=128)]


class Location(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """WGS-84 degrees. Coarsened to an H3 cell before anything is stored."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lng: Annotated[float, Meta(ge=-180, le=180)]


class IncomingEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The public form (SEMANTICS §1). ``amount`` is integer fen, ``at`` carries an offset."""

    event_id: Word
    kind: Annotated[str, Meta(min_length=1, max_length=32)]
    at: Annotated[datetime, Meta(tz=True)]
    touchpoint: Annotated[str, Meta(min_length=1, max_length=64)]
    identifiers: Annotated[
        dict[str, Annotated[str, Meta(min_length=1, max_length=256)]],
        Meta(min_length=1, max_length=8),
    ]
    merchant: str | None = None
    received_at: Annotated[datetime, Meta(tz=True)] | None = None
    """Allowed, so that our own exports can come back; the door's clock decides."""
    item: Word | None = None
    store: Word | None = None
    content: Word | None = None
    offer: Word | None = None
    campaign: Word | None = None
    decision: Word | None = None
    order: Word | None = None
    amount: Annotated[int, Meta(ge=0, le=FEN_MAX)] | None = None
    query: Text | None = None
    location: Location | None = None
    props: Annotated[dict[str, Text | Int64 | float | bool], Meta(max_length=64)] = {}


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False):
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


class LoggedEvent(msgspec.Struct, frozen=True, gc=False):
    """An event at its place in the log. Offsets are dense, start at 1 and follow commit order."""

    offset: int
    merchant: str
    event: Event
