"""Live shows (RULES B7): approval, the label of an AI host, stock, last calls, the archive."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import DAY_US, MINUTE_US, SECOND_US, parse_iso
from quanyu.compliance.policy import Policy
from quanyu.compliance.streams import (
    Checklist,
    Deal,
    Switch,
    gaps,
    keep_until,
    review_ai_label,
    review_relaunch,
    review_removal,
    review_start,
    review_stock,
)

START_US = parse_iso("2026-11-11T18:00:00+08:00")
END_US = START_US + 4 * 60 * MINUTE_US


def checklist(**change: Any) -> Checklist:
    said: dict[str, Any] = {
        "points": {"脚本": True, "商品": True}, "approved_by": "li", "approved_us": START_US - 5,
        "changed_us": START_US - 9, **change,
    }  # fmt: skip
    return Checklist(**said)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"approved_us": None}, ["approved_by"]),
        ({"approved_by": " "}, ["approved_by"]),
        ({"approved_us": START_US + 1}, ["approved_by"]),
        ({"points": {"脚本": True, "商品": False}}, ["points.商品"]),
        ({"points": {}}, ["points"]),
        ({"changed_us": START_US - 4}, ["changed_at"]),
        ({"changed_us": START_US - 5}, []),
    ],
)
def test_a_show_starts_with_an_approved_checklist(
    change: dict[str, Any], fields: list[str]
) -> None:
    hits = review_start(checklist(**change), at_us=START_US).hits
    assert [hit.field for hit in hits] == fields
    assert all(hit.article == "《直播电商监督管理办法》第三十条" for hit in hits)


def test_before_february_2026_no_approval_was_asked_for() -> None:
    early_us = parse_iso("2026-01-31T23:59:59+08:00")
    assert review_start(Checklist(points={}), at_us=early_us).may_be_shown
    assert not review_start(Checklist(points={}), at_us=early_us + SECOND_US).may_be_shown


def minutes(*told: tuple[float, bool]) -> list[Switch]:
    return [Switch(START_US + round(at * MINUTE_US), on) for at, on in told]


@pytest.mark.parametrize(
    ("switches", "found"),
    [
        ([(0, True)], []),
        ([], [(0, 240)]),
        ([(0, True), (10, False)], [(10, 240)]),
        ([(0, True), (10, False), (12, True)], [(10, 12)]),
        ([(1, True)], [(0, 1)]),
        ([(-5, True)], []),
        ([(-5, True), (-1, False)], [(0, 240)]),
        ([(0, True), (0, False)], [(0, 240)]),
        ([(0, True), (10, False), (10, True)], [(10, 240)]),
        ([(0, True), (5, True), (10, False), (11, False), (12, True)], [(10, 12)]),
        ([(0, True), (240, False)], []),
        ([(0, True), (300, False)], []),
    ],
    ids=[
        "all the time", "never", "off at ten", "off for two minutes", "a minute late",
        "on before the start", "off again before the start", "on and off at once",
        "off and on at once", "repeated", "off at the end", "off after the end",
    ],
)  # fmt: skip
def test_gaps_of_the_label(
    switches: list[tuple[float, bool]], found: list[tuple[int, int]]
) -> None:
    told = gaps(minutes(*switches), from_us=START_US, to_us=END_US)
    as_minutes = [((a - START_US) // MINUTE_US, (b - START_US) // MINUTE_US) for a, b in told]
    assert as_minutes == found


def test_a_gap_is_a_violation_with_its_time() -> None:
    off = minutes((0, True), (10, False), (12.5, True))
    (hit,) = review_ai_label(off, from_us=START_US, to_us=END_US).hits
    assert hit.article == "《直播电商监督管理办法》第三十七条"
    assert hit.field == f"label@{START_US + 10 * MINUTE_US}"
    assert "18:10:00 至 18:12:30（开播 10 分 0 秒起）" in hit.why


@given(
    st.lists(st.tuples(st.integers(-3, 15), st.booleans()), max_size=8),
    st.integers(0, 9),
    st.integers(1, 10),
)
def test_gaps_are_where_the_label_is_off(
    told: list[tuple[int, bool]], first: int, length: int
) -> None:
    """Moment by moment, the slow way."""
    last = first + length
    found = gaps([Switch(at, on) for at, on in told], from_us=first, to_us=last)
    inside = {at for a, b in found for at in range(a, b)}
    for moment in range(first, last):
        before = sorted((at, not on) for at, on in told if at <= moment)
        assert (moment in inside) is not (bool(before) and not before[-1][1])


@pytest.mark.parametrize(
    ("on", "passes"),
    [(date(2026, 11, 12), False), (date(2029, 11, 10), False), (date(2029, 11, 11), True)],
)
def test_the_archive_is_kept_for_three_years(on: date, passes: bool) -> None:
    assert keep_until(END_US) == date(2029, 11, 11)
    verdict = review_removal(END_US, on=on)
    assert verdict.may_be_shown is passes
    assert all("须保存到 2029-11-11" in hit.why for hit in verdict.hits)


@pytest.mark.parametrize(
    ("said", "stock", "passes"), [(3, 3, True), (3, 300, False), (3, 2, False)]
)
def test_only_three_left_is_what_the_stock_service_says(
    said: int, stock: int, passes: bool
) -> None:
    verdict = review_stock(said, stock=stock, on=date(2026, 11, 11))
    assert verdict.may_be_shown is passes
    assert all(f"库存 {stock} 件" in hit.why for hit in verdict.hits)


def deal(price_fen: int = 9_900, *, days: float = 0, item: str = "cup", shop: str = "A") -> Deal:
    at_us = START_US + round(days * DAY_US)
    return Deal(shop=shop, item=item, price_fen=price_fen, at_us=at_us)


@pytest.mark.parametrize(
    ("again", "flagged"),
    [
        (deal(days=1), True),
        (deal(8_900, days=1), True),
        (deal(9_901, days=1), False),
        (deal(days=30), True),
        (deal(days=30.001), False),
        (deal(days=0), False),
        (deal(days=-1), False),
        (deal(days=1, item="tea"), False),
        (deal(days=1, shop="B"), False),
    ],
)
def test_a_last_time_is_the_last(again: Deal, flagged: bool) -> None:
    verdict = review_relaunch(again, [deal()])
    assert verdict.may_be_shown is not flagged
    assert all("“最后一次”" in hit.why for hit in verdict.hits)


def test_how_long_a_last_time_binds_is_policy() -> None:
    again = deal(days=10)
    assert review_relaunch(again, [deal()], policy=Policy(relaunch_days=9)).may_be_shown
    assert len(review_relaunch(again, [deal(), deal(days=1)]).hits) == 2
