"""Which clicks cost nothing, rule by rule."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import HOUR_US, MINUTE_US
from quanyu.decisions.billing.clicks import LATE, RULES, Clicks, Invalid, Limits, Look, judged
from quanyu.decisions.billing.win import WinState

GOOD: dict[str, Any] = {
    "kind": "click", "at_us": 1_000_000, "state": WinState.HELD, "expires_us": 2_000_000,
    "same_person": True, "flagged": False, "reports_impressions": True, "seen_us": 500_000,
    "on_campaign": 0, "by_person": 0,
}  # fmt: skip
LIMITS = Limits()
ALONE: list[tuple[dict[str, Any], Invalid | None]] = [
    ({}, None),
    ({"state": WinState.SETTLED}, Invalid.REPEATED),
    ({"state": WinState.RELEASED}, Invalid.OVER),
    ({"at_us": 1_999_999}, None),
    ({"at_us": 2_000_000}, Invalid.OVER),
    ({"same_person": False}, Invalid.OTHER_PERSON),
    ({"flagged": True}, Invalid.FLAGGED_BUYER),
    ({"seen_us": None}, Invalid.NOT_SEEN),
    ({"seen_us": None, "reports_impressions": False}, None),
    ({"seen_us": 1_000_001}, Invalid.NOT_SEEN),
    ({"seen_us": 1_000_001, "reports_impressions": False}, None),
    ({"seen_us": 800_000}, None),
    ({"seen_us": 800_001}, Invalid.TOO_SOON),
    ({"seen_us": 1_000_000}, Invalid.TOO_SOON),
    ({"seen_us": 900_000, "reports_impressions": False}, Invalid.TOO_SOON),
    ({"on_campaign": 2}, None),
    ({"on_campaign": 3}, Invalid.CAMPAIGN_TOO_OFTEN),
    ({"by_person": 9}, None),
    ({"by_person": 10}, Invalid.TOO_MANY),
]


@pytest.mark.parametrize(("change", "reason"), ALONE)
def test_a_click(change: dict[str, Any], reason: Invalid | None) -> None:
    assert judged(Look(**GOOD | change), LIMITS) is reason


@pytest.mark.parametrize(
    ("kind", "watched"),
    [
        ("impression", {Invalid.REPEATED, Invalid.OVER}),
        ("arrival", {Invalid.REPEATED, Invalid.OVER, Invalid.OTHER_PERSON, Invalid.FLAGGED_BUYER}),
    ],
)
def test_of_what_is_no_click_hands_and_speed_say_nothing(kind: str, watched: set[Invalid]) -> None:
    found = {judged(Look(**GOOD | change | {"kind": kind}), LIMITS) for change, _ in ALONE}
    assert found == watched | {None}


def test_every_reason_has_its_rule() -> None:
    assert {one.reason for one in RULES} == set(Invalid)
    assert set(Invalid) > LATE


def test_the_first_rule_that_applies_is_the_reason() -> None:
    bad = {name: value for change, reason in ALONE if reason for name, value in change.items()}
    assert judged(Look(**GOOD | bad | {"state": WinState.SETTLED}), LIMITS) is Invalid.REPEATED
    assert judged(Look(**GOOD | bad | {"state": WinState.RELEASED}), LIMITS) is Invalid.OVER


@given(limit=st.integers(0, 5), others=st.integers(0, 6))
def test_limits_are_what_they_say(limit: int, others: int) -> None:
    limits = Limits(campaign_an_hour=limit)
    found = judged(Look(**GOOD | {"on_campaign": others}), limits)
    assert (found is None) is (others < limit)


TIMES = st.lists(st.integers(0, 3 * HOUR_US), max_size=30)


@given(clicks=st.lists(st.tuples(st.integers(1, 3), st.sampled_from("ab"),
                                 st.integers(0, 3 * HOUR_US)), max_size=30),
       at_us=st.integers(0, 3 * HOUR_US))  # fmt: skip
def test_windows_count_as_a_list_does(clicks: list[tuple[int, str, int]], at_us: int) -> None:
    held = Clicks()
    for person, campaign, when_us in clicks:
        held.add(person, campaign, at_us=when_us)
    for who in (1, 2, 3):
        near = [one for one in clicks if one[0] == who and abs(one[2] - at_us) < MINUTE_US]
        assert held.by_person(who, at_us=at_us) == len(near)
        for campaign in "ab":
            same = [one for one in clicks if one[:2] == (who, campaign)]
            within = [one for one in same if abs(one[2] - at_us) < HOUR_US]
            assert held.on_campaign(who, campaign, at_us=at_us) == len(within)


@given(times=TIMES)
def test_the_order_of_telling_does_not_matter(times: list[int]) -> None:
    forwards, backwards = Clicks(), Clicks()
    for at_us in times:
        forwards.add(1, "a", at_us=at_us)
    for at_us in reversed(times):
        backwards.add(1, "a", at_us=at_us)
    for at_us in times:
        assert forwards.by_person(1, at_us=at_us) == backwards.by_person(1, at_us=at_us)


def test_nobody_has_clicked() -> None:
    assert Clicks().by_person(1, at_us=0) == Clicks().on_campaign(1, "a", at_us=0) == 0
