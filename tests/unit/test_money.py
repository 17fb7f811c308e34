"""Yuan in, fen inside, yuan out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.money import FEN_MAX, format_yuan, parse_yuan


@pytest.mark.parametrize(
    ("text", "fen"),
    [("12.30", 1230), ("0", 0), ("9.99", 999), ("-5", -500), ("1e2", 10000), ("0.10", 10)],
)
def test_yuan_becomes_fen(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text", ["", "abc", "1.234", "NaN", "Infinity", "1e400", "12,30", str(FEN_MAX)]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        parse_yuan(text)


@pytest.mark.parametrize(
    ("fen", "text"), [(1230, "¥12.30"), (-5, "-¥0.05"), (123456789, "¥1,234,567.89"), (0, "¥0.00")]
)
def test_people_read_yuan(fen: int, text: str) -> None:
    assert format_yuan(fen) == text


@given(st.integers(-FEN_MAX, FEN_MAX))
def test_no_fen_is_lost_on_the_way(fen: int) -> None:
    assert parse_yuan(format_yuan(fen).replace("¥", "").replace(",", "")) == fen
