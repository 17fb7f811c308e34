"""The curve of a day's traffic, and what is still to come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.decisions.pacing.curve import TICKS_A_DAY, DayCurve, expected_rest


def test_a_typical_day_is_quiet_at_four_and_busy_at_nine_in_the_evening() -> None:
    share = DayCurve.typical().share
    assert share.sum() == pytest.approx(1)
    assert len(share) == TICKS_A_DAY
    hours = share.reshape(24, -1).sum(axis=1)
    assert hours.argmin() == 4
    assert hours.argmax() == 21


def test_counts_outweigh_the_typical_curve_the_newer_the_more() -> None:
    early, late = np.zeros(4), np.zeros(4)
    early[0], late[3] = 100, 100
    learned = DayCurve.learned([early, late]).share
    assert learned.sum() == pytest.approx(1)
    assert learned[3] > learned[0] > learned[1]
    assert learned.min() > 0, "no tick expects nothing"


def test_a_day_without_traffic_teaches_nothing() -> None:
    assert DayCurve.learned([[0] * 24]).share == pytest.approx(DayCurve.typical(24).share)


def test_what_is_left_of_a_day() -> None:
    curve = DayCurve(np.array([0.1, 0.2, 0.3, 0.4]))
    assert [curve.rest(tick) for tick in range(5)] == pytest.approx([1, 0.9, 0.7, 0.4, 0])


FOUR = DayCurve(np.array([0.25, 0.25, 0.25, 0.25]))


@pytest.mark.parametrize(
    ("tick", "seen", "usual", "expected"),
    [
        pytest.param(0, 0, 1000, 1000, id="in the morning the usual day"),
        pytest.param(2, 500, 1000, 500, id="half a usual day: half to come"),
        pytest.param(2, 1000, 1000, 0.5 * 1100 / 0.6, id="twice as busy: hardly less to come"),
        pytest.param(2, 500, None, 500, id="nobody knows the usual: as it went on"),
        pytest.param(0, 0, None, 0, id="nothing known, nothing seen"),
        pytest.param(4, 900, 1000, 0, id="the day is over"),
    ],
)
def test_the_volume_to_come(tick: int, seen: float, usual: float | None, expected: float) -> None:
    assert expected_rest(FOUR, tick, seen=seen, usual=usual) == pytest.approx(expected)


@given(st.integers(0, 4), st.floats(0, 1e9), st.none() | st.floats(0, 1e9))
def test_the_volume_to_come_is_never_negative(tick: int, seen: float, usual: float | None) -> None:
    assert expected_rest(FOUR, tick, seen=seen, usual=usual) >= 0
