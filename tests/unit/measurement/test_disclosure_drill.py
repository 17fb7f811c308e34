"""Drill F3: somebody asks for every window there is and takes the answers from one another. What is
left after each subtraction is about k people or more, or about nobody."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lake_town import VEIL, event, veil

from quanyu.clock import CHINA_OFFSET_US, DAY_US, HOUR_US
from quanyu.events.event import Event
from quanyu.measurement.disclosure import (
    K_ACROSS_MERCHANTS,
    K_WITHIN_MERCHANT,
    DayCell,
    DayTotal,
    Veil,
    release,
)
from quanyu.measurement.steps import Seen
from quanyu.measurement.trends import Subject, TrendsQuery, evaluate, subject_of, trends_of, veil_of

DAY = 20_000
SUBJECTS: tuple[Subject, ...] = ("category", "item")
Crowds = Mapping[tuple[int, str], int]
"""(day after DAY, category) → how many people look."""


def looks(crowds: Crowds, *, subject: str = "category") -> list[Seen]:
    """Each person looks twice; the k-th person of a cell is the same in every cell."""
    return [
        Seen(who, look(f"{day}-{name}-{who}-{time}", day, name, subject=subject))
        for (day, name), people in crowds.items()
        for who in range(people)
        for time in ("morning", "evening")
    ]


def look(event_id: str, day: int, name: str, *, subject: str = "category") -> Event:
    at_us = (DAY + day) * DAY_US - CHINA_OFFSET_US + 9 * HOUR_US
    if subject == "category":
        return event(event_id, at_us, props={"category": name})
    return msgspec.structs.replace(event(event_id, at_us), **{subject: name})


def windows(days: int) -> Iterator[tuple[int, int]]:
    """Every (last day, length) whose current stretch lies in the days 0 … days − 1."""
    for last in range(days):
        for length in range(1, last + 2):
            yield DAY + last, length


def every_report(crowds: Crowds, days: int, *, k: int) -> dict[tuple[int, int], dict[str, int]]:
    """(first day, last day) → visits by category, as all reports together tell them: also the
    stretches that are only compared with."""
    seen = looks(crowds)
    told: dict[tuple[int, int], dict[str, int]] = {}
    for last_day, length in windows(days):
        query = TrendsQuery(last_day, days=length, top=1000)
        for trend in evaluate(query, seen, veil=veil(k)).trends:
            now, before = (query.first_day, last_day), (query.span[0], query.first_day - 1)
            told.setdefault(now, {})[trend.subject] = trend.visits
            assert told.setdefault(before, {}).get(trend.subject, trend.visits_before) == (
                trend.visits_before
            ), "the same stretch never has two figures"
            told[before][trend.subject] = trend.visits_before
    return told


def inside(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


crowds = st.dictionaries(
    st.tuples(st.integers(0, 4), st.sampled_from("abc")), st.integers(0, 9), max_size=12
)


@settings(max_examples=25)
@given(crowds=crowds, k=st.integers(2, 6))
def test_no_difference_of_nested_windows_is_about_few_people(crowds: Crowds, k: int) -> None:
    told = every_report(crowds, 5, k=k)
    for outer, inner in ((a, b) for a, b in combinations(told, 2) for a, b in ((a, b), (b, a))):
        if inside(inner, outer):
            for name in told[outer]:
                rest = told[outer][name] - told[inner].get(name, 0)
                assert rest == 0 or rest >= k


@settings(max_examples=25)
@given(crowds=crowds, few=st.integers(1, 4), cell=st.tuples(st.integers(0, 4), st.just("b")))
def test_a_newcomer_below_k_moves_no_count_of_the_others(
    crowds: Crowds, few: int, cell: tuple[int, str]
) -> None:
    """Somebody joins a cell that is hidden and stays so: no window tells it by its counts."""
    before, after = ({**crowds, cell: people} for people in (few, few + 1))
    assert every_report(before, 5, k=6) == every_report(after, 5, k=6)


@settings(max_examples=60)
@given(
    days=st.lists(
        st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 30), min_size=1), max_size=4
    ),
    k=st.integers(2, 15),
)
def test_a_total_minus_what_is_shown_is_about_k_people_or_nobody(
    days: list[dict[str, int]], k: int
) -> None:
    """People of a cell stand in no other one here, so that a total is a plain sum."""
    cells = [DayCell(n, name, c) for n, day in enumerate(days) for name, c in day.items()]
    totals = [DayTotal(n, sum(day.values())) for n, day in enumerate(days)]
    released = release(cells, totals, veil=veil(k))
    kept = {(c.day, c.subject) for c in released.cells}
    for total in totals:
        told = sum(c.people for c in cells if (c.day, c.subject) in kept and c.day == total.day)
        assert total.people < k or total.people == told or total.people - told >= k


@pytest.mark.parametrize(
    ("people", "k", "shown"),
    [
        ({"a": 9, "b": 9}, K_WITHIN_MERCHANT, []),
        ({"a": 10}, K_WITHIN_MERCHANT, ["a"]),
        ({"a": 10, "b": 9}, K_WITHIN_MERCHANT, []),
        ({"a": 11, "b": 10, "c": 9}, K_WITHIN_MERCHANT, ["a"]),
        ({"a": 49, "b": 48}, K_ACROSS_MERCHANTS, []),
        ({"a": 50}, K_ACROSS_MERCHANTS, ["a"]),
        ({"a": 51, "b": 50, "c": 49}, K_ACROSS_MERCHANTS, ["a"]),
        ({"a": 50, "b": 50, "c": 1}, K_ACROSS_MERCHANTS, ["a"]),
        ({"a": 50, "b": 50, "c": 50}, K_ACROSS_MERCHANTS, ["a", "b", "c"]),
    ],
)
def test_the_thresholds_themselves(people: dict[str, int], k: int, shown: list[str]) -> None:
    """Of equal cells the one that is later in the alphabet hides the small one."""
    released = release((DayCell(1, name, n) for name, n in people.items()), [], veil=veil(k))
    assert [cell.subject for cell in released.cells] == shown


def test_ten_in_a_shop_and_fifty_over_all() -> None:
    assert (veil_of(b"", "m").k, veil_of(b"", None).k) == (10, 50)


def test_many_looks_of_few_people_are_still_few_people() -> None:
    one = [Seen(7, look(f"e{n}", 0, "生鲜")) for n in range(500)]
    report = evaluate(TrendsQuery(DAY, days=1), one, veil=VEIL)
    assert (report.trends, report.hidden_cells) == ([], 1)


def test_a_week_of_small_days_does_not_add_up_to_a_shown_one() -> None:
    """Nine other people on each of seven days are 63 people, and still no figure."""
    seen = [
        Seen(100 * day + who, look(f"{day}-{who}", day, "生鲜"))
        for day in range(7)
        for who in range(9)
    ]
    report = evaluate(TrendsQuery(DAY + 6, days=7), seen, veil=VEIL)
    assert (report.trends, report.hidden_cells) == ([], 7)


@pytest.mark.parametrize("subject", ["item", "touchpoint", "store", "content", "category"])
def test_every_subject_is_held_to_the_same_rule(subject: str) -> None:
    seen = looks({(0, "many"): 30, (0, "enough"): 10, (0, "few"): 9}, subject=subject)
    query = TrendsQuery(DAY, days=1, subject=subject_of(subject))
    report = evaluate(query, seen, veil=VEIL)
    assert {t.subject: t.visits for t in report.trends} == {"many": 30}
    assert report.hidden_cells == 2


def test_a_hidden_day_counts_on_neither_side() -> None:
    """A category stays as it was; on the second day it hides a rare one. The index is per day
    that is shown, so it does not fall."""
    steady = {(day, "家电"): 40 for day in range(4)} | {(day, "图书"): 90 for day in range(4)}
    seen = looks({**steady, (3, "罕见"): 2})
    report = evaluate(TrendsQuery(DAY + 3, days=2), seen, veil=VEIL)
    found = {t.subject: (t.visits, t.visits_before, t.index) for t in report.trends}
    assert found == {"图书": (180, 180, 100.0), "家电": (40, 80, 100.0)}


def test_the_report_says_which_days_it_compares() -> None:
    report = evaluate(TrendsQuery(DAY, days=3), [], veil=VEIL)
    stretches = (report.compared_from, report.compared_to, report.from_day, report.to_day)
    assert stretches == ("2024-09-29", "2024-10-01", "2024-10-02", "2024-10-04")
    assert (report.k, report.trends, report.hidden_cells) == (10, [], 0)


def test_events_outside_both_stretches_leave_no_trace() -> None:
    crowds = {(2, "a"): 20, (3, "a"): 20}
    query = TrendsQuery(DAY + 3, days=1)
    alone = evaluate(query, looks(crowds), veil=VEIL)
    more = looks({**crowds, (1, "b"): 3, (4, "b"): 3})
    assert evaluate(query, more, veil=VEIL) == alone


@pytest.mark.parametrize("top", [1, 2, 3])
def test_the_top_is_cut_after_the_ranking(top: int) -> None:
    """Significant first, then the strongest move, whichever way."""
    moved = {(0, "up"): 100, (1, "up"): 300, (0, "down"): 300, (1, "down"): 60}
    same = {(0, "same"): 500, (1, "same"): 540}
    report = evaluate(TrendsQuery(DAY + 1, days=1, top=top), looks({**moved, **same}), veil=VEIL)
    assert [t.subject for t in report.trends] == ["up", "down", "same"][:top]


def test_the_chances_are_adjusted_over_all_subjects_not_only_the_listed() -> None:
    chance = Random(4)
    crowds = {(d, f"c{n:02d}"): 60 + chance.randrange(30) for d in (0, 1) for n in range(30)}
    whole, listed = (
        evaluate(TrendsQuery(DAY + 1, days=1, top=top), looks(crowds), veil=VEIL).trends
        for top in (1000, 3)
    )
    assert listed == whole[:3]
    assert len(whole) == 30


@settings(max_examples=50)
@given(apples=st.integers(10, 60), truffles=st.integers(1, 9), key=st.binary(min_size=8))
def test_two_subjects_subtracted_isolate_nobody(apples: int, truffles: int, key: bytes) -> None:
    """An item is all but a few of its category's visitors. The two tables are each suppressed by
    themselves, so both figures are shown; what lies between them tells nothing."""
    seen = [
        Seen(who, event(f"{item}-{who}", DAY * DAY_US, item=item, props={"category": category}))
        for category, item, people in (
            ("生鲜", "apples", range(apples)),
            ("生鲜", "truffles", range(60, 60 + truffles)),
            ("家电", "kettle", range(100, 110)),
        )
        for who in people
    ]
    hidden = Veil(K_WITHIN_MERCHANT, key)
    told = {
        t.subject: t.visits
        for subject in SUBJECTS
        for t in evaluate(TrendsQuery(DAY, days=1, subject=subject), seen, veil=hidden).trends
    }
    assert told["生鲜"] - told["apples"] in (-10, 0, 10, 20)
    assert set(told) == {"生鲜", "apples", "家电"}


def test_what_lies_between_two_subjects_is_the_same_for_three_and_for_six() -> None:
    """Over many installations the difference of 3 looks like the difference of 6: neither is told
    apart by which figures can be seen."""
    differences = [
        {
            Veil(10, bytes([n])).of("category").rounded(people + few, "20000", "生鲜")
            - Veil(10, bytes([n])).of("item").rounded(people, "20000", "apples")
            for n in range(200)
            for people in range(20, 30)
        }
        for few in (3, 6)
    ]
    assert differences == [{-10, 0, 10, 20}] * 2


def test_reports_are_made_of_released_cells_alone() -> None:
    """Handed nothing, a report knows nothing: there is no second way to the figures."""
    empty = release([], [], veil=VEIL)
    assert trends_of(TrendsQuery(DAY), empty, veil=VEIL).trends == []
