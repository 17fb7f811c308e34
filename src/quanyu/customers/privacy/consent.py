"""May we? A pure answer from the person's consent ledger; the latest word counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import msgspec

from quanyu.clock import china_datetime
from quanyu.customers.privacy.purposes import PERSONALISATION, Purpose

ADULT_AGE = 18
Action = Literal["grant", "withdraw"]


class ConsentEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the append-only ledger."""

    purpose: str
    action: Action
    notice_version: int
    at_us: int
    actor: str
    """Who wrote it down: the customer's app, a clerk, an import."""
    number: int = 0
    """Place in the ledger; of two entries of one instant a withdrawal counts, then the later."""


class Ground(StrEnum):
    CONTRACT = "contract"
    NOTICE = "notice"
    CONSENT = "consent"
    NO_CONSENT = "no_consent"
    OLD_NOTICE = "old_notice"
    WITHDRAWN = "withdrawn"
    MINOR = "minor"


ALLOWING = frozenset({Ground.CONTRACT, Ground.NOTICE, Ground.CONSENT})


@dataclass(frozen=True, slots=True)
class Permission:
    """The answer, and why."""

    ground: Ground
    entry: ConsentEntry | None = None

    @property
    def allowed(self) -> bool:
        return self.ground in ALLOWING


@dataclass(frozen=True, slots=True)
class Subject:
    """What privacy knows about one person: the ledger over all nodes, and the year of birth."""

    entries: tuple[ConsentEntry, ...] = ()
    birth_year: int | None = None


def is_minor(birth_year: int | None, at_us: int) -> bool:
    """Only the year is kept, so the year in which somebody turns 18 still counts as under age."""
    return birth_year is not None and china_datetime(at_us).year - birth_year <= ADULT_AGE


def latest(entries: Iterable[ConsentEntry], purpose: str, *, at_us: int) -> ConsentEntry | None:
    """The entry that counts for a purpose at a moment."""
    concerned = (e for e in entries if e.purpose == purpose and e.at_us <= at_us)
    return max(concerned, key=lambda e: (e.at_us, e.action == "withdraw", e.number), default=None)


def allowed(subject: Subject, purpose: Purpose, *, at_us: int) -> Permission:
    """Whether personal data of the subject may be used for the purpose at a moment."""
    if purpose.basis == "contract":
        return Permission(Ground.CONTRACT)
    if is_minor(subject.birth_year, at_us):
        return Permission(Ground.MINOR)
    entry = latest(subject.entries, purpose.key, at_us=at_us)
    if entry is None:
        return Permission(Ground.NOTICE if purpose.basis == "notice" else Ground.NO_CONSENT)
    if entry.action == "withdraw":
        return Permission(Ground.WITHDRAWN, entry)
    if purpose.basis == "consent" and entry.notice_version < purpose.notice_version:
        return Permission(Ground.OLD_NOTICE, entry)
    return Permission(Ground.CONSENT, entry)


def personalised(subject: Subject, at_us: int) -> bool:
    """False while the off switch is on, and for minors: then no tags are kept or shown."""
    if is_minor(subject.birth_year, at_us):
        return False
    entry = latest(subject.entries, PERSONALISATION, at_us=at_us)
    return entry is None or entry.action == "grant"
