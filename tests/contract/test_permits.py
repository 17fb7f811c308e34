"""Permits on real tables: every identifier of a person, the list, minors, erasure, recipients."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine_ground import TEA, opened, rows, said, settled, tell

from quanyu.clock import DAY_US, FixedClock, parse_iso
from quanyu.customers.privacy.sending import SendPermit, wish_of
from quanyu.errors import BadInput, Refused
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

LI, EATS = "taobao_id:li", "eleme_id:li-eats"
MARKETING = "marketing_messages"


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        meet(made, clock, "e1", taobao_id="li")
        yield made


def meet(
    engine: Engine, clock: FixedClock, event: str, born: int | None = None, **who: str
) -> None:
    props = {} if born is None else {"birth_year": born}
    tell(engine, TEA, said(event, who, at_us=clock.now_us(), kind="member_joined", props=props))
    settled(engine)


def asked(
    engine: Engine,
    who: str = LI,
    *,
    channel: str = "sms",
    purpose: str = MARKETING,
    recipient: str = "",
) -> str:
    token = engine.privacy.token(TEA, who)
    wish = wish_of(channel, purpose, recipient=recipient)
    answer = engine.sending.ask(TEA, token, wish=wish)
    return answer.reason if isinstance(answer, Refused) else "permitted"


def test_a_yes_a_no_and_nobody(engine: Engine, clock: FixedClock) -> None:
    assert asked(engine) == "no_consent"
    engine.privacy.grant(TEA, LI, purpose=MARKETING)
    assert asked(engine) == "permitted"
    assert asked(engine, "taobao_id:nobody") == "unknown_person"
    clock.advance(1)
    engine.privacy.withdraw(TEA, LI, purpose=MARKETING)
    assert asked(engine) == "consent_withdrawn"
    assert asked(engine, purpose="service") == "permitted"


def test_what_is_said_with_one_identifier_counts_for_all(engine: Engine, clock: FixedClock) -> None:
    engine.privacy.grant(TEA, LI, purpose=MARKETING)
    meet(engine, clock, "e2", eleme_id="li-eats")
    assert asked(engine, EATS) == "no_consent"
    meet(engine, clock, "e3", taobao_id="li", eleme_id="li-eats")
    assert asked(engine, EATS) == "permitted"
    clock.advance(1)
    engine.privacy.withdraw(TEA, EATS, purpose=MARKETING)
    assert asked(engine, LI) == "consent_withdrawn"
    suppress(engine, EATS, channel="push")
    assert asked(engine, LI, channel="push", purpose="service") == "permitted"
    suppress(engine, EATS, channel="push", reason="bounced")
    assert asked(engine, LI, channel="push", purpose="service") == "suppressed"


def suppress(
    engine: Engine, who: str = LI, *, channel: str = "sms", reason: str = "unsubscribed"
) -> None:
    token = engine.privacy.token(TEA, who)
    engine.sending.suppress(TEA, token, channel=channel, said=(reason, "clerk"))


def test_the_list_is_asked_at_the_moment_of_sending(engine: Engine) -> None:
    engine.privacy.grant(TEA, LI, purpose=MARKETING)
    suppress(engine)
    assert asked(engine) == "suppressed"
    assert asked(engine, channel="mail") == "permitted"
    token = engine.privacy.token(TEA, LI)
    assert engine.sending.lift(TEA, token, channel="sms") is True
    assert engine.sending.lift(TEA, token, channel="sms") is False
    assert asked(engine) == "permitted"
    suppress(engine, channel="*", reason="complaint")
    assert {asked(engine, channel=c) for c in ("sms", "mail", "push")} == {"suppressed"}


def test_a_graver_reason_takes_the_place_of_a_lighter_one(engine: Engine) -> None:
    for reason in ("unsubscribed", "bounced", "complaint"):
        suppress(engine, reason=reason)
    assert rows(engine.database, "SELECT reason FROM suppression") == [("bounced",)]


def test_somebody_who_is_not_known_yet_can_say_no(engine: Engine) -> None:
    suppress(engine, "phone:13800138001")
    assert asked(engine, "phone:13800138001", purpose="service") == "permitted"
    engine.privacy.grant(TEA, "phone:13800138001", purpose=MARKETING)
    assert asked(engine, "phone:13800138001") == "suppressed"


@pytest.mark.parametrize(
    ("channel", "reason", "field"), [("pigeon", "blocked", "channel"), ("sms", "mood", "reason")]
)
def test_bad_words_for_the_list(engine: Engine, channel: str, reason: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        suppress(engine, channel=channel, reason=reason)
    assert refused.value.field == field


def test_minors_get_what_they_ordered_and_nothing_else(engine: Engine, clock: FixedClock) -> None:
    meet(engine, clock, "e2", 2015, taobao_id="child")
    engine.privacy.grant(TEA, "taobao_id:child", purpose=MARKETING)
    assert asked(engine, "taobao_id:child") == "minor"
    assert asked(engine, "taobao_id:child", purpose="service") == "permitted"


def test_who_came_of_age_is_asked_anew(engine: Engine, clock: FixedClock) -> None:
    meet(engine, clock, "e2", 2008, taobao_id="young")
    young = "taobao_id:young"
    engine.privacy.grant(TEA, young, purpose=MARKETING)
    clock.advance(parse_iso("2027-01-01T00:00:00+08:00") - clock.now_us())
    settled(engine)
    assert asked(engine, young) == "no_consent"
    assert asked(engine, young, purpose="analytics") == "asked_as_minor"
    engine.privacy.grant(TEA, young, purpose=MARKETING)
    assert asked(engine, young) == "permitted"


def test_sharing_with_one_recipient(engine: Engine, clock: FixedClock) -> None:
    engine.privacy.share(TEA, LI, recipient="alimama")
    ask = {"channel": "export", "purpose": "partner_sharing"}
    assert asked(engine, recipient="alimama", **ask) == "permitted"
    assert asked(engine, recipient="tencent", **ask) == "recipient_not_consented"
    clock.advance(1)
    engine.privacy.unshare(TEA, LI, recipient="alimama")
    assert asked(engine, recipient="alimama", **ask) == "consent_withdrawn"
    with pytest.raises(BadInput, match="recipient"):
        engine.privacy.grant(TEA, LI, purpose="partner_sharing")


def test_a_general_no_ends_every_sharing(engine: Engine, clock: FixedClock) -> None:
    for recipient in ("alimama", "tencent"):
        engine.privacy.share(TEA, LI, recipient=recipient)
    clock.advance(1)
    engine.privacy.withdraw(TEA, LI, purpose="partner_sharing")
    for recipient in ("alimama", "tencent"):
        told = asked(engine, channel="export", purpose="partner_sharing", recipient=recipient)
        assert told == "consent_withdrawn"


def test_without_an_assessment_nothing_is_shared_and_nobody_is_asked_to(
    engine: Engine, clock: FixedClock
) -> None:
    engine.privacy.share(TEA, LI, recipient="alimama")
    engine.assessments.disable("partner_sharing", actor="ops")
    told = asked(engine, channel="export", purpose="partner_sharing", recipient="alimama")
    assert told == "not_assessed"
    with pytest.raises(BadInput, match="PIPL 55"):
        engine.privacy.share(TEA, LI, recipient="alimama")
    engine.privacy.withdraw(TEA, LI, purpose="partner_sharing")


def test_who_asked_to_be_forgotten_is_left_alone_while_it_happens(engine: Engine) -> None:
    engine.privacy.grant(TEA, LI, purpose=MARKETING)
    suppress(engine, channel="mail")
    [(node,)] = rows(engine.database, "SELECT node FROM identifier")
    with engine.database.transaction() as conn:
        conn.execute(
            "INSERT INTO erasure"
            " (receipt, merchant_no, nodes, tokens, proofs, consents, requested_us)"
            " SELECT 'open', merchant_no, ARRAY[node], '{}', '{}', '', 0 FROM identifier"
        )
    assert node
    assert asked(engine) == asked(engine, purpose="service") == "being_erased"
    engine.privacy.erase(TEA, LI)
    assert asked(engine) == "unknown_person"
    assert rows(engine.database, "SELECT * FROM suppression") == []


def test_nothing_is_handed_over_unless_it_is_permitted(engine: Engine) -> None:
    handed: list[SendPermit] = []
    token, wish = engine.privacy.token(TEA, LI), wish_of("sms", MARKETING)

    def send() -> object:
        return engine.sending.send(
            TEA, token, wish=wish, hand_over=lambda tx, permit: handed.append(permit)
        )

    assert isinstance(send(), Refused)
    assert handed == []
    engine.privacy.grant(TEA, LI, purpose=MARKETING)
    assert [send()] == handed


def test_a_clock_that_goes_fast_elsewhere_does_not_hide_a_no(
    engine: Engine, clock: FixedClock
) -> None:
    engine.privacy.grant(TEA, LI, purpose=MARKETING)
    clock.advance(DAY_US)
    engine.privacy.withdraw(TEA, LI, purpose=MARKETING)
    clock.advance(-DAY_US)
    assert asked(engine) == "consent_withdrawn"
