"""Shelves of points, whatever happens on them: nothing is lost, and time has no seams."""

from fractions import Fraction

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.promotions.loyalty.shelves import ANN, BEN, NOW_US, conserved, left, lot, shelf_of

from quanyu.clock import DAY_US
from quanyu.promotions.loyalty.lots import Lot, State, owed_for_refund
from quanyu.promotions.loyalty.moves import Kind
from quanyu.promotions.loyalty.shelf import (
    Purse,
    Restored,
    Shelf,
    Taken,
    catch_up,
    earned,
    hand_over,
    pay_debt,
    refund_earning,
    restore,
    spend,
)

GRANT = st.tuples(
    st.integers(1, 300), st.integers(1, 40), st.integers(0, 20), st.integers(0, 9_999),
    st.sampled_from((ANN, BEN)),
)  # fmt: skip
GRANTS = st.lists(GRANT, min_size=1, max_size=7)
"""(points, ends, opens, cash, member)"""
Grants = list[tuple[int, int, int, int, int]]


def lots_of(grants: Grants) -> list[Lot]:
    return [
        msgspec.structs.replace(
            lot(id, points, ends=ends, opens=opens, cash_fen=cash_fen), member=member
        )
        for id, (points, ends, opens, cash_fen, member) in enumerate(grants, 1)
    ]


def both(grants: Grants) -> Shelf:
    """The purses of one person with two identifiers."""
    return shelf_of(*lots_of(grants), members=(ANN, BEN))


def standing(shelf: Shelf) -> dict[int, tuple[State, int]]:
    return {one.id: (one.state, one.remaining) for one in shelf.lots.values()}


def snapshot(shelf: Shelf) -> tuple[object, ...]:
    return dict(shelf.lots), dict(shelf.purses), list(shelf.moves)


def point_by_point(shelf: Shelf) -> list[int]:
    """Lot ids of single available points in the order in which they are to be spent."""
    live = [one for one in shelf.lots.values() if one.state is State.AVAILABLE]
    single = [
        (one.expires_us, one.available_us, one.id) for one in live for _ in range(one.remaining)
    ]
    return [id for _, _, id in sorted(single)]


@given(GRANTS, st.lists(st.integers(0, 15), max_size=6))
def test_time_that_passes_in_steps_is_time_that_passes_at_once(
    grants: Grants, steps: list[int]
) -> None:
    often, once = both(grants), both(grants)
    for day in range(len(steps)):
        catch_up(often, now_us=NOW_US + sum(steps[: day + 1]) * DAY_US)
    catch_up(once, now_us=NOW_US + sum(steps) * DAY_US)
    assert standing(often) == standing(once)
    conserved(often)
    conserved(once)


@given(GRANTS, st.integers(0, 50))
def test_what_has_been_caught_up_with_stays_as_it_is(grants: Grants, days: int) -> None:
    shelf = both(grants)
    catch_up(shelf, now_us=NOW_US + days * DAY_US)
    before = snapshot(shelf)
    assert catch_up(shelf, now_us=NOW_US + days * DAY_US) == []
    assert snapshot(shelf) == before


@given(GRANTS, st.integers(0, 50))
def test_after_catching_up_nothing_is_late(grants: Grants, days: int) -> None:
    shelf, now_us = both(grants), NOW_US + days * DAY_US
    ended = catch_up(shelf, now_us=now_us)
    assert all(move.kind is Kind.EXPIRE for move in ended)
    for one in shelf.lots.values():
        assert one.state is not State.PENDING or one.available_us > now_us
        assert one.state is not State.AVAILABLE or one.expires_us > now_us
        assert one.state is not State.EXPIRED or one.expires_us <= now_us


@given(GRANTS, st.data())
def test_spending_takes_the_points_that_a_list_of_single_points_would_give(
    grants: Grants, data: st.DataObject
) -> None:
    shelf = both(grants)
    catch_up(shelf, now_us=NOW_US + data.draw(st.integers(0, 30)) * DAY_US)
    order = point_by_point(shelf)
    points = data.draw(st.integers(1, max(1, len(order))))
    before, taken = snapshot(shelf), spend(shelf, points)
    if points > len(order):
        assert (getattr(taken, "have", None), getattr(taken, "need", None)) == (0, points)
        assert snapshot(shelf) == before
        return
    assert isinstance(taken, tuple)
    assert {one.lot: one.points for one in taken} == {
        id: order[:points].count(id) for id in set(order[:points])
    }
    assert point_by_point(shelf) == order[points:]
    conserved(shelf)


