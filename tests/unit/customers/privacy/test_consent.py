"""May we? Tables of ledgers and answers."""

import pytest

from quanyu.clock import parse_iso
from quanyu.customers.privacy.answers import consents_json, ledger_json
from quanyu.customers.privacy.consent import (
    Action,
    ConsentEntry,
    Subject,
    allowed,
    is_minor,
    personalises,
)
from quanyu.customers.privacy.purposes import Purpose, purpose_named, purposes
from quanyu.errors import BadInput

NOON = parse_iso("2026-05-01T12:00:00+08:00")
MESSAGES = Purpose(key="marketing_messages", label="营销", basis="consent", notice_version=2)
ANALYTICS = Purpose(key="analytics", label="分析", basis="notice", notice_version=1)
SERVICE = Purpose(key="service", label="履约", basis="contract")


def said(
    action: Action, at: int = 0, *, purpose: str = MESSAGES.key, notice: int = 2, number: int = 0
) -> ConsentEntry:
    return ConsentEntry(
        purpose=purpose,
        action=action,
        notice_version=notice,
        at_us=NOON + at,
        actor="customer",
        number=number,
    )


def about(purpose: Purpose, *actions: Action) -> Subject:
    return Subject(tuple(said(a, at, purpose=purpose.key) for at, a in enumerate(actions)))


@pytest.mark.parametrize(
    ("purpose", "actions", "ground"),
    [
        (SERVICE, (), "contract"),
        (SERVICE, ("withdraw",), "contract"),
        (ANALYTICS, (), "notice"),
        (ANALYTICS, ("withdraw",), "withdrawn"),
        (ANALYTICS, ("withdraw", "grant"), "consent"),
        (MESSAGES, (), "no_consent"),
        (MESSAGES, ("grant",), "consent"),
        (MESSAGES, ("grant", "withdraw"), "withdrawn"),
        (MESSAGES, ("grant", "withdraw", "grant"), "consent"),
    ],
)
def test_the_latest_word_counts(purpose: Purpose, actions: tuple[Action, ...], ground: str) -> None:
    answer = allowed(about(purpose, *actions), purpose, at_us=NOON + 10)
    assert answer.ground == ground
    assert answer.allowed is (ground in ("contract", "notice", "consent"))


def test_consent_to_an_older_notice_does_not_cover_the_purpose() -> None:
    subject = Subject((said("grant", notice=1),))
    assert allowed(subject, MESSAGES, at_us=NOON).ground == "old_notice"


def test_consent_to_one_purpose_says_nothing_about_another() -> None:
    subject = Subject((said("grant"),))
    new = Purpose(key="partner_sharing", label="合作方", basis="consent", notice_version=1)
    assert allowed(subject, new, at_us=NOON).ground == "no_consent"


def test_what_is_said_later_does_not_count_yet() -> None:
    subject = Subject((said("grant", at=5),))
    assert not allowed(subject, MESSAGES, at_us=NOON + 4).allowed
    assert allowed(subject, MESSAGES, at_us=NOON + 5).allowed


def test_order_of_the_ledger_does_not_matter() -> None:
    yes, no = said("grant", 1, number=2), said("withdraw", 1, number=1)
    for entries in ((yes, no), (no, yes)):
        assert allowed(Subject(entries), MESSAGES, at_us=NOON + 9).ground == "withdrawn"


@pytest.mark.parametrize(
    ("birth_year", "minor"),
    [(None, False), (2026, True), (2009, True), (2008, True), (2007, False), (1950, False)],
)
def test_the_year_of_turning_eighteen_counts_as_under_age(
    birth_year: int | None, minor: bool
) -> None:
    assert is_minor(birth_year, NOON) is minor


def test_minors_are_served_and_nothing_else() -> None:
    child = Subject((said("grant"),), birth_year=2012)
    assert allowed(child, SERVICE, at_us=NOON).allowed
    assert allowed(child, MESSAGES, at_us=NOON).ground == "minor"
    assert allowed(child, ANALYTICS, at_us=NOON).ground == "minor"
    assert not personalises(child, NOON)


def test_the_off_switch_is_the_withdrawal_of_personalisation() -> None:
    off = Subject((said("withdraw", purpose="personalisation"),))
    on = Subject((*off.entries, said("grant", 1, purpose="personalisation")))
    assert personalises(Subject(), NOON)
    assert not personalises(off, NOON)
    assert personalises(on, NOON + 1)


def test_purposes_are_data_with_a_label_and_a_basis() -> None:
    listed = purposes()
    assert {"service", "analytics", "personalisation", "marketing_messages"} <= listed.keys()
    assert all(p.basis == "contract" or p.notice_version >= 1 for p in listed.values())
    assert {p.basis for p in listed.values() if p.sensitive} == {"consent"}


def test_an_undeclared_purpose_is_refused() -> None:
    with pytest.raises(BadInput, match="world_domination"):
        purpose_named("world_domination")


def test_the_answer_lists_every_purpose_with_its_ground() -> None:
    answers = {one["purpose"]: one for one in consents_json(Subject((said("grant"),)), NOON)}
    assert answers.keys() == purposes().keys()
    assert answers["marketing_messages"]["allowed"] is True
    assert answers["partner_sharing"] == {
        "purpose": "partner_sharing", "label": "向合作方提供", "allowed": False,
        "ground": "no_consent",
    }  # fmt: skip
    assert ledger_json(Subject((said("grant"),)))[0]["at"] == "2026-05-01T12:00:00+08:00"
