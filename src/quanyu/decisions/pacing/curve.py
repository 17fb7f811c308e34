"""How the traffic of a day is spread over its hours, and how much of it is still to come."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Shares = npt.NDArray[np.float64]

TICKS_A_DAY = 288
"""Of five minutes."""
TYPICAL_HOURS = (
    2.4, 1.4, 0.9, 0.6, 0.5, 0.7, 1.4, 2.6, 3.9, 4.8, 5.2, 5.3,
    5.6, 5.2, 5.0, 5.0, 5.0, 5.0, 5.1, 5.8, 7.3, 8.3, 7.6, 5.4,
)  # fmt: skip
"""Per cent of a day in China; where nothing was counted yet. It gives way to counts at once."""
DAY_KEEP = 0.8
"""Weight of a day against the day after it."""
PRIOR_DAYS = 0.5
USUAL_SHARE = 0.1
"""The usual volume counts as much as this share of today's traffic, once that is seen."""


@dataclass(frozen=True, slots=True)
class DayCurve:
    """Expected share of the day's auctions in each tick; sums to 1."""

    share: Shares

    @classmethod
    def typical(cls, ticks: int = TICKS_A_DAY) -> "DayCurve":
        hours = np.arange(25)
        ends = np.concatenate([[0.0], np.cumsum(TYPICAL_HOURS)])
        cut = np.interp(np.linspace(0, 24, ticks + 1), hours, ends)
        return cls(np.diff(cut) / ends[-1])

    @classmethod
    def learned(cls, days: Sequence[Sequence[float]]) -> "DayCurve":
        """Counts per tick of whole days, the newest last. Each day weighs DAY_KEEP of the next
        one; the typical curve weighs PRIOR_DAYS of a day, so that no tick expects nothing."""
        assert days, "a curve is learned from at least a day"
        mass = PRIOR_DAYS * cls.typical(len(days[0])).share
        for age, day in enumerate(reversed(days)):
            counts = np.asarray(day, np.float64)
            if counts.sum() > 0:
                mass = mass + DAY_KEEP**age * counts / counts.sum()
        return cls(mass / mass.sum())

    def rest(self, tick: int) -> float:
        """Share of the ticks from this one on."""
        return float(self.share[tick:].sum())


def expected_rest(curve: DayCurve, tick: int, *, seen: float, usual: float | None) -> float:
    """Auctions to come from this tick on. ``seen``: before it; ``usual``: of a whole day, None
    where nobody knows. Mean of the Gamma-Poisson posterior of the day's volume:
    (USUAL_SHARE · usual + seen) / (USUAL_SHARE + share that should have been seen)."""
    rest = curve.rest(tick)
    done = 1 - rest
    if usual is None:
        return seen / done * rest if done > 0 else 0.0
    return (USUAL_SHARE * usual + seen) / (USUAL_SHARE + done) * rest
