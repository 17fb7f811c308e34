"""From received bytes to events that may be stored: each one by itself, none blocks the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quanyu.events.admission import Admission
from quanyu.events.bodies import (
    Form,
    Unusable,
    decode_clean,
    decode_one,
    form_of,
    readable_event_id,
    split,
)
from quanyu.events.event import Event, IncomingEvent
from quanyu.events.log import Packed, pack
from quanyu.events.refusals import Fault, Reason, Refusal
from quanyu.events.scrub import scrub_text

EVENTS_MAX = 10_000
"""In one body; more would hold the writer up."""
EVENT_BYTES_MAX = 32 * 1024
"""Of the stored form."""


@dataclass(frozen=True, slots=True)
class Taken:
    """len(packed) + len(refused) = received; duplicates are found by the log."""

    received: int
    packed: Packed
    refused: list[Refusal]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a connector made of one row: an event, or what is wrong with it."""

    raw: bytes
    outcome: IncomingEvent | Fault
    place: int
    """Line number, from 1."""


def take(
    body: bytes,
    admission: Admission,
    *,
    received_us: int,
    events_max: int = EVENTS_MAX,
    form: Form | None = None,
) -> Taken | Unusable:
    """JSON array or NDJSON → events and refusals; Unusable when no event can be told apart.

    ``form`` is known from the first character unless given.
    """
    form = form or form_of(body)
    if form is None:
        return Unusable(0, "send a JSON array or one JSON object per line")
    incoming: Sequence[IncomingEvent | Fault] | None = decode_clean(body, form)
    raws: list[bytes] | Unusable | None = None
    if incoming is None:
        raws = split(body, form)
        if isinstance(raws, Unusable):
            return raws
        incoming = [decode_one(raw) for raw in raws[: events_max + 1]]
    if len(incoming) > events_max:
        return Unusable(0, f"send at most {events_max} events in one body")
    packed, faults = _admit_all(incoming, admission, received_us=received_us)
    if faults and raws is None:
        raws = split(body, form)
    assert not isinstance(raws, Unusable), "a body that decodes can be split"
    refused = [_refusal(index, fault, raw=(raws or [])[index]) for index, fault in faults]
    return Taken(len(incoming), packed, refused)


def take_candidates(rows: Iterable[Candidate], admission: Admission, *, received_us: int) -> Taken:
    """The rows of a connector; ``index`` of a refusal is the row's place."""
    listed = list(rows)
    packed, faults = _admit_all([r.outcome for r in listed], admission, received_us=received_us)
    refused = [_refusal(listed[n].place, fault, raw=listed[n].raw) for n, fault in faults]
    return Taken(len(listed), packed, refused)


def _admit_all(
    incoming: Sequence[IncomingEvent | Fault], admission: Admission, *, received_us: int
) -> tuple[Packed, list[tuple[int, Fault]]]:
    admit = admission.admit
    outcomes = [one if isinstance(one, Fault) else admit(one, received_us) for one in incoming]
    packed = pack([one for one in outcomes if isinstance(one, Event)])
    if any(len(item) > EVENT_BYTES_MAX for item in packed.items):
        outcomes = [_of_fair_size(one) for one in outcomes]
        packed = pack([one for one in outcomes if isinstance(one, Event)])
    return packed, [(n, one) for n, one in enumerate(outcomes) if isinstance(one, Fault)]


def _of_fair_size(outcome: Event | Fault) -> Event | Fault:
    if isinstance(outcome, Fault) or len(pack([outcome]).items[0]) <= EVENT_BYTES_MAX:
        return outcome
    return Fault(None, Reason.TOO_LARGE, f"send at most {EVENT_BYTES_MAX} bytes per event")


def _refusal(index: int, fault: Fault, *, raw: bytes) -> Refusal:
    """The answer goes into logs of callers, so an id that is a phone number is masked in it."""
    event_id = readable_event_id(raw)
    return Refusal(index, event_id and scrub_text(event_id), fault, raw)
