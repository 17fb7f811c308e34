"""Points: Σ lots = balance, earliest first, and what comes back is exact in any order."""

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.promotions.loyalty.shelves import NOW_US, conserved, left, lot, shelf_of

from quanyu.promotions.loyalty.lots import Lot, order_of_spending
from quanyu.promotions.loyalty.refusals import Refused
from quanyu.promotions.loyalty.shelf import Restored, Shelf, Taken, refund_earning, restore, spend

LOTS = st.lists(
    st.tuples(st.integers(1, 500), st.integers(1, 60), st.integers(0, 20_000)),
    min_size=1,
    max_size=8,
)


def shelf(lots: list[tuple[int, int, int]]) -> Shelf:
    return shelf_of(
        *(
            lot(id, points, ends=ends, cash_fen=cash)
            for id, (points, ends, cash) in enumerate(lots, 1)
        )
    )


@given(LOTS, st.data())
def test_spending_takes_the_earliest_and_no_more(
    lots: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    made = shelf(lots)
    total = made.spendable
    points = data.draw(st.integers(1, total))
    taken = spend(made, points)
    assert not isinstance(taken, Refused)
    assert sum(one.points for one in taken) == points
    assert made.spendable == total - points
    conserved(made)
    touched = [made.lots[one.lot] for one in taken]
    rest = [one for one in made.lots.values() if one.remaining == one.granted]
    last = max(touched, key=order_of_spending)
    assert all(order_of_spending(last) < order_of_spending(one) for one in rest)
    assert all(one.remaining == 0 for one in touched if one != last)


@given(LOTS, st.data())
def test_parts_that_come_back_in_any_order_make_up_the_whole(
    lots: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    made = shelf(lots)
    before = left(made)
    first = spend(made, data.draw(st.integers(1, made.spendable)))
    assert not isinstance(first, Refused)
    links: list[tuple[Taken, ...]] = [first]
    if made.spendable:
        second = spend(made, data.draw(st.integers(1, made.spendable)))
        assert not isinstance(second, Refused)
        links.append(second)
    while any(out(one) for one in links):
        at = data.draw(st.sampled_from([n for n, one in enumerate(links) if out(one)]))
        part = data.draw(st.integers(1, out(links[at])))
        done = restore(made, links[at], points=part, now_us=NOW_US, grace_days=0)
        assert isinstance(done, Restored)
        links[at] = done.links
        conserved(made)
    assert left(made) == before


def out(links: tuple[Taken, ...]) -> int:
    return sum(link.points - link.restored for link in links)


@given(LOTS, st.data())
def test_refunds_of_an_order_take_back_what_it_earned_exactly(
    lots: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    made = shelf(lots)
    one: Lot = data.draw(st.sampled_from(sorted(made.lots.values(), key=lambda x: x.id)))
    spend(made, data.draw(st.integers(1, made.spendable)))
    had = made.spendable - made.debt
    left_fen, taken = one.cash_fen, 0
    while left_fen:
        part = data.draw(st.integers(1, left_fen))
        points = refund_earning(made, one.id, cash_fen=part)
        assert not isinstance(points, Refused)
        taken += points
        left_fen -= part
        conserved(made)
    assert taken == (one.granted if one.cash_fen else 0)
    assert made.spendable - made.debt == had - taken
