"""Consents in their public JSON form."""

from typing import Any

from quanyu.clock import format_iso
from quanyu.customers.privacy.consent import Subject, allowed
from quanyu.customers.privacy.purposes import Purpose, purposes


def consents_json(subject: Subject, at_us: int) -> list[dict[str, Any]]:
    """Every purpose with the answer for this person and the reason for it."""
    return [_consent_json(subject, purpose, at_us=at_us) for purpose in purposes().values()]


def _consent_json(subject: Subject, purpose: Purpose, *, at_us: int) -> dict[str, Any]:
    answer = allowed(subject, purpose, at_us=at_us)
    document: dict[str, Any] = {
        "purpose": purpose.key,
        "label": purpose.label,
        "allowed": answer.allowed,
        "ground": answer.ground.value,
    }
    named = sorted({e.recipient for e in subject.entries if e.purpose == purpose.key} - {""})
    if named:
        may = {one: allowed(subject, purpose, at_us=at_us, recipient=one).allowed for one in named}
        document["allowed"] = any(may.values())
        document["recipients"] = [one for one in named if may[one]]
    return document


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
        | ({"recipient": entry.recipient} if entry.recipient else {})
        for entry in subject.entries
    ]
