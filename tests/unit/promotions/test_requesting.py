"""Requests of the doors: one spelling, and people as tokens."""

from typing import Any

import pytest

from quanyu.errors import BadInput
from quanyu.ids import Tokeniser
from quanyu.promotions.requesting import request_for

KEY = Tokeniser.of_merchant(bytes(range(32)), "shop")
PHONE = "phone:137 6402 1985"


def content(**body: Any) -> bytes:
    return request_for("shop", "points.spend", key="k", body=body, tokeniser=KEY).content


def test_the_order_of_fields_does_not_matter_and_nothing_is_not_said() -> None:
    assert content(a=1, b=2, c=None) == content(b=2, a=1)
    assert content(a=1) != content(a=2)


def test_one_person_has_one_spelling() -> None:
    assert content(identifier=PHONE) == content(identifier="phone:+8613764021985")
    assert content(identifier=PHONE) != content(identifier="phone:13764021986")


@pytest.mark.parametrize("field", ["identifier", "to"])
def test_no_value_of_a_person_stands_in_the_content(field: str) -> None:
    kept = content(**{field: PHONE})
    assert b"1376402" not in kept
    assert KEY.token("phone", "13764021985").hex().encode() in kept


def test_two_merchants_have_tokens_of_their_own() -> None:
    other = Tokeniser.of_merchant(bytes(range(32)), "rival")
    asked = request_for("rival", "points.spend", key="k", body={"to": PHONE}, tokeniser=other)
    assert asked.content != content(to=PHONE)


@pytest.mark.parametrize("who", ["", "nobody", "phone:", "taobao_id:\0"])
def test_who_cannot_be_asked_for(who: str) -> None:
    with pytest.raises(BadInput):
        content(identifier=who)


@pytest.mark.parametrize("key", ["", "a\nb", "x" * 129, "13764021985"])
def test_keys_that_are_not_taken(key: str) -> None:
    with pytest.raises(BadInput) as refused:
        request_for("shop", "points.spend", key=key, body={}, tokeniser=KEY)
    assert refused.value.field == "idempotency_key"
