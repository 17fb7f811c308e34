"""The port of the event log: append durably, read in order. Engines live in ``storage``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from quanyu.events.event import Event, LoggedEvent


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


Tx = TypeVar("Tx", contravariant=True)


class Projection(Protocol[Tx]):
    """State folded from the log. ``apply`` runs in the transaction that also moves the offset,
    so each event takes effect exactly once; ``reset`` empties the state for a rebuild."""

    name: str

    def apply(self, tx: Tx, events: Sequence[LoggedEvent]) -> None: ...

    def reset(self, tx: Tx) -> None: ...
