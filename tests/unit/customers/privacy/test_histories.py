"""Whole histories of a ledger as tables: what was said when, and what may be done at a moment."""

import msgspec
import pytest

from quanyu.clock import HOUR_US, parse_iso
from quanyu.customers.privacy.answers import consents_json, ledger_json
from quanyu.customers.privacy.consent import ConsentEntry, Subject, allowed, is_minor, personalises
from quanyu.customers.privacy.purposes import purposes

START = parse_iso("2026-05-01T09:00:00+08:00")
CONTRACT = ("service",)
NOTICE = ("analytics", "personalisation")
CONSENT = ("marketing_messages", "partner_sharing", "precise_location", "sensitive_profile")


def ledger(history: str) -> tuple[ConsentEntry, ...]:
    """``"1 yes analytics; 3 no analytics"``: hour, word (``yes2`` to notice 2), purpose."""
    lines = [line.split() for line in history.split(";") if line.strip()]
    return tuple(
        ConsentEntry(
            purpose=purpose,
            action="withdraw" if word == "no" else "grant",
            notice_version=int(word.removeprefix("yes") or 1) if word != "no" else 1,
            at_us=START + int(hour) * HOUR_US,
            actor="customer",
            number=number,
        )
        for number, (hour, word, purpose) in enumerate(lines, 1)
    )


def ground(
    history: str, purpose: str, *, hour: int, notice: int = 1, born: int | None = None
) -> str:
    asked = msgspec.structs.replace(purposes()[purpose], notice_version=notice)
    subject = Subject(ledger(history), born)
    return allowed(subject, asked, at_us=START + hour * HOUR_US).ground.value


def test_the_shipped_purposes_stand_on_these_grounds() -> None:
    by_basis = {"contract": CONTRACT, "notice": NOTICE, "consent": CONSENT}
    found = {purpose.key: purpose.basis for purpose in purposes().values()}
    assert found == {key: basis for basis, keys in by_basis.items() for key in keys}


@pytest.mark.parametrize("purpose", CONSENT)
@pytest.mark.parametrize(
    ("history", "answers"),
    [
        # Answers at 0, 1, 2 and 3 o'clock after the start.
        ("", "no_consent no_consent no_consent no_consent"),
        ("1 yes P", "no_consent consent consent consent"),
        ("1 no P", "no_consent withdrawn withdrawn withdrawn"),
        ("1 yes P; 2 no P", "no_consent consent withdrawn withdrawn"),
        ("1 yes P; 2 no P; 3 yes P", "no_consent consent withdrawn consent"),
        ("1 no P; 2 yes P", "no_consent withdrawn consent consent"),
        ("3 no P; 1 yes P", "no_consent consent consent withdrawn"),
        ("1 yes P; 1 no P", "no_consent withdrawn withdrawn withdrawn"),
        ("1 no P; 1 yes P", "no_consent withdrawn withdrawn withdrawn"),
        ("1 no P; 1 yes P; 2 yes P", "no_consent withdrawn consent consent"),
        ("0 yes P; 2 yes P; 3 no P", "consent consent consent withdrawn"),
        ("1 yes analytics; 2 no personalisation", "no_consent no_consent no_consent no_consent"),
    ],
)
def test_a_purpose_that_needs_a_yes(purpose: str, history: str, answers: str) -> None:
    said = history.replace("P", purpose)
    assert " ".join(ground(said, purpose, hour=hour) for hour in range(4)) == answers


@pytest.mark.parametrize("purpose", NOTICE)
@pytest.mark.parametrize(
    ("history", "answers"),
    [
        ("", "notice notice notice notice"),
        ("1 no P", "notice withdrawn withdrawn withdrawn"),
        ("1 no P; 2 yes P", "notice withdrawn consent consent"),
        ("1 yes0 P", "notice consent consent consent"),
        ("1 no P; 1 yes P; 3 no P", "notice withdrawn withdrawn withdrawn"),
        ("1 no marketing_messages; 2 no partner_sharing", "notice notice notice notice"),
    ],
)
def test_a_purpose_that_is_told_about(purpose: str, history: str, answers: str) -> None:
    said = history.replace("P", purpose)
    assert " ".join(ground(said, purpose, hour=hour) for hour in range(4)) == answers


