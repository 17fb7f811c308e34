"""Measures by hand, the split in time, and Taobao's form of behaviour."""

from math import log2

import numpy as np
import pytest
from tests.recall_ground import NOW_US, deeds

from quanyu.clock import MINUTE_US
from quanyu.decisions.recall.behaviour import read_behaviour
from quanyu.decisions.recall.evaluation import Split, evaluated, measured, split_in_time
from quanyu.decisions.recall.recommenders import recommenders
from quanyu.errors import BadInput

CATEGORY = np.array([0, 0, 1, 1, 2, 2], np.int32)


def two_people() -> Split:
    """1 wants 2 and 3 afterwards, 2 wants 4."""
    found = deeds(
        (1, 0, "view", 1), (1, 1, "view", 2), (2, 0, "view", 3), (3, 2, "view", 4),
        (3, 3, "view", 5), (3, 4, "view", 6), (3, 5, "view", 7), (4, 0, "view", 8),
        (1, 2, "view", 10), (1, 3, "view", 11),
    )  # fmt: skip
    later = deeds((2, 4, "view", 12), (2, 0, "view", 13))
    whole = [np.concatenate(pair) for pair in zip(
        (found.person, found.row, found.kind, found.at_us),
        (later.person, later.row, later.kind, later.at_us), strict=True)]  # fmt: skip
    from quanyu.decisions.recall.interactions import Interactions

    joined = Interactions.of(whole[0], whole[1], kind=whole[2], at_us=whole[3])
    return split_in_time(joined, CATEGORY, share=8 / 12)


def test_the_split_is_in_time_and_what_was_known_is_not_wanted() -> None:
    split = two_people()
    assert int(split.before.at_us.max()) == 8
    assert [case.wanted.tolist() for case in split.cases] == [[2, 3], [4]]
    assert [case.did[0].tolist() for case in split.cases] == [[0, 1], [0]]


def test_the_measures_by_hand() -> None:
    split = two_people()
    figures = measured(split, lambda did: np.array([2, 5, 3], np.int32), k=3)
    value = {name: figure.value for name, figure in figures.items()}
    assert value["recall@3"] == pytest.approx((2 / 2 + 0 / 1) / 2)
    assert value["hit_rate@3"] == 0.5
    first = (1 + 1 / log2(4)) / (1 + 1 / log2(3))
    assert value["ndcg@3"] == pytest.approx(first / 2)
    assert value["diversity"] == pytest.approx(2 / 3), "two of three pairs are of two categories"
    assert value["novelty"] == pytest.approx(-log2(1 / 4)), "each used by one of four people"
    assert value["coverage"] == pytest.approx(3 / 6)


def test_a_perfect_list_and_an_empty_one() -> None:
    split = two_people()
    wanted = {tuple(case.did[0].tolist()): case.wanted for case in split.cases}
    best = measured(split, lambda did: wanted[tuple(did[0].tolist())], k=20)
    assert [best[name].value for name in ("recall@20", "ndcg@20", "hit_rate@20")] == [1, 1, 1]
    none = measured(split, lambda did: np.empty(0, np.int32), k=20)
    assert {name: figure.value for name, figure in none.items()} == dict.fromkeys(none, 0.0)


def test_intervals_hold_the_value_and_are_the_same_each_time() -> None:
    split = two_people()
    one, again = (measured(split, lambda did: np.array([2], np.int32)) for _ in range(2))
    assert one == again
    figure = one["recall@20"]
    assert figure.low is not None
    assert figure.high is not None
    assert 0 <= figure.low <= figure.value <= figure.high <= 1


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, 2.0, float("nan")])
def test_a_share_is_a_share(share: float) -> None:
    with pytest.raises(BadInput, match="split"):
        split_in_time(deeds((1, 0, "view", 1)), CATEGORY, share=share)


def test_nobody_came_back() -> None:
    with pytest.raises(BadInput, match="nobody came back"):
        split_in_time(deeds((1, 0, "view", 1), (2, 0, "view", 2)), CATEGORY, share=0.5)


def test_a_crowd_is_sampled() -> None:
    said = [(person, row, "view", person + 1000 * row) for person in range(50) for row in (0, 1)]
    said.append((999, 1, "view", 0))
    split = split_in_time(deeds(*said), CATEGORY, share=51 / 101, people_max=10)
    assert len(split.cases) == 10


def clusters() -> Split:
    """People like one of two kinds; what they use last is of their kind."""
    chance = np.random.default_rng(5)
    said = []
    for person in range(120):
        kind = person % 2
        rows = chance.permutation(10)[:6] + 10 * kind
        for step, row in enumerate(rows.tolist()):
            said.append((person, row, "view", NOW_US + step * MINUTE_US + person))
    return split_in_time(deeds(*said), np.repeat([0, 1], 10).astype(np.int32), share=4 / 6)


def test_what_is_learned_beats_what_is_popular_where_there_is_something_to_learn() -> None:
    split = clusters()
    figures = evaluated(split, recommenders(split, k=4), k=4)
    assert set(figures) == {"popular", "ease", "covisit", "union", "recall"}
    recall = {name: found["recall@4"] for name, found in figures.items()}
    for name in ("ease", "covisit", "union", "recall"):
        assert recall[name].low > recall["popular"].high, name  # type: ignore[operator]


def test_nobody_is_shown_what_they_know() -> None:
    split = clusters()
    for name, recommend in recommenders(split, k=20).items():
        for case in split.cases[:10]:
            assert not set(recommend(case.did).tolist()) & set(case.did[0].tolist()), name


LINES = (
    b"1,10,5,pv,1511658000\n", b"2,10,5,buy,1511658001\n", b"\n", b"1,11,6,fav,1511658002\n",
    b"1,11,7,cart,1511658003",
)  # fmt: skip


def test_behaviour_as_taobao_publishes_it() -> None:
    found = read_behaviour(LINES)
    assert found.items == ("10", "11")
    assert found.interactions.person.tolist() == [0, 1, 0, 0]
    assert found.interactions.row.tolist() == [0, 0, 1, 1]
    assert found.interactions.kind.tolist() == [0, 3, 1, 2]
    assert found.interactions.at_us[0] == 1_511_658_000_000_000
    assert [found.category.at(row) for row in range(2)] == ["5", "7"]


@pytest.mark.parametrize(
    "line",
    [b"user,item,category,kind,at", b"1,2,3,pv", b"1,2,3,look,5", b"1,2,3,pv,soon", b"1,2,3,pv,-5",
     b"1,2,3,pv,99999999999999", b"\xff\xfe", "1,2,3,pv,５".encode()],
)  # fmt: skip
def test_a_line_that_is_none_is_named(line: bytes) -> None:
    with pytest.raises(BadInput, match="line 2"):
        read_behaviour([LINES[0], line])


def test_a_file_of_nothing() -> None:
    with pytest.raises(BadInput, match="no rows"):
        read_behaviour([b"\n", b" \n"])
