"""Bills at a till: the arithmetic is that of pricing, with lines and without."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.money_ground import template

from quanyu.clock import china_datetime, parse_iso
from quanyu.errors import BadInput, Refused
from quanyu.promotions.coupons.bills import Bill, BillLine, sum_of, whole_fen, worth
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.offers.terms import Template, read_template
from quanyu.promotions.pricing import Cart, Line, evaluate

NOW_US = parse_iso("2026-03-10T12:00:00+08:00")
TWENTY_PERCENT = {"percent_off": {"percent": 20, "cap": 3000}}
EACH_THIRTY = {"amount_off": {"amount": 500, "threshold": 3000, "repeat": True, "cap": 1200}}
TEA, CUP = (
    BillLine("tea", 2, 4000, category="drinks"),
    BillLine("cup", 1, 9000, category="home", flags=("new",)),
)


def offer(scope: dict[str, Any] | None = None, lane: str = "shop", **change: Any) -> Template:
    terms: dict[str, Any] = {"lane": lane} | ({} if scope is None else {"scope": scope})
    return read_template(template(terms=terms, **change))


def off(found: Template, *lines: BillLine) -> int | Refused:
    return worth(found, Bill(sum_of(lines), lines), now_us=NOW_US)


@pytest.mark.parametrize(
    ("benefit", "bill_fen", "expected_fen"),
    [
        ({"amount_off": {"amount": 2000, "threshold": 10_000}}, 10_000, 2000),
        ({"amount_off": {"amount": 2000}}, 1500, 1500),
        (EACH_THIRTY, 6100, 1000),
        (EACH_THIRTY, 9000, 1200),
        (TWENTY_PERCENT, 9_999, 2000),
        (TWENTY_PERCENT, 2, 0),
        (TWENTY_PERCENT, 100_000, 3000),
    ],
)  # fmt: skip
def test_what_a_piece_takes_off_a_sum(
    benefit: dict[str, Any], bill_fen: int, expected_fen: int
) -> None:
    assert worth(offer(benefit=benefit), Bill(bill_fen), now_us=NOW_US) == expected_fen


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"items": ["cup"]}, Refused(Reason.BELOW_THRESHOLD, have=9000, need=10_000)),
        ({"items": ["cup", "tea"]}, 2000),
        ({"categories": ["drinks"]}, Refused(Reason.BELOW_THRESHOLD, have=8000, need=10_000)),
        ({"categories": ["drinks", "home"]}, 2000),
        ({"flags": ["new"]}, Refused(Reason.BELOW_THRESHOLD, have=9000, need=10_000)),
        ({"items": ["hat"]}, Refused(Reason.BELOW_THRESHOLD, have=0, need=10_000)),
        ({}, 2000),
    ],
    ids=str,
)
def test_a_scope_counts_its_own_lines(scope: dict[str, Any], expected: int | Refused) -> None:
    assert off(offer(scope), TEA, CUP) == expected


@pytest.mark.parametrize("scope", [{"items": ["x"]}, {"categories": ["x"]}, {"flags": ["x"]}])
def test_a_scope_without_lines_is_refused(scope: dict[str, Any]) -> None:
    assert worth(offer(scope), Bill(50_000), now_us=NOW_US) == Refused(Reason.NEEDS_LINES)


def test_a_percent_of_one_item_is_of_that_item() -> None:
    assert off(offer({"items": ["tea"]}, benefit=TWENTY_PERCENT), TEA, CUP) == 1600


def test_off_each_unit_and_never_above_the_face() -> None:
    """The face was set aside for one piece; a till with four cups takes no more than that."""
    each = offer({"items": ["cup"]}, lane="item", benefit={"amount_off": {"amount": 500}})
    assert off(each, TEA, CUP) == 500
    assert off(each, BillLine("cup", 4, 9000)) == 500


@pytest.mark.parametrize("lane", ["shop", "cross_shop", "item", "member", "red_packet", "payment"])
def test_a_sum_counts_in_every_lane_of_a_bill(lane: str) -> None:
    assert worth(offer(lane=lane), Bill(10_000), now_us=NOW_US) == 2000


def test_what_lowers_the_shipping_is_for_orders() -> None:
    assert worth(offer(lane="shipping"), Bill(10_000), now_us=NOW_US) == Refused(
        Reason.ONLY_IN_ORDERS
    )


def test_what_is_required_was_asked_of_the_holder_and_not_of_the_bill() -> None:
    found = read_template(template(terms={"requires": ["student"], "shop": "flagship"}))
    assert worth(found, Bill(10_000), now_us=NOW_US) == 2000


LINES = st.lists(
    st.builds(
        BillLine,
        item=st.sampled_from(["tea", "cup"]),
        quantity=st.integers(1, 5),
        list_price=st.integers(0, 9000),
    ),
    min_size=1,
    max_size=6,
)
BENEFITS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [TWENTY_PERCENT, EACH_THIRTY, {"amount_off": {"amount": 2000, "threshold": 10_000}},
     {"amount_off": {"amount": 700}}]
)  # fmt: skip


@given(LINES, BENEFITS, st.sampled_from([{}, {"items": ["tea"]}]))
def test_the_till_and_the_basket_agree(
    lines: list[BillLine], benefit: dict[str, Any], scope: dict[str, Any]
) -> None:
    found = offer(scope, benefit=benefit)
    cart = Cart(
        china_datetime(NOW_US),
        [Line(str(n), "s", one.item, one.quantity, one.list_price) for n, one in enumerate(lines)],
    )
    in_basket = evaluate(cart, [found.priced]).off.get("t1", 0)
    told = off(found, *lines)
    assert (0 if isinstance(told, Refused) else told) == in_basket
    assert in_basket <= min(found.face_fen, sum_of(lines))


LANES = ("item", "member", "shop", "cross_shop", "red_packet", "payment")


@given(BENEFITS, st.sampled_from(LANES), st.integers(1, 10**7))
def test_a_sum_is_one_unit_of_one_line(benefit: dict[str, Any], lane: str, bill_fen: int) -> None:
    """The short way of a sum comes to what pricing says of it."""
    found = offer(lane=lane, benefit=benefit, face=None)
    line = BillLine("bill", 1, bill_fen, flags=("cross_shop",))
    assert worth(found, Bill(bill_fen), now_us=NOW_US) == off(found, line)


@given(BENEFITS, st.integers(1, 10**9))
def test_a_face_is_never_too_small(benefit: dict[str, Any], bill_fen: int) -> None:
    """What was set aside at issue pays for every bill there can be."""
    found = read_template(template(benefit=benefit))
    told = worth(found, Bill(bill_fen), now_us=NOW_US)
    if not isinstance(told, Refused):
        assert told <= min(found.face_fen, bill_fen)
        more = worth(found, Bill(bill_fen + 1), now_us=NOW_US)
        assert isinstance(more, int)
        assert more >= told


def test_lines_say_what_the_bill_comes_to() -> None:
    assert whole_fen(None, (TEA, CUP)) == 17_000
    assert whole_fen(17_000, (TEA, CUP)) == 17_000
    assert whole_fen(5, ()) == 5
    assert whole_fen(None, ()) is None


@pytest.mark.parametrize(
    ("amount_fen", "lines", "field"),
    [
        (7999, [TEA], "amount"),
        (None, [BillLine("x", 10_000, 10**11), BillLine("y", 1, 1)], "lines"),
    ],
)
def test_a_bill_that_contradicts_itself(
    amount_fen: int | None, lines: list[BillLine], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        whole_fen(amount_fen, lines)
    assert refused.value.field == field
