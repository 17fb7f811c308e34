"""What is said and done in a live show, held against what is so."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.content.shows.plans import AI, show

from quanyu.clock import DAY_US, MINUTE_US, parse_iso
from quanyu.compliance.streams import Deal
from quanyu.content.shows.archive import Entry
from quanyu.content.shows.happenings import (
    CouponDropped,
    Happening,
    Label,
    LastChance,
    Note,
    Recording,
    SlotShown,
    StockSaid,
)
from quanyu.content.shows.judging import Known, hits, no_replay, refusal, unlabelled
from quanyu.content.shows.telling import said, violations

STARTED_US = parse_iso("2026-03-10T18:00:00+08:00")
QUIET: list[Happening] = [
    SlotShown("s1"), CouponDropped("drop-20"), Label(True), StockSaid("serum", 3),
    LastChance("s2"), Recording("oss://replay", "a" * 64), Note("观众提问"),
]  # fmt: skip


def known(minutes: int = 10, **change: Any) -> Known:
    return Known(STARTED_US + minutes * MINUTE_US, STARTED_US, **change)


@pytest.mark.parametrize("happening", QUIET)
def test_what_can_happen(happening: Happening) -> None:
    assert refusal(show(), happening) is None
    assert list(hits(show(), happening, known=known(free=3))) == []


@pytest.mark.parametrize(
    ("happening", "reason"),
    [
        (SlotShown("s9"), "slot_not_in_show"),
        (LastChance("s9"), "slot_not_in_show"),
        (CouponDropped("t1"), "coupon_not_in_show"),
        (StockSaid("cream", 1), "item_not_in_show"),
    ],
)
def test_what_is_not_of_this_show(happening: Happening, reason: str) -> None:
    found = refusal(show(), happening)
    assert found is not None
    assert found.reason == reason


class TestLabel:
    def test_off_at_minute_ten(self) -> None:
        (hit,) = hits(show(hosts=[AI]), Label(False), known=known(10))
        assert "开播 10 分钟" in hit.why
        assert "第三十七条" in hit.article

    def test_of_a_human_it_says_nothing(self) -> None:
        assert list(hits(show(), Label(False), known=known())) == []

    @pytest.mark.parametrize(
        ("switches", "gaps"),
        [
            ([], []),
            ([(10, False), (12, True)], [(10, 12)]),
            ([(10, False)], [(10, 60)]),
            ([(10, False), (11, False), (12, True)], [(10, 12)]),
            ([(5, True), (10, False), (12, True), (50, False)], [(10, 12), (50, 60)]),
        ],
    )
    def test_stretches(self, switches: list[tuple[int, bool]], gaps: list[tuple[int, int]]) -> None:
        entries = [
            Entry("e", n, STARTED_US + at * MINUTE_US, "label", {"on": on})
            for n, (at, on) in enumerate(switches, 1)
        ]
        to_us = STARTED_US + 60 * MINUTE_US
        found = unlabelled(entries, from_us=STARTED_US, to_us=to_us)
        minutes = [tuple((one - STARTED_US) // MINUTE_US for one in gap) for gap in found]
        assert minutes == gaps

    @given(st.lists(st.tuples(st.integers(1, 59), st.booleans()), max_size=8))
    def test_gaps_and_labels_make_up_the_show(self, switches: list[tuple[int, bool]]) -> None:
        """Counted minute by minute; of two switches at one moment the strict one counts."""
        ordered = sorted(switches)
        state, dark = True, 0
        for minute in range(60):
            at = [on for when, on in ordered if when == minute]
            state = all(at) if at else state
            dark += not state
        entries = [Entry("e", n, at, "label", {"on": on}) for n, (at, on) in enumerate(ordered, 1)]
        found = unlabelled(entries, from_us=0, to_us=60)
        assert sum(last - first for first, last in found) == dark


class TestStock:
    @pytest.mark.parametrize(
        ("pieces", "free", "true"),
        [(3, 3, True), (3, 4, False), (3, 2, False), (0, 0, True), (3, None, False)],
    )
    def test_it_is_the_number_of_the_stock_service(
        self, pieces: int, free: int | None, true: bool
    ) -> None:
        found = hits(show(), StockSaid("serum", pieces), known=known(free=free))
        assert (list(found) == []) is true

    def test_it_says_both_numbers(self) -> None:
        (hit,) = hits(show(), StockSaid("serum", 3), known=known(free=120))
        assert "3" in hit.why
        assert "120" in hit.why
        (hit,) = hits(show(), StockSaid("serum", 3), known=known())
        assert "没有库存记录" in hit.why


def test_a_deal_that_was_given_for_the_last_time_comes_again() -> None:
    call = Deal(shop="A", item="serum", price_fen=16_000, at_us=STARTED_US - DAY_US)
    (hit,) = hits(show(), SlotShown("s1"), known=known(last_calls=[call]))
    assert (hit.field, hit.text) == ("slots.s1", "serum")
    assert "最后一次" in hit.why
    assert list(hits(show(), SlotShown("s2"), known=known(last_calls=[call]))) == []


def test_a_replay_that_is_nowhere() -> None:
    (hit,) = no_replay(STARTED_US)
    assert "第十六条" in hit.article


def test_what_is_written_of_it() -> None:
    assert said(show(), SlotShown("s1")) == (
        "slot", {"slot": "s1", "shop": "A", "item": "serum", "price_fen": 16_000},
    )  # fmt: skip
    assert said(show(), Label(False)) == ("label", {"on": False})
    ((kind, what),) = violations(no_replay(STARTED_US))
    assert kind == "violation"
    assert set(what) == {"rule", "article", "field", "why", "suggestion"}
