"""The port of the event log: append durably, read in order. Engines live in ``storage``."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol, TypeVar

import msgspec

from quanyu.events.event import Event, LoggedEvent
from quanyu.events.refusals import Refusal

KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Packed:
    """Events ready to be written: item i is one encoded event, key i finds it again."""

    keys: list[bytes]
    """First 16 bytes of SHA-256 of the event ids."""
    items: list[bytes]
    """MessagePack, each one an Event."""

    def __len__(self) -> int:
        return len(self.keys)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Event | None]).decode


def key_of(event_id: str) -> bytes:
    return sha256(event_id.encode()).digest()[:KEY_BYTES]


def pack(events: Iterable[Event]) -> Packed:
    listed = list(events)
    return Packed([key_of(e.event_id) for e in listed], [_encode(e) for e in listed])


def payload_of(items: Sequence[bytes]) -> bytes:
    """MessagePack array of encoded events; ``ERASED`` stands at the place of one that is gone."""
    return b"\xdd" + len(items).to_bytes(4, "big") + b"".join(items)


ERASED = _encode(None)


def unpack(payload: bytes) -> list[Event | None]:
    """The reverse of ``payload_of``; None at the places of erased events."""
    return _decode(payload)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one caller handed in: stored as a whole, good events and refused ones together."""

    merchant: str
    packed: Packed
    refused: Sequence[Refusal]
    received_us: int

    @property
    def weight(self) -> int:
        """Bytes that wait in memory for the writer."""
        return sum(map(len, self.packed.items)) + sum(len(r.raw) for r in self.refused) + 512


@dataclass(frozen=True, slots=True)
class Appended:
    """Outcome of one batch; accepted + duplicate = sent."""

    accepted: int
    duplicate: int


class EventLog(Protocol):
    def append(self, merchant: str, events: Sequence[Event]) -> Appended:
        """Durable when it returns. An event whose (merchant, event_id) is known is a duplicate."""

    def read(self, after_offset: int, limit: int) -> list[LoggedEvent]:
        """Up to ``limit`` or a little more events with offset > ``after_offset``, in order."""

    def head(self) -> int:
        """Offset of the last event, 0 for an empty log."""


class Inbox(Protocol):
    """Where deliveries go. Engines gather several callers into one durable write."""

    def submit(self, delivery: Delivery) -> Future[Appended]:
        """The future is done when the delivery is durable. Raises when too many bytes wait."""


Tx = TypeVar("Tx", contravariant=True)


class Projection(Protocol[Tx]):
    """State folded from the log. ``apply`` runs in the transaction that also moves the offset,
    so each event takes effect exactly once; ``reset`` empties the state for a rebuild."""

    name: str

    def apply(self, tx: Tx, events: Sequence[LoggedEvent]) -> None: ...

    def reset(self, tx: Tx) -> None: ...
