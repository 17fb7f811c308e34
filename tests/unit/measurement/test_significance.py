"""Two-proportion z and Benjamini-Hochberg against numbers worked out on paper and against the
definitions written the long way."""

from itertools import permutations
from math import erf, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.measurement.significance import false_discovery, two_proportions


def two_sided(z: float) -> float:
    """2 · (1 − Φ(|z|))."""
    return 2 * (1 - (1 + erf(abs(z) / sqrt(2))) / 2)


@pytest.mark.parametrize(
    ("hits", "trials", "z"),
    [
        # pooled ½, variance ¼ · 2/100: 0.2 / √0.005
        ((60, 40), (100, 100), 2.8284271),
        # pooled 0.1, variance 0.09 · 0.02: 0.1 / √0.0018
        ((15, 5), (100, 100), 2.3570226),
        # pooled 1/4, variance 3/16 · (1/200 + 1/600): 0.1 / √0.00125
        ((65, 135), (200, 600), 2.8284271),
        # pooled ½, variance ¼ · (1/50 + 1/50): 0.2 / 0.1
        ((30, 20), (50, 50), 2.0),
        ((1, 0), (2, 2), 1.1547005),
        ((500, 510), (1000, 1000), -0.4472360),
    ],
)
def test_z_by_hand(hits: tuple[int, int], trials: tuple[int, int], z: float) -> None:
    assert two_proportions(hits, trials) == pytest.approx(two_sided(z), abs=1e-6)


@pytest.mark.parametrize(
    ("hits", "trials", "significant"),
    [
        # z = 1.9599 … and 1.9601 …: the two sides of five per cent
        ((5_693, 5_555), (10_000, 10_000), True),
        ((5_692, 5_555), (10_000, 10_000), False),
    ],
)
def test_the_edge_of_five_per_cent(
    hits: tuple[int, int], trials: tuple[int, int], significant: bool
) -> None:
    pooled = sum(hits) / sum(trials)
    z = (hits[0] - hits[1]) / 10_000 / sqrt(pooled * (1 - pooled) * 2 / 10_000)
    assert (z > 1.959964) is significant
    assert (two_proportions(hits, trials) < 0.05) is significant


counts = st.tuples(st.integers(0, 500), st.integers(0, 500))


@given(one=counts, other=counts)
def test_which_comes_first_does_not_matter(one: tuple[int, int], other: tuple[int, int]) -> None:
    (a, more_a), (b, more_b) = one, other
    hits, trials = (a, b), (a + more_a, b + more_b)
    p = two_proportions(hits, trials)
    assert 0 <= p <= 1
    assert two_proportions(hits[::-1], trials[::-1]) == pytest.approx(p)
    missed = (trials[0] - a, trials[1] - b)
    assert two_proportions(missed, trials) == pytest.approx(p), "misses tell the same"


@pytest.mark.parametrize("times", [2, 4, 10])
def test_more_of_the_same_is_more_certain(times: int) -> None:
    small = two_proportions((12, 8), (40, 40))
    assert two_proportions((12 * times, 8 * times), (40 * times, 40 * times)) < small


# Benjamini & Hochberg 1995, section 3.2: myocardial infarction, 15 hypotheses.
THEIRS = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
THEIRS += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]


def test_the_example_of_the_authors() -> None:
    """At 5 % their procedure rejects the four smallest: p(4) = 0.0095 ≤ 4/15 · 0.05 = 0.0133."""
    adjusted = false_discovery(THEIRS)
    assert [q <= 0.05 for q in adjusted] == [True] * 4 + [False] * 11
    assert adjusted[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])
    # 0.0201·15/5 = 0.0603; 0.0278·15/6 = 0.0695 and 0.0298·15/7 = 0.0639 → both 0.0639
    assert adjusted[4:8] == pytest.approx([0.0603, 0.0638571, 0.0638571, 0.0645])
    assert adjusted[-1] == 1.0


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ([0.01, 0.01, 0.01], [0.01, 0.01, 0.01]),
        ([0.01, 0.04, 0.03, 0.02], [0.04, 0.04, 0.04, 0.04]),
        ([0.005, 0.05], [0.01, 0.05]),
        ([0.03, 0.049], [0.049, 0.049]),
        ([1.0, 1.0, 0.0], [1.0, 1.0, 0.0]),
        ([0.02, 0.6, 0.7], [0.06, 0.7, 0.7]),
    ],
)
def test_adjusted_by_hand(p_values: list[float], adjusted: list[float]) -> None:
    assert false_discovery(p_values) == pytest.approx(adjusted)


def step_up(p_values: list[float], q: float) -> int:
    """The procedure as the paper words it: the largest i with p(i) ≤ i/m · q; how many fall."""
    ordered = sorted(p_values)
    held = [i for i, p in enumerate(ordered, 1) if p * len(ordered) / i <= q]
    return max(held, default=0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.001, 0.5))
def test_adjusted_values_reject_what_the_procedure_rejects(p_values: list[float], q: float) -> None:
    assert sum(p <= q for p in false_discovery(p_values)) == step_up(p_values, q)


def test_the_order_in_which_tests_stand_does_not_matter() -> None:
    p_values = [0.001, 0.02, 0.021, 0.4]
    expected = dict(zip(p_values, false_discovery(p_values), strict=True))
    for order in permutations(p_values):
        assert dict(zip(order, false_discovery(order), strict=True)) == expected
