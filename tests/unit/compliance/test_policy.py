"""Limits that no statute sets, and the rules of one kind on one day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.compliance.law import Law
from quanyu.compliance.policy import DEFAULT, Policy, read_policy, share_exceeds
from quanyu.errors import BadInput


@pytest.mark.parametrize(
    ("part", "whole", "exceeds"),
    [(30, 100, False), (301, 1000, True), (300, 1000, False), (3, 10, False), (1, 3, True),
     (0, 0, False), (1, 0, True)],
)  # fmt: skip
def test_thirty_percent_passes_and_a_tenth_more_does_not(
    part: int, whole: int, exceeds: bool
) -> None:
    assert share_exceeds(part, whole, permille_max=300) is exceeds


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 1000), st.integers(1, 1000))
def test_a_share_does_not_depend_on_the_scale(
    part: int, whole: int, permille: int, times: int
) -> None:
    small = share_exceeds(part, whole, permille_max=permille)
    assert share_exceeds(part * times, whole * times, permille_max=permille) is small


def test_what_is_left_out_keeps_its_default() -> None:
    assert read_policy('{"rise_percent_max": 15}') == Policy(rise_percent_max=15)
    assert read_policy("{}") == DEFAULT


@pytest.mark.parametrize(
    "text", ["", "[]", '{"rise": 1}', '{"rise_percent_max": -1}', '{"rise_days": 6}',
             '{"home_ads_permille_max": 1001}', '{"rise_percent_max": "15"}'],
)  # fmt: skip
def test_a_policy_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_policy(text)


def test_a_rule_that_did_not_hold_yet_finds_nothing() -> None:
    early = Law.of("price", date(2021, 1, 1))
    assert list(early.hits("price.gift_unnamed", "gift")) == []
    assert len(list(Law.of("price", date(2026, 1, 1)).hits("price.gift_unnamed", "gift"))) == 1


def test_a_rule_that_nobody_wrote_is_a_bug() -> None:
    with pytest.raises(AssertionError, match=r"no rule price\.none"):
        list(Law.of("price", date(2026, 1, 1)).hits("price.none", "x"))
