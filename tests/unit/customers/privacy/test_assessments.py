"""Impact assessments: what is filed, what a switch stands on, and when it ends by itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from quanyu.clock import DAY_US, FixedClock, parse_iso
from quanyu.customers.privacy.assessments import (
    Assessment,
    Desk,
    Switch,
    checked,
    features,
    states_json,
)
from quanyu.errors import BadInput, NotFound

NOW = parse_iso("2026-05-01T12:00:00+08:00")
DRAFT = Assessment(
    id="PIA-1",
    subject="会员画像",
    features=("personalisation",),
    risks="过度画像",
    measures="关闭开关",
    approver="王法务",
    valid_until_us=NOW + 365 * DAY_US,
    filed_by="operator",
)


class Drawer:
    """The store in memory."""

    def __init__(self) -> None:
        self.filed: dict[str, Assessment] = {}
        self.words: list[Switch] = []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield

    def attempt(self, tx: None, do: Any) -> Any:
        return do()

    def file(self, tx: None, assessment: Assessment) -> bool:
        return self.filed.setdefault(assessment.id, assessment) is assessment

    def all(self, tx: None) -> Sequence[Assessment]:
        return list(self.filed.values())[::-1]

    def switches(self, tx: None) -> Sequence[Switch]:
        return list({word.feature: word for word in self.words}.values())

    def switch(self, tx: None, word: Switch) -> None:
        self.words.append(word)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def desk(clock: FixedClock) -> Desk[None]:
    drawer = Drawer()
    return Desk(drawer, drawer, clock=clock)


def changed(**fields: Any) -> Assessment:
    return msgspec.structs.replace(DRAFT, **fields)


def test_what_needs_an_assessment() -> None:
    assert features() == (
        "personalisation", "precise_location", "sensitive_profile", "partner_sharing",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""), ("id", "a b"), ("id", "x" * 65), ("subject", " "), ("risks", ""),
        ("measures", "x" * 4001), ("approver", ""), ("approver", "x" * 129), ("filed_by", ""),
        ("subject", "a\0b"), ("features", ()), ("features", ("service",)), ("features", ("x",)),
    ],
)  # fmt: skip
def test_a_report_that_says_too_little_is_refused(field: str, value: Any) -> None:
    with pytest.raises(BadInput) as refused:
        checked(changed(**{field: value}), now_us=NOW)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("days", "good"), [(-1, False), (0, False), (1, True), (1098, True), (1099, False)]
)
def test_a_report_holds_for_a_time(days: int, good: bool) -> None:
    draft = changed(valid_until_us=NOW + days * DAY_US)
    if good:
        assert checked(draft, now_us=NOW).filed_us == NOW
        return
    with pytest.raises(BadInput, match="valid_until"):
        checked(draft, now_us=NOW)


def test_nothing_works_at_first(desk: Desk[None]) -> None:
    assert not any(desk.works(feature) for feature in features())
    assert [one["works"] for one in states_json(desk.switches(), NOW)] == [False] * 4
    with pytest.raises(BadInput, match="quanyu privacy enable personalisation"):
        desk.demand("personalisation")


def test_on_with_a_report_and_off_without(desk: Desk[None], clock: FixedClock) -> None:
    desk.file(DRAFT)
    desk.enable("personalisation", assessment="PIA-1", actor="ops")
    assert desk.works("personalisation")
    assert not desk.works("partner_sharing")
    desk.demand("personalisation")
    clock.advance(1)
    desk.disable("personalisation", actor="ops")
    assert not desk.works("personalisation")


def test_it_ends_with_the_report(desk: Desk[None], clock: FixedClock) -> None:
    desk.file(DRAFT)
    desk.enable("personalisation", assessment="PIA-1", actor="ops")
    clock.advance(365 * DAY_US - 1)
    assert desk.works("personalisation")
    clock.advance(1)
    assert not desk.works("personalisation")
    with pytest.raises(BadInput, match="ran out"):
        desk.enable("personalisation", assessment="PIA-1", actor="ops")
    desk.file(changed(id="PIA-2", valid_until_us=clock.now_us() + DAY_US))
    desk.enable("personalisation", assessment="PIA-2", actor="ops")
    assert desk.works("personalisation")


class TestTrial:
    def test_it_ends_on_its_day(self, desk: Desk[None], clock: FixedClock) -> None:
        desk.begin_trial("personalisation", days=30)
        assert desk.works("personalisation")
        assert not desk.works("partner_sharing")
        assert "尚未做影响评估" in desk.get("TRIAL").subject
        clock.advance(30 * DAY_US)
        assert not desk.works("personalisation")

    def test_there_is_one_and_no_second(self, desk: Desk[None], clock: FixedClock) -> None:
        desk.begin_trial("personalisation", days=30)
        clock.advance(31 * DAY_US)
        desk.begin_trial("personalisation", days=30)
        assert not desk.works("personalisation")
        with pytest.raises(BadInput, match="ran out"):
            desk.enable("personalisation", assessment="TRIAL", actor="ops")

    def test_none_where_it_is_not_wanted(self, desk: Desk[None]) -> None:
        desk.begin_trial("personalisation", days=0)
        assert not desk.works("personalisation")

    def test_none_where_somebody_has_switched(self, desk: Desk[None]) -> None:
        desk.disable("personalisation", actor="ops")
        desk.begin_trial("personalisation", days=30)
        assert not desk.works("personalisation")

    def test_none_where_an_assessment_waits_to_be_used(self, desk: Desk[None]) -> None:
        desk.file(DRAFT)
        desk.begin_trial("personalisation", days=30)
        assert not desk.works("personalisation")

    def test_a_real_one_takes_over(self, desk: Desk[None], clock: FixedClock) -> None:
        desk.begin_trial("personalisation", days=30)
        clock.advance(DAY_US)
        desk.file(DRAFT)
        desk.enable("personalisation", assessment="PIA-1", actor="ops")
        clock.advance(100 * DAY_US)
        assert desk.works("personalisation")


def test_a_report_about_something_else_opens_nothing(desk: Desk[None]) -> None:
    desk.file(DRAFT)
    with pytest.raises(BadInput, match="is about personalisation"):
        desk.enable("partner_sharing", assessment="PIA-1", actor="ops")
    with pytest.raises(BadInput, match="feature"):
        desk.enable("service", assessment="PIA-1", actor="ops")
    with pytest.raises(NotFound):
        desk.enable("personalisation", assessment="PIA-9", actor="ops")
    with pytest.raises(BadInput, match="actor"):
        desk.enable("personalisation", assessment="PIA-1", actor=" ")


def test_a_report_is_never_changed(desk: Desk[None]) -> None:
    desk.file(DRAFT)
    with pytest.raises(BadInput, match="filed already"):
        desk.file(changed(risks="keine"))
    assert desk.get("PIA-1").risks == "过度画像"


def test_the_public_form(desk: Desk[None]) -> None:
    filed = desk.file(changed(features=("personalisation", "partner_sharing", "personalisation")))
    document = filed.as_json(NOW)
    assert document["features"] == ["personalisation", "partner_sharing"]
    assert document["in_force"] is True
    assert filed.as_json(filed.valid_until_us)["in_force"] is False
    desk.enable("partner_sharing", assessment="PIA-1", actor="ops")
    state = {one["feature"]: one for one in states_json(desk.switches(), NOW)}["partner_sharing"]
    assert state == {
        "feature": "partner_sharing", "label": "向合作方提供", "works": True,
        "assessment": "PIA-1", "valid_until": "2027-05-01T12:00:00+08:00",
        "since": "2026-05-01T12:00:00+08:00", "actor": "ops",
    }  # fmt: skip
