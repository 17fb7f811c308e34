"""Codes: printed, shown, given; and what the brakes count."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.money_ground import template

from quanyu.clock import SECOND_US
from quanyu.errors import Refused
from quanyu.promotions.coupons import brakes
from quanyu.promotions.coupons.codes import (
    ALPHABET,
    STEP_US,
    Codes,
    Shown,
    grouped,
    is_printed,
    spelled,
)
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.offers.terms import read_template

CODES = Codes(bytes(range(32)))
COUPON = "c_" + "0a" * 12
NOW_US = 1_773_115_200 * SECOND_US


def test_printed_codes_are_apart_and_come_again() -> None:
    made = [CODES.printed("tea", "spring", number=n) for n in range(2000)]
    assert len(set(made)) == 2000
    assert made[7] == Codes(bytes(range(32))).printed("tea", "spring", number=7)
    others = {
        CODES.printed("tea", "autumn", number=7), CODES.printed("shoes", "spring", number=7),
        Codes(bytes(range(1, 33))).printed("tea", "spring", number=7),
    }  # fmt: skip
    assert len(others | {made[7]}) == 4


def test_every_sign_comes_equally_often() -> None:
    signs: defaultdict[str, int] = defaultdict(int)
    for number in range(4000):
        for sign in CODES.printed("tea", "spring", number=number):
            signs[sign] += 1
    assert set(signs) == set(ALPHABET)
    assert not set(ALPHABET) & set("01IO")
    assert max(signs.values()) < 1.2 * min(signs.values())


@given(st.integers(0, 10**6))
def test_a_code_is_found_however_it_is_typed(number: int) -> None:
    code = CODES.printed("tea", "spring", number=number)
    typed = (code, grouped(code), grouped(code).lower(), f" {code[:8]} {code[8:]} ")
    assert {CODES.hashed("tea", one) for one in typed} == {CODES.hashed("tea", code)}
    assert all(is_printed(one) for one in typed)
    assert CODES.hashed("shoes", code) != CODES.hashed("tea", code)
    assert code.encode() not in CODES.hashed("tea", code)


@pytest.mark.parametrize("text", ["", "ABCD", "0" * 16, "I" * 16, "A" * 17, "QY1.c_1.12345678"])
def test_what_is_no_printed_code(text: str) -> None:
    assert not is_printed(text)


@pytest.mark.parametrize(
    ("later_us", "read"),
    [
        (0, Shown(COUPON, stale=False)),
        (STEP_US, Shown(COUPON, stale=False)),
        (-STEP_US, Shown(COUPON, stale=False)),
        (2 * STEP_US, Shown(COUPON, stale=True)),
        (-2 * STEP_US, Refused(Reason.BAD_CODE)),
        (3600 * SECOND_US, Shown(COUPON, stale=True)),
        (3600 * SECOND_US + STEP_US, Refused(Reason.BAD_CODE)),
    ],
)
def test_a_shown_code_lives_for_its_step_and_the_neighbours(
    later_us: int, read: Shown | Refused
) -> None:
    """After that it is known for an hour, for a till that repeats itself."""
    shown = CODES.shown("tea", COUPON, now_us=NOW_US)
    assert CODES.read("tea", shown, now_us=NOW_US + later_us) == read


@pytest.mark.parametrize(
    "text",
    ["", "QY1", f"QY1.{COUPON}.1234567", f"QY1.{COUPON}.123456789", f"QY2.{COUPON}.12345678"],
)
def test_what_is_no_shown_code(text: str) -> None:
    assert CODES.read("tea", text, now_us=NOW_US) == Refused(Reason.BAD_CODE)


def test_a_shown_code_is_of_one_merchant_and_one_coupon() -> None:
    shown = CODES.shown("tea", COUPON, now_us=NOW_US)
    assert CODES.read("shoes", shown, now_us=NOW_US) == Refused(Reason.BAD_CODE)
    other = shown.replace("0a0a", "0b0b", 1)
    assert CODES.read("tea", other, now_us=NOW_US) == Refused(Reason.BAD_CODE)


def test_a_gift_code_follows_from_the_request() -> None:
    first = CODES.gift("tea", COUPON, request="k")
    assert first == CODES.gift("tea", COUPON, request="k")
    assert first != CODES.gift("tea", COUPON, request="k2")
    assert first != CODES.gift("tea", COUPON[:-1] + "b", request="k")


def test_spelling_is_one() -> None:
    assert spelled(" ab-cd\tef ") == "ABCDEF"


@given(
    st.dictionaries(st.integers(0, 200), st.integers(1, 5), max_size=60),
    st.integers(0, 200),
    st.sampled_from(brakes.WINDOWS),
)
def test_a_window_counts_what_lies_in_it(counts: dict[int, int], now: int, window: int) -> None:
    found = brakes.within(counts, now, window=window)
    assert found == sum(n for at, n in counts.items() if now - window < at <= now)
    assert found <= brakes.within(counts, now, window=60)


@pytest.mark.parametrize(
    ("counts", "fast"),
    [
        ({10: 6}, False),
        ({10: 7}, True),
        ({6: 6, 7: 6, 10: 3}, False),
        ({6: 6, 7: 6, 10: 4}, True),
        ({5: 6, 7: 6, 10: 4}, False),
        (dict.fromkeys(range(-49, 11), 1), False),
        (dict.fromkeys(range(-49, 10), 1) | {10: 2}, True),
    ],
)
def test_how_often_a_person_may_try(counts: dict[int, int], fast: bool) -> None:
    assert brakes.too_fast("person", counts, minute=10) is fast


def test_an_address_may_try_more_often_than_a_person() -> None:
    counts = {10: 50}
    assert brakes.too_fast("device", counts, minute=10)
    assert not brakes.too_fast("address", counts, minute=10)


@given(st.lists(st.integers(1, 5000), max_size=200), st.integers(1, 10**6), st.integers(1, 5))
def test_a_breaker_never_lets_more_than_its_bound_pass(
    values: list[int], forecast_fen: int, trips_at: int
) -> None:
    """Whatever is asked for within one minute, what has passed is within the minute's bound."""
    found = read_template(template(forecast_hour=forecast_fen, trips_at=trips_at))
    passed: dict[int, int] = {7: 0}
    for value_fen in values:
        window = brakes.tripping(found, passed, minute=7, more_fen=value_fen)
        if window is not None:
            break
        passed[7] += value_fen
    assert passed[7] <= brakes.most_fen(found, 1)


def test_a_longer_window_catches_a_slow_leak() -> None:
    found = read_template(template(forecast_hour=600_000, trips_at=1))
    slow = dict.fromkeys(range(59), 9900)
    assert brakes.tripping(found, slow, minute=59, more_fen=5_000) is None
    slow[58] += 8_000
    assert brakes.tripping(found, slow, minute=59, more_fen=5_000) == 5
