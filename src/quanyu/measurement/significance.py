"""Is a change more than chance? Two small tests, in closed form."""

from collections.abc import Sequence
from math import erfc, sqrt


def two_proportions(
    hits: tuple[int, int], trials: tuple[int, int], *, noise: tuple[float, float] = (0.0, 0.0)
) -> float:
    """Two-sided p of equal shares, pooled normal approximation (Agresti, Categorical Data, 3.2).

    ``noise`` is the variance that rounding has added to each of the hits. 1.0 where it cannot be
    told: no trials, or all or none hit.
    """
    if not trials[0] or not trials[1]:
        return 1.0
    pooled = min(1.0, sum(hits) / sum(trials))
    variance = pooled * (1 - pooled) * (1 / trials[0] + 1 / trials[1])
    variance += noise[0] / trials[0] ** 2 + noise[1] / trials[1] ** 2
    if variance <= 0:
        return 1.0
    z = (hits[0] / trials[0] - hits[1] / trials[1]) / sqrt(variance)
    return erfc(abs(z) / sqrt(2))


def false_discovery(p_values: Sequence[float]) -> list[float]:
    """Adjusted p of each test: those below q hold at most a share q of false alarms on average
    (Benjamini and Hochberg 1995)."""
    count = len(p_values)
    order = sorted(range(count), key=lambda i: p_values[i], reverse=True)
    adjusted, least = [1.0] * count, 1.0
    for position, i in enumerate(order):
        least = min(least, p_values[i] * count / (count - position))
        adjusted[i] = least
    return adjusted
