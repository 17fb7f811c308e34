"""May we? A pure answer from the person's consent ledger; the latest word counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from quanyu.clock import CHINA, china_datetime, to_us
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
    recipient: str = ""
    """Whom a sharing is about (PIPL 23); a withdrawal that names nobody covers them all."""


class Ground(StrEnum):
    CONTRACT = "contract"
    NOTICE = "notice"
    CONSENT = "consent"
    NO_CONSENT = "no_consent"
    OLD_NOTICE = "old_notice"
    WITHDRAWN = "withdrawn"
    MINOR = "minor"
    GROWN_UP = "grown_up"
    """Was here as a minor and has not said yes since, neither to this nor to being profiled: no
    back-use of what was gathered then."""


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
    minor_here: bool = False
    """Data was gathered while the person was under age; a yes from that time does not count."""


def is_minor(birth_year: int | None, at_us: int) -> bool:
    """Only the year is kept, so the year in which somebody turns 18 still counts as under age."""
    return birth_year is not None and china_datetime(at_us).year - birth_year <= ADULT_AGE


def of_age_us(birth_year: int) -> int:
    """When somebody of this year of birth stops counting as under age: a New Year in China."""
    return to_us(datetime(birth_year + ADULT_AGE + 1, 1, 1, tzinfo=CHINA))


def latest(
    entries: Iterable[ConsentEntry], purpose: str, *, at_us: int, recipient: str | None = None
) -> ConsentEntry | None:
    """The entry that counts for a purpose at a moment, of those that are about the recipient."""
    concerned = (
        e for e in entries
        if e.purpose == purpose and e.at_us <= at_us and _concerns(e, recipient)
    )  # fmt: skip
    return max(concerned, key=lambda e: (e.at_us, e.action == "withdraw", e.number), default=None)


def _concerns(entry: ConsentEntry, recipient: str | None) -> bool:
    if recipient is None or entry.recipient == recipient:
        return True
    return entry.action == "withdraw" and not entry.recipient


def words(subject: Subject) -> tuple[ConsentEntry, ...]:
    """The lines that count: of somebody who was here as a minor, no yes from that time."""
    if not subject.minor_here or subject.birth_year is None:
        return subject.entries
    from_us = of_age_us(subject.birth_year)
    return tuple(e for e in subject.entries if e.action == "withdraw" or e.at_us >= from_us)


def allowed(
    subject: Subject, purpose: Purpose, *, at_us: int, recipient: str | None = None
) -> Permission:
    """Whether personal data of the subject may be used for the purpose at a moment, and given to
    the recipient, if one is named (PIPL 13, 14, 23, 31)."""
    if purpose.basis == "contract":
        return Permission(Ground.CONTRACT)
    if is_minor(subject.birth_year, at_us):
        return Permission(Ground.MINOR)
    entry = latest(words(subject), purpose.key, at_us=at_us, recipient=recipient)
    if entry is None:
        return Permission(_silence(subject, purpose))
    if entry.action == "withdraw":
        return Permission(Ground.WITHDRAWN, entry)
    if purpose.basis == "consent" and entry.notice_version < purpose.notice_version:
        return Permission(Ground.OLD_NOTICE, entry)
    return Permission(Ground.CONSENT, entry)


def _silence(subject: Subject, purpose: Purpose) -> Ground:
    """What it means that somebody has said nothing."""
    if purpose.basis == "consent":
        return Ground.NO_CONSENT
    asked_anew = any(e.purpose == PERSONALISATION and e.action == "grant" for e in words(subject))
    return Ground.GROWN_UP if subject.minor_here and not asked_anew else Ground.NOTICE


def personalises(subject: Subject, at_us: int) -> bool:
    """The one question of every consumer: may what is shown to this person depend on who it is?

    No while the off switch is on, for minors, and for people who were here as minors until they
    say yes as adults. Whoever is answered no is treated as an anonymous visitor; no tags and no
    membership of an audience are kept (PIPL 24; 《未成年人网络保护条例》 24).
    """
    if is_minor(subject.birth_year, at_us):
        return False
    entry = latest(words(subject), PERSONALISATION, at_us=at_us)
    return not subject.minor_here if entry is None else entry.action == "grant"