@given(GRANTS, st.data())
def test_points_that_are_given_away_arrive_with_their_ends(
    grants: Grants, data: st.DataObject
) -> None:
    shelf = both(grants)
    ends = [shelf.lots[id].expires_us for id in point_by_point(shelf)]
    points = data.draw(st.integers(1, max(1, len(ends))))
    lots = hand_over(shelf, points, to=9, new_ids=lambda count: range(100, 100 + count))
    if points > len(ends):
        assert getattr(lots, "have", None) == len(ends) == shelf.spendable
        return
    assert isinstance(lots, list)
    arrived = [one.expires_us for one in lots for _ in range(one.remaining)]
    assert arrived == ends[:points]
    assert all(one.granted == one.remaining and one.member == 9 for one in lots)
    assert {one.state for one in lots} == {State.AVAILABLE}
    assert shelf.spendable == len(ends) - points
    shelf.purses[9] = Purse(9)
    shelf.lots.update((one.id, one) for one in lots)
    conserved(shelf)


@given(GRANTS, st.integers(1, 60), st.integers(0, 9), st.data())
def test_what_comes_back_too_late_is_what_has_ended_meanwhile(
    grants: Grants, days: int, grace_days: int, data: st.DataObject
) -> None:
    shelf, now_us = both(grants), NOW_US + days * DAY_US
    if not shelf.spendable:
        return
    taken = spend(shelf, data.draw(st.integers(1, shelf.spendable)))
    assert isinstance(taken, tuple)
    catch_up(shelf, now_us=now_us)
    single = sorted(
        (shelf.lots[one.lot].expires_us for one in taken for _ in range(one.points)), reverse=True
    )
    points = data.draw(st.integers(1, len(single)))
    before = shelf.spendable
    done = restore(shelf, taken, points=points, now_us=now_us, grace_days=grace_days)
    assert isinstance(done, Restored)
    late = sum(end_us <= now_us for end_us in single[:points])
    assert done.gone == (0 if grace_days else late)
    assert shelf.spendable == before + points - done.gone
    assert sum(one.restored for one in done.links) == points
    conserved(shelf)
    again = catch_up(shelf, now_us=now_us)
    assert again == [], "what is given back is not over at once"


@given(GRANTS, st.integers(0, 20), st.data())
def test_grace_ends_on_its_day(grants: Grants, grace_days: int, data: st.DataObject) -> None:
    shelf, now_us = both(grants), NOW_US + 60 * DAY_US
    if not shelf.spendable:
        return
    taken = spend(shelf, data.draw(st.integers(1, shelf.spendable)))
    assert isinstance(taken, tuple)
    catch_up(shelf, now_us=now_us)
    points = sum(one.points for one in taken)
    restore(shelf, taken, points=points, now_us=now_us, grace_days=grace_days + 1)
    catch_up(shelf, now_us=now_us + (grace_days + 1) * DAY_US - 1)
    assert shelf.spendable == points
    catch_up(shelf, now_us=now_us + (grace_days + 1) * DAY_US)
    assert shelf.spendable == 0
    conserved(shelf)


@given(st.integers(1, 10**6), st.integers(1, 10**9), st.data())
def test_what_a_refund_takes_is_rounded_up_and_never_too_much(
    granted: int, cash_fen: int, data: st.DataObject
) -> None:
    one = lot(1, granted, cash_fen=cash_fen)
    refunded_fen = data.draw(st.integers(0, cash_fen))
    owed = owed_for_refund(one, refunded_fen)
    exact = Fraction(granted * refunded_fen, cash_fen)
    assert 0 <= owed - exact < 1
    assert owed <= granted
    assert owed_for_refund(one, 0) == 0
    assert owed_for_refund(one, cash_fen) == granted
    if refunded_fen < cash_fen:
        assert owed_for_refund(one, refunded_fen + 1) >= owed


