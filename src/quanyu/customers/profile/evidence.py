"""From which events a value came: the newest that counted, found again in the history."""

from collections.abc import Iterable, Sequence

from quanyu.clock import CHINA_OFFSET_US, DAY_US
from quanyu.customers.profile.catalogue import Catalogue, TagReading
from quanyu.customers.profile.definitions import TagValue
from quanyu.customers.profile.measure import Accumulator
from quanyu.events.event import Event

EVENTS_MAX = 5


def evidence(
    catalogue: Catalogue, reading: TagReading, *, events: Sequence[Event], as_of_us: int
) -> list[Event]:
    """Up to five events, newest first, behind a tag. ``events``: the person's, newest first."""
    own = reading.value if reading.tag.type == "texts" else None
    found: dict[str, Event] = {}
    for accumulator in catalogue.measures_of(reading.tag.key):
        for event in _counted(accumulator, events, as_of_us=as_of_us, texts=own):
            found[event.event_id] = event
    return sorted(found.values(), key=lambda e: (-e.at_us, e.event_id))[:EVENTS_MAX]


def _counted(
    accumulator: Accumulator,
    events: Iterable[Event],
    *,
    as_of_us: int,
    texts: TagValue | None,
) -> list[Event]:
    aggregate = accumulator.measure.aggregate
    counted = [
        event
        for event in events
        if _inside(accumulator.measure.window_days, event.at_us, as_of_us=as_of_us)
        and (text := accumulator.text(event)) is not None
        and (not isinstance(texts, tuple) or text in texts)
    ]
    ends = sorted(counted, key=lambda e: (e.at_us, e.event_id), reverse=aggregate != "first")
    return ends[: 1 if aggregate in ("last", "first") else EVENTS_MAX]


def _inside(window_days: int | None, at_us: int, *, as_of_us: int) -> bool:
    day, today = ((us + CHINA_OFFSET_US) // DAY_US for us in (at_us, as_of_us))
    return window_days is None or today - window_days < day <= today
