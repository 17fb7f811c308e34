"""Lifecycle, RFM and lookalike: everybody cut up, with figures that can be checked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from quanyu.clock import DAY_US
from quanyu.customers.audiences.evaluate import evaluate
from quanyu.customers.audiences.history import PersonView
from quanyu.customers.audiences.lookalike import SEED_MIN, expand
from quanyu.customers.audiences.ports import Features, Purchases
from quanyu.customers.audiences.tiers import lifecycle, quintile, rfm, rfm_rules
from quanyu.errors import BadInput
from quanyu.events.event import Event

NOW_US = 20_000 * DAY_US


def buyer(*days_ago: float) -> PersonView:
    return PersonView(
        {},
        [
            Event("e", "payment_completed", 1, NOW_US - int(d * DAY_US), NOW_US, "app", ())
            for d in days_ago
        ],
    )


def tiers_of(view: PersonView) -> list[str]:
    return [tier.name for tier in lifecycle() if evaluate(tier.tree, view, as_of_us=NOW_US)]


@pytest.mark.parametrize(
    ("days_ago", "tier"),
    [
        ([], "lead"),
        ([1], "new"),
        ([1, 29], "new"),
        ([1, 31], "active"),
        ([29, 200], "active"),
        ([30], "dormant"),
        ([31], "dormant"),
        ([89, 200], "dormant"),
        ([90], "lost"),
        ([400], "lost"),
    ],
)
def test_a_tier_follows_from_the_payments(days_ago: list[int], tier: str) -> None:
    assert tiers_of(buyer(*days_ago)) == [tier]


@given(st.lists(st.floats(0, 500), max_size=6))
def test_everybody_is_in_exactly_one_tier(days_ago: list[float]) -> None:
    assert len(tiers_of(buyer(*days_ago))) == 1


class TestRfm:
    @pytest.mark.parametrize(
        ("values", "scores"),
        [
            ([10, 20, 30, 40, 50], [1, 2, 3, 4, 5]),
            ([50, 10, 30, 20, 40], [5, 1, 3, 2, 4]),
            ([7, 7, 7], [5, 5, 5]),
            ([1, 1, 1, 1, 9], [4, 4, 4, 4, 5]),
            ([3], [5]),
            ([], []),
        ],
    )
    def test_equal_values_score_equal(self, values: list[int], scores: list[int]) -> None:
        assert quintile(np.asarray(values, np.int64)).tolist() == scores

    @given(arrays(np.int64, st.integers(1, 60), elements=st.integers(-1000, 1000)))
    def test_scores_keep_the_order_and_the_range(self, values: np.ndarray) -> None:
        scores = quintile(values)
        assert set(scores.tolist()) <= {1, 2, 3, 4, 5}
        assert scores.max() == 5
        order = np.argsort(values, kind="stable")
        assert (np.diff(scores[order]) >= 0).all()

    def test_segments_have_names(self) -> None:
        bought = Purchases(
            np.arange(5),
            np.asarray([1, 2, 30, 60, 90]) * DAY_US,
            np.asarray([9, 1, 8, 1, 1]),
            np.asarray([900, 20, 10, 800, 5]),
        )
        made = rfm(bought, rfm_rules())
        assert made.recency.tolist() == [5, 4, 3, 2, 1]
        assert made.segment == [
            "重要价值客户",
            "一般发展客户",
            "一般保持客户",
            "重要挽留客户",
            "一般挽留客户",
        ]
        assert len(rfm_rules().segments) == 8


def crowd(people: int, alike: int, seed: int = 3) -> Features:
    """The first ``alike`` people buy beauty; the others do not. Half of the alike are the seed."""
    chance = np.random.default_rng(seed)
    keen = np.arange(people) < alike
    beauty = np.where(keen, chance.poisson(8, people), chance.poisson(1, people))
    matrix = np.column_stack([beauty, chance.poisson(5, people)]).astype(np.float64)
    return Features(np.arange(people) + 100, ("beauty", "noise"), matrix)


class TestLookalike:
    features = crowd(3_000, 400)
    seed = np.arange(100, 300)

    def test_it_finds_those_who_are_alike_and_not_the_seed(self) -> None:
        found = expand(self.features, self.seed, size=150)
        assert not set(found.persons.tolist()) & set(self.seed.tolist())
        alike = ((found.persons >= 300) & (found.persons < 500)).mean()
        assert alike > 0.9
        assert found.auc > 0.85
        assert found.weights[0][0] == "beauty"
        assert (np.diff(found.scores) <= 0).all()

    def test_the_same_question_has_the_same_answer(self) -> None:
        one, other = (expand(self.features, self.seed, size=50, random_seed=5) for _ in range(2))
        assert one.persons.tolist() == other.persons.tolist()
        assert one.auc == other.auc

    def test_size_may_exceed_the_crowd(self) -> None:
        assert len(expand(self.features, self.seed, size=10**6).persons) == 2_800

    def test_a_seed_like_everybody_has_no_auc_to_boast_of(self) -> None:
        seed = np.random.default_rng(1).choice(self.features.persons, 400, replace=False)
        assert 0.35 < expand(self.features, seed, size=10).auc < 0.65

    def test_too_small_or_everybody_is_refused(self) -> None:
        with pytest.raises(BadInput, match=f"at least {SEED_MIN}"):
            expand(self.features, self.seed[: SEED_MIN - 1], size=10)
        with pytest.raises(BadInput, match="everybody"):
            expand(self.features, self.features.persons, size=10)
