"""What somebody says is wrong is put right by an event of its own (PIPL 46).

Nothing is overwritten. Stated facts can be corrected: year of birth, gender, city. Everything else
that a profile says follows from events and is put right where these come from. A year of birth
that would end the protection of a minor needs a proof that somebody has seen.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Protocol

import msgspec

from quanyu.clock import Clock, china_datetime, format_iso
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.identifiers import is_storable, read_identifier
from quanyu.customers.privacy.consent import is_minor
from quanyu.customers.privacy.sending import actor_of
from quanyu.customers.profile.service import ProfileStore, StoredPerson
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.events.event import Event, PropValue
from quanyu.events.requests import KEY_MAX
from quanyu.events.scrub import scrub_text
from quanyu.ids import Tokeniser

KIND, TOUCHPOINT = "fact_corrected", "quanyu.correction"
BIRTH_YEAR = "birth_year"
GENDERS = ("female", "male")
AGE_MAX, TEXT_MAX = 150, 64


class CorrectionRefusal(StrEnum):
    FOLLOWS_FROM_EVENTS = "follows_from_events"
    ALREADY_SO = "already_so"
    ENDS_PROTECTION = "ends_protection"


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What is said: ``field`` is ``value``; who wrote it down, why, and what proof was seen."""

    field: str
    value: str | int
    actor: str
    key: str
    """The caller's, one per intent; a retry says the same one."""
    reason: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """``was`` None: nothing had been stated before."""

    event: Event
    was: PropValue | None

    def as_json(self) -> dict[str, Any]:
        props = self.event.props
        field = str(props["corrects"])
        told: dict[str, Any] = {
            name: props[name] for name in ("actor", "reason", "proof") if name in props
        }
        return {
            "correction": self.event.event_id,
            "field": field,
            "was": self.was,
            "is": props[field],
            "at": format_iso(self.event.at_us),
            **told,
        }


class Record(Protocol):
    def __call__(self, merchant: str, body: bytes) -> Any:
        """Takes in events, durable when it returns: the intake."""


def checked(words: Words, *, tags: Sequence[str], now_us: int) -> Words | Refused:
    """Raises BadInput for what nobody can have meant."""
    if words.field not in _VALUES:
        if words.field in tags:
            return Refused(CorrectionRefusal.FOLLOWS_FROM_EVENTS)
        raise BadInput("field", f"use one of {', '.join(_VALUES)}")
    for name in ("reason", "proof"):
        if len(getattr(words, name)) > 200 or not is_storable(getattr(words, name)):
            raise BadInput(name, "write at most 200 characters of plain text")
    if not 1 <= len(words.key) <= KEY_MAX or not words.key.isprintable():
        raise BadInput("key", f"use 1 to {KEY_MAX} printable characters")
    return msgspec.structs.replace(
        words,
        value=_VALUES[words.field](words.value, now_us),
        actor=actor_of(words.actor),
        reason=scrub_text(words.reason),
        proof=scrub_text(words.proof),
    )


def _year(value: str | int, now_us: int) -> int:
    this_year = china_datetime(now_us).year
    if not str(value).isascii() or not str(value).isdecimal() or len(str(value)) != 4:
        raise BadInput("value", "write a year such as 1990")
    if not this_year - AGE_MAX <= int(value) <= this_year:
        raise BadInput("value", f"write a year from {this_year - AGE_MAX} to {this_year}")
    return int(value)


def _gender(value: str | int, now_us: int) -> str:
    if value not in GENDERS:
        raise BadInput("value", f"use one of {', '.join(GENDERS)}")
    return str(value)


def _city(value: str | int, now_us: int) -> str:
    text = str(value).strip()
    if not 1 <= len(text) <= TEXT_MAX or not text.isprintable() or scrub_text(text) != text:
        raise BadInput("value", f"write the name of a city, in at most {TEXT_MAX} characters")
    return text


_VALUES: dict[str, Callable[[str | int, int], str | int]] = {
    BIRTH_YEAR: _year, "gender": _gender, "city": _city,
}  # fmt: skip


def stated(events: Sequence[Event], field: str) -> Event | None:
    """The latest event that states the field; of one instant the later in the alphabet."""
    told = (event for event in events if field in event.props)
    return max(told, key=lambda event: (event.at_us, event.event_id), default=None)


