"""Consents in their public JSON form."""

from typing import Any

from quanyu.clock import format_iso
from quanyu.customers.privacy.consent import Subject, allowed
from quanyu.customers.privacy.purposes import purposes


def consents_json(subject: Subject, at_us: int) -> list[dict[str, Any]]:
    """Every purpose with the answer for this person and the reason for it."""
    answers = ((purpose, allowed(subject, purpose, at_us=at_us)) for purpose in purposes().values())
    return [
        {
            "purpose": purpose.key,
            "label": purpose.label,
            "allowed": answer.allowed,
            "ground": answer.ground.value,
        }
        for purpose, answer in answers
    ]


def ledger_json(subject: Subject) -> list[dict[str, Any]]:
    """The lines of the ledger, oldest first."""
    return [
        {
            "purpose": entry.purpose,
            "action": entry.action,
            "notice_version": entry.notice_version,
            "at": format_iso(entry.at_us),
            "actor": entry.actor,
        }
        for entry in subject.entries
    ]
