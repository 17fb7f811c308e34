"""Nothing published shows what fewer than k people did: not alone, not from the total, not as the
difference of two reports."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lake_town import VEIL, event, veil

from quanyu.clock import DAY_US, FixedClock, parse_iso
from quanyu.errors import BadInput
from quanyu.measurement.disclosure import DayCell, DayTotal, Released, Veil, release
from quanyu.measurement.significance import false_discovery, two_proportions
from quanyu.measurement.steps import Seen
from quanyu.measurement.trends import TrendsQuery, evaluate, last_day_of, subject_of, trends_of

DAY = 20_000


def cells(day: int = DAY, **people: int) -> list[DayCell]:
    return [DayCell(day, name, count) for name, count in people.items()]


def shown(released: Released) -> dict[str, int]:
    return {cell.subject: cell.people for cell in released.cells}


@pytest.mark.parametrize(
    ("people", "left"),
    [
        ({"a": 10, "b": 12}, ["a", "b"]),
        ({"a": 30, "b": 20, "c": 9}, ["a"]),
        ({"a": 30, "c": 9}, []),
        ({"a": 9}, []),
        ({"a": 30, "b": 20, "c": 10, "d": 1, "e": 2}, ["a", "b"]),
        ({}, []),
    ],
)
def test_small_cells_and_what_would_give_them_away(people: dict[str, int], left: list[str]) -> None:
    released = release(cells(**people), [], veil=VEIL)
    assert list(shown(released)) == left
    assert released.hidden == len(people) - len(left)


crowds = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40), max_size=8)


@given(days=st.lists(crowds, min_size=1, max_size=6), k=st.integers(2, 20))
def test_hidden_cells_cannot_be_had_back(days: list[dict[str, int]], k: int) -> None:
    """On each day: all is shown, or what is hidden holds a cell of k people or more, or all is
    hidden. So no total minus the shown ones is about fewer than k people."""
    every = [cell for n, day in enumerate(days) for cell in cells(DAY + n, **day)]
    released = {(c.day, c.subject) for c in release(every, [], veil=veil(k)).cells}
    for n in range(len(days)):
        group = [cell for cell in every if cell.day == DAY + n]
        hidden = [cell for cell in group if (cell.day, cell.subject) not in released]
        assert all(cell.people >= k for cell in group if cell not in hidden)
        if hidden and len(hidden) < len(group):
            assert max(cell.people for cell in hidden) >= k


@given(seed=st.integers(0, 10**6))
def test_the_difference_of_two_reports_is_made_of_released_cells(seed: int) -> None:
    """Whatever two stretches are compared: what they differ by is a sum of day cells, each of k
    people or more."""
    chance = Random(seed)
    every = [
        cell
        for n in range(8)
        for cell in cells(DAY + n, a=chance.randrange(30), b=chance.randrange(30), c=25)
    ]
    released = release(every, [DayTotal(DAY + n, 80) for n in range(8)], veil=VEIL)
    by_day = {(c.day, c.subject): c.people for c in released.cells}
    for first, last in ((0, 6), (1, 7), (0, 7)):
        query = TrendsQuery(DAY + last, days=(last - first + 1) // 2 or 1)
        report = trends_of(query, released, veil=VEIL)
        for trend in report.trends:
            days = range(query.first_day, query.last_day + 1)
            assert trend.visits == sum(by_day.get((d, trend.subject), 0) for d in days)
    assert all(people >= 10 for people in by_day.values())


def test_a_day_of_few_people_has_no_total() -> None:
    released = release([], [DayTotal(1, 9), DayTotal(2, 10)], veil=VEIL)
    assert [total.day for total in released.totals] == [2]


@given(people=st.integers(0, 500), k=st.integers(1, 60))
def test_rounding_is_right_on_average_and_as_wide_as_it_says(people: int, k: int) -> None:
    """Over the k steps that a key can choose; the step itself is drawn evenly, see below."""
    told = [(people + step) // k * k for step in range(k)]
    assert sum(told) == people * k
    assert sum((one - people) ** 2 for one in told) / k <= veil(k).variance_max
    assert veil(k).rounded(people, "a cell") in told


def test_the_step_hangs_on_the_key_and_the_cell_and_is_drawn_evenly() -> None:
    keys = [n.to_bytes(32, "big") for n in range(2000)]
    raised = sum(Veil(10, key).rounded(14, "20000", "生鲜") == 20 for key in keys)
    assert 710 < raised < 890, "four in ten, five standard deviations"
    cells = [VEIL.of("view", "item").rounded(15, str(day), "生鲜") for day in range(2000)]
    assert 890 < cells.count(20) < 1110


@given(people=st.integers(10, 60), more=st.integers(0, 60))
def test_who_adds_people_of_his_own_learns_the_step_and_not_the_count(
    people: int, more: int
) -> None:
    """The figure jumps once in every ten people, wherever the count began."""
    told = [VEIL.rounded(people + n, "cell") for n in range(more + 1)]
    jumps = [b - a for a, b in pairwise(told) if b != a]
    assert set(jumps) <= {10}
    assert abs(len(jumps) - more / 10) < 1


def test_rounding_alone_is_no_trend() -> None:
    """A thousand towns in which nothing moved: false alarms stay at their rate."""
    chance, alarms = Random(3), 0
    for number in range(1000):
        hidden = Veil(10, number.to_bytes(32, "big"))
        every = [cell for n in range(14) for cell in cells(DAY + n, **quiet_day(chance))]
        totals = [
            DayTotal(DAY + n, sum(c.people for c in every if c.day == DAY + n)) for n in range(14)
        ]
        released = release(every, totals, veil=hidden)
        report = trends_of(TrendsQuery(DAY + 13), released, veil=hidden)
        alarms += any(trend.significant for trend in report.trends)
    assert alarms <= 50 + 3 * 7


def quiet_day(chance: Random) -> dict[str, int]:
    return {name: 14 + sum(chance.random() < 0.5 for _ in range(12)) for name in "abcde"}


@pytest.mark.parametrize(
    ("hits", "trials", "p"),
    [
        ((50, 50), (100, 100), 1.0),
        ((60, 40), (100, 100), 0.004678),
        ((0, 0), (100, 100), 1.0),
        ((100, 100), (100, 100), 1.0),
        ((5, 0), (5, 0), 1.0),
        ((15, 5), (100, 100), 0.018421),
    ],
)
def test_two_proportions(hits: tuple[int, int], trials: tuple[int, int], p: float) -> None:
    assert two_proportions(hits, trials) == pytest.approx(p, abs=1e-5)


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ([], []),
        ([0.04], [0.04]),
        ([0.01, 0.02, 0.03, 0.04], [0.04, 0.04, 0.04, 0.04]),
        ([0.001, 0.5, 0.02], [0.003, 0.5, 0.03]),
        ([0.9, 0.8], [0.9, 0.9]),
    ],
)
def test_benjamini_and_hochberg(p_values: list[float], adjusted: list[float]) -> None:
    assert false_discovery(p_values) == pytest.approx(adjusted)


@given(st.lists(st.floats(0, 1), max_size=20))
def test_adjusting_never_makes_a_chance_smaller(p_values: list[float]) -> None:
    found = false_discovery(p_values)
    assert all(p <= q + 1e-12 and q <= 1 for p, q in zip(p_values, found, strict=True))


def town(before: dict[str, int], now: dict[str, int]) -> list[Seen]:
    """Two days; so many people look at each category."""
    start_us = DAY * DAY_US
    return [
        Seen(n, event(f"{day}{name}{n}", start_us + day * DAY_US, props={"category": name}))
        for day, looks in ((-1, before), (0, now))
        for name, count in looks.items()
        for n in range(count)
    ]


def test_a_category_that_grows_against_the_rest() -> None:
    seen = town({"生鲜": 100, "家电": 400, "图书": 300}, {"生鲜": 200, "家电": 400, "图书": 300})
    report = evaluate(TrendsQuery(DAY, days=1), seen, veil=VEIL)
    first = report.trends[0]
    assert (first.subject, first.visits, first.visits_before) == ("生鲜", 200, 100)
    assert (first.index, first.significant) == (200.0, True)
    assert [t.significant for t in report.trends[1:]] == [False, False]
    assert report.hidden_cells == 0


def test_the_same_twice_is_no_trend() -> None:
    looks = {"生鲜": 100, "家电": 400}
    report = evaluate(TrendsQuery(DAY, days=1), town(looks, looks), veil=VEIL)
    assert {t.index_vs_all for t in report.trends} == {100.0}
    assert not any(t.significant for t in report.trends)


def test_something_new_has_no_index() -> None:
    seen = town({"家电": 90}, {"家电": 90, "生鲜": 50})
    report = evaluate(TrendsQuery(DAY, days=1), seen, veil=VEIL)
    assert {t.subject: t.index for t in report.trends} == {"家电": 100.0, "生鲜": None}


def test_few_people_are_not_reported() -> None:
    seen = town({"家电": 90}, {"家电": 90, "罕见": 9})
    report = evaluate(TrendsQuery(DAY, days=1), seen, veil=VEIL)
    assert [t.subject for t in report.trends] == ["家电"]
    assert report.trends[0].visits == 0, "the smallest shown cell is hidden with the rare one"
    assert report.hidden_cells == 2


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"days": 0}, "days"),
        ({"kind": "buy"}, "kind"),
        ({"top": 0}, "top"),
        ({"subject": "person"}, "subject"),
    ],
)
def test_what_has_no_trends(asked: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        TrendsQuery(DAY, **asked)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_the_last_day_is_yesterday_unless_said() -> None:
    clock = FixedClock(parse_iso("2026-05-02T00:30:00+08:00"))
    assert last_day_of(None, clock) == last_day_of("2026-05-01", clock)
    with pytest.raises(BadInput):
        last_day_of("soon", clock)
    with pytest.raises(BadInput):
        subject_of("person")
