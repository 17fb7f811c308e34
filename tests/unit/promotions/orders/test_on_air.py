"""Orders of a live show: which show they may say that they come from, and what it is worth."""

import json
from typing import Any

import pytest
from tests.money_ground import template
from tests.orders_ground import order_form

from quanyu.errors import BadInput, Refused
from quanyu.ids import Tokeniser
from quanyu.promotions.coupons.bills import Bill, worth
from quanyu.promotions.offers.terms import read_template
from quanyu.promotions.orders.asking import Asking
from quanyu.promotions.orders.eligibility import honest, is_derived, show_of
from quanyu.promotions.orders.order import OrderForm, Terms, decode_order

OF_A_SHOW = {"requires": ["show:evening"]}


def form(**change: Any) -> OrderForm:
    return decode_order(json.dumps(order_form(**change)))


@pytest.mark.parametrize("name", ["show:evening", "show:", "show"])
def test_nobody_claims_a_show(name: str) -> None:
    assert is_derived(name)
    assert honest([name, "88vip"], ()) == {"88vip"}
    assert honest([], [name]) == {name}


def test_a_showroom_is_no_show() -> None:
    assert not is_derived("showroom:1")


@pytest.mark.parametrize(
    ("show", "names", "found"),
    [
        ("evening", {"show:evening"}, "evening"),
        ("evening", {"show:evening", "show:plan"}, "evening"),
        ("evening", {"show:morning"}, ""),
        ("evening", set(), ""),
        ("", {"show:evening"}, ""),
        ("plan", {"show:plan.20260310"}, ""),
    ],
)
def test_which_show_an_order_is_of(show: str, names: set[str], found: str) -> None:
    assert show_of(form(show=show), names) == found


def test_a_retry_from_before_shows_is_the_same_request() -> None:
    """The key was used by an older version, which knew no shows: its content did not have them."""
    tokeniser = Tokeniser(bytes(range(32)))
    ask = Asking("茶馆", "k").place(form(), tokeniser=tokeniser)
    assert b'"show"' not in ask.content
    other = Asking("茶馆", "k").place(form(show="evening"), tokeniser=tokeniser)
    assert other.fingerprint != ask.fingerprint


def test_orders_of_before_are_of_no_show() -> None:
    fields = dict(zip(Terms.__struct_fields__, Terms.__struct_fields__, strict=True))
    assert "show" in fields
    assert Terms.__struct_defaults__[-1] == ""


def test_a_name_that_is_too_long() -> None:
    with pytest.raises(BadInput) as caught:
        form(show="e" * 65)
    assert caught.value.field == "order.show"


def test_at_a_till_nobody_sees_what_is_on_air() -> None:
    coupon = read_template(template(terms=OF_A_SHOW))
    assert worth(coupon, Bill(20_000), now_us=0) == Refused("only_in_orders")
    assert worth(read_template(template()), Bill(20_000), now_us=0) == 2_000


def test_without_a_network_even_less() -> None:
    offline = {"offline": {"per_device_fen": 10_000, "per_coupon_fen": 2_000}}
    assert read_template(template(**offline))
    with pytest.raises(BadInput) as caught:
        read_template(template(terms=OF_A_SHOW, **offline))
    assert caught.value.field == "template.offline"
