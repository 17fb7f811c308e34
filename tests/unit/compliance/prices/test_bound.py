"""The highest lawful compared price (令56 Art 16): tables, edges, and an oracle by brute force."""

from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.compliance.prices.history import START_US, paid

from quanyu.clock import DAY_US, format_iso
from quanyu.compliance.prices import Basis, Trade, bound_at

WEEK_US = 7 * DAY_US


@pytest.mark.parametrize(
    ("trades", "basis", "max_fen", "counted"),
    [
        ([], "never_traded", None, 0),
        ([paid(1, 10_000), paid(2, 9_000), paid(3, 12_000)], "lowest_of_7_days", 9_000, 3),
        ([paid(8, 11_000)], "last_trade", 11_000, 1),
        ([paid(30, 8_000), paid(8, 11_000)], "last_trade", 11_000, 1),
        ([paid(30, 8_000), paid(1, 11_000)], "lowest_of_7_days", 11_000, 1),
        ([paid(1, 9_000, refunded=1)], "never_traded", None, 0),
        ([paid(1, 9_000, flagged=True), paid(2, 10_000)], "lowest_of_7_days", 10_000, 1),
        ([paid(1, 9_000, quantity=3, refunded=2)], "lowest_of_7_days", 9_000, 1),
        ([paid(1, 9_000, quantity=3, refunded=3), paid(9, 7_000)], "last_trade", 7_000, 1),
        ([paid(1, 0), paid(2, 10_000)], "lowest_of_7_days", 10_000, 1),
        ([paid(0, 1), paid(-1, 1)], "never_traded", None, 0),
        ([paid(9, 8_000), paid(9, 7_500)], "last_trade", 7_500, 2),
    ],
    ids=[
        "never traded", "lowest of seven days", "none in seven days", "the last, not the lowest",
        "the window goes before older ones", "refunded", "flagged", "a part refunded",
        "all units refunded", "a gift is no trade", "at the start and after it",
        "two at the same moment",
    ],
)  # fmt: skip
def test_the_bound(trades: list[Trade], basis: str, max_fen: int | None, counted: int) -> None:
    found = bound_at(trades, START_US)
    assert (found.basis, found.max_fen, found.counted) == (basis, max_fen, counted)


@pytest.mark.parametrize(
    ("ago_us", "inside"),
    [(WEEK_US, True), (WEEK_US + 1, False), (1, True), (0, False), (-1, False)],
)
def test_the_window_holds_its_first_microsecond_and_not_its_last(ago_us: int, inside: bool) -> None:
    found = bound_at([Trade(paid_us=START_US - ago_us, unit_fen=5_000)], START_US)
    assert (found.basis is Basis.LOWEST) is inside


def test_the_window_is_told_in_the_time_of_china() -> None:
    found = bound_at([], START_US)
    assert format_iso(found.since_us) == "2026-11-04T00:00:00+08:00"
    assert format_iso(found.until_us) == "2026-11-11T00:00:00+08:00"


@pytest.mark.parametrize(
    ("trades", "max_fen"),
    [
        ([paid(1, 12_000, doubtful=True), paid(9, 11_000)], 11_000),
        ([paid(1, 10_000, doubtful=True), paid(9, 11_000)], 10_000),
        ([paid(1, 12_000, doubtful=True), paid(2, 11_000), paid(9, 5_000)], 11_000),
        ([paid(9, 12_000), paid(8, 10_000, doubtful=True)], 10_000),
        ([paid(9, 10_000), paid(8, 12_000, doubtful=True)], 10_000),
        ([paid(9, 10_000, doubtful=True), paid(8, 12_000)], 12_000),
    ],
    ids=[
        "if it does not count, the last one does", "if it counts, it is the lowest",
        "one certain trade is inside anyway", "a doubtful last one", "or not the last one",
        "a doubtful one before the last",
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_the_strict_case(trades: list[Trade], max_fen: int) -> None:
    assert bound_at(trades, START_US).max_fen == max_fen


trades_near = st.lists(
    st.builds(
        Trade,
        paid_us=st.integers(START_US - 3 * WEEK_US, START_US + DAY_US)
        | st.sampled_from([START_US - WEEK_US, START_US - WEEK_US - 1, START_US - 1, START_US]),
        unit_fen=st.integers(0, 20_000),
        quantity=st.just(2),
        refunded=st.integers(0, 2),
        flagged=st.booleans(),
    ),
    max_size=12,
)


def lowest_by_law(trades: list[Trade]) -> int | None:
    """The article, word for word: the slow way."""
    valid = [t for t in trades if t.unit_fen and not t.flagged and t.refunded < 2]
    days = [t.unit_fen for t in valid if START_US - WEEK_US <= t.paid_us < START_US]
    if days:
        return sorted(days)[0]
    before = sorted((t.paid_us, -t.unit_fen) for t in valid if t.paid_us < START_US)
    return -before[-1][1] if before else None


@given(trades_near)
def test_it_is_what_the_article_says(trades: list[Trade]) -> None:
    assert bound_at(trades, START_US).max_fen == lowest_by_law(trades)


@given(st.permutations(range(6)), st.lists(st.integers(1, 9), min_size=6, max_size=6))
def test_the_order_of_trades_does_not_matter(order: list[int], fen: list[int]) -> None:
    trades = [paid(place * 2, price) for place, price in enumerate(fen, 1)]
    shuffled = [trades[place] for place in order]
    assert bound_at(shuffled, START_US) == bound_at(trades, START_US)


@given(trades_near, st.data())
def test_a_trade_less_never_brings_the_bound_below_what_was_paid(
    trades: list[Trade], data: st.DataObject
) -> None:
    """It rises or stays; only the last of the window may uncover an older and lower price."""
    whole = bound_at(trades, START_US)
    if not trades:
        return
    gone = data.draw(st.integers(0, len(trades) - 1))
    less = bound_at(trades[:gone] + trades[gone + 1 :], START_US)
    if less.max_fen is None or whole.max_fen is None:
        assert whole.counted >= less.counted
    elif less.basis is whole.basis is Basis.LOWEST:
        assert less.max_fen >= whole.max_fen
    else:
        assert less.max_fen >= min(t.unit_fen for t in trades if t.counts)


@given(trades_near, st.integers(1, 100), st.booleans())
def test_flagged_and_refunded_trades_never_count(
    trades: list[Trade], fen: int, refunded: bool
) -> None:
    cheap = paid(1, fen, quantity=1, refunded=int(refunded), flagged=not refunded)
    assert bound_at([*trades, cheap], START_US) == bound_at(trades, START_US)


@given(trades_near.map(lambda some: some[:6]), st.lists(st.booleans(), min_size=6, max_size=6))
def test_doubt_is_the_lowest_bound_of_all_readings(trades: list[Trade], doubts: list[bool]) -> None:
    replace = msgspec.structs.replace
    doubted = [replace(t, doubtful=d) for t, d in zip(trades, doubts, strict=False)]
    readings = product(*[[True, False] if t.doubtful else [True] for t in doubted])
    bounds = [
        bound_at([replace(t, doubtful=False) for t, kept in zip(doubted, one, strict=True) if kept],
                 START_US).max_fen
        for one in readings
    ]  # fmt: skip
    found = bound_at(doubted, START_US).max_fen
    assert found == min((one for one in bounds if one is not None), default=None)
