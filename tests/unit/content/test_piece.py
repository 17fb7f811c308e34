"""A piece of content as it comes in."""

import msgspec
import pytest

from quanyu.content.piece import Piece

REVIEW = {
    "id": "v1", "kind": "video", "title": "三款洁面怎么选", "industry": "cosmetics",
    "segments": [
        {"text": "先看肤质", "purpose": "value", "seconds": 40},
        {"text": "这一款在这里买", "purpose": "marketing", "seconds": 10, "items": ["sku1"]},
    ],
}  # fmt: skip


def test_a_link_that_sells_makes_a_piece_sell() -> None:
    assert msgspec.convert(REVIEW, Piece).sells
    without = {**REVIEW, "segments": REVIEW["segments"][:1]}  # type: ignore[index]
    assert not msgspec.convert(without, Piece).sells


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "leaflet"), ("title", ""), ("segments", []), ("id", "a b"), ("colour", "red")],
)
def test_what_cannot_be_is_refused(field: str, value: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**REVIEW, field: value}, Piece)
