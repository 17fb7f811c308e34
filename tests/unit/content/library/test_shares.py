"""70 % worth watching: exact integers, at the limit and a hair above."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.content.pieces import marketing, piece, value

from quanyu.compliance.policy import Policy
from quanyu.content.library.shares import CHARACTERS_PER_SECOND, Shares, shares_of
from quanyu.content.library.telling import shares_json
from quanyu.content.piece import Segment

SEGMENTS = st.lists(
    st.builds(
        Segment,
        text=st.text("煎饼 果子\n", max_size=30),
        purpose=st.sampled_from(["value", "marketing"]),
        seconds=st.none() | st.integers(1, 600),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize(
    ("value_seconds", "marketing_seconds", "within", "reads"),
    [
        (700, 300, True, "30.0%"),
        (699, 301, False, "30.1%"),
        (69_999, 30_001, False, "30.1%"),
        (7, 3, True, "30.0%"),
        (100, 0, True, "0.0%"),
        (1, 86_000, False, "100.0%"),
        (86_400, 1, True, "0.1%"),
    ],
)
def test_at_the_limit(value_seconds: int, marketing_seconds: int, within: bool, reads: str) -> None:
    found = Shares("seconds", value_seconds, marketing_seconds)
    assert found.within(300) is within
    assert found.marketing_text == reads


def test_seconds_where_all_have_them_else_characters() -> None:
    timed = shares_of([value("一", seconds=70), marketing("二" * 500, seconds=30)])
    assert (timed.unit, timed.value, timed.marketing) == ("seconds", 70, 30)
    silent = shares_of([value("一二 三\n四"), marketing("五\u3000六")])
    assert (silent.unit, silent.value, silent.marketing) == ("characters", 4, 2)


def test_a_text_without_a_time_is_not_left_out() -> None:
    """Or a minute of talk would be free, as long as no second is written beside it."""
    mixed = shares_of([value("", seconds=60), marketing("买" * 240)])
    assert mixed.unit == "quarter_seconds"
    assert mixed.value == mixed.marketing == 60 * CHARACTERS_PER_SECOND


@given(SEGMENTS)
def test_the_parts_make_up_the_whole(segments: list[Segment]) -> None:
    found = shares_of(segments)
    swapped = [
        Segment(one.text, "value" if one.purpose == "marketing" else "marketing", one.seconds)
        for one in segments
    ]
    other = shares_of(swapped)
    assert (other.unit, other.value, other.marketing) == (
        found.unit, found.marketing, found.value,
    )  # fmt: skip
    assert shares_of(list(reversed(segments))) == found


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 1000))
def test_within_is_exact(value: int, marketing: int, limit: int) -> None:
    found = Shares("seconds", value, marketing)
    if found.whole:
        assert found.within(limit) == (Fraction(marketing, found.whole) <= Fraction(limit, 1000))
    else:
        assert found.within(limit), "nothing is not too much"


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_what_is_read_never_flatters(value: int, marketing: int) -> None:
    """30.04 % is above the limit, so it must not read 30.0 %."""
    found = Shares("seconds", value, marketing)
    tenths = int(found.marketing_text.removesuffix("%").replace(".", ""))
    assert found.within(tenths)
    assert tenths == 0 or not found.within(tenths - 1)


@pytest.mark.parametrize(
    ("kind", "limit"),
    [("video", 300), ("article", 300), ("passage", 300), ("slot", 300), ("creative", 1000),
     ("show", 100)],
)  # fmt: skip
def test_each_kind_has_its_limit(kind: str, limit: int) -> None:
    assert shares_json(piece(kind=kind), Policy())["limit_permille"] == limit


def test_what_is_told_of_a_piece() -> None:
    segments = (value("看锅", seconds=70), marketing("买锅", seconds=31, items=("pan",)))
    told = shares_json(piece(*segments, value(stores=("s2", "s1"), seconds=1)), Policy())
    assert told == {
        "unit": "seconds", "value": 71, "marketing": 31, "marketing_share": "30.4%",
        "limit_permille": 300, "within": False, "sells": True, "marked_as_ad": False,
        "needs_ad_mark": True, "items": ["pan"], "stores": ["s1", "s2"],
    }  # fmt: skip
