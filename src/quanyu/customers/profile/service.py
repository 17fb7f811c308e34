"""The 360° profile of one customer: who, which tags, from which events, what happened last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from quanyu.clock import Clock, format_iso
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.answers import Person
from quanyu.customers.identity.identifiers import read_identifier
from quanyu.customers.privacy.answers import consents_json, ledger_json
from quanyu.customers.privacy.consent import Subject, allowed, is_minor, personalises
from quanyu.customers.privacy.purposes import purposes
from quanyu.customers.profile.catalogue import Catalogue, States, TagReading
from quanyu.customers.profile.evidence import evidence
from quanyu.events.event import FIELDS, Event
from quanyu.ids import Tokeniser

EVENTS_READ = 5_000
"""How far back in a person's history evidence is looked for."""


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """What the store holds of one person."""

    identity: Person
    states: tuple[States, ...]
    """One per node."""
    events: tuple[Event, ...]
    """Newest first."""
    subject: Subject


class ProfileStore(Protocol):
    def person(self, merchant: str, identifier: Identifier, *, limit: int) -> StoredPerson | None:
        """The person to whom an identifier belongs, with up to ``limit`` events (0: all)."""


@dataclass(frozen=True, slots=True)
class TagLine:
    reading: TagReading
    as_of_us: int
    events: tuple[Event, ...]

    def as_json(self) -> dict[str, Any]:
        tag = self.reading.tag
        return {
            "key": tag.key,
            "label": tag.label,
            "kind": tag.kind,
            "value": self.reading.value,
            "text": self.reading.text,
            "purpose": tag.purpose,
            "as_of": format_iso(self.as_of_us),
            "last_event_at": format_iso(self.events[0].at_us) if self.events else None,
            "events": [event.event_id for event in self.events],
        }


@dataclass(frozen=True, slots=True)
class Profile:
    person: StoredPerson
    portrait: str
    tags: tuple[TagLine, ...]
    timeline: tuple[Event, ...]
    as_of_us: int

    def as_json(self) -> dict[str, Any]:
        subject = self.person.subject
        return {
            **self.person.identity.as_json(),
            "portrait": self.portrait,
            "tags": [line.as_json() for line in self.tags],
            "timeline": [event_json(event) for event in self.timeline],
            "consents": consents_json(subject, self.as_of_us),
            "off_switch": not personalises(Subject(subject.entries), self.as_of_us),
            "minor": is_minor(subject.birth_year, self.as_of_us),
        }


class ProfileService:
    """``catalogue`` is in force as long as the service lives. ``profiling``: whether tags are
    shown at all."""

    def __init__(
        self,
        store: ProfileStore,
        clock: Clock,
        *,
        catalogue: Catalogue,
        tokeniser_of: Callable[[str], Tokeniser],
        profiling: Callable[[], bool] = lambda: True,
    ) -> None:
        self.catalogue = catalogue
        self._profiling = profiling
        self._store = store
        self._clock = clock
        self._tokeniser_of = tokeniser_of

    def profile(self, merchant: str, identifier: str, *, timeline: int = 20) -> Profile | None:
        """Profile of the person with an identifier such as taobao_id:543462; None when nobody
        has it. Raises BadInput."""
        token = self._token(merchant, identifier)
        person = self._store.person(merchant, token, limit=EVENTS_READ)
        if person is None:
            return None
        as_of_us = self._clock.now_us()
        readings = self._readings(person, as_of_us)
        lines = tuple(
            TagLine(reading, as_of_us, self._evidence(reading, person.events, as_of_us=as_of_us))
            for reading in readings.values()
        )
        portrait = self.catalogue.portrait(readings)
        return Profile(person, portrait, lines, person.events[:timeline], as_of_us)

    def export(self, merchant: str, identifier: str) -> dict[str, Any] | None:
        """Everything that is held of a person, for the person to take along (PIPL 45)."""
        token = self._token(merchant, identifier)
        person = self._store.person(merchant, token, limit=0)
        if person is None:
            return None
        as_of_us = self._clock.now_us()
        readings = self._readings(person, as_of_us).values()
        return {
            **person.identity.as_json(),
            "exported_at": format_iso(as_of_us),
            "tags": [TagLine(reading, as_of_us, ()).as_json() for reading in readings],
            "events": [event_json(event) | {"props": event.props} for event in person.events],
            "consents": ledger_json(person.subject),
        }

    def _token(self, merchant: str, identifier: str) -> Identifier:
        kind, value = read_identifier(identifier)
        return kind, self._tokeniser_of(merchant).token(kind, value)

    def _readings(self, person: StoredPerson, as_of_us: int) -> dict[str, TagReading]:
        """Tags that may be shown: none while personalisation is off, and each only when its
        purpose is allowed."""
        if not personalises(person.subject, as_of_us) or not self._profiling():
            return {}
        readings = self.catalogue.read(self.catalogue.merge(person.states), as_of_us)
        return {
            key: reading
            for key, reading in readings.items()
            if allowed(person.subject, purposes()[reading.tag.purpose], at_us=as_of_us).allowed
        }

    def _evidence(
        self, reading: TagReading, events: Sequence[Event], *, as_of_us: int
    ) -> tuple[Event, ...]:
        return tuple(evidence(self.catalogue, reading, events=events, as_of_us=as_of_us))


def event_json(event: Event) -> dict[str, Any]:
    """An event as people see it: no identifiers, no place."""
    shown = {name: value for name in FIELDS if (value := event.field(name)) is not None}
    return {"event_id": event.event_id, "at": format_iso(event.at_us), **shown}