def decide(person: StoredPerson, words: Words, *, now_us: int) -> Refused | PropValue | None:
    """Refused, or what the field was before."""
    last = stated(person.events, words.field)
    was = None if last is None else last.props[words.field]
    if was is not None and str(was) == str(words.value):
        return Refused(CorrectionRefusal.ALREADY_SO)
    if words.field == BIRTH_YEAR and not words.proof.strip():
        protected = is_minor(person.subject.birth_year, now_us)
        if protected and not is_minor(int(words.value), now_us):
            return Refused(CorrectionRefusal.ENDS_PROTECTION)
    return was


def corrections(events: Sequence[Event]) -> Iterator[Correction]:
    """Newest first, each with what the field was when it was corrected."""
    for event in sorted(events, key=lambda one: (-one.at_us, one.event_id)):
        field = event.props.get("corrects")
        if event.kind == KIND and isinstance(field, str) and field in event.props:
            before = stated([one for one in events if one.at_us < event.at_us], field)
            yield Correction(event, None if before is None else before.props[field])


class Correcting:
    """All methods raise BadInput, and NotFound for somebody whom nobody knows."""

    def __init__(
        self,
        store: ProfileStore,
        record: Record,
        *,
        tags: Sequence[str],
        clock: Clock,
        tokeniser_of: Callable[[str], Tokeniser],
    ) -> None:
        self._store = store
        self._record = record
        self._tags = tags
        self._clock = clock
        self._tokeniser_of = tokeniser_of

    def correct(self, merchant: str, identifier: str, *, words: Words) -> Correction | Refused:
        """Counts from the next fold of the log, as every event."""
        now_us = self._clock.now_us()
        said = checked(words, tags=self._tags, now_us=now_us)
        if isinstance(said, Refused):
            return said
        person = self._person(merchant, identifier)
        event_id = self._event_id(merchant, identifier, key=said.key)
        made = {one.event.event_id: one for one in corrections(person.events)}
        if event_id in made:
            return _same(made[event_id], said)
        was = decide(person, said, now_us=now_us)
        if isinstance(was, Refused):
            return was
        last = stated(person.events, said.field)
        at_us = now_us if last is None else max(now_us, last.at_us + 1)
        event = _event(said, event_id=event_id, at_us=at_us)
        self._take(merchant, identifier, event=event)
        return Correction(event, was)

    def history(self, merchant: str, identifier: str) -> list[Correction]:
        """Newest first."""
        return list(corrections(self._person(merchant, identifier).events))

    def _person(self, merchant: str, identifier: str) -> StoredPerson:
        found = self._store.person(merchant, self._token(merchant, identifier), limit=0)
        if found is None:
            raise NotFound(f"nobody with {identifier} at {merchant}")
        return found

    def _token(self, merchant: str, identifier: str) -> Identifier:
        kind, value = read_identifier(identifier)
        return kind, self._tokeniser_of(merchant).token(kind, value)

    def _event_id(self, merchant: str, identifier: str, *, key: str) -> str:
        """Of this key and this person: keys of two people do not meet."""
        kind, token = self._token(merchant, identifier)
        digest = sha256(b"\0".join((kind.encode(), token, key.encode())))
        return f"correction-{digest.hexdigest()[:24]}"

    def _take(self, merchant: str, identifier: str, *, event: Event) -> None:
        kind, value = read_identifier(identifier)
        body = {
            "event_id": event.event_id, "kind": KIND, "at": format_iso(event.at_us),
            "touchpoint": TOUCHPOINT, "identifiers": {kind: value}, "props": event.props,
        }  # fmt: skip
        receipt = self._record(merchant, msgspec.json.encode([body]))
        for refusal in receipt.refusals:
            raise BadInput(refusal.fault.field or "value", refusal.fault.mend)


def _event(words: Words, *, event_id: str, at_us: int) -> Event:
    props: dict[str, PropValue] = {words.field: words.value, "corrects": words.field}
    told = {"actor": words.actor, "reason": words.reason, "proof": words.proof}
    props |= {name: text for name, text in told.items() if text}
    return Event(event_id, KIND, 1, at_us, at_us, TOUCHPOINT, (), props=props)


def _same(known: Correction, words: Words) -> Correction:
    """A retry gets the first answer; another intent under its key does not. Raises BadInput."""
    if known.event.props.get(words.field) != words.value:
        raise BadInput("key", "it stands for another correction; use a new one")
    return known
