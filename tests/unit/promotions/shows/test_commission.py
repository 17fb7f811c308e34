"""What hosts earn: to the fen, shared out without losing or making one, and back with returns."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.content.shows.plans import HOST, LIPSTICK, SERUM, show
from tests.unit.promotions.shows.sold import sold

from quanyu.content.shows.show import Show
from quanyu.promotions.orders.states import OrderState
from quanyu.promotions.shows.commission import Commission
from quanyu.promotions.shows.commission import commission as of_totals
from quanyu.promotions.shows.ports import Booked, Due, Sold
from quanyu.promotions.shows.sold_lines import totals_of

THREE: list[dict[str, Any]] = [
    HOST | {"id": "a", "share_bp": 3_333}, HOST | {"id": "b", "share_bp": 3_333},
    HOST | {"id": "c", "share_bp": 3_334},
]  # fmt: skip


def commission(plan: Show, orders: Iterable[Sold]) -> Commission:
    return of_totals(plan, totals_of(orders))


def test_a_worked_example() -> None:
    """Serum 2 × 160.00 at 20 %, lipstick 120.00 at 10.5 %: 64.00 + 12.60."""
    found = commission(
        show(), [sold("o1", ("A", "serum", 2, 16_000), ("B", "lipstick", 1, 12_000))]
    )
    assert (found.gross_fen, found.net_fen, found.reversed_fen) == (7_660, 7_660, 0)
    assert [(one.shop, one.host, one.amount_fen) for one in found.due] == [
        ("A", "lin", 6_400), ("B", "lin", 1_260),
    ]  # fmt: skip


def test_a_return_takes_back_what_it_had_brought() -> None:
    bought = ("A", "serum", 2, 16_000), ("B", "lipstick", 1, 12_000)
    found = commission(show(), [sold("o1", *bought, returned=[("L1", 2)])])
    assert (found.gross_fen, found.net_fen, found.reversed_fen) == (7_660, 4_460, 3_200)
    serum, lipstick = found.items
    assert (serum.sold_fen, serum.returned_fen, serum.net_fen) == (32_000, 16_000, 16_000)
    assert lipstick.returned_fen == 0


@pytest.mark.parametrize(
    ("state", "earns"),
    [
        (OrderState.PLACED, False),
        (OrderState.CANCELLED, False),
        (OrderState.PAID, True),
        (OrderState.SHIPPED, True),
        (OrderState.CONFIRMED, True),
    ],
)
def test_what_is_not_paid_earns_nothing(state: OrderState, earns: bool) -> None:
    found = commission(show(), [sold("o1", ("A", "serum", 1, 16_000), state=state)])
    assert found.net_fen == (3_200 if earns else 0)


def test_a_refunded_order_leaves_nothing() -> None:
    whole = [("L1", 1), ("L1", 2)]
    one = sold("o1", ("A", "serum", 2, 16_000), state=OrderState.REFUNDED, returned=whole)
    found = commission(show(), [one])
    assert (found.gross_fen, found.net_fen, found.due) == (6_400, 0, ())


def test_what_looks_like_a_fake_trade_is_withheld() -> None:
    orders = [
        sold("o1", ("A", "serum", 1, 16_000)),
        sold("o2", ("A", "serum", 9, 16_000), suspected=True),
        sold("o3", ("A", "serum", 9, 16_000), suspected=True, state=OrderState.PLACED),
    ]
    found = commission(show(), orders)
    assert (found.net_fen, found.withheld_orders) == (3_200, 1)


def test_goods_that_no_slot_shows_earn_nothing() -> None:
    other_shop, other_item = ("B", "serum", 1, 16_000), ("A", "cream", 1, 9_900)
    assert commission(show(), [sold("o1", other_shop, other_item)]).net_fen == 0


def test_a_fen_that_does_not_divide() -> None:
    """0.50 at 20 % are 0.10; three hosts get 3, 3 and 4."""
    slots = [SERUM | {"price_fen": 50, "list_fen": 50}]
    found = commission(show(hosts=THREE, slots=slots), [sold("o1", ("A", "serum", 1, 50))])
    assert [one.amount_fen for one in found.due] == [3, 3, 4]


def test_what_is_told() -> None:
    found = commission(show(), [sold("o1", ("A", "serum", 1, 16_000))])
    told = found.as_json("茶馆")
    assert told["hosts"] == {"lin": 3_200}
    (posting,) = told["postings"]
    assert posting["amount_fen"] == 3_200
    assert posting["debit"].endswith("payable")
    assert posting["debit"].startswith("party/")
    assert posting["credit"].startswith("host/")
    assert "due" not in told
    assert told["booked_fen"] is None


def test_what_is_told_of_a_closed_show() -> None:
    found = commission(show(), [sold("o1", ("A", "serum", 1, 16_000))])
    booked = Booked((Due("A", "lin", 3_000), Due("B", "lin", 50)), steps=1)
    told = msgspec.structs.replace(found, booked=booked).as_json("茶馆")
    assert (told["net_fen"], told["booked_fen"]) == (3_200, 3_050)
    assert "booked" not in told


PRICES = st.integers(1, 99_999)
ORDERS = st.lists(
    st.tuples(
        st.lists(
            st.tuples(
                st.sampled_from([("A", "serum"), ("B", "lipstick"), ("A", "cream")]),
                st.integers(1, 4),
                PRICES,
            ),
            min_size=1,
            max_size=3,
        ),
        st.sets(st.tuples(st.integers(1, 3), st.integers(1, 4)), max_size=6),
    ),
    max_size=6,
)


def orders_of(drawn: list[Any], *, with_returns: bool = True) -> list[Sold]:
    made = []
    for number, (bought, back) in enumerate(drawn):
        lines = [(shop, item, quantity, fen) for (shop, item), quantity, fen in bought]
        returned = {
            (f"L{line}", unit)
            for line, unit in back
            if line <= len(lines) and unit <= lines[line - 1][2]
        }
        made.append(sold(f"x{number}", *lines, returned=returned if with_returns else ()))
    return made


def shows(rate: int, other: int) -> Show:
    slots = [SERUM | {"commission_bp": rate}, LIPSTICK | {"commission_bp": other}]
    return show(hosts=THREE, slots=slots)


RATE = st.integers(0, 10_000)


@given(ORDERS, RATE, RATE)
def test_the_parts_make_up_the_whole(drawn: list[Any], rate: int, other: int) -> None:
    found = commission(shows(rate, other), orders_of(drawn))
    assert sum(one.amount_fen for one in found.due) == found.net_fen
    assert sum(found.of_host(host) for host in ("a", "b", "c")) == found.net_fen
    assert found.gross_fen == found.net_fen + found.reversed_fen
    assert 0 <= found.net_fen <= found.gross_fen
    assert found.net_fen <= sum(one.net_fen for one in found.items)
    assert all(one.amount_fen > 0 for one in found.due)


@given(ORDERS, RATE, RATE)
def test_returns_are_as_if_it_had_not_been_sold(drawn: list[Any], rate: int, other: int) -> None:
    """Gross of what was kept is the net of everything."""
    plan = shows(rate, other)
    orders = orders_of(drawn)
    before = commission(plan, orders_of(drawn, with_returns=False))
    after = commission(plan, orders)
    assert after.gross_fen == before.net_fen
    kept = sum(
        unit.cash * {("A", "serum"): rate, ("B", "lipstick"): other}.get((line.shop, line.item), 0)
        for order in orders
        for line in order.terms.quote.lines
        for number, unit in enumerate(line.units, 1)
        if (line.line, number) not in order.returned
    )
    assert after.net_fen == kept // 10_000


@given(ORDERS, st.randoms(use_true_random=False))
def test_the_order_of_orders_does_not_matter(drawn: list[Any], chance: Any) -> None:
    plan, orders = shows(2_000, 1_050), orders_of(drawn)
    shuffled = list(orders)
    chance.shuffle(shuffled)
    assert commission(plan, shuffled) == commission(plan, orders)


@given(ORDERS)
def test_when_everything_comes_back_nothing_is_left(drawn: list[Any]) -> None:
    orders = [
        msgspec.structs.replace(
            one,
            returned=frozenset(
                (line.line, unit)
                for line in one.terms.quote.lines
                for unit in range(1, line.quantity + 1)
            ),
        )
        for one in orders_of(drawn)
    ]
    found = commission(shows(2_000, 1_050), orders)
    assert (found.net_fen, found.due) == (0, ())
