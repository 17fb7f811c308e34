"""Terms of a programme at the edges of what may be said, and what they say of days and yuan."""

import json
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import CHINA_OFFSET_US, DAY_US, china_day, day_number
from quanyu.errors import BadInput
from quanyu.money import FEN_MAX
from quanyu.promotions.loyalty.programmes import (
    POINTS_MAX,
    Days,
    Expiry,
    Line,
    Months,
    Multiplier,
    Terms,
    Tier,
    YearEnd,
    available_us,
    decode_terms,
    expires_us,
    points_for,
    points_to_pay,
    tier_of,
    value_fen,
)

PLAIN: dict[str, Any] = {"points_per_yuan": 1, "expiry": {"kind": "months", "count": 12}}
TIER: dict[str, Any] = {"name": "gold", "label": "金卡", "from_points": 10}
RANGES: dict[str, tuple[int, int]] = {
    "points_per_yuan": (0, 10_000),
    "fen_per_100_points": (1, 1_000_000),
    "days_until_available": (0, 3_650),
    "join_gift": (0, POINTS_MAX),
    "grace_days": (0, 3_650),
}
INNER: dict[str, tuple[dict[str, Any], int, int]] = {
    "expiry.count": ({"expiry": {"kind": "days", "count": None}}, 1, 36_500),
    "expiry.count of months": ({"expiry": {"kind": "months", "count": None}}, 1, 1_200),
    "expiry.years": ({"expiry": {"kind": "year_end", "years": None}}, 0, 100),
    "tiers[0].from_points": ({"tiers": [TIER | {"from_points": None}]}, 0, POINTS_MAX),
    "multipliers[0].percent": (
        {"multipliers": [{"flag": "green", "percent": None}]},
        100,
        10_000,
    ),
}
INSTANTS = st.integers(0, 4_000_000_000_000_000)
EXPIRIES: st.SearchStrategy[Expiry] = st.one_of(
    st.builds(Days, st.integers(1, 2_000)),
    st.builds(Months, st.integers(1, 60)),
    st.builds(YearEnd, st.integers(0, 5)),
)


def decoded(**change: Any) -> Terms:
    return decode_terms(json.dumps(PLAIN | change).encode())


def fault(**change: Any) -> BadInput:
    with pytest.raises(BadInput) as refused:
        decoded(**change)
    return refused.value


def filled(part: Any, number: int) -> Any:
    """The same document with ``number`` where it says None."""
    return json.loads(json.dumps(part).replace("null", str(number)))


@pytest.mark.parametrize(("field", "ends"), RANGES.items(), ids=RANGES)
def test_numbers_are_good_up_to_their_ends(field: str, ends: tuple[int, int]) -> None:
    lowest, highest = ends
    for number in ends:
        assert getattr(decoded(**{field: number}), field) == number
    for number in (lowest - 1, highest + 1):
        assert fault(**{field: number}).field == field
        assert str(number - 1 if number > lowest else number + 1) in fault(**{field: number}).mend


@pytest.mark.parametrize(("path", "case"), INNER.items(), ids=INNER)
def test_so_are_numbers_further_in(path: str, case: tuple[dict[str, Any], int, int]) -> None:
    part, lowest, highest = case
    for number in (lowest, highest):
        decoded(**filled(part, number))
    for number in (lowest - 1, highest + 1):
        assert fault(**filled(part, number)).field == path.partition(" ")[0]


@pytest.mark.parametrize("field", RANGES)
@pytest.mark.parametrize("value", ["1", 1.5, True, None, [1], {"n": 1}])
def test_a_number_is_a_whole_number(field: str, value: Any) -> None:
    told = fault(**{field: value})
    assert told.field == field
    assert "int" in told.mend


@pytest.mark.parametrize("field", sorted(PLAIN))
def test_what_has_no_default_must_be_said(field: str) -> None:
    body = {name: value for name, value in PLAIN.items() if name != field}
    with pytest.raises(BadInput, match=field):
        decode_terms(json.dumps(body).encode())


LISTS: dict[str, tuple[int, Any]] = {
    "tiers": (20, lambda n: {"name": f"t{n}", "label": "级", "from_points": n}),
    "multipliers": (50, lambda n: {"flag": f"f{n}", "percent": 100 + n}),
    "order_rewards": (50, lambda n: {"flag": f"f{n}", "offer": f"o{n}"}),
}


