"""Facts of our own: what happened is written in the transaction in which it happened."""

from collections.abc import Sequence
from typing import Protocol, TypedDict, TypeVar, Unpack

import msgspec

from quanyu.events.event import Event, PropValue
from quanyu.events.facts import FACT_TYPES
from quanyu.ids import Token

Tx = TypeVar("Tx", contravariant=True)


class Facts(Protocol[Tx]):
    """Where facts go. Engines live in ``storage``."""

    def record(self, tx: Tx, merchant: str, *, facts: Sequence[Event]) -> None:
        """Commits with the caller. A fact whose id is known is left as it is.

        Takes the lock of the log's head: record last.
        """


class Occasion(msgspec.Struct, frozen=True):
    """When, where and to whom something happened."""

    at_us: int
    touchpoint: str
    identifiers: tuple[tuple[str, Token], ...]
    """(kind, token), sorted by kind; at least one."""


class Said(TypedDict, total=False):
    """Fields of a fact that not every kind has."""

    item: str | None
    store: str | None
    content: str | None
    offer: str | None
    campaign: str | None
    decision: str | None
    order: str | None
    amount_fen: int | None
    props: dict[str, PropValue]


def fact(kind: str, event_id: str, *, on: Occasion, **said: Unpack[Said]) -> Event:
    """A fact of one of FACT_TYPES. ``event_id`` follows from the request that caused it, so that
    a repeated request tells nothing twice."""
    assert on.identifiers, "a fact is about somebody"
    version = FACT_TYPES[kind].version
    return Event(event_id, kind, version, on.at_us, on.at_us, on.touchpoint, on.identifiers, **said)