@pytest.mark.parametrize("history", ["", "1 no service", "1 yes service; 2 no service"])
@pytest.mark.parametrize("born", [None, 1990, 2015])
def test_what_was_ordered_is_delivered_whatever_was_said(history: str, born: int | None) -> None:
    assert ground(history, "service", hour=3, born=born) == "contract"


@pytest.mark.parametrize(
    ("history", "notice", "answer"),
    [
        ("1 yes1 P", 1, "consent"),
        ("1 yes1 P", 2, "old_notice"),
        ("1 yes1 P", 9, "old_notice"),
        ("1 yes2 P", 2, "consent"),
        ("1 yes3 P", 2, "consent"),
        ("1 yes2 P; 2 yes1 P", 2, "old_notice"),
        ("1 yes1 P; 2 yes2 P", 2, "consent"),
        ("1 yes1 P; 2 no P", 2, "withdrawn"),
        ("1 no P; 2 yes1 P", 2, "old_notice"),
        ("1 yes2 P; 1 yes1 P", 2, "old_notice"),
        ("1 yes1 P; 1 yes2 P", 2, "consent"),
    ],
)
def test_a_new_notice_asks_anew(history: str, notice: int, answer: str) -> None:
    said = history.replace("P", "partner_sharing")
    assert ground(said, "partner_sharing", hour=3, notice=notice) == answer


@pytest.mark.parametrize("purpose", [*NOTICE, *CONSENT])
def test_nobody_can_say_yes_for_a_child(purpose: str) -> None:
    assert ground(f"1 yes {purpose}", purpose, hour=3, born=2015) == "minor"
    assert ground(f"1 no {purpose}", purpose, hour=3, born=2015) == "minor"


@pytest.mark.parametrize(
    ("born", "at", "minor"),
    [
        (2008, "2026-01-01T00:00:00+08:00", True),
        (2008, "2026-12-31T23:59:59.999999+08:00", True),
        (2008, "2026-12-31T15:59:59.999999+00:00", True),
        (2008, "2026-12-31T16:00:00+00:00", False),
        (2008, "2027-01-01T00:00:00+08:00", False),
        (2007, "2025-12-31T23:59:59+08:00", True),
        (2007, "2026-01-01T00:00:00+08:00", False),
        (2027, "2026-06-01T00:00:00+08:00", True),
        (None, "2026-06-01T00:00:00+08:00", False),
    ],
)
def test_childhood_ends_at_new_year_in_china(born: int | None, at: str, minor: bool) -> None:
    subject = Subject((), born)
    at_us = parse_iso(at)
    assert is_minor(born, at_us) is minor
    assert personalises(subject, at_us) is not minor
    assert allowed(subject, purposes()["analytics"], at_us=at_us).allowed is not minor


def test_an_adult_is_asked_again_what_was_said_as_a_child() -> None:
    subject = Subject(ledger("1 no personalisation; 1 yes marketing_messages"), birth_year=2008)
    grown_up = parse_iso("2027-01-01T00:00:00+08:00")
    assert not personalises(subject, grown_up)
    grounds = {one["purpose"]: one["ground"] for one in consents_json(subject, grown_up)}
    assert grounds == {
        "service": "contract", "analytics": "notice", "personalisation": "withdrawn",
        "marketing_messages": "consent", "precise_location": "no_consent",
        "sensitive_profile": "no_consent", "partner_sharing": "no_consent",
    }  # fmt: skip


def test_the_entry_that_counted_is_named_with_the_answer() -> None:
    history = ledger("1 yes partner_sharing; 2 no partner_sharing; 3 yes analytics")
    answer = allowed(Subject(history), purposes()["partner_sharing"], at_us=START + 4 * HOUR_US)
    assert answer.entry == history[1]
    assert allowed(Subject(), purposes()["analytics"], at_us=START).entry is None


def test_the_ledger_is_shown_line_by_line() -> None:
    assert ledger_json(Subject(ledger("1 yes analytics; 2 no analytics"))) == [
        {"purpose": "analytics", "action": action, "notice_version": 1,
         "at": f"2026-05-01T{hour}:00:00+08:00", "actor": "customer"}
        for action, hour in (("grant", 10), ("withdraw", 11))
    ]  # fmt: skip
