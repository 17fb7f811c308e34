"""Which creative to show: Thompson sampling over Beta posteriors, with a floor for every arm.

A click is a success at once; an exposure is a failure only as far as its click should have come by
now, with weight F_delay(age) (Chapelle 2014). Both fade by KEEP a day. Each live arm is shown in at
least FLOOR of the cases, so that every log can be evaluated off policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

import numpy as np
import numpy.typing as npt

Shares = npt.NDArray[np.float64]

KEEP = 0.99
"""Of a count, a day later."""
FLOOR = 0.05
"""Of the cases, for each live arm. More than 20 arms, who cannot all have it, share half of the
cases evenly."""
PRIOR = (1.0, 49.0)
"""Clicks and misses that an arm begins with: 2 in 100, soon outweighed."""
DRAWS = 4096
"""Of the Monte Carlo: a share of one half has a standard error of 0.8 per cent."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Share of the clicks (or conversions) that have come by an age, between given ages linear."""

    days: tuple[float, ...]
    """Rising."""
    share: tuple[float, ...]

    def __post_init__(self) -> None:
        assert len(self.days) == len(self.share) > 0
        assert all(a < b for a, b in zip(self.days, self.days[1:], strict=False))
        assert all(a <= b for a, b in zip((0.0, *self.share), (*self.share, 1.0), strict=True))

    def by(self, age_days: float) -> float:
        return float(np.interp(age_days, (0.0, *self.days), (0.0, *self.share)))


AT_ONCE = Delay((1e-6,), (1.0,))
"""Clicks come while the person looks."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An arm's counts of exposures of one age."""

    age_days: float
    exposures: int
    successes: int


@dataclass(frozen=True, slots=True)
class Arm:
    id: str
    shown: tuple[Shown, ...] = ()

    def posterior(self, delay: Delay) -> tuple[float, float]:
        """α and β."""
        alpha, beta = PRIOR
        for one in self.shown:
            weight = KEEP**one.age_days
            known = max(0.0, one.exposures * delay.by(one.age_days) - one.successes)
            alpha += weight * one.successes
            beta += weight * known
        return alpha, beta


@dataclass(frozen=True, slots=True)
class Pick:
    arm: str
    propensity: float
    """Exact: the arm was drawn from ``shares``."""
    shares: tuple[float, ...]
    """Of all live arms, in the order given; they sum to 1."""


def shares(arms: Sequence[Arm], *, delay: Delay = AT_ONCE, seed: int = 0) -> Shares:
    """How often each arm is to be shown: the Monte Carlo estimate of the probability that it is the
    best one, over DRAWS seeded draws, lifted to the floor. Arms of equal ids, in any order, and
    equal counts get the same: draws go by the order of ids."""
    assert arms, "nothing to choose from"
    order = sorted(range(len(arms)), key=lambda at: arms[at].id)
    posteriors = np.array([arms[at].posterior(delay) for at in order])
    generator = np.random.default_rng(seed)
    drawn = generator.beta(posteriors[:, 0], posteriors[:, 1], (DRAWS, len(arms)))
    won = np.bincount(drawn.argmax(axis=1), minlength=len(arms)) / DRAWS
    floor = FLOOR if FLOOR * len(arms) <= 1 else 0.5 / len(arms)
    found = np.empty(len(arms))
    found[order] = floor + (1 - floor * len(arms)) * won
    normal: Shares = found / found.sum()
    return normal


def pick(arms: Sequence[Arm], chance: Random, *, given: Shares) -> Pick:
    """Draws one arm by ``given`` shares (of ``shares``: computed once for many picks)."""
    assert len(arms) == len(given)
    ends = list(accumulate(given.tolist()))
    at = min(int(np.searchsorted(ends, chance.random() * ends[-1], side="right")), len(arms) - 1)
    return Pick(arms[at].id, float(given[at]), tuple(given.tolist()))
