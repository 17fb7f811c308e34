"""From scores to probabilities: what is said to happen in 3 of 100 must happen in 3 of 100.

Platt scaling, p' = σ(a + b · logit p), fitted over everything, then for each touchpoint with a
normal prior around the fit over everything: what was hardly seen is calibrated as all are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from quanyu.decisions.rank.scored import Shares

EPSILON = 1e-6
PULL = (4.0, 16.0)
"""Precision of the prior on a and b: as many expected clicks pull as hard."""
SLOPE_MIN = 0.05
"""Order is never turned round."""
STEPS = 30
BINS = 10


class Platt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """a and b."""

    shift: float = 0.0
    slope: float = 1.0

    def __call__(self, share: Shares) -> Shares:
        found: Shares = sigmoid(self.shift + self.slope * logit(share))
        return found


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    overall: Platt = Platt()
    touchpoints: Mapping[str, Platt] = {}

    def of(self, touchpoint: str) -> Platt:
        return self.touchpoints.get(touchpoint, self.overall)

    def apply(self, share: Shares, touchpoints: npt.NDArray[Any]) -> Shares:
        """Each row by its touchpoint."""
        found = self.overall(share)
        for name, platt in self.touchpoints.items():
            at = touchpoints == name
            found[at] = platt(share[at])
        return found


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """Rows whose predictions are alike, or of one touchpoint."""

    name: str
    rows: int
    predicted: float
    """Mean."""
    observed: float

    @property
    def ratio(self) -> float | None:
        """Predicted ÷ observed; None where nothing happened."""
        return self.predicted / self.observed if self.observed else None


def fit(share: Shares, label: Shares, *, touchpoints: npt.NDArray[Any]) -> Calibration:
    """From held-out rows: predictions that did not see them, what happened, and where."""
    overall = _fitted(share, label, around=Platt())
    names = np.unique(touchpoints)
    own = {
        str(name): _fitted(share[at], label[at], around=overall)
        for name in names
        if (at := touchpoints == name).any()
    }
    return Calibration(overall, own)


def logit(share: Shares) -> Shares:
    kept = np.clip(share, EPSILON, 1 - EPSILON)
    found: Shares = np.log(kept / (1 - kept))
    return found


def sigmoid(odds: Shares) -> Shares:
    found: Shares = 1 / (1 + np.exp(-odds))
    return found


def log_loss(share: Shares, label: Shares) -> float:
    """Mean, in nats."""
    kept = np.clip(share, EPSILON, 1 - EPSILON)
    return float(-np.mean(label * np.log(kept) + (1 - label) * np.log1p(-kept)))


def auc(score: Shares, label: Shares) -> float | None:
    """Chance that a row where it happened stands before one where it did not, ties half (Mann and
    Whitney 1947). None without both."""
    from scipy.stats import rankdata

    hits = float(label.sum())
    misses = len(label) - hits
    if not hits or not misses:
        return None
    ranks = float(rankdata(score)[label > 0].sum())
    return (ranks - hits * (hits + 1) / 2) / (hits * misses)


def by_prediction(share: Shares, label: Shares, *, bins: int = BINS) -> list[Bucket]:
    """Equal counts of rows, the smallest predictions first."""
    order = np.argsort(share, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [_bucket(share[at], label[at], name=str(number)) for number, at in enumerate(parts, 1)]


def by_touchpoint(share: Shares, label: Shares, *, touchpoints: npt.NDArray[Any]) -> list[Bucket]:
    return [
        _bucket(share[at], label[at], name=str(name))
        for name in np.unique(touchpoints)
        if len(at := np.flatnonzero(touchpoints == name))
    ]


def calibration_error(buckets: Sequence[Bucket]) -> float:
    """Expected calibration error: mean |predicted − observed| over rows."""
    rows = sum(one.rows for one in buckets)
    return sum(one.rows * abs(one.predicted - one.observed) for one in buckets) / max(1, rows)


def _bucket(share: Shares, label: Shares, *, name: str) -> Bucket:
    return Bucket(
        name=name, rows=len(share), predicted=float(share.mean()), observed=float(label.mean())
    )


def _fitted(share: Shares, label: Shares, *, around: Platt) -> Platt:
    """Maximum a posteriori by damped Newton steps."""
    odds = logit(share)
    pull = np.array(PULL)
    # Far from zero, shift and slope are nearly one direction: the shift is that at the mean odds.
    mean = float(odds.mean())
    at = np.array([around.shift + around.slope * mean, around.slope])
    center = at.copy()
    ahead = odds - mean
    for _ in range(STEPS):
        said = sigmoid(at[0] + at[1] * ahead)
        miss, spread = said - label, said * (1 - said)
        slope = np.array([miss.sum(), miss @ ahead]) + pull * (at - center)
        cross = spread @ ahead
        curve = np.array([[spread.sum(), cross], [cross, spread @ ahead**2]]) + np.diag(pull)
        step = np.clip(np.linalg.solve(curve, slope), -1, 1)
        at = at - step
        at[1] = max(SLOPE_MIN, at[1])
        if np.abs(step).max() < 1e-9:
            break
    return Platt(float(at[0] - at[1] * mean), float(at[1]))
