"""Minors (RULES B7): media, endorsers, hosts; every age at its edge."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.compliance.minors import Host, age_on, review_endorser, review_host, review_media
from quanyu.errors import BadInput

ON = date(2026, 11, 11)


@pytest.mark.parametrize(
    ("industry", "passes"),
    [
        ("medical", False), ("drugs", False), ("medical_devices", False), ("health_food", False),
        ("cosmetics", False), ("special_cosmetics", False), ("alcohol", False),
        ("beauty_services", False), ("food", True), ("toys", True), ("education", True),
        ("general", True),
    ],
)  # fmt: skip
def test_what_is_not_advertised_to_minors(industry: str, passes: bool) -> None:
    verdict = review_media(industry, for_minors=True, on=ON)
    assert verdict.may_be_shown is passes
    assert all(hit.article == "《广告法》第四十条" for hit in verdict.hits)
    assert review_media(industry, for_minors=False, on=ON).may_be_shown


def test_an_industry_that_nobody_knows() -> None:
    with pytest.raises(BadInput, match="industry: 'shoes' is not one of"):
        review_media("shoes", for_minors=True, on=ON)


@pytest.mark.parametrize(("age", "passes"), [(0, False), (9, False), (10, True), (40, True)])
def test_endorsers_are_ten_at_least(age: int, passes: bool) -> None:
    verdict = review_endorser(age, on=ON)
    assert verdict.may_be_shown is passes
    assert all(hit.article == "《广告法》第三十八条" for hit in verdict.hits)


@pytest.mark.parametrize(
    ("age", "consent", "verdict"),
    [
        (15, False, "block"), (15, True, "block"), (16, False, "need_proof"), (16, True, "pass"),
        (17, False, "need_proof"), (17, True, "pass"), (18, False, "pass"), (None, False, "pass"),
    ],
)  # fmt: skip
def test_hosts(age: int | None, consent: bool, verdict: str) -> None:
    found = review_host(Host(age=age, guardian_consents=consent), on=ON)
    assert found.verdict == verdict


def test_before_the_rule_on_hosts() -> None:
    assert review_host(Host(age=15), on=date(2021, 5, 24)).may_be_shown
    assert not review_host(Host(age=15), on=date(2021, 5, 25)).may_be_shown


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2010, 11, 11), ON, 16),
        (date(2010, 11, 12), ON, 15),
        (date(2010, 11, 10), ON, 16),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (ON, ON, 0),
    ],
)
def test_ages(born: date, on: date, age: int) -> None:
    assert age_on(born, on) == age


def test_nobody_is_younger_than_born() -> None:
    with pytest.raises(BadInput, match="born: 2026-11-12 lies after 2026-11-11"):
        age_on(ON + timedelta(days=1), ON)


@given(st.dates(date(1930, 1, 1), date(2026, 1, 1)), st.integers(0, 20_000))
def test_an_age_never_falls(born: date, days: int) -> None:
    one, later = born + timedelta(days=days), born + timedelta(days=days + 1)
    assert 0 <= age_on(born, later) - age_on(born, one) <= 1
