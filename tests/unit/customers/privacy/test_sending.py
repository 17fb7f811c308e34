"""May it be sent? Tables of standings and wishes; every reason is reached."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import HOUR_US, parse_iso
from quanyu.customers.privacy.consent import ConsentEntry, Subject
from quanyu.customers.privacy.purposes import Purpose, purposes
from quanyu.customers.privacy.sending import (
    Channel,
    SendPermit,
    SendRefusal,
    Standing,
    Suppressed,
    permit,
    wish_of,
)
from quanyu.errors import BadInput, Refused

NOON = parse_iso("2026-05-01T12:00:00+08:00")
MARKETING = "marketing_messages"


def line(
    action: str, purpose: str = MARKETING, *, at: int = -1, notice: int = 1, to: str = ""
) -> ConsentEntry:
    return ConsentEntry(
        purpose=purpose,
        action=action,  # type: ignore[arg-type]
        notice_version=notice,
        at_us=NOON + at * HOUR_US,
        actor="customer",
        number=7,
        recipient=to,
    )


YES, NO = line("grant", at=-2), line("withdraw")
OFF = line("withdraw", "personalisation")
MINOR, GROWN = 2015, 2007


def standing(*entries: ConsentEntry, born: int | None = None, **rest: Any) -> Standing:
    return Standing(Subject(entries, born, born is not None), **rest)


def answered(answer: object) -> str:
    return answer.reason if isinstance(answer, Refused) else "permitted"


@pytest.mark.parametrize(
    ("who", "purpose", "answer"),
    [
        (None, MARKETING, "unknown_person"),
        (None, "service", "unknown_person"),
        (standing(), "service", "permitted"),
        (standing(), MARKETING, "no_consent"),
        (standing(YES), MARKETING, "permitted"),
        (standing(YES, NO), MARKETING, "consent_withdrawn"),
        (standing(line("grant", notice=0)), MARKETING, "notice_outdated"),
        (standing(YES, born=MINOR), MARKETING, "minor"),
        (standing(born=MINOR), "service", "permitted"),
        (standing(line("grant", at=-99_999), born=GROWN), MARKETING, "no_consent"),
        (standing(born=GROWN), "analytics", "asked_as_minor"),
        (standing(YES, born=GROWN), MARKETING, "permitted"),
        (standing(YES, erasing=True), MARKETING, "being_erased"),
        (standing(erasing=True), "service", "being_erased"),
    ],
)
def test_consent_decides(who: Standing | None, purpose: str, answer: str) -> None:
    assert answered(permit(who, wish_of("sms", purpose), at_us=NOON)) == answer


@pytest.mark.parametrize(
    ("suppressed", "marketing", "service"),
    [
        ({}, "permitted", "permitted"),
        ({"sms": Suppressed.UNSUBSCRIBED}, "suppressed", "permitted"),
        ({"sms": Suppressed.COMPLAINT}, "suppressed", "permitted"),
        ({"sms": Suppressed.BOUNCED}, "suppressed", "suppressed"),
        ({"*": Suppressed.BLOCKED}, "suppressed", "suppressed"),
        ({"*": Suppressed.UNSUBSCRIBED}, "suppressed", "permitted"),
        ({"push": Suppressed.BLOCKED}, "permitted", "permitted"),
    ],
)
def test_the_suppression_list(
    suppressed: dict[str, Suppressed], marketing: str, service: str
) -> None:
    who = standing(YES, suppressed=suppressed)
    assert answered(permit(who, wish_of("sms", MARKETING), at_us=NOON)) == marketing
    assert answered(permit(who, wish_of("sms", "service"), at_us=NOON)) == service


@pytest.mark.parametrize(
    ("entries", "to", "answer"),
    [
        ((), "alimama", "no_consent"),
        ((line("grant", "partner_sharing", to="alimama"),), "alimama", "permitted"),
        ((line("grant", "partner_sharing", to="alimama"),), "tencent", "recipient_not_consented"),
        (
            (line("grant", "partner_sharing", at=-3, to="alimama"),
             line("withdraw", "partner_sharing", to="alimama")),
            "alimama", "consent_withdrawn",
        ),
        (
            (line("grant", "partner_sharing", at=-3, to="alimama"),
             line("withdraw", "partner_sharing", to="tencent")),
            "alimama", "permitted",
        ),
        (
            (line("grant", "partner_sharing", at=-3, to="alimama"),
             line("withdraw", "partner_sharing")),
            "alimama", "consent_withdrawn",
        ),
        ((line("grant", "partner_sharing"),), "alimama", "recipient_not_consented"),
    ],
)  # fmt: skip
def test_sharing_needs_a_yes_that_names_the_recipient(
    entries: tuple[ConsentEntry, ...], to: str, answer: str
) -> None:
    wish = wish_of("export", "partner_sharing", recipient=to)
    assert answered(permit(standing(*entries), wish, at_us=NOON)) == answer


def test_with_the_off_switch_on_everybody_s_message_may_go_out_and_a_personal_one_may_not() -> None:
    who = standing(YES, OFF)
    assert answered(permit(who, wish_of("sms", MARKETING), at_us=NOON)) == "permitted"
    personal = wish_of("sms", MARKETING, personalised=True)
    assert answered(permit(who, personal, at_us=NOON)) == "personalisation_off"


def test_a_new_purpose_is_not_covered_by_old_consents() -> None:
    """RULES B3: purpose "push coupon" is added, and its notice is new to everybody."""
    push = Purpose(key="push_coupon", label="推送优惠券", basis="consent", notice_version=1)
    said = tuple(line("grant", key) for key in purposes() if key != "service")
    wish = wish_of("push", MARKETING)
    new = type(wish)(channel=wish.channel, purpose=push)
    assert answered(permit(standing(*said), new, at_us=NOON)) == "no_consent"
    assert answered(permit(standing(*said), wish, at_us=NOON)) == "permitted"


def test_a_permit_says_on_what_it_stands() -> None:
    answer = permit(standing(YES), wish_of("sms", MARKETING), at_us=NOON)
    assert isinstance(answer, SendPermit)
    assert answer.as_json() == {
        "permitted": True, "channel": "sms", "purpose": MARKETING, "ground": "consent",
        "ledger_line": 7, "at": "2026-05-01T12:00:00+08:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "purpose", "recipient", "field"),
    [
        ("pigeon", MARKETING, "", "channel"),
        ("*", MARKETING, "", "channel"),
        ("sms", "nonsense", "", "purpose"),
        ("export", "partner_sharing", "", "recipient"),
        ("export", "partner_sharing", "   ", "recipient"),
        ("export", "partner_sharing", "x" * 65, "recipient"),
        ("export", "partner_sharing", "a\nb", "recipient"),
        ("sms", MARKETING, "alimama", "recipient"),
    ],
)
def test_bad_input(channel: str, purpose: str, recipient: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        wish_of(channel, purpose, recipient=recipient)
    assert refused.value.field == field


ENTRIES = st.builds(
    line,
    st.sampled_from(["grant", "withdraw"]),
    st.sampled_from([MARKETING, "personalisation"]),
    at=st.integers(-5, -1),
    notice=st.integers(0, 1),
)


@given(
    st.lists(ENTRIES, max_size=6),
    st.none() | st.integers(1950, 2020),
    st.dictionaries(st.sampled_from([*Channel, "*"]), st.sampled_from(Suppressed), max_size=3),
    st.booleans(),
)
def test_a_no_is_never_overruled(
    entries: list[ConsentEntry],
    born: int | None,
    suppressed: dict[str, Suppressed],
    personal: bool,
) -> None:
    """Whatever else is true: after the last word no, for minors, and on the list, nothing goes."""
    who = standing(*entries, born=born, suppressed=suppressed)
    answer = permit(who, wish_of("sms", MARKETING, personalised=personal), at_us=NOON)
    last = max((e for e in entries if e.purpose == MARKETING),
               key=lambda e: (e.at_us, e.action == "withdraw"), default=None)  # fmt: skip
    if isinstance(answer, SendPermit):
        assert last is not None
        assert last.action == "grant"
        assert born is None or born < 2008
        assert not suppressed.keys() & {"sms", "*"}
    more = standing(*entries, line("withdraw", at=0), born=born, suppressed=suppressed)
    assert isinstance(permit(more, wish_of("sms", MARKETING), at_us=NOON), Refused)


def test_every_reason_is_told_with_a_mend() -> None:
    from quanyu.interfaces.refusals import mend_of

    assert all(mend_of(Refused(reason)) for reason in SendRefusal)
