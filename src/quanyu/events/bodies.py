"""From the bytes of a request or file to single events: JSON array or NDJSON, strictly.

The clean path decodes the whole body in one call. The decoder takes the last of two equal keys
without a word, so the clean path also proves that there are none: every pair of a JSON object has
one ``":`` when no blank stands before a colon, hence as many ``":`` as decoded pairs means that no
pair was swallowed. Whatever breaks the count is looked at again, event by event.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from quanyu.events.event import IncomingEvent
from quanyu.events.refusals import Fault, Reason, fault_of

DEPTH_MAX = 16
Form = Literal["array", "lines"]
_FORMS: dict[bytes, Form] = {b"[": "array", b"{": "lines"}

_ONE = msgspec.json.Decoder(IncomingEvent)
_MANY = msgspec.json.Decoder(list[IncomingEvent])
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|["\[\]{},]', re.DOTALL)
_BLANKS = (b"\t", b"\r", b"\n", b" ")
_FIELDS = len(IncomingEvent.__struct_fields__)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A body of which no event can be told from the next. ``position`` counts bytes from 0."""

    position: int
    mend: str


def form_of(body: bytes) -> Form | None:
    """By the first character that is not blank; None when it begins neither."""
    return _FORMS.get(body.lstrip()[:1])


def decode_clean(body: bytes, form: Form) -> list[IncomingEvent] | None:
    """All events of a body in which nothing is wrong or doubtful, else None."""
    lines = form == "lines"
    try:
        events = _ONE.decode_lines(body) if lines else _MANY.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if _doubtful(body) or body.count(b'":') != sum(map(_pairs, events)):
        return None
    if lines and len(events) != len(_lines(body)):
        return None
    return events


def _doubtful(body: bytes) -> bool:
    """Single bytes are looked for first: that is ten times as fast, and most are not there."""
    if b"\\" in body and b"\\u0000" in body:
        return True
    return any(blank in body and blank + b":" in body for blank in _BLANKS)


def _lines(body: bytes) -> list[bytes]:
    return [line for line in body.split(b"\n") if line and not line.isspace()]


def _pairs(event: IncomingEvent) -> int:
    """Pairs that the JSON of this event has at least, counting those of the inner objects."""
    values = msgspec.structs.astuple(event)
    inner = len(event.identifiers) + len(event.props) + (2 if event.location else 0)
    return _FIELDS - values.count(None) - (not event.props) + inner


def split(body: bytes, form: Form) -> list[bytes] | Unusable:
    """The raw bytes of each event, also when some of them are broken."""
    if form == "lines":
        return _lines(body)
    try:
        return [bytes(raw) for raw in _RAWS.decode(body)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _split_by_brackets(body)


def _split_by_brackets(body: bytes) -> list[bytes] | Unusable:
    """Cuts a JSON array at its commas by counting brackets outside strings."""
    depth, start, parts = 0, 0, []
    for token in _TOKEN.finditer(body):
        sign = token[0]
        if sign == b'"':
            return Unusable(token.start(), "close the string that begins here")
        if sign in (b"[", b"{"):
            depth += 1
            start = token.end() if depth == 1 else start
        elif sign in (b"]", b"}"):
            depth -= 1
        if depth == 0 or (depth == 1 and sign == b","):
            parts.append(body[start : token.start()].strip())
            start = token.end()
        if depth == 0:
            return _after(body, [p for p in parts if p], end=token.end())
    return Unusable(len(body), "close the array with ]")


def _after(body: bytes, parts: list[bytes], *, end: int) -> list[bytes] | Unusable:
    if body[end:].strip():
        return Unusable(end, "send nothing after the array")
    return parts


def decode_one(raw: bytes) -> IncomingEvent | Fault:
    """One event, checked for everything that JSON allows and we do not."""
    if depth(raw) > DEPTH_MAX:
        return Fault(None, Reason.TOO_DEEP, f"nest at most {DEPTH_MAX} levels")
    try:
        event = _ONE.decode(raw)
        return _strictness_fault(raw) or event
    except msgspec.MsgspecError as error:
        return fault_of(str(error))
    except UnicodeDecodeError as error:
        return Fault(None, Reason.MALFORMED, f"send UTF-8; byte {error.start} is not")


def depth(raw: bytes) -> int:
    """Deepest nesting of brackets outside strings; 0 when there are too few to matter."""
    if raw.count(b"{") + raw.count(b"[") <= DEPTH_MAX:
        return 0
    level = deepest = 0
    for token in _TOKEN.finditer(raw):
        sign = token[0]
        level += (sign in (b"[", b"{")) - (sign in (b"]", b"}"))
        deepest = max(deepest, level)
    return deepest


class _TwiceError(Exception):
    pass


def _strictness_fault(raw: bytes) -> Fault | None:
    try:
        tree = json.loads(raw, object_pairs_hook=_once)
    except _TwiceError as twice:
        return Fault(str(twice)[:100], Reason.DUPLICATE_KEY, "name each field once")
    if b"\\u0000" in raw and any("\0" in text for text in _texts(tree)):
        return Fault(None, Reason.FORBIDDEN_CHARACTER, "leave out U+0000")
    return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


def _texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield key
            yield from _texts(value)


_EVENT_ID = re.compile(rb'"event_id"\s*:\s*"([^"\\\x00-\x1f]{1,128})"')


def readable_event_id(raw: bytes) -> str | None:
    """The event id of a refused event, where it can be read."""
    found = _EVENT_ID.search(raw)
    return found[1].decode(errors="replace") if found else None
