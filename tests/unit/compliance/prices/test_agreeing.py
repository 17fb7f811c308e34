"""Page and checkout, home and detail, gifts and discounts say the same (令56 Art 18–21)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.compliance.prices.agreeing import (
    GiftShown,
    above_advertised,
    home_and_detail,
    read_discount,
    review_discount,
    review_gift,
)
from quanyu.errors import BadInput

ON = date(2026, 11, 11)


@pytest.mark.parametrize(
    ("advertised_fen", "checkout_fen", "verdict"),
    [(9_900, 10_900, "block"), (9_900, 9_901, "block"), (9_900, 9_900, "pass"),
     (9_900, 8_900, "pass")],
)  # fmt: skip
def test_checkout_is_at_most_what_was_advertised(
    advertised_fen: int, checkout_fen: int, verdict: str
) -> None:
    found = above_advertised(advertised_fen, checkout_fen, on=ON)
    assert found.verdict == verdict
    assert all("第十九条" in hit.article and hit.field == "checkout" for hit in found.hits)


@pytest.mark.parametrize(
    ("home_fen", "detail_fen", "verdict"), [(4_900, 5_900, "block"), (5_900, 5_900, "pass"),
                                            (5_900, 4_900, "pass")],
)  # fmt: skip
def test_home_is_not_below_detail(home_fen: int, detail_fen: int, verdict: str) -> None:
    found = home_and_detail(home_fen, detail_fen, on=ON)
    assert found.verdict == verdict
    assert all("第二十条" in hit.article for hit in found.hits)


@pytest.mark.parametrize(
    ("gift", "fields"),
    [
        (GiftShown(name="小样", quantity=1), []),
        (GiftShown(name="小样"), ["gift.quantity"]),
        (GiftShown(name="小样", quantity=0), ["gift.quantity"]),
        (GiftShown(name=" ", quantity=1), ["gift.name"]),
        (GiftShown(), ["gift.name", "gift.quantity"]),
        (GiftShown(name="小样", quantity=1, value_fen=5_000, sells_for_fen=5_000), []),
        (GiftShown(name="小样", quantity=1, value_fen=9_900, sells_for_fen=5_000), ["gift.value"]),
        (GiftShown(name="小样", quantity=1, value_fen=9_900), ["gift.value"]),
    ],
)
def test_gifts(gift: GiftShown, fields: list[str]) -> None:
    hits = review_gift(gift, on=ON).hits
    assert [hit.field for hit in hits] == fields
    assert all("第十八条" in hit.article for hit in hits)


@pytest.mark.parametrize(
    ("said", "price_fen", "verdict"),
    [("8", 8_000, "pass"), ("8", 7_900, "pass"), ("8", 8_004, "pass"), ("8", 8_050, "block"),
     ("8", 8_400, "block"), ("7.9", 7_940, "pass"), ("7.9", 7_950, "block"), ("8折", 1, "pass"),
     ("7.95", 7_954, "pass"), ("7.95", 7_955, "block")],
)  # fmt: skip
def test_a_discount_is_what_it_says_up_to_rounding(said: str, price_fen: int, verdict: str) -> None:
    found = review_discount(read_discount(said), price_fen=price_fen, reference_fen=10_000, on=ON)
    assert found.verdict == verdict


def test_a_discount_on_nothing_is_none() -> None:
    assert review_discount(Decimal(8), price_fen=1, reference_fen=0, on=ON).verdict == "block"


@given(st.integers(1, 99), st.integers(1, 10**9))
def test_less_than_what_was_said_always_passes(tenths: int, reference_fen: int) -> None:
    said = Decimal(tenths) / 10
    price_fen = int(reference_fen * said / 10)
    found = review_discount(said, price_fen=price_fen, reference_fen=reference_fen, on=ON)
    assert found.verdict == "pass"


@pytest.mark.parametrize("text", ["", "0", "10", "-1", "8.5.1", "八", "1e1", "8,5", "١", "7.99999"])
def test_a_discount_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="discount: write 8 for 8折"):
        read_discount(text)