@given(GRANTS, st.data())
def test_the_order_of_partial_refunds_does_not_matter(grants: Grants, data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(range(1, len(grants) + 1)))
    cash_fen = grants[chosen - 1][3]
    cuts = sorted(data.draw(st.lists(st.integers(0, cash_fen), max_size=4)))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, cash_fen], strict=True)]
    spent = data.draw(st.integers(0, 400))
    ends = []
    for order in (parts, parts[::-1], [cash_fen]):
        shelf = both(grants)
        spend(shelf, min(spent, shelf.spendable)) if shelf.spendable and spent else None
        taken = sum(int(str(refund_earning(shelf, chosen, cash_fen=part))) for part in order)
        conserved(shelf)
        ends.append((taken, shelf.debt, shelf.spendable + shelf.pending))
    assert ends[0] == ends[1] == ends[2]


@given(GRANTS, st.integers(1, 500), st.sampled_from((ANN, BEN)))
def test_nobody_pays_for_somebody_else(grants: Grants, debt: int, debtor: int) -> None:
    shelf = both(grants)
    had = {m: held(shelf, m) for m in (ANN, BEN)}
    shelf.purses[debtor] = Purse(debtor, debt=debt)
    for member in (ANN, BEN):
        pay_debt(shelf, member)
    other = BEN if debtor == ANN else ANN
    paid = min(debt, had[debtor])
    assert held(shelf, debtor) == had[debtor] - paid
    assert held(shelf, other) == had[other]
    assert shelf.purses[debtor].debt == debt - paid


def held(shelf: Shelf, member: int) -> int:
    live = (one for one in shelf.lots.values() if one.state is State.AVAILABLE)
    return sum(one.remaining for one in live if one.member == member)


DOINGS = st.lists(
    st.tuples(
        st.sampled_from(("earn", "spend", "back", "refund", "wait")),
        st.integers(1, 120),
        st.integers(0, 9),
    ),
    max_size=25,
)


@given(DOINGS)
def test_a_life_of_points_keeps_its_books(doings: list[tuple[str, int, int]]) -> None:
    """Whatever happens in whatever order: lots, debts and postings agree, and a no does nothing."""
    shelf, spends, now_us = Shelf({ANN: Purse(ANN)}), list[tuple[Taken, ...]](), NOW_US
    for what, number, which in doings:
        before = snapshot(shelf)
        said: object = None
        if what == "wait":
            now_us += number * DAY_US // 4
            catch_up(shelf, now_us=now_us)
        elif what == "earn":
            new = lot(len(shelf.lots) + 1, number, ends=200, opens=which)
            shift_us = now_us - NOW_US
            earned(shelf, later_by(new, shift_us), now_us=now_us)
        elif what == "spend":
            said = spend(shelf, number)
            if isinstance(said, tuple):
                spends.append(said)
        elif what == "back" and spends:
            at = which % len(spends)
            said = restore(shelf, spends[at], points=number, now_us=now_us, grace_days=0)
            if isinstance(said, Restored):
                spends[at] = said.links
        elif what == "refund" and shelf.lots:
            said = refund_earning(shelf, which % len(shelf.lots) + 1, cash_fen=number * 80)
        if hasattr(said, "reason"):
            assert snapshot(shelf) == before
        conserved(shelf)
        assert shelf.debt == 0 or shelf.spendable == 0, "who owes has nothing to spend"


def later_by(one: Lot, shift_us: int) -> Lot:
    return msgspec.structs.replace(
        one, available_us=one.available_us + shift_us, expires_us=one.expires_us + shift_us
    )


@given(GRANTS)
def test_an_order_that_is_refunded_whole_leaves_no_trace_but_its_row(grants: Grants) -> None:
    shelf = both(grants)
    for one in list(shelf.lots.values()):
        if one.cash_fen:
            assert refund_earning(shelf, one.id, cash_fen=one.cash_fen) == one.granted
    kept = {one.id: one.granted for one in lots_of(grants) if one.cash_fen == 0}
    assert sum(left(shelf).values()) == sum(kept.values())
    assert shelf.debt == 0
    conserved(shelf)
