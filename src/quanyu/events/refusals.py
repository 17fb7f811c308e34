"""Why an event is not taken in: a closed list of reasons, each answer with the mend."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from quanyu.events.scrub import scrub_text


class Reason(StrEnum):
    MALFORMED = "malformed"
    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    DUPLICATE_KEY = "duplicate_key"
    FORBIDDEN_CHARACTER = "forbidden_character"
    UNKNOWN_KIND = "unknown_kind"
    CLOCK_TOO_EARLY = "clock_too_early"
    CLOCK_AHEAD = "clock_ahead"
    OTHER_MERCHANT = "other_merchant"
    PERSONAL_VALUE = "personal_value"
    BAD_ROW = "bad_row"


class Fault(NamedTuple):
    """What is wrong with one event, and how to mend it. ``field`` is a path such as props.size."""

    field: str | None
    reason: Reason
    mend: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """One event that was not taken in. ``index`` counts from 0 in the body it came in."""

    index: int
    event_id: str | None
    fault: Fault
    raw: bytes
    """As it came; may hold personal values: never log it, keep it encrypted."""


_UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]*)`")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]*)`")
_PATH = re.compile(r" - at `(?:key in )?\$\.?(?P<path>[^`]*)`$")
_PATTERNS: tuple[tuple[re.Pattern[str], Reason, str], ...] = (
    (_UNKNOWN, Reason.UNKNOWN_FIELD, "remove it, or move it into props"),
    (_MISSING, Reason.MISSING_FIELD, "add it"),
    (
        re.compile(r"[Ii]nvalid RFC3339|timezone component"),
        Reason.WRONG_TYPE,
        "write the time as ISO 8601 with an offset, such as 2026-05-01T20:15:00+08:00",
    ),
    (re.compile(r"Expected `object`, got `[a-z]+`$"), Reason.NOT_AN_OBJECT, "send one object"),
    (re.compile(r"of length|<=|>=|out of range"), Reason.OUT_OF_RANGE, ""),
    (re.compile(r"Expected"), Reason.WRONG_TYPE, ""),
)


def fault_of(message: str) -> Fault:
    """The decoder's message → field, reason, mend. Anything not known is broken JSON."""
    at = _PATH.search(message)
    path = at["path"] if at else ""
    plain = message[: at.start()] if at else message
    for pattern, reason, mend in _PATTERNS:
        if found := pattern.search(plain):
            name = found.groupdict().get("name")
            field = ".".join(part for part in (path, name) if part) or None
            return Fault(_shown(field), reason, mend or plain.lower().replace("`", ""))
    return Fault(None, Reason.MALFORMED, "send valid JSON: " + plain.lower())


def _shown(field: str | None) -> str | None:
    """Field names come from the caller: cut and masked, for answers go into logs."""
    return None if field is None else scrub_text(field[:100])
