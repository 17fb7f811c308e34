"""What a later lane gives when its base rises: tables by hand, and bounds for every benefit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.promotions.pricing.benefits import (
    AmountOff,
    Benefit,
    BundlePrice,
    FixedPrice,
    PercentOff,
    Tier,
    Tiers,
)
from quanyu.promotions.pricing.steps import (
    STEPS_MAX,
    Point,
    Steps,
    highest,
    points_of,
    together,
)

AT_300 = AmountOff(amount=30, threshold=300)
EVERY_300 = AmountOff(amount=30, threshold=300, repeat=True)
CAPPED = AmountOff(amount=30, threshold=300, repeat=True, cap=60)
TENTH = PercentOff(percent=10, threshold=300)
RISING = Tiers(tiers=[Tier(threshold=300, amount=30), Tier(threshold=500, amount=70)])
FALLING = Tiers(tiers=[Tier(threshold=300, amount=90), Tier(threshold=500, percent=10)])


@pytest.mark.parametrize(
    ("benefit", "base", "points"),
    [
        (AT_300, 299, [(0, 0), (1, 30)]),
        (AT_300, 300, [(0, 30)]),
        (AT_300, 0, [(0, 0), (300, 30)]),
        (EVERY_300, 250, [(0, 0), (50, 30), (350, 60), (650, 90), (950, 120)]),
        (CAPPED, 250, [(0, 0), (50, 30), (350, 60)]),
        (CAPPED, 700, [(0, 60)]),
        (TENTH, 290, [(0, 0), (10, 30)]),
        (TENTH, 310, [(0, 31)]),
        (RISING, 100, [(0, 0), (200, 30), (400, 70)]),
        (FALLING, 300, [(0, 90), (200, 50)]),
    ],
)
def test_the_steps_of_a_benefit(benefit: Benefit, base: int, points: list[Point]) -> None:
    assert points_of(benefit, base, rise_max=1000) == points


@pytest.mark.parametrize(("rise_max", "count"), [(0, 1), (49, 1), (50, 2), (349, 2), (350, 3)])
def test_steps_beyond_the_largest_rise_are_not_made(rise_max: int, count: int) -> None:
    assert len(points_of(EVERY_300, 250, rise_max=rise_max)) == count


def test_steps_without_number_end_in_one_that_gives_it_all() -> None:
    benefit = AmountOff(amount=1, threshold=2, repeat=True)
    points = points_of(benefit, 0, rise_max=10_000)
    assert len(points) == STEPS_MAX + 1
    assert points[-1] == (2 * STEPS_MAX, 5000)


benefits = st.one_of(
    st.builds(
        lambda fen, at, repeat, times: AmountOff(
            amount=fen, threshold=at, repeat=repeat, cap=times and fen * times
        ),
        st.integers(1, 900),
        st.integers(1, 3000),
        st.booleans(),
        st.none() | st.integers(1, 4),
    ),
    st.builds(
        lambda percent, at, cap: PercentOff(percent=percent, threshold=at, cap=cap),
        st.integers(1, 100),
        st.integers(0, 3000),
        st.none() | st.integers(1, 500),
    ),
    st.just(RISING),
    st.just(FALLING),
)


@given(benefit=benefits, base=st.integers(0, 5000), rise=st.integers(0, 4000))
def test_nothing_gives_more_than_its_steps_and_its_slope(
    benefit: Benefit, base: int, rise: int
) -> None:
    """Also where a higher tier gives less than the lower one."""
    steps = highest(points_of(benefit, base, rise_max=4000))
    assert steps.at(0) == benefit.off_sum(base)
    assert benefit.off_sum(base + rise) <= steps.at(rise) + -(-rise * benefit.slope // 100)


@given(benefit=benefits, base=st.integers(0, 5000), rise=st.integers(0, 4000))
def test_the_next_step_is_the_next_jump(benefit: Benefit, base: int, rise: int) -> None:
    """Up to it only the slope counts."""
    step = benefit.next_step(base)
    assert step is None or step > base
    if step is None or base + rise < step:
        grown = benefit.off_sum(base + rise) - benefit.off_sum(base)
        assert 0 <= grown <= -(-rise * benefit.slope // 100)


points_lists = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=6).map(
    lambda some: [(0, 0), *some]
)


@given(points=points_lists, rise=st.integers(0, 60))
def test_the_highest_of_points_never_falls(points: list[Point], rise: int) -> None:
    steps = highest(points)
    assert steps.at(rise) == max(given for at, given in points if at <= rise)
    assert list(steps.rises) == sorted(set(steps.rises))
    assert list(steps.gives) == sorted(set(steps.gives))
    assert highest(list(steps.points)).gives == steps.gives


@given(several=st.lists(points_lists.map(highest), max_size=4), rise=st.integers(0, 60))
def test_together_is_the_sum(several: list[Steps], rise: int) -> None:
    assert together(several).at(rise) == sum(one.at(rise) for one in several)


def test_what_has_no_sum_says_so() -> None:
    for benefit in (FixedPrice(price=1), BundlePrice(items={"p": 1}, price=1)):
        with pytest.raises(TypeError, match="no meaning for a sum"):
            points_of(benefit, 1, rise_max=1)
