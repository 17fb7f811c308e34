"""One customer's events for tests of tags: written as days ago, read as values and as Chinese."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from quanyu.clock import CHINA_OFFSET_US, DAY_US, HOUR_US, parse_iso
from quanyu.customers.profile.catalogue import States, TagReading
from quanyu.customers.profile.loading import tag_definitions
from quanyu.events.event import FIELDS, Event

FRIDAY_NOON = parse_iso("2026-05-01T12:00:00+08:00")
BUY = "payment_completed"
SHIPPED = tag_definitions()
_numbers = count(1)


def happened(kind: str, days_ago: int = 0, *, hour: int = 12, **rest: Any) -> Event:
    """An event of the log: public fields by their attribute, everything else is a prop."""
    midnight_us = (FRIDAY_NOON + CHINA_OFFSET_US) // DAY_US * DAY_US - CHINA_OFFSET_US
    at_us = rest.pop("at_us", midnight_us - days_ago * DAY_US + hour * HOUR_US)
    own = {"event_id": f"e{next(_numbers):06d}", "touchpoint": "taobao.app"}
    own |= {name: rest.pop(name) for name in ("event_id", *FIELDS.values()) if name in rest}
    return Event(
        kind=kind, version=1, at_us=at_us, received_us=at_us, identifiers=(), props=rest, **own
    )  # fmt: skip


def bought(days_ago: int = 0, *, amount_fen: int = 9_900, **rest: Any) -> Event:
    return happened(BUY, days_ago, amount_fen=amount_fen, **rest)


def told(days_ago: int = 0, **props: Any) -> Event:
    """What the customer said when joining."""
    return happened("member_joined", days_ago, **props)


def folded(events: Iterable[Event]) -> States:
    """The states of one node."""
    states: States = {}
    for event in events:
        SHIPPED.fold(states, event)
    return states


def read(*nodes: Iterable[Event], as_of_us: int = FRIDAY_NOON) -> dict[str, TagReading]:
    """The tags of a person with these nodes, each a list of events in the order of arrival."""
    return SHIPPED.read(SHIPPED.merge([folded(node) for node in nodes]), as_of_us)


def value_of(key: str, *nodes: Iterable[Event], as_of_us: int = FRIDAY_NOON) -> Any:
    found = read(*nodes, as_of_us=as_of_us).get(key)
    return None if found is None else found.value
