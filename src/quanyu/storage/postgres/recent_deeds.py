"""The newest deeds of a node, packed beside its states: 64 events of history are too slow to read
and decode for every answer. Which are kept hangs on what was done alone, not on its order."""

from collections.abc import Iterable
from operator import attrgetter

import msgspec

from quanyu.decisions.taste import KEPT, KINDS, Deed
from quanyu.events.event import Event

NONE = b"\x90"
_decode = msgspec.msgpack.Decoder(list[Deed]).decode
_encode = msgspec.msgpack.Encoder().encode
_order = attrgetter("at_us", "item", "kind")


def with_deeds(packed: bytes, events: Iterable[Event]) -> bytes:
    """``packed`` and the deeds among the events, as far as they are among the newest."""
    new = [
        Deed(event.item, event.kind, event.at_us)
        for event in events
        if event.item is not None and event.kind in KINDS
    ]
    return _encode(_newest(_decode(packed) + new)) if new else packed


def newest_of(several: Iterable[bytes], *, at_us: int) -> tuple[Deed, ...]:
    """Over all nodes of a person, as of a moment, the newest last."""
    deeds = [deed for packed in several for deed in _decode(packed) if deed.at_us <= at_us]
    return tuple(_newest(deeds))


def _newest(deeds: list[Deed]) -> list[Deed]:
    return sorted(deeds, key=_order)[-KEPT:]
