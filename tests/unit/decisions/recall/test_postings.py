"""The inverted index against plain counting."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.decisions.goods import Scores
from quanyu.decisions.recall.postings import COMMON_SHARE, Counted, Postings

texts = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), min_size=1, max_size=30)
weights = st.dictionaries(st.sampled_from("abcdefghxyz"), st.floats(0.125, 4, width=32), max_size=5)


def times(counted: Counted) -> Scores:
    return counted.times.astype(np.float32)


def naive(said: list[list[str]], asked: dict[str, float]) -> list[tuple[int, float]]:
    scored = []
    for row, words in enumerate(said):
        counts = Counter(words)
        score = sum(np.float32(weight) * counts[word] for word, weight in asked.items())
        if score > 0:
            scored.append((row, float(score)))
    return sorted(scored, key=lambda one: (-one[1], one[0]))


@given(texts, weights, st.integers(0, 8))
@settings(max_examples=150)
def test_the_best_rows_by_their_sums(
    said: list[list[str]], asked: dict[str, float], limit: int
) -> None:
    rows, scores = Postings.of(said, times).match(asked, limit=limit)
    expected = naive(said, asked)
    assert len(rows) == min(limit, len(expected))
    np.testing.assert_allclose(scores, [score for _, score in expected[:limit]], rtol=1e-5)
    real = dict(expected)
    for row, score in zip(rows.tolist(), scores.tolist(), strict=True):
        assert real[row] == pytest.approx(score, rel=1e-5)


@given(texts, st.integers(1, 5))
@settings(max_examples=60)
def test_equal_scores_go_by_row(said: list[list[str]], limit: int) -> None:
    rows, scores = Postings.of(said, times).match({"a": 1.0, "b": 1.0}, limit=limit)
    keys = [(-score, row) for row, score in zip(rows.tolist(), scores.tolist(), strict=True)]
    assert keys == sorted(keys)


def test_common_and_rare_words_are_kept_apart_and_count_alike() -> None:
    said = [["common", *(["rare"] if row == 70 else [])] for row in range(100)]
    made = Postings.of(said, times)
    assert set(made.columns) == {made.number_of["common"]}
    assert made.holders("rare") / 100 < COMMON_SHARE
    rows, scores = made.match({"common": 1.0, "rare": 1.0}, limit=3)
    assert rows.tolist() == [70, 0, 1]
    assert scores.tolist() == [2.0, 1.0, 1.0]


def test_holders() -> None:
    made = Postings.of([["a", "a"], ["a", "b"]], times)
    assert [made.holders(word) for word in ("a", "b", "c")] == [2, 1, 0]


def test_nothing_is_found_in_nothing() -> None:
    for said in ([], [[]], [["a"]]):
        made = Postings.of(said, times)
        assert len(made.match({"zzz": 1.0}, limit=5)[0]) == 0
        assert len(made.match({}, limit=5)[0]) == 0
    assert len(Postings.of([["a"]], times).match({"a": 1.0}, limit=0)[0]) == 0


def test_a_bound_never_cuts_off_a_winner() -> None:
    """Rows with the strongest word are many; the winner has two weaker words."""
    said = [["strong"] for _ in range(3000)] + [["weak", "weaker"]]
    rows, _ = Postings.of(said, times).match({"strong": 1.0, "weak": 0.75, "weaker": 0.75}, limit=2)
    assert rows.tolist() == [3000, 0]
