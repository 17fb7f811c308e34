"""From scores to a list: variety, quotas, and exploring with exact propensities."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.decisions.rank.shop import good

from quanyu.decisions.goods import Goods
from quanyu.decisions.rank.rerank import Listing, Placed, Seats, Variety, rerank

PLAIN = Variety(weight=0)


def goods(*kinds: tuple[str, str]) -> Goods:
    """Of (shop, category)."""
    return Goods.of(
        good(f"g{n}", shop=shop, category=category) for n, (shop, category) in enumerate(kinds)
    )


def listed(
    score: list[float], kinds: list[tuple[str, str]], *, variety: Variety, slots: int = 10,
    seed: int = 0,
) -> tuple[Placed, ...]:  # fmt: skip
    rows = np.arange(len(score), dtype=np.int32)
    return rerank(rows, np.array(score, np.float64), goods=goods(*kinds), variety=variety,
                  seats=Seats(slots, Random(seed)))  # fmt: skip


def order(placed: tuple[Placed, ...]) -> list[int]:
    return [one.at for one in placed]


APART = [(f"s{n}", f"c{n}") for n in range(5)]


def test_without_variety_the_score_decides_and_ties_keep_their_order() -> None:
    assert order(listed([1, 3, 2, 3, 0], APART, variety=PLAIN)) == [1, 3, 2, 0, 4]


def test_what_is_like_the_one_above_steps_back() -> None:
    kinds = [("s1", "tea"), ("s1", "tea"), ("s2", "cups")]
    assert order(listed([1.0, 0.9, 0.8], kinds, variety=PLAIN)) == [0, 1, 2]
    assert order(listed([1.0, 0.9, 0.5], kinds, variety=Variety(weight=0.5))) == [0, 2, 1]


def test_the_same_category_is_liker_than_the_same_shop() -> None:
    kinds = [("s1", "tea"), ("s2", "tea"), ("s1", "cups"), ("s3", "lamps")]
    assert order(listed([1, 0.5, 0.5, 0.5], kinds, variety=Variety())) == [0, 3, 2, 1]


def test_scores_in_any_unit_give_the_same_list() -> None:
    kinds, score = [("s1", "a"), ("s1", "a"), ("s2", "b")], [1.0, 0.9, 0.5]
    small = [one * 1e-6 for one in score]
    assert order(listed(small, kinds, variety=Variety())) == order(
        listed(score, kinds, variety=Variety())
    )


def test_a_shop_has_its_quota() -> None:
    kinds = [("s1", "a"), ("s1", "b"), ("s1", "c"), ("s2", "d")]
    placed = listed([4, 3, 2, 1], kinds, variety=Variety(weight=0, per_shop=2))
    assert order(placed) == [0, 1, 3], "shorter rather than over the quota"


def test_a_list_is_as_long_as_asked_or_as_there_are_candidates() -> None:
    assert len(listed([1, 2, 3, 4, 5], APART, variety=PLAIN, slots=2)) == 2
    assert len(listed([1, 2, 3, 4, 5], APART, variety=PLAIN, slots=9)) == 5
    assert listed([], [], variety=PLAIN) == ()


def test_what_does_not_explore_is_certain() -> None:
    for one in listed([5, 4, 3, 2, 1], APART, variety=Variety(epsilon=0.9)):
        assert (one.propensity, one.explored) == (1.0, False)


def test_a_place_that_explores_says_with_what_probability_it_shows_what_it_shows() -> None:
    variety = Variety(weight=0, explore=frozenset({2}), epsilon=0.4)
    seen = {}
    for seed in range(200):
        placed = listed([5, 4, 3, 2, 1], APART, variety=variety, seed=seed)
        assert placed[0] == Placed(0, 1, 1.0, False)
        seen[placed[1].at] = placed[1].propensity
    assert seen == {1: pytest.approx(0.6 + 0.1), 2: 0.1, 3: 0.1, 4: 0.1}


def test_it_is_shown_as_often_as_was_said() -> None:
    variety = Variety(weight=0, explore=frozenset({1}), epsilon=0.5)
    firsts = [listed([2, 1, 0], APART[:3], variety=variety, seed=n)[0].at for n in range(3000)]
    shares = np.bincount(firsts, minlength=3) / 3000
    assert shares == pytest.approx([0.5 + 0.5 / 3, 0.5 / 3, 0.5 / 3], abs=0.03)


def test_by_inverse_propensity_the_mean_of_a_log_is_that_of_showing_all_alike() -> None:
    """What the propensities are for: worth of candidates 0.1, 0.2, 0.6; all alike is 0.3."""
    worth = [0.1, 0.2, 0.6]
    variety = Variety(weight=0, explore=frozenset({1}), epsilon=0.5)
    drawn = [listed([2, 1, 0], APART[:3], variety=variety, seed=n)[0] for n in range(4000)]
    estimate = np.mean([worth[one.at] / 3 / one.propensity for one in drawn])
    assert estimate == pytest.approx(0.3, abs=0.02)


def test_the_same_seed_gives_the_same_list() -> None:
    variety = Variety(explore=frozenset({1, 2, 3}), epsilon=0.8)
    one, other = (listed([5, 4, 3, 2, 1], APART, variety=variety, seed=3) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("said", [{"weight": 1.1}, {"weight": -0.1}, {"epsilon": 2},
                                  {"per_shop": 0}])  # fmt: skip
def test_nonsense_is_a_defect(said: dict[str, float]) -> None:
    with pytest.raises(AssertionError):
        Variety(**said)  # type: ignore[arg-type]


def test_a_score_that_is_no_number_is_a_defect() -> None:
    with pytest.raises(AssertionError):
        listed([1.0, float("nan")], APART[:2], variety=PLAIN)


KINDS = st.tuples(st.sampled_from(["s1", "s2", "s3"]), st.sampled_from(["a", "b"]))


@settings(max_examples=80)
@given(
    st.lists(st.tuples(st.floats(0, 1), KINDS), min_size=1, max_size=12),
    st.floats(0, 1), st.floats(0, 1), st.none() | st.integers(1, 3),
    st.frozensets(st.integers(1, 8)), st.integers(0, 1000),
)  # fmt: skip
def test_propensities_of_every_place_sum_to_one_and_quotas_hold(
    given_rows: list[tuple[float, tuple[str, str]]], weight: float, epsilon: float,
    per_shop: int | None, explore: frozenset[int], seed: int,
) -> None:  # fmt: skip
    score, kinds = [one for one, _ in given_rows], [kind for _, kind in given_rows]
    variety = Variety(weight=weight, epsilon=epsilon, per_shop=per_shop, explore=explore)
    placed = listed(score, kinds, variety=variety, slots=8, seed=seed)
    again = Listing(np.arange(len(score), dtype=np.int32), np.array(score), goods=goods(*kinds),
                    variety=variety)  # fmt: skip
    for one in placed:
        draw = again.next()
        assert draw is not None
        assert sum(draw.propensity(int(at)) for at in draw.pool) == pytest.approx(1)
        assert 0 < draw.propensity(one.at) == one.propensity <= 1
        assert one.explored or one.at == draw.best
        assert not one.explored or one.position in explore
        again.place(draw, one.at, explored=one.explored)
    assert len({one.at for one in placed}) == len(placed)
    shops = [kinds[one.at][0] for one in placed]
    assert per_shop is None or all(shops.count(shop) <= per_shop for shop in shops)
    assert len(placed) == 8 or again.next() is None
