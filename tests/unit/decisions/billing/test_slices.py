"""Slices in the memory of a worker: what it may spend, what a failed transaction gives back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import MINUTE_US
from quanyu.decisions.billing.slices import REMEMBERED_US, Slices
from quanyu.decisions.billing.win import MILLI, Lease

LASTS_US = 10 * MINUTE_US


class Till:
    """Gives slices of the given sizes, then no more."""

    def __init__(self, *fen: int) -> None:
        self.fen = list(fen)
        self.asked = 0
        self.given: dict[int, int] = {}

    def open(self, merchant: str, campaign: str, *, at_us: int) -> Lease | None:
        self.asked += 1
        if not self.fen:
            return None
        number, fen = self.asked, self.fen.pop(0)
        self.given[number] = fen
        return Lease(number=number, campaign=campaign, amount_fen=fen, ends_us=at_us + LASTS_US)


def slices(*fen: int) -> tuple[Slices, Till]:
    till = Till(*fen)
    made = Slices(till)
    made.begin()
    return made, till


def hold(made: Slices, fen: int = 1, *, at_us: int = 0, campaign: str = "c") -> int | None:
    return made.hold("m", campaign, price_millifen=fen * MILLI, at_us=at_us)


def test_a_slice_is_opened_once_and_spent() -> None:
    made, till = slices(3, 2)
    assert [hold(made) for _ in range(5)] == [1, 1, 1, 2, 2]
    assert till.asked == 2
    assert hold(made) is None


def test_each_campaign_of_each_merchant_has_its_own() -> None:
    made, till = slices(5, 5, 5)
    assert (hold(made), hold(made, campaign="d")) == (1, 2)
    assert made.hold("n", "c", price_millifen=1, at_us=0) == 3
    assert (hold(made), hold(made, campaign="d"), till.asked) == (1, 2, 3)


@pytest.mark.parametrize(("at_us", "number"), [(LASTS_US - 1, 1), (LASTS_US, 2)])
def test_what_is_left_of_one_that_is_over_is_forgotten(at_us: int, number: int) -> None:
    made, _ = slices(5, 5)
    assert hold(made) == 1
    assert hold(made, at_us=at_us) == number


def test_a_campaign_without_money_is_not_asked_for_at_every_ad() -> None:
    made, till = slices()
    assert [hold(made, at_us=at_us) for at_us in (0, 1, REMEMBERED_US - 1)] == [None] * 3
    assert till.asked == 1
    till.fen.append(9)
    assert hold(made, at_us=REMEMBERED_US) == 2


def test_a_dear_ad_that_finds_no_money_leaves_the_slice_to_cheaper_ones() -> None:
    made, till = slices(5)
    assert hold(made, 4) == 1
    assert hold(made, 2) is None
    assert hold(made, 1) == 1
    assert till.asked == 2


def test_a_new_slice_that_is_too_small_does_not_take_the_place_of_a_fuller_one() -> None:
    made, _ = slices(5, 3)
    assert hold(made, 1) == 1
    assert hold(made, 6) is None
    assert [hold(made, 1) for _ in range(4)] == [1] * 4


def test_a_larger_one_does() -> None:
    made, _ = slices(2, 9)
    assert hold(made, 1) == 1
    assert hold(made, 20) is None
    assert hold(made, 9) == 2


class TestATransaction:
    def test_that_failed_gives_its_prices_back(self) -> None:
        made, till = slices(3)
        assert hold(made, 2) == 1
        made.commit()
        made.begin()
        assert hold(made, 1) == 1
        made.rollback()
        made.begin()
        assert hold(made, 1) == 1
        assert hold(made, 1) is None
        assert till.asked == 2

    def test_whose_end_nobody_knows_takes_its_slices_along(self) -> None:
        made, till = slices(9, 9, 9)
        hold(made, campaign="other")
        made.commit()
        made.begin()
        hold(made)
        made.rollback(unknown=True)
        made.begin()
        assert (hold(made), hold(made, campaign="other"), till.asked) == (3, 1, 3)

    def test_gives_nothing_to_a_slice_that_has_come_since(self) -> None:
        made, _ = slices(2, 3)
        assert [hold(made, 2), hold(made, 3)] == [1, 2]
        made.rollback()
        made.begin()
        assert [hold(made, 3), hold(made, 1)] == [2, None]

    def test_is_begun_and_ended(self) -> None:
        made, _ = slices(9)
        with pytest.raises(AssertionError, match="one transaction"):
            made.begin()
        made.commit()
        ends: list[Any] = [made.commit, made.rollback, lambda: hold(made)]
        for end in ends:
            with pytest.raises(AssertionError, match="begin first"):
                end()

    @pytest.mark.parametrize("price", [0, -1])
    def test_holds_prices(self, price: int) -> None:
        made, _ = slices(9)
        with pytest.raises(AssertionError):
            made.hold("m", "c", price_millifen=price, at_us=0)


STEP = st.tuples(st.sampled_from(["hold", "hold", "hold", "commit", "rollback", "unknown"]),
                 st.integers(1, 6_000), st.integers(0, 4 * MINUTE_US))  # fmt: skip


@given(fen=st.lists(st.integers(1, 9), max_size=8), steps=st.lists(STEP, max_size=40))
def test_no_lease_is_ever_overspent(fen: list[int], steps: list[tuple[str, int, int]]) -> None:
    made, till = slices(*fen)
    kept: dict[int, int] = {}
    open_: list[tuple[int, int]] = []
    now_us = 0
    for what, millifen, wait_us in steps:
        now_us += wait_us
        if what == "hold":
            number = made.hold("m", "c", price_millifen=millifen, at_us=now_us)
            open_ += [] if number is None else [(number, millifen)]
            continue
        if what == "commit":
            made.commit()
        else:
            made.rollback(unknown=what == "unknown")
        for number, price in open_ if what != "rollback" else []:
            kept[number] = kept.get(number, 0) + price
        open_ = []
        made.begin()
    for number, price in open_:
        kept[number] = kept.get(number, 0) + price
    assert all(spent <= till.given[number] * MILLI for number, spent in kept.items())