@pytest.mark.parametrize(("name", "case"), LISTS.items(), ids=LISTS)
def test_lists_are_not_endless(name: str, case: tuple[int, Any]) -> None:
    most, make = case
    assert len(getattr(decoded(**{name: [make(n) for n in range(most)]}), name)) == most
    told = fault(**{name: [make(n) for n in range(most + 1)]})
    assert told.field == name
    assert str(most) in told.mend


WORDS: dict[str, Any] = {
    "tiers[0].name": lambda word: {"tiers": [TIER | {"name": word}]},
    "multipliers[0].flag": lambda word: {"multipliers": [{"flag": word, "percent": 200}]},
    "order_rewards[0].flag": lambda word: {"order_rewards": [{"flag": word, "offer": "o"}]},
}


@pytest.mark.parametrize(("path", "put"), WORDS.items(), ids=WORDS)
def test_words_are_plain(path: str, put: Any) -> None:
    for good in ("a", "A-b_c.d:9", "x" * 40):
        decoded(**put(good))
    for bad in ("", "x" * 41, "a b", "a/b", "绿", "a\n"):
        assert fault(**put(bad)).field == path, bad


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"label": "积" * 65}, "label"),
        ({"tiers": [TIER | {"label": ""}]}, "tiers[0].label"),
        ({"tiers": [TIER | {"label": "金" * 65}]}, "tiers[0].label"),
        ({"order_rewards": [{"flag": "f", "offer": ""}]}, "order_rewards[0].offer"),
        ({"order_rewards": [{"flag": "f", "offer": "o" * 129}]}, "order_rewards[0].offer"),
        ({"tiers": [TIER, {"label": "x", "from_points": 20}]}, "tiers[1]"),
        ({"tiers": [TIER | {"spend": 5}]}, "tiers[0]"),
        ({"multipliers": [{"flag": "f", "percent": 200, "until": 5}]}, "multipliers[0]"),
        ({"expiry": {"count": 5}}, "expiry"),
        ({"expiry": {"kind": "months", "count": 1, "years": 2}}, "expiry"),
        ({"expiry": "never"}, "expiry"),
        ({"transferable": 1}, "transferable"),
        ({"tiers": [TIER, TIER | {"from_points": 9, "name": "b"}]}, "tiers"),
    ],
)
def test_each_fault_has_its_place_and_its_mend(change: dict[str, Any], field: str) -> None:
    told = fault(**change)
    assert told.field == field
    assert told.mend


@given(EXPIRIES, INSTANTS)
def test_points_end_at_a_midnight_and_are_good_until_then(expiry: Expiry, at_us: int) -> None:
    ends_us = expires_us(expiry, at_us)
    assert (ends_us + CHINA_OFFSET_US) % DAY_US == 0
    assert ends_us > at_us


@given(EXPIRIES, INSTANTS, st.integers(0, 400 * DAY_US))
def test_what_is_granted_later_never_ends_earlier(expiry: Expiry, at_us: int, by_us: int) -> None:
    assert expires_us(expiry, at_us) <= expires_us(expiry, at_us + by_us)


@given(EXPIRIES, INSTANTS)
def test_all_grants_of_a_day_end_together(expiry: Expiry, at_us: int) -> None:
    first_us = day_number(at_us) * DAY_US - CHINA_OFFSET_US
    last_us = first_us + DAY_US - 1
    assert expires_us(expiry, first_us) == expires_us(expiry, last_us)


@given(INSTANTS, st.integers(1, 2_000))
def test_days_are_counted_after_the_day_of_the_grant(at_us: int, days: int) -> None:
    assert day_number(expires_us(Days(days), at_us)) == day_number(at_us) + days + 1


def last_good_day(expiry: Expiry, at_us: int) -> date:
    return china_day(expires_us(expiry, at_us) - 1)


@given(INSTANTS, st.integers(1, 120))
def test_months_lead_to_the_same_day_or_the_last_one(at_us: int, months: int) -> None:
    """Counted out day by day: so many times a new month begins on the way."""
    granted, last = china_day(at_us), last_good_day(Months(months), at_us)
    begun, day = 0, granted
    while day < last:
        day += timedelta(days=1)
        begun += day.day == 1
    assert begun == months
    next_day = last + timedelta(days=1)
    assert last.day == granted.day or (last.day < granted.day and next_day.day == 1)


@given(INSTANTS, st.integers(0, 100))
def test_a_year_ends_on_its_last_day(at_us: int, years: int) -> None:
    last = last_good_day(YearEnd(years), at_us)
    assert (last.year - china_day(at_us).year, last.month, last.day) == (years, 12, 31)


