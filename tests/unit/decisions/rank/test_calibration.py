"""What is said to happen in 3 of 100 happens in 3 of 100, at every touchpoint."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.decisions.rank.calibration import (
    SLOPE_MIN,
    Bucket,
    Calibration,
    Platt,
    auc,
    by_prediction,
    by_touchpoint,
    calibration_error,
    fit,
    log_loss,
    logit,
    sigmoid,
)


def world(
    seed: int, rows: int, shift: float = 0.0, slope: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """What a model says, and what happens: σ(shift + slope · logit said)."""
    chance = np.random.default_rng(seed)
    said = sigmoid(chance.normal(-3, 1, rows))
    happened = chance.random(rows) < sigmoid(shift + slope * logit(said))
    return said, happened.astype(np.float64)


def everywhere(rows: int, name: str = "a") -> np.ndarray:
    return np.full(rows, name)


@pytest.mark.parametrize(("shift", "slope"), [(0, 1), (0.7, 1), (-0.8, 0.6), (0, 1.4)])
def test_a_bias_is_found_and_taken_back(shift: float, slope: float) -> None:
    said, happened = world(1, 60_000, shift, slope)
    found = fit(said, happened, touchpoints=everywhere(60_000)).overall
    assert found.shift == pytest.approx(shift, abs=0.25)
    assert found.slope == pytest.approx(slope, abs=0.08)
    fresh, real = world(2, 60_000, shift, slope)
    assert found(fresh).mean() == pytest.approx(real.mean(), rel=0.06)


def test_each_touchpoint_gets_its_own_where_it_was_seen_often() -> None:
    parts = {"busy": world(3, 30_000, 0.9), "quiet": world(4, 30_000, -0.9)}
    said = np.concatenate([one for one, _ in parts.values()])
    happened = np.concatenate([one for _, one in parts.values()])
    names = np.concatenate([everywhere(30_000, name) for name in parts])
    found = fit(said, happened, touchpoints=names)
    applied = found.apply(said, names)
    for name in parts:
        at = names == name
        assert applied[at].mean() == pytest.approx(happened[at].mean(), rel=0.02)
        assert found.of(name) != found.overall
    assert found.of("never seen") == found.overall


def test_a_touchpoint_that_was_hardly_seen_is_calibrated_as_all_are() -> None:
    said, happened = world(5, 40_000, 0.5)
    names = everywhere(40_000)
    names[:20] = "b"
    happened[:20] = 0
    found = fit(said, happened, touchpoints=names)
    probe = np.array([0.02, 0.05, 0.2])
    assert found.of("b")(probe) == pytest.approx(found.overall(probe), rel=0.35)
    assert (found.of("b")(probe) < found.overall(probe)).all(), "20 misses say a little"


def test_where_nothing_happened_at_all_it_says_little_and_not_nothing() -> None:
    said = np.full(1000, 0.05)
    found = fit(said, np.zeros(1000), touchpoints=everywhere(1000)).overall(said)
    assert 0 < found[0] < 0.02


def test_a_model_that_has_it_upside_down_is_flattened_and_not_turned_round() -> None:
    said, happened = world(6, 20_000, -6, -1)
    found = fit(said, happened, touchpoints=everywhere(20_000)).overall
    assert found.slope == SLOPE_MIN
    assert found(said).mean() == pytest.approx(happened.mean(), rel=0.1)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40),
    st.floats(-20, 20), st.floats(SLOPE_MIN, 5),
)  # fmt: skip
def test_calibration_keeps_the_order_and_stays_within_shares(
    rows: list[tuple[float, bool]], shift: float, slope: float
) -> None:
    said = np.array(sorted(one for one, _ in rows))
    happened = np.array([float(hit) for _, hit in rows])
    for platt in (
        Platt(shift, slope),
        fit(said, happened, touchpoints=everywhere(len(rows))).overall,
    ):
        found = platt(said)
        assert ((found >= 0) & (found <= 1)).all()
        assert (np.diff(found) >= 0).all()


def test_untouched_it_changes_nothing() -> None:
    said = np.array([0.001, 0.3, 0.9])
    assert Calibration().apply(said, np.array(["a", "b", "c"])) == pytest.approx(said)


# Figures


def test_log_loss_by_hand() -> None:
    assert log_loss(np.array([0.8, 0.4]), np.array([1.0, 0.0])) == pytest.approx(
        -(math.log(0.8) + math.log(0.6)) / 2
    )
    assert math.isfinite(log_loss(np.array([0.0, 1.0]), np.array([1.0, 0.0])))


@pytest.mark.parametrize(
    ("score", "label", "expected"),
    [
        pytest.param([1, 2, 3, 4], [0, 0, 1, 1], 1.0, id="apart"),
        pytest.param([4, 3, 2, 1], [0, 0, 1, 1], 0.0, id="upside down"),
        pytest.param([1, 1, 1, 1], [0, 1, 0, 1], 0.5, id="ties count half"),
        pytest.param([1, 2, 3, 4], [0, 1, 0, 1], 0.75, id="three of four pairs"),
        pytest.param([1, 2], [1, 1], None, id="nothing to tell apart"),
        pytest.param([1, 2], [0, 0], None, id="nothing happened"),
    ],
)
def test_auc(score: list[float], label: list[int], expected: float | None) -> None:
    assert auc(np.array(score, float), np.array(label, float)) == expected


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=30))
def test_auc_is_the_share_of_pairs_in_order(rows: list[tuple[int, bool]]) -> None:
    hits = [score for score, hit in rows if hit]
    misses = [score for score, hit in rows if not hit]
    found = auc(
        np.array([score for score, _ in rows], float), np.array([hit for _, hit in rows], float)
    )
    if not hits or not misses:
        assert found is None
        return
    pairs = [(a > b) + (a == b) / 2 for a in hits for b in misses]
    assert found == pytest.approx(sum(pairs) / len(pairs))


def test_tables_of_what_was_said_and_what_happened() -> None:
    said = np.array([0.1, 0.2, 0.3, 0.4])
    happened = np.array([0.0, 0, 1, 1])
    low, high = by_prediction(said, happened, bins=2)
    assert low == Bucket(name="1", rows=2, predicted=pytest.approx(0.15), observed=0)
    assert high == Bucket(name="2", rows=2, predicted=pytest.approx(0.35), observed=1)
    assert (low.ratio, high.ratio) == (None, pytest.approx(0.35))
    assert calibration_error([low, high]) == pytest.approx((0.15 + 0.65) / 2)
    places = by_touchpoint(said, happened, touchpoints=np.array(["b", "a", "b", "a"]))
    assert [(one.name, one.rows) for one in places] == [("a", 2), ("b", 2)]


@given(st.integers(1, 50), st.integers(1, 12))
def test_every_row_stands_in_one_bucket(rows: int, bins: int) -> None:
    said = np.linspace(0, 1, rows)
    found = by_prediction(said, np.zeros(rows), bins=bins)
    assert sum(one.rows for one in found) == rows
    assert [one.predicted for one in found] == sorted(one.predicted for one in found)
