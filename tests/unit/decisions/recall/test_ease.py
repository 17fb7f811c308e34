"""EASE against the paper's formula, and what is kept of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recall_ground import deeds

from quanyu.decisions.recall import ease
from quanyu.decisions.recall.interactions import WEIGHTS, Interactions
from quanyu.decisions.recall.neighbours import Neighbours
from quanyu.errors import BadInput

ITEMS = 6
events = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.integers(0, ITEMS - 1),
        st.sampled_from(["view", "favourite", "add_to_cart", "payment_completed"]),
        st.integers(0, 10**9),
    ),
    min_size=1,
    max_size=60,
)


def likes_of(found: Interactions) -> np.ndarray:
    """Dense X: the root of the strongest deed's share."""
    made = np.zeros((10, ITEMS))
    for person, row, weight in zip(found.person, found.row, found.weight, strict=True):
        made[person, row] = max(made[person, row], np.sqrt(weight / found.weight.max()))
    return made


def dense(found: Neighbours) -> np.ndarray:
    made = np.zeros((len(found), len(found)))
    for row in range(len(found)):
        span = slice(found.starts[row], found.starts[row + 1])
        made[row, found.rows[span]] = found.scores[span]
    return made


@given(events, st.sampled_from([0.5, 2.0, 50.0]))
@settings(max_examples=60)
def test_it_is_the_closed_form(said: list[tuple[int, int, str, int]], lambda_: float) -> None:
    found = deeds(*said)
    expected = ease.closed_form(likes_of(found), lambda_)
    used = np.bincount(found.row, minlength=ITEMS) > 0
    expected[~used] = expected[:, ~used] = 0
    made = dense(ease.fit(found, ITEMS, lambda_=lambda_))
    if used.sum() < 2:
        assert not made.any()
        return
    np.testing.assert_allclose(made, np.maximum(expected, 0), atol=2e-4)
    assert (made.diagonal() == 0).all()


def test_the_diagonal_of_the_formula_is_zero_and_scores_solve_the_problem() -> None:
    """B minimises |X − XB|² + λ|B|² among those with a diagonal of zeros: any step is worse."""
    chance = np.random.default_rng(1)
    likes = (chance.random((30, 5)) < 0.4).astype(float)
    best = ease.closed_form(likes, 3.0)
    assert (best.diagonal() == 0).all()

    def loss(b: np.ndarray) -> float:
        return float(((likes - likes @ b) ** 2).sum() + 3.0 * (b**2).sum())

    for _ in range(50):
        step = chance.normal(size=(5, 5)) * 0.01
        np.fill_diagonal(step, 0)
        assert loss(best + step) > loss(best)


def test_more_than_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(2)
    n, items = 4_000, 300
    found = Interactions.of(
        chance.integers(0, 400, n), chance.integers(0, items, n).astype(np.int32),
        kind=np.zeros(n, np.int8), at_us=chance.integers(0, 10**9, n),
    )  # fmt: skip
    whole = ease.fit(found, items, lambda_=5.0)
    monkeypatch.setattr(ease, "BLOCK", 64)
    blocks = ease.fit(found, items, lambda_=5.0)
    np.testing.assert_allclose(dense(blocks), dense(whole), atol=1e-5)
    likes = np.zeros((400, items))
    likes[found.person, found.row] = 1
    expected = ease.closed_form(likes, 5.0)
    kept = dense(whole) > 0
    np.testing.assert_allclose(dense(whole)[kept], expected[kept], atol=1e-3)
    assert kept.sum(axis=1).max() <= ease.TOP


@pytest.mark.parametrize(("people", "usual"), [(1, 1.0), (12, 2.4), (1_000, 200.0), (5_000, 200.0)])
def test_few_people_are_smoothed_less(people: int, usual: float) -> None:
    found = deeds(*[(person, 0, "view", 1) for person in range(people)])
    assert ease.usual_lambda(found) == usual


def test_only_the_most_used_are_in_it() -> None:
    found = deeds(*[(person, row, "view", 1) for row in range(5) for person in range(row + 1)])
    assert ease.most_used(found, 8, most=2).tolist() == [3, 4]
    made = ease.fit(found, 8, most=2, lambda_=1.0)
    assert len(made) == 8
    assert ease.rows_of(made).tolist() == [3, 4]


def test_ties_of_use_go_by_row() -> None:
    found = deeds((1, 5, "view", 1), (1, 2, "view", 1), (1, 7, "view", 1))
    assert ease.most_used(found, 9, most=2).tolist() == [2, 5]


def test_a_tablet_of_a_shop_is_nobodys_taste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a person with too many items the newest count."""
    monkeypatch.setattr(ease, "OF_A_PERSON", 2)
    found = deeds((1, 0, "view", 1), (1, 1, "view", 2), (1, 2, "view", 3), (2, 0, "view", 1))
    assert ease.rows_of(ease.fit(found, 3, lambda_=0.1)).tolist() == [1, 2]


@pytest.mark.parametrize("lambda_", [0.0, -1.0, float("nan")])
def test_lambda_must_be_above_nothing(lambda_: float) -> None:
    with pytest.raises(BadInput, match="lambda_"):
        ease.fit(Interactions.none(), 3, lambda_=lambda_)


def test_a_matrix_that_32_bits_cannot_invert_is_told() -> None:
    twins = deeds(*[(person, row, "view", 1) for person in range(500) for row in range(2)])
    with pytest.raises(BadInput, match="use a larger one"):
        ease.fit(twins, 2, lambda_=1e-30)


def test_of_nothing_nothing_is_learned() -> None:
    assert len(ease.fit(Interactions.none(), 4).rows) == 0
    assert len(ease.fit(deeds((1, 2, "view", 1)), 4).rows) == 0


def test_it_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ease, "BLOCK", 2)
    told: list[tuple[int, int]] = []
    found = deeds(*[(person, row, "view", 1) for person in range(3) for row in range(5)])
    ease.fit(found, 5, lambda_=1.0, told=lambda done, of: told.append((done, of)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (10, 10)


def test_memory_is_said_in_advance() -> None:
    assert 600 << 20 < ease.memory_bytes(10_000, 1_000_000) < 900 << 20
    assert ease.memory_bytes(10_000, 0) < 2 * 4 * 10_000**2, "no second matrix"


def test_a_payment_says_most() -> None:
    assert WEIGHTS.tolist() == sorted(WEIGHTS.tolist())
