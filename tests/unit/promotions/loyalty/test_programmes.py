"""What a yuan earns, what points are worth, and the midnight that ends them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import format_iso, parse_iso
from quanyu.errors import BadInput
from quanyu.promotions.loyalty.programmes import (
    Days,
    Expiry,
    Line,
    Months,
    Multiplier,
    Terms,
    Tier,
    YearEnd,
    decode_terms,
    expires_us,
    percent_of,
    points_for,
    points_to_pay,
    tier_of,
    value_fen,
)

PLAIN: dict[str, Any] = {"points_per_yuan": 1, "expiry": {"kind": "months", "count": 12}}
GREEN = Terms(1, Months(12), multipliers=(Multiplier("green", 200), Multiplier("night", 150)))
TIERS = Terms(1, Days(30), tiers=(Tier("silver", "银卡", 100), Tier("gold", "金卡", 1_000)))


@pytest.mark.parametrize(
    ("expiry", "granted", "ends"),
    [
        (Days(1), "2026-03-10T12:00:00+08:00", "2026-03-12T00:00:00+08:00"),
        (Days(30), "2026-03-10T23:59:59+08:00", "2026-04-10T00:00:00+08:00"),
        (Months(12), "2026-03-10T12:00:00+08:00", "2027-03-11T00:00:00+08:00"),
        (Months(1), "2026-01-31T12:00:00+08:00", "2026-03-01T00:00:00+08:00"),
        (Months(1), "2028-01-31T12:00:00+08:00", "2028-03-01T00:00:00+08:00"),
        (Months(13), "2026-12-31T12:00:00+08:00", "2028-02-01T00:00:00+08:00"),
        (YearEnd(0), "2026-03-10T12:00:00+08:00", "2027-01-01T00:00:00+08:00"),
        (YearEnd(1), "2026-12-31T23:59:59+08:00", "2028-01-01T00:00:00+08:00"),
        (YearEnd(1), "2026-12-31T16:00:00+00:00", "2029-01-01T00:00:00+08:00"),
    ],
)
def test_points_end_at_a_midnight_in_china(expiry: Expiry, granted: str, ends: str) -> None:
    assert format_iso(expires_us(expiry, parse_iso(granted))) == ends


@pytest.mark.parametrize(
    ("lines", "points"),
    [
        ([Line(100)], 1),
        ([Line(99)], 0),
        ([Line(36_290)], 362),
        ([Line(50), Line(50)], 1),
        ([Line(10_000, ("green",))], 200),
        ([Line(10_000, ("green", "night"))], 200),
        ([Line(10_000, ("night",)), Line(10_000)], 250),
        ([Line(33, ("green",)), Line(34)], 1),
        ([], 0),
    ],
)
def test_earned_points_are_rounded_down_once(lines: list[Line], points: int) -> None:
    assert points_for(GREEN, lines) == points


def test_the_largest_multiplier_of_a_line_counts() -> None:
    assert percent_of(GREEN, ("night", "green")) == 200
    assert percent_of(GREEN, ("other",)) == 100


@given(st.integers(1, 10**9), st.integers(1, 10_000))
def test_points_that_pay_an_amount_are_just_enough(amount_fen: int, worth: int) -> None:
    terms = Terms(1, Days(1), fen_per_100_points=worth)
    points = points_to_pay(terms, amount_fen)
    assert value_fen(terms, points) >= amount_fen
    assert value_fen(terms, points - 1) < amount_fen


@pytest.mark.parametrize(
    ("tier_points", "name"),
    [(0, None), (99, None), (100, "silver"), (999, "silver"), (1_000, "gold"), (10**9, "gold")],
)
def test_tiers(tier_points: int, name: str | None) -> None:
    tier = tier_of(TIERS, tier_points)
    assert (tier and tier.name) == name


def test_terms_come_as_they_were_written() -> None:
    body = {
        **PLAIN,
        "join_gift": 50,
        "tiers": [{"name": "gold", "label": "金卡", "from_points": 10}],
        "multipliers": [{"flag": "green", "percent": 200}],
        "order_rewards": [{"flag": "no_cutlery", "offer": "red-packet"}],
    }
    terms = decode_terms(json.dumps(body).encode())
    assert terms.expiry == Months(12)
    assert terms.join_gift == 50
    assert terms.order_rewards[0].offer == "red-packet"
    assert terms.days_until_available == 7
    assert terms.grace_days == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"points_per_yuan": -1}, "points_per_yuan"),
        ({"points_per_yuan": 1.5}, "points_per_yuan"),
        ({"points_per_yuan": 10**9}, "points_per_yuan"),
        ({"fen_per_100_points": 0}, "fen_per_100_points"),
        ({"join_gift": -5}, "join_gift"),
        ({"expiry": {"kind": "weeks", "count": 1}}, "expiry.kind"),
        ({"expiry": {"kind": "days", "count": 0}}, "expiry.count"),
        ({"expiry": {"kind": "year_end", "years": -1}}, "expiry.years"),
        ({"multipliers": [{"flag": "green", "percent": 50}]}, "multipliers[0].percent"),
        ({"multipliers": [{"flag": "a b", "percent": 200}]}, "multipliers[0].flag"),
        ({"tiers": [{"name": "a", "label": "A", "from_points": -1}]}, "tiers[0].from_points"),
        (
            {
                "tiers": [
                    {"name": "a", "label": "A", "from_points": 5},
                    {"name": "b", "label": "B", "from_points": 5},
                ]
            },
            "tiers",
        ),
        (
            {
                "tiers": [
                    {"name": "a", "label": "A", "from_points": 5},
                    {"name": "a", "label": "B", "from_points": 6},
                ]
            },
            "tiers",
        ),
        ({"colour": "red"}, "programme"),
        ({"label": ""}, "label"),
    ],
)
def test_terms_that_cannot_be(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        decode_terms(json.dumps(PLAIN | change).encode())
    assert refused.value.field == field
    assert refused.value.mend


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b"\xff"])
def test_what_is_no_programme(body: bytes) -> None:
    with pytest.raises(BadInput):
        decode_terms(body)
