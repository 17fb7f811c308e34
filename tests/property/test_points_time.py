"""Time: whether the sweep comes every day or never, points end up in the same place."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.promotions.loyalty.shelves import ANN, NOW_US, conserved, later, left, lot, shelf_of

from quanyu.clock import DAY_US
from quanyu.promotions.loyalty.lots import TRANSITIONS, State
from quanyu.promotions.loyalty.programmes import (
    Days,
    Expiry,
    Line,
    Months,
    Multiplier,
    Terms,
    YearEnd,
    expires_us,
    points_for,
)
from quanyu.promotions.loyalty.shelf import Purse, Shelf

GRANTS = st.lists(
    st.tuples(st.integers(1, 300), st.integers(0, 20), st.integers(1, 20)), min_size=1, max_size=6
)
EXPIRY: st.SearchStrategy[Expiry] = st.one_of(
    st.builds(Days, st.integers(1, 1_000)),
    st.builds(Months, st.integers(1, 60)),
    st.builds(YearEnd, st.integers(0, 5)),
)


def shelf(grants: list[tuple[int, int, int]], debt: int) -> Shelf:
    """Points, days until they are available, days that they are good for after that."""
    lots = [
        lot(id, points, opens=opens, ends=opens + good)
        for id, (points, opens, good) in enumerate(grants, 1)
    ]
    made = shelf_of(*lots)
    made.purses[ANN] = msgspec.structs.replace(made.purses[ANN], debt=debt)
    return made


@given(GRANTS, st.integers(1, 45))
def test_without_debt_the_sweep_may_come_whenever_it_likes(
    grants: list[tuple[int, int, int]], days: int
) -> None:
    daily, once = shelf(grants, 0), shelf(grants, 0)
    for day in range(1, days + 1):
        later(daily, day)
    later(once, days)
    assert left(daily) == left(once)
    assert {id: one.state for id, one in daily.lots.items()} == {
        id: one.state for id, one in once.lots.items()
    }
    conserved(daily)
    conserved(once)


@given(GRANTS, st.integers(1, 400), st.integers(1, 45))
def test_debt_is_paid_as_far_as_points_ever_became_available(
    grants: list[tuple[int, int, int]], debt: int, days: int
) -> None:
    daily, once = shelf(grants, debt), shelf(grants, debt)
    for day in range(1, days + 1):
        later(daily, day)
    later(once, days)
    opened = sum(points for points, opens, _ in grants if opens <= days)
    expected = max(0, debt - opened)
    assert daily.purses[ANN].debt == once.purses[ANN].debt == expected


@given(GRANTS, st.integers(0, 400), st.integers(1, 45))
def test_a_second_look_at_the_same_moment_changes_nothing(
    grants: list[tuple[int, int, int]], debt: int, days: int
) -> None:
    made = shelf(grants, debt)
    later(made, days)
    moves = len(made.moves)
    assert later(made, days) == []
    assert len(made.moves) == moves


@given(GRANTS, st.integers(1, 45))
def test_what_ends_is_told_point_by_point(grants: list[tuple[int, int, int]], days: int) -> None:
    made = shelf(grants, 0)
    ended = sum(move.points for day in range(1, days + 1) for move in later(made, day))
    gone = [one for one in made.lots.values() if one.state is State.EXPIRED]
    assert ended == sum(one.granted for one in gone)
    assert all(one.expires_us <= NOW_US + days * DAY_US for one in gone)


@given(GRANTS, st.integers(0, 400), st.integers(1, 45))
def test_versions_rise_one_by_one(grants: list[tuple[int, int, int]], debt: int, days: int) -> None:
    made = shelf(grants, debt)
    later(made, days)
    for id in made.lots:
        versions = [move.version for move in made.moves if move.lot == id]
        assert versions == list(range(1, len(versions) + 1))


@given(EXPIRY, st.integers(946_684_800, 4_000_000_000), st.integers(0, 400))
def test_points_live_to_a_midnight_and_later_grants_never_end_earlier(
    expiry: Expiry, at_s: int, days: int
) -> None:
    at_us = at_s * 1_000_000
    ends_us = expires_us(expiry, at_us)
    assert ends_us > at_us
    assert (ends_us + 8 * 3_600_000_000) % DAY_US == 0
    assert expires_us(expiry, at_us + days * DAY_US) >= ends_us


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.booleans()), max_size=8),
    st.integers(0, 10),
    st.integers(100, 500),
)
def test_more_cash_or_a_flag_never_earns_less(
    lines: list[tuple[int, bool]], rate: int, percent: int
) -> None:
    terms = Terms(rate, Days(1), multipliers=(Multiplier("green", percent),))
    made = [Line(cash, ("green",) if green else ()) for cash, green in lines]
    points = points_for(terms, made)
    assert points_for(terms, [*made, Line(100)]) >= points + rate
    assert points_for(terms, [Line(one.cash_fen, ("green",)) for one in made]) >= points
    assert points_for(terms, list(reversed(made))) == points


def test_nothing_becomes_pending_again() -> None:
    made = Shelf({ANN: Purse(ANN)})
    assert made.spendable == made.pending == made.debt == 0
    assert State.PENDING not in set().union(*TRANSITIONS.values())