@given(INSTANTS, st.integers(0, 3_650))
def test_the_window_is_so_many_times_a_day_to_the_microsecond(at_us: int, days: int) -> None:
    terms = Terms(1, Days(1), days_until_available=days)
    assert available_us(terms, at_us) - at_us == days * 86_400_000_000


FLAGS = st.lists(st.sampled_from(["green", "night", "other"]), max_size=3, unique=True)
LINES = st.lists(st.builds(Line, st.integers(0, 10**9), FLAGS.map(tuple)), max_size=6)
PERCENT = {"green": 200, "night": 150}


def rated(points_per_yuan: int) -> Terms:
    pairs = tuple(Multiplier(flag, percent) for flag, percent in PERCENT.items())
    return Terms(points_per_yuan, Days(30), multipliers=pairs)


@given(st.integers(0, 10_000), LINES)
def test_earning_is_exact_and_rounded_down_at_the_very_end(rate: int, lines: list[Line]) -> None:
    exact = sum(
        Fraction(line.cash_fen, 100)
        * rate
        * Fraction(max([100, *(PERCENT.get(flag, 0) for flag in line.flags)]), 100)
        for line in lines
    )
    assert points_for(rated(rate), lines) == exact // 1


@pytest.mark.parametrize(
    ("rate", "lines", "points"),
    [
        (100, [Line(FEN_MAX)], 10**15),
        (100, [Line(FEN_MAX), Line(99)], None),
        (10_000, [Line(FEN_MAX)], None),
        (1, [Line(FEN_MAX)] * 100, 10**15),
        (1, [Line(FEN_MAX)] * 101, None),
        (0, [Line(FEN_MAX)] * 1_000, 0),
    ],
)
def test_an_order_earns_what_the_book_can_take(
    rate: int, lines: list[Line], points: int | None
) -> None:
    if points is not None:
        assert points_for(rated(rate), lines) == points
        return
    with pytest.raises(BadInput) as refused:
        points_for(rated(rate), lines)
    assert refused.value.field == "lines"


@given(LINES, st.data())
def test_how_an_order_is_cut_into_lines_does_not_matter(
    lines: list[Line], data: st.DataObject
) -> None:
    cut: list[Line] = []
    for line in lines:
        part = data.draw(st.integers(0, line.cash_fen))
        cut += [Line(part, line.flags), Line(line.cash_fen - part, line.flags)]
    shuffled = data.draw(st.permutations(cut))
    assert points_for(rated(3), shuffled) == points_for(rated(3), lines)


@given(LINES)
def test_a_flag_never_takes_points_away(lines: list[Line]) -> None:
    flagged = [Line(line.cash_fen, (*line.flags, "green")) for line in lines]
    assert points_for(rated(7), flagged) >= points_for(rated(7), lines)


@given(st.integers(1, 1_000_000), st.integers(0, POINTS_MAX))
def test_points_pay_for_what_they_are_worth_and_not_a_fen_more(worth: int, points: int) -> None:
    terms = Terms(1, Days(1), fen_per_100_points=worth)
    fen = value_fen(terms, points)
    assert 0 <= Fraction(points * worth, 100) - fen < 1
    assert points_to_pay(terms, fen) <= points


@pytest.mark.parametrize(
    ("worth", "fen", "points"),
    [
        (100, 0, 0), (100, 1, 1), (100, 500, 500), (1, 1, 100), (3, 1, 34), (3, 2, 67),
        (1_000_000, 1, 1), (1_000_000, 10_000, 1), (1_000_000, 10_001, 2),
        (100, FEN_MAX, FEN_MAX), (1, FEN_MAX, 100 * FEN_MAX),
    ],
)  # fmt: skip
def test_what_an_amount_costs_in_points(worth: int, fen: int, points: int) -> None:
    assert points_to_pay(Terms(1, Days(1), fen_per_100_points=worth), fen) == points


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=6, unique=True), st.integers(0, 6_000))
def test_the_tier_is_the_last_one_that_is_reached(starts: list[int], tier_points: int) -> None:
    tiers = tuple(Tier(f"t{start}", "级", start) for start in sorted(starts))
    found = tier_of(Terms(1, Days(1), tiers=tiers), tier_points)
    reached = [start for start in starts if start <= tier_points]
    assert (found.from_points if found else None) == (max(reached) if reached else None)
