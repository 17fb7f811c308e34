"""What points of the ecosystem cost: line by line, and back again in any order."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import china_datetime
from quanyu.customers.identity.anchors import Identifier
from quanyu.ids import random_token
from quanyu.promotions.loyalty.programmes import (
    Days,
    Line,
    Multiplier,
    Terms,
    points_for,
    value_fen,
)
from quanyu.promotions.orders import postings
from quanyu.promotions.orders.order import Order
from quanyu.promotions.orders.order import Terms as OrderTerms
from quanyu.promotions.orders.shared_points import costs_of, given_back, owed, paid_with_points
from quanyu.promotions.orders.states import OrderState
from quanyu.promotions.pricing import evaluate
from quanyu.promotions.pricing import offers as priced
from quanyu.promotions.pricing.cart import Cart
from quanyu.promotions.pricing.cart import Line as CartLine
from quanyu.promotions.pricing.refunds import units_in

GREEN = (Multiplier("green", 200),)
TERMS = Terms(1, Days(30), multipliers=GREEN)
HOLDER: Identifier = ("taobao_id", random_token())
LINES = st.lists(
    st.tuples(st.sampled_from("AB"), st.integers(1, 4), st.integers(0, 9_999), st.booleans()),
    min_size=1,
    max_size=6,
)


def order(lines: list[tuple[str, int, int, bool]], points_fen: tuple[int, ...] = ()) -> Order:
    """(Shop, pieces, price, green) of each line; nothing is taken off."""
    cart = Cart(
        china_datetime(0),
        [
            CartLine(f"l{n}", shop, "cup", pieces, fen, flags=("green",) if green else ())
            for n, (shop, pieces, fen, green) in enumerate(lines)
        ],
    )
    terms = OrderTerms(cart, evaluate(cart, []), {})
    return Order(
        "o1", "market", HOLDER, "store", terms, OrderState.PAID, 0, 1, points_fen=points_fen
    )


def earning(lines: list[tuple[str, int, int, bool]]) -> list[Line]:
    return [Line(n * fen, ("green",) if green else ()) for _, n, fen, green in lines]


@given(LINES, st.integers(1, 700))
def test_the_lines_pay_what_the_points_are_worth(
    lines: list[tuple[str, int, int, bool]], rate: int
) -> None:
    terms = Terms(1, Days(30), fen_per_100_points=rate, multipliers=GREEN)
    cash = earning(lines)
    points = points_for(terms, cash)
    costs = costs_of(terms, cash, points=points)
    assert sum(costs) == value_fen(terms, points)
    assert all(cost >= 0 for cost in costs)
    assert all(cost == 0 for cost, line in zip(costs, cash, strict=True) if line.cash_fen == 0)


def test_double_points_are_paid_by_the_shop_that_promised_them() -> None:
    cash = [Line(10_000, ("green",)), Line(10_000)]
    assert costs_of(TERMS, cash, points=300) == (200, 100)


@given(LINES, st.randoms(use_true_random=False))
def test_parts_of_a_full_refund_sum_to_what_was_paid(
    lines: list[tuple[str, int, int, bool]], chance: Random
) -> None:
    cash = earning(lines)
    costs = costs_of(TERMS, cash, points=points_for(TERMS, cash))
    paid = order(lines, costs)
    units = sorted(units_in(paid.terms.quote))
    chance.shuffle(units)
    back: Counter[str] = Counter()
    while units:
        taken = {units.pop() for _ in range(min(len(units), chance.randint(1, 4)))}
        back.update(given_back(paid, taken))
    assert back == Counter(owed(paid))
    assert sum(owed(paid).values()) == sum(costs)


@given(LINES)
def test_postings_go_back_the_way_they_came(lines: list[tuple[str, int, int, bool]]) -> None:
    cash = earning(lines)
    paid = order(lines, costs_of(TERMS, cash, points=points_for(TERMS, cash)))
    there = postings.points_earned(paid).chain
    back = postings.points_taken_back(paid, units_in(paid.terms.quote), key="k").chain
    assert [(one.debit, one.credit, one.amount) for one in there] == [
        (one.credit, one.debit, one.amount) for one in back
    ]
    assert {one.code for one in there} <= {"order.paid.points"}
    assert {one.code for one in back} <= {"order.refunded.points"}
    assert not {one.id for one in there} & {one.id for one in back}


def test_an_order_without_points_of_the_ecosystem_owes_nothing() -> None:
    plain = order([("A", 2, 5_000, False)])
    assert owed(plain) == {}
    assert postings.points_earned(plain).chain == []
    assert postings.points_taken_back(plain, {("l0", 1)}, key="k").chain == []
    assert paid_with_points(plain) == 0


def test_what_points_take_off() -> None:
    rate = {"points_rate": {"points_per_yuan": 100, "fen_per_point": 1}}
    red = {"id": "red", "lane": "red_packet", "benefit": {"amount_off": {"amount": 7}}}
    points = {"id": "points", "lane": "points", "benefit": rate}
    offers = [priced.offer_of(one) for one in (points, red)]
    line = CartLine("l0", "A", "cup", 1, 5_000)
    cart = Cart(china_datetime(0), [line], points_to_spend=120)
    quote = evaluate(cart, offers)
    terms = OrderTerms(cart, quote, {one.id: one for one in offers})
    paid = Order("o1", "market", HOLDER, "store", terms, OrderState.PAID, 0, 1)
    assert (quote.payable, paid_with_points(paid)) == (5_000 - 7 - 120, 120)
