"""Minors and people who switched off are anonymous: no tags, no audience, no seed, no export; what
is published for everybody still counts. Without an assessment that holds for all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import TEA, faults, opened, paid, said, settled, tell

from quanyu.clock import DAY_US, FixedClock, parse_iso
from quanyu.customers.audiences.ports import Features
from quanyu.errors import BadInput
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

ADULT, OFF, CHILD = "adult", "off", "child"
VIEWED: dict[str, Any] = {"event": "view", "op": "ge", "value": 1}
NOT_PAID: dict[str, Any] = {"not": {"event": "payment_completed", "op": "ge", "value": 99}}


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    """Three who did the same; one switched off, one is a child, before audiences were made."""
    with opened(database, clock, data_dir) as made:
        for who, born in ((ADULT, 1990), (OFF, 1990), (CHILD, 2015)):
            live(made, clock, who, born=born)
        made.privacy.personalise(TEA, f"taobao_id:{OFF}", on=False)
        settled(made)
        for name, definition in (("看过", VIEWED), ("没付清", NOT_PAID)):
            made.audiences.create(TEA, name, definition=definition)
        yield made
        settled(made)
        assert faults(made) == {}


def live(engine: Engine, clock: FixedClock, who: str, *, born: int) -> None:
    ids, at_us = {"taobao_id": who}, clock.now_us() - DAY_US
    about = {"birth_year": born, "city": "上海"}
    tell(
        engine, TEA,
        said(f"{who}-join", ids, at_us=at_us, kind="member_joined", props=about),
        said(f"{who}-view", ids, at_us=at_us + 1),
        paid(f"{who}-paid", ids, at_us=at_us + 2),
    )  # fmt: skip
    settled(engine)


def members(engine: Engine, name: str = "看过", **purpose: str) -> set[str]:
    asked = {"purpose": "analytics"} | purpose
    found = set(engine.audiences.members(TEA, name, **asked))  # type: ignore[arg-type]
    return {who for who in (ADULT, OFF, CHILD) if public(engine, who) in found}


def public(engine: Engine, who: str) -> str:
    return engine.app.identify(TEA, f"taobao_id:{who}").public_id


@pytest.mark.parametrize("name", ["看过", "没付清"])
def test_only_who_may_be_profiled_is_in_an_audience(engine: Engine, name: str) -> None:
    assert members(engine, name) == {ADULT}
    assert engine.audiences.count(TEA, name) == 1


def test_what_happens_later_brings_nobody_in(engine: Engine, clock: FixedClock) -> None:
    for who in (ADULT, OFF, CHILD):
        tell(engine, TEA, said(f"{who}-again", {"taobao_id": who}, at_us=clock.now_us()))
    settled(engine)
    assert members(engine) == {ADULT}


def test_switching_off_and_on_takes_out_and_brings_back(engine: Engine, clock: FixedClock) -> None:
    for on, expected in ((False, set()), (True, {ADULT})):
        clock.advance(1)
        engine.privacy.personalise(TEA, f"taobao_id:{ADULT}", on=on)
        settled(engine)
        assert members(engine) == expected


def test_a_birth_year_that_comes_late_takes_a_minor_out(engine: Engine, clock: FixedClock) -> None:
    late = said("late", {"taobao_id": ADULT}, at_us=clock.now_us(), props={"birth_year": 2016})
    tell(engine, TEA, late)
    settled(engine)
    assert members(engine) == set()


def test_coming_of_age_brings_nobody_in_without_a_word(engine: Engine, clock: FixedClock) -> None:
    clock.advance(parse_iso("2034-01-01T00:00:00+08:00") - clock.now_us())
    settled(engine)
    engine.audiences.refresh_due()
    assert members(engine) == {ADULT}
    engine.privacy.personalise(TEA, f"taobao_id:{CHILD}", on=True)
    settled(engine)
    assert members(engine) == {ADULT, CHILD}


@pytest.mark.parametrize(("who", "member"), [(ADULT, True), (OFF, False), (CHILD, False)])
def test_the_explanation_agrees(engine: Engine, who: str, member: bool) -> None:
    found = engine.audiences.explain(TEA, "看过", identifier=f"taobao_id:{who}")
    assert found.member is member


def test_an_estimate_counts_and_samples_nobody_else(engine: Engine) -> None:
    assert engine.audiences.estimate(TEA, VIEWED).people == 1


def test_no_model_sees_them(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Features] = []

    def expand(features: Features, members: Any, **rest: Any) -> Any:
        seen.append(features)
        raise BadInput("seed", "enough seen")

    monkeypatch.setattr("quanyu.customers.audiences.segmenting.expand", expand)
    with pytest.raises(BadInput, match="enough seen"):
        engine.audiences.lookalike(TEA, "看过", size=1)
    [features] = seen
    assert len(features.persons) == len(features.matrix) == 1


def test_no_benefit_is_handed_out_to_them_by_audience(engine: Engine) -> None:
    people, pages = engine.audience_holders.pages(TEA, "看过")
    assert (people, [len(page) for page in pages]) == (1, [1])


def test_an_export_to_a_partner_holds_who_agreed_to_that_partner(engine: Engine) -> None:
    """RULES B3: a crowd export without separate consent is empty-handed."""
    sharing = {"purpose": "partner_sharing"}
    assert members(engine, **sharing, recipient="alimama") == set()
    for who in (ADULT, OFF, CHILD):
        engine.privacy.share(TEA, f"taobao_id:{who}", recipient="alimama")
    assert members(engine, **sharing, recipient="alimama") == {ADULT}
    assert members(engine, **sharing, recipient="tencent") == set()
    with pytest.raises(BadInput, match="name who receives"):
        members(engine, **sharing)
    with pytest.raises(BadInput, match="not about a recipient"):
        members(engine, purpose="marketing_messages", recipient="alimama")
    token = engine.privacy.token(TEA, f"taobao_id:{ADULT}")
    engine.sending.suppress(TEA, token, channel="export", said=("complaint", "clerk"))
    assert members(engine, **sharing, recipient="alimama") == set()


@pytest.mark.parametrize("who", [OFF, CHILD])
def test_their_profile_shows_what_a_stranger_s_shows(engine: Engine, who: str) -> None:
    stranger = said("stranger-1", {"taobao_id": "stranger"}, at_us=engine.clock.now_us())
    tell(engine, TEA, stranger)
    settled(engine)
    engine.privacy.personalise(TEA, "taobao_id:stranger", on=False)
    shown, anonymous = (engine.profiles.profile(TEA, f"taobao_id:{w}") for w in (who, "stranger"))
    assert shown is not None
    assert anonymous is not None
    assert (shown.portrait, shown.tags) == (anonymous.portrait, anonymous.tags) == ("", ())


def test_without_an_assessment_nobody_is_profiled(engine: Engine, clock: FixedClock) -> None:
    engine.assessments.disable("personalisation", actor="ops")
    found = engine.profiles.profile(TEA, f"taobao_id:{ADULT}")
    assert found is not None
    assert (found.portrait, found.tags) == ("", ())
    for refused in (
        lambda: engine.audiences.create(TEA, "新", definition=VIEWED),
        lambda: engine.audiences.lookalike(TEA, "看过", size=1),
        lambda: engine.audiences.members(TEA, "看过"),
    ):
        with pytest.raises(BadInput, match="impact assessment"):
            refused()
    clock.advance(1)
    engine.assessments.enable("personalisation", assessment="TESTS", actor="ops")
    assert members(engine) == {ADULT}


class TestMinorsReport:
    def test_all_is_well(self, engine: Engine) -> None:
        engine.privacy.grant(TEA, f"taobao_id:{CHILD}", purpose="marketing_messages")
        report = engine.minors.report(TEA)
        assert (report.year, report.minors, report.refused_words) == (2026, 1, 1)
        assert report.faults == ()

    def test_what_should_not_have_happened_is_counted(
        self, engine: Engine, clock: FixedClock
    ) -> None:
        sent = {"channel": "sms", "purpose": "marketing_messages"}
        to, at_us = {"taobao_id": CHILD}, clock.now_us()
        for name, props in (("m1", sent), ("m2", {**sent, "purpose": "service"})):
            tell(engine, TEA, said(name, to, at_us=at_us, kind="message_sent", props=props))
        settled(engine)
        report = engine.minors.report(TEA)
        assert (report.marketing_sent, report.faults) == (1, ("marketing_sent",))
        assert engine.minors.report(TEA, 2025).marketing_sent == 0

    def test_the_year_of_coming_of_age(self, engine: Engine, clock: FixedClock) -> None:
        clock.advance(parse_iso("2034-06-01T00:00:00+08:00") - clock.now_us())
        settled(engine)
        before = engine.minors.report(TEA)
        assert (before.minors, before.came_of_age, before.said_yes_since) == (0, 1, 0)
        engine.privacy.personalise(TEA, f"taobao_id:{CHILD}", on=True)
        assert engine.minors.report(TEA).said_yes_since == 1
        assert engine.minors.report(TEA, 2033).minors == 1

    @pytest.mark.parametrize("year", [1999, 2027])
    def test_other_years_are_refused(self, engine: Engine, year: int) -> None:
        with pytest.raises(BadInput, match="year"):
            engine.minors.report(TEA, year)
