"""How long a text takes, and what becomes of the rest of the time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.content.generation.draft import Part, shares_of_parts
from quanyu.content.generation.speaking import SHOW, VIDEO, Pace, stretched, time_of


@pytest.mark.parametrize(
    ("pace", "characters", "seconds"),
    [(SHOW, 0, 2), (SHOW, 1, 2), (SHOW, 8, 2), (SHOW, 9, 3), (SHOW, 240, 60), (VIDEO, 280, 60),
     (VIDEO, 281, 61), (Pace(60), 5, 5)],
)  # fmt: skip
def test_a_text_takes_its_time(pace: Pace, characters: int, seconds: int) -> None:
    assert pace.seconds("茶" * characters) == seconds


PARTS = st.lists(
    st.builds(Part, st.sampled_from(["demo", "question", "tip", "price", "call"]), st.just("茶"),
              st.integers(2, 30)), min_size=1, max_size=12,
).filter(lambda parts: any(one.purpose == "value" for one in parts))  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(PARTS, st.integers(0, 600), st.integers(0, 60))
def test_the_rest_goes_to_what_shows_and_asks(parts: list[Part], rest: int, most: int) -> None:
    whole = time_of(parts) + rest
    found = stretched(parts, whole, roles=("demo", "question"), most=most)
    assert time_of(found) == whole
    for before, after in zip(parts, found, strict=True):
        assert (after.seconds or 0) >= (before.seconds or 0)
        if before.purpose == "marketing":
            assert after == before
        if rest <= most and before.role == "tip" and any(one.role == "demo" for one in parts):
            assert after == before


@settings(max_examples=30, deadline=None)
@given(PARTS)
def test_there_is_no_rest_below_the_time_of_the_parts(parts: list[Part]) -> None:
    with pytest.raises(ValueError, match="longer"):
        stretched(parts, time_of(parts) - 1, roles=("demo",), most=5)


def test_what_sells_is_counted_by_seconds_or_by_characters() -> None:
    timed = [Part("demo", "看一看", 9), Part("price", "八十八元", 1)]
    assert (shares_of_parts(timed).marketing, shares_of_parts(timed).whole) == (1, 10)
    written = shares_of_parts([Part("tip", "温杯投茶"), Part("call", "看 看")])
    assert (written.marketing, written.whole) == (2, 6)
