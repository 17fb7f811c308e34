"""Pairs of one day, neighbours as a sparse matrix, and both ways to what is similar."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recall_ground import NOW_US, campers, deeds, ids, shelf, taste

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, parse_iso
from quanyu.decisions.recall import covisit
from quanyu.decisions.recall.interactions import Interactions
from quanyu.decisions.recall.neighbours import Neighbours
from quanyu.decisions.recall.similar import COVISIT_SHARE, IN_HAND, Similar, seeds, with_basket
from quanyu.decisions.taste import KINDS, NOBODY, Deed, Taste

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")


def pairs(found: Neighbours) -> dict[tuple[int, int], float]:
    return {
        (row, int(found.rows[at])): float(found.scores[at])
        for row in range(len(found))
        for at in range(found.starts[row], found.starts[row + 1])
    }


def test_two_of_one_evening_go_together_both_ways() -> None:
    made = pairs(covisit.fit(deeds((1, 0, "view", NOON_US), (1, 1, "view", NOON_US + 1)), 3))
    assert set(made) == {(0, 1), (1, 0)}
    assert made[0, 1] == made[1, 0] > 0


@pytest.mark.parametrize(
    ("second", "together"),
    [
        ("2026-03-10T23:59:59+08:00", True),
        ("2026-03-11T00:00:00+08:00", False),
        ("2026-03-09T23:59:59+08:00", False),
        ("2026-03-10T00:00:00+08:00", True),
    ],
)
def test_a_day_is_a_day_in_china(second: str, together: bool) -> None:
    made = covisit.fit(deeds((1, 0, "view", NOON_US), (1, 1, "view", parse_iso(second))), 2)
    assert bool(len(made.rows)) is together


def test_two_people_are_no_pair_and_one_item_neither() -> None:
    assert not len(covisit.fit(deeds((1, 0, "view", 5), (2, 1, "view", 6)), 2).rows)
    assert not len(covisit.fit(deeds((1, 0, "view", 5), (1, 0, "view", 6)), 2).rows)


def test_near_counts_more_than_far_and_new_more_than_old() -> None:
    line = [(1, row, "view", NOON_US + row * MINUTE_US) for row in range(4)]
    made = pairs(covisit.fit(deeds(*line), 4))
    assert made[0, 1] > made[0, 2] > made[0, 3]
    old_us = NOON_US - 90 * DAY_US
    both = deeds(
        (1, 0, "view", old_us), (1, 1, "view", old_us + 1),
        (2, 0, "view", NOON_US), (2, 2, "view", NOON_US + 1),
    )  # fmt: skip
    aged = pairs(covisit.fit(both, 3))
    assert aged[0, 2] > aged[0, 1]


def test_beyond_so_many_deeds_between_there_is_no_pair() -> None:
    line = [(1, row, "view", NOON_US + row) for row in range(covisit.WITHIN + 2)]
    made = pairs(covisit.fit(deeds(*line), len(line)))
    assert (0, covisit.WITHIN) in made
    assert (0, covisit.WITHIN + 1) not in made


def test_what_everybody_looks_at_does_not_win() -> None:
    """10 people see the star with everything; two see the pair and nothing else."""
    said = []
    for person in range(40):
        day_us = NOON_US - person * HOUR_US % DAY_US
        said += [(person, 0, "view", day_us), (person, 1 + person % 8, "view", day_us + 1)]
    for person in (100, 101):
        said += [(person, 1, "view", NOON_US), (person, 9, "view", NOON_US + 1)]
    made = pairs(covisit.fit(deeds(*said), 10))
    assert made[9, 1] > 0
    assert made[1, 9] > made[1, 0] * 0.3, "the star does not drown the pair"


def test_too_many_pairs_leave_the_oldest_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covisit, "PAIRS_MAX", 4 * covisit.WITHIN)
    said = [(1, 0, "view", NOON_US - 9 * DAY_US), (1, 1, "view", NOON_US - 9 * DAY_US + 1),
            (2, 2, "view", NOON_US), (2, 3, "view", NOON_US + 1)]  # fmt: skip
    assert set(pairs(covisit.fit(deeds(*said), 4))) == {(2, 3), (3, 2)}


triples = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)), st.floats(-1, 1, width=32), max_size=20
)


@given(triples, st.integers(1, 4))
@settings(max_examples=80)
def test_the_top_of_each_row_is_kept(said: dict[tuple[int, int], float], top: int) -> None:
    keys = np.array([*said], np.int64).reshape(-1, 2)
    scores = np.array([*said.values()], np.float32)
    found = Neighbours.of((keys[:, 0], keys[:, 1], scores), 6, top=top)
    for row in range(6):
        own = sorted((-s, b) for (a, b), s in said.items() if a == row and s > 0)[:top]
        span = slice(found.starts[row], found.starts[row + 1])
        assert found.rows[span].tolist() == [b for _, b in own]
        np.testing.assert_allclose(found.scores[span], [-s for s, _ in own])


@given(triples, st.permutations(range(6)), st.integers(0, 6))
@settings(max_examples=80)
def test_moved_rows_keep_what_they_go_with(
    said: dict[tuple[int, int], float], order: list[int], gone: int
) -> None:
    keys = np.array([*said], np.int64).reshape(-1, 2)
    found = Neighbours.of(
        (keys[:, 0], keys[:, 1], np.array([*said.values()], np.float32)), 6, top=9
    )
    to = np.array([-1 if row == gone else order[row] for row in range(6)], np.int64)
    moved = found.moved(to, 8)
    expected = {
        (int(to[a]), int(to[b])): score
        for (a, b), score in pairs(found).items()
        if to[a] >= 0 and to[b] >= 0
    }
    assert pairs(moved) == expected
    assert len(moved) == 8


def test_gathered_weighs_each_by_its_seed() -> None:
    keys = np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([1.0, 0.5, 0.25], np.float32)
    found = Neighbours.of(keys, 3, top=5)
    rows, scores = found.gathered(np.array([0, 1], np.int32), np.array([2.0, 4.0], np.float32))
    assert rows.tolist() == [1, 2, 2]
    assert scores.tolist() == [2.0, 1.0, 1.0]


@pytest.fixture(scope="module")
def similar() -> Similar:
    return Similar.fit(campers(shelf()), len(shelf()))


@pytest.mark.parametrize(
    ("hand", "goes_with"), [("tent", "lamp"), ("lamp", "tent"), ("rog", "mouse")]
)
def test_who_has_one_gets_the_other(similar: Similar, hand: str, goes_with: str) -> None:
    goods = shelf()
    rows, scores = similar.to(goods.rows([hand]), np.ones(1, np.float32))
    assert ids(goods, rows)[0] == goes_with
    assert hand not in ids(goods, rows)
    assert (np.diff(scores) <= 0).all()


def test_nothing_in_hand_nothing_similar(similar: Similar) -> None:
    empty = np.empty(0, np.float32)
    assert len(similar.to(empty.astype(np.int32), empty)[0]) == 0
    potato = shelf().rows(["potato"])
    assert len(similar.to(potato, np.ones(1, np.float32))[0]) == 0, "nobody looked at it"


def test_each_alone_serves_too() -> None:
    goods = shelf()
    none = Neighbours.none(len(goods))
    both = Similar.fit(campers(goods), len(goods))
    for one in (Similar(both.ease, none), Similar(none, both.covisit)):
        assert ids(goods, one.to(goods.rows(["tent"]), np.ones(1, np.float32))[0])[0] == "lamp"


def test_where_ease_knows_an_item_pairs_of_a_day_only_add_to_it() -> None:
    """Row 0 is known to EASE, row 1 is not; each has a pair of its own."""
    one = np.ones(1, np.float32)
    linear = Neighbours.of((np.array([0]), np.array([2]), one), 5, top=5)
    pairs_ = Neighbours.of((np.array([0, 1]), np.array([3, 4]), np.ones(2, np.float32)), 5, top=5)
    both = Similar(linear, pairs_)
    rows, scores = both.to(np.array([0], np.int32), one)
    assert rows.tolist() == [2, 3]
    np.testing.assert_allclose(scores, [1, COVISIT_SHARE], rtol=1e-5)
    rows, scores = both.to(np.array([1], np.int32), one)
    assert (rows.tolist(), scores.tolist()) == ([4], [1.0])
    rows, scores = both.to(np.array([0, 1], np.int32), np.ones(2, np.float32))
    assert rows.tolist() == [2, 4, 3]
    assert scores[1] > 5 * scores[2]


def test_seeds_by_kind_and_age() -> None:
    goods = shelf()
    week_us = 7 * DAY_US
    did = Taste(
        (
            Deed("tent", "payment_completed", NOW_US - week_us),
            Deed("lamp", "view", NOW_US),
            Deed("lamp", "favourite", NOW_US),
            Deed("sold out long ago", "view", NOW_US),
            Deed("mouse", "view", NOW_US + week_us),
        )
    )
    rows, weights = seeds(goods, did, now_us=NOW_US)
    assert dict(zip(ids(goods, rows), weights.tolist(), strict=True)) == {
        "tent": 2.0, "lamp": 2.0, "mouse": 1.0,
    }  # fmt: skip
    assert len(seeds(goods, NOBODY, now_us=NOW_US)[0]) == 0


def test_the_basket_counts_as_paid() -> None:
    goods = shelf()
    found = with_basket(seeds(goods, taste("tent"), now_us=NOW_US), goods.rows(["tent", "mouse"]))
    assert dict(zip(ids(goods, found[0]), found[1].tolist(), strict=True)) == {
        "tent": IN_HAND, "mouse": IN_HAND,
    }  # fmt: skip


def test_no_interactions() -> None:
    none = Interactions.none()
    assert len(none) == 0
    assert len(Similar.fit(none, 3).to(np.array([1], np.int32), np.ones(1, np.float32))[0]) == 0
    assert len(none.weight) == 0
    assert KINDS[0] == "view"
