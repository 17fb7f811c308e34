"""Which creative to show: better ones more often, every live one sometimes, propensities exact."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from quanyu.decisions.rank.bandits import (
    AT_ONCE,
    DRAWS,
    FLOOR,
    KEEP,
    PRIOR,
    Arm,
    Delay,
    Shown,
    pick,
    shares,
)

SLOW = Delay((1.0, 7.0), (0.5, 1.0))
"""Half of it comes within a day, all within a week."""


def arm(name: str, exposures: int = 0, successes: int = 0, age: float = 0.0) -> Arm:
    return Arm(name, (Shown(age, exposures, successes),))


def test_the_posterior_by_hand() -> None:
    assert Arm("a").posterior(AT_ONCE) == PRIOR
    assert arm("a", 1000, 30).posterior(Delay((0.0,), (1.0,)))[0] == PRIOR[0] + 30
    alpha, tail = arm("a", 1000, 30, age=1.0).posterior(SLOW)
    assert alpha == pytest.approx(PRIOR[0] + KEEP * 30)
    assert tail == pytest.approx(PRIOR[1] + KEEP * (1000 * 0.5 - 30))


@pytest.mark.parametrize(
    ("age", "expected"), [(0, 0), (0.5, 0.25), (1, 0.5), (4, 0.75), (7, 1), (99, 1)]
)
def test_how_much_has_come_by_an_age(age: float, expected: float) -> None:
    assert SLOW.by(age) == pytest.approx(expected)


def test_fresh_exposures_without_a_success_are_not_held_against_an_arm() -> None:
    fresh, old = arm("a", 10_000, 0, age=0.0), arm("a", 10_000, 0, age=30)
    assert fresh.posterior(SLOW) == PRIOR
    assert old.posterior(SLOW)[1] > 5000


def test_a_new_arm_is_not_beaten_by_delay_alone() -> None:
    """Both succeed in 2 of 100 in the end; one was shown a month ago, one this hour."""
    arms = [arm("old", 10_000, 200, age=30), arm("new", 10_000, 4, age=0.02)]
    assert shares(arms, delay=SLOW)[1] > 0.2
    assert shares(arms, delay=AT_ONCE)[1] == pytest.approx(FLOOR, abs=0.01)


def test_what_is_long_past_counts_less() -> None:
    young, aged = arm("a", 1000, 20, age=0), arm("a", 1000, 20, age=100)
    assert sum(aged.posterior(AT_ONCE)) < 0.5 * sum(young.posterior(Delay((0.0,), (1.0,))))


def test_a_clear_winner_gets_all_but_the_floors() -> None:
    found = shares([arm("a", 10_000, 100, 1), arm("b", 10_000, 500, 1), arm("c", 10_000, 100, 1)])
    assert found == pytest.approx([FLOOR, 1 - 2 * FLOOR, FLOOR])


def test_the_share_is_the_probability_of_being_the_best() -> None:
    """Against the integral ∫ f_b(x) F_a(x) dx of two Beta posteriors."""
    arms = [arm("a", 1000, 22, 1), arm("b", 1000, 28, 1)]
    a, b = (beta(*one.posterior(AT_ONCE)) for one in arms)
    grid = np.linspace(0, 0.2, 20_001)
    best = float(np.trapezoid(b.pdf(grid) * a.cdf(grid), grid))
    error = 4 * (0.25 / DRAWS) ** 0.5
    assert shares(arms, seed=7)[1] == pytest.approx(FLOOR + (1 - 2 * FLOOR) * best, abs=error)


def test_one_arm_and_very_many() -> None:
    assert shares([Arm("only")]) == [1]
    twenty = shares([Arm(f"a{n}") for n in range(20)])
    assert twenty == pytest.approx(np.full(20, FLOOR))
    crowd = [arm(f"a{n}", 10_000, 100, 1) for n in range(39)]
    many = shares([*crowd, arm("best", 100_000, 9000, 1)])
    assert many[:-1] == pytest.approx(np.full(39, 0.5 / 40), abs=0.01)
    assert many[-1] > 0.4


def test_arms_are_picked_as_often_as_was_said() -> None:
    arms = [arm("a", 500, 10, 1), arm("b", 500, 14, 1), Arm("c")]
    given_shares, chance = shares(arms), Random(5)
    picks = [pick(arms, chance, given=given_shares) for _ in range(4000)]
    for place, one in enumerate(arms):
        often = sum(found.arm == one.id for found in picks) / 4000
        assert often == pytest.approx(given_shares[place], abs=0.03)
    for found in picks[:50]:
        place = [one.id for one in arms].index(found.arm)
        assert found.propensity == given_shares[place] == found.shares[place]


def test_over_a_month_it_finds_the_better_creative_and_keeps_looking() -> None:
    rates, chance = {"a": 0.02, "b": 0.03}, np.random.default_rng(3)
    shown: dict[str, list[tuple[int, int, int]]] = {"a": [], "b": []}
    for day in range(30):
        arms = [
            Arm(name, tuple(Shown(day - then, count, hits) for then, count, hits in counts))
            for name, counts in shown.items()
        ]
        for one, share in zip(arms, shares(arms, seed=day), strict=True):
            count = round(1000 * float(share))
            shown[one.id].append((day, count, int(chance.binomial(count, rates[one.id]))))
    last = {name: counts[-1][1] for name, counts in shown.items()}
    assert last["b"] > 800
    assert last["a"] >= 50, "the floor"


@pytest.mark.parametrize(
    ("days", "share"),
    [((), ()), ((1.0,), (0.5, 1.0)), ((2.0, 1.0), (0.5, 1.0)), ((1.0, 2.0), (0.9, 0.5)),
     ((1.0,), (1.5,)), ((1.0,), (-0.1,))],
)  # fmt: skip
def test_a_delay_that_cannot_be_is_a_defect(
    days: tuple[float, ...], share: tuple[float, ...]
) -> None:
    with pytest.raises(AssertionError):
        Delay(days, share)


ARMS = st.lists(
    st.tuples(st.integers(0, 10_000), st.floats(0, 1), st.floats(0, 60)), min_size=1, max_size=25
)


@settings(max_examples=40)
@given(ARMS, st.integers(0, 2**31), st.randoms(use_true_random=False))
def test_shares_sum_to_one_keep_the_floor_and_do_not_depend_on_the_order(
    counts: list[tuple[int, float, float]], seed: int, chance: Random
) -> None:
    arms = [arm(f"a{n:02}", shown, int(shown * rate), age)
            for n, (shown, rate, age) in enumerate(counts)]  # fmt: skip
    found = dict(zip((one.id for one in arms), shares(arms, seed=seed), strict=True))
    assert sum(found.values()) == pytest.approx(1)
    assert min(found.values()) >= (FLOOR if len(arms) <= 20 else 0.5 / len(arms)) - 1e-12
    chance.shuffle(arms)
    again = dict(zip((one.id for one in arms), shares(arms, seed=seed), strict=True))
    assert again == pytest.approx(found)
    picked = pick(arms, chance, given=shares(arms, seed=seed))
    assert picked.propensity == pytest.approx(found[picked.arm])
