"""The rules of points, one by one."""

import pytest
from tests.unit.promotions.loyalty.shelves import (
    ANN,
    BEN,
    NOW_US,
    conserved,
    later,
    left,
    lot,
    shelf_of,
)

from quanyu.clock import DAY_US
from quanyu.promotions.loyalty.lots import TRANSITIONS, Lot, State, owed_for_refund, passed
from quanyu.promotions.loyalty.moves import POSTINGS, Kind
from quanyu.promotions.loyalty.refusals import Reason, Refused
from quanyu.promotions.loyalty.shelf import (
    CHANGE,
    Purse,
    Restored,
    Shelf,
    Taken,
    hand_over,
    refund_earning,
    restore,
    spend,
)


def restored(shelf: Shelf, links: tuple[Taken, ...], points: int, *, days: int = 0) -> Restored:
    done = restore(shelf, links, points=points, now_us=NOW_US + days * DAY_US, grace_days=0)
    assert isinstance(done, Restored), done
    return done


def spent(shelf: Shelf, points: int) -> tuple[Taken, ...]:
    taken = spend(shelf, points)
    assert not isinstance(taken, Refused), taken
    return taken


def ids(count: int) -> list[int]:
    return [900 + n for n in range(count)]


def test_every_kind_of_move_has_its_postings() -> None:
    assert set(POSTINGS) == set(CHANGE) == set(Kind)
    assert set(TRANSITIONS) == set(State)


@pytest.mark.parametrize("was", State)
@pytest.mark.parametrize("will", State)
def test_a_lot_passes_only_where_the_table_says(was: State, will: State) -> None:
    one = Lot(1, ANN, 5, 0, was, 0, 1)
    if will is was or will in TRANSITIONS[was]:
        assert passed(one, will).state is will
    else:
        with pytest.raises(AssertionError):
            passed(one, will)


def test_the_earliest_expiry_is_spent_first() -> None:
    shelf = shelf_of(lot(1, ends=90), lot(2, ends=10), lot(3, ends=30))
    assert spent(shelf, 150) == (Taken(2, 100), Taken(3, 50))
    assert left(shelf) == {1: 100, 3: 50}
    conserved(shelf)


def test_what_is_pending_is_not_spent() -> None:
    shelf = shelf_of(lot(1, opens=7))
    assert spend(shelf, 1) == Refused(Reason.NOT_ENOUGH_POINTS, 0, 1)
    later(shelf, 6)
    assert shelf.spendable == 0
    later(shelf, 7)
    assert shelf.spendable == 100
    conserved(shelf)


def test_what_is_over_is_gone_at_its_midnight() -> None:
    shelf = shelf_of(lot(1, ends=10), lot(2, ends=20))
    assert later(shelf, 9) == []
    (move,) = later(shelf, 10)
    assert (move.kind, move.lot, move.points) == (Kind.EXPIRE, 1, 100)
    assert later(shelf, 10) == []
    assert shelf.lots[1].state is State.EXPIRED
    conserved(shelf)


def test_a_frozen_purse_spends_nothing() -> None:
    shelf = shelf_of(lot(1))
    shelf.purses[ANN] = Purse(ANN, frozen=True)
    assert spend(shelf, 1) == Refused(Reason.FROZEN)
    assert hand_over(shelf, 1, to=BEN, new_ids=ids) == Refused(Reason.FROZEN)


def test_a_cancelled_spend_comes_back_to_its_lots() -> None:
    shelf = shelf_of(lot(1, ends=90), lot(2, ends=10))
    before = left(shelf)
    links = spent(shelf, 130)
    assert restored(shelf, links, 130).gone == 0
    assert left(shelf) == before
    conserved(shelf)


def test_a_part_comes_back_to_the_lot_that_lives_longest() -> None:
    shelf = shelf_of(lot(1, ends=90), lot(2, ends=10))
    links = spent(shelf, 150)
    links = restored(shelf, links, 60).links
    assert left(shelf) == {1: 100, 2: 10}
    restored(shelf, links, 90)
    assert left(shelf) == {1: 100, 2: 100}
    conserved(shelf)


def test_no_more_comes_back_than_was_spent() -> None:
    shelf = shelf_of(lot(1))
    links = spent(shelf, 40)
    refused = restore(shelf, links, points=41, now_us=NOW_US, grace_days=0)
    assert refused == Refused(Reason.MORE_THAN_SPENT, 40, 41)
    links = restored(shelf, links, 40).links
    refused = restore(shelf, links, points=1, now_us=NOW_US, grace_days=0)
    assert refused == Refused(Reason.MORE_THAN_SPENT, 0, 1)


def test_what_comes_back_too_late_is_gone_and_it_is_said() -> None:
    shelf = shelf_of(lot(1, ends=10), lot(2, ends=90))
    links = spent(shelf, 120)
    later(shelf, 11)
    done = restored(shelf, links, 120, days=11)
    assert (done.points, done.gone) == (120, 100)
    assert left(shelf) == {2: 100}
    assert shelf.lots[1].state is State.EXPIRED
    conserved(shelf)


def test_with_days_of_grace_it_lives_a_little_longer() -> None:
    shelf = shelf_of(lot(1, ends=10))
    links = spent(shelf, 50)
    later(shelf, 11)
    now_us = NOW_US + 11 * DAY_US
    done = restore(shelf, links, points=50, now_us=now_us, grace_days=7)
    assert isinstance(done, Restored)
    assert done.gone == 0
    assert left(shelf) == {1: 50}
    later(shelf, 17)
    assert left(shelf) == {1: 50}
    later(shelf, 18)
    assert left(shelf) == {}
    conserved(shelf)


def test_a_refunded_order_gives_up_its_pending_points() -> None:
    shelf = shelf_of(lot(1, opens=7), lot(2))
    assert refund_earning(shelf, 1, cash_fen=10_000) == 100
    assert left(shelf) == {2: 100}
    assert shelf.lots[1].state is State.REVERSED
    assert shelf.purses[ANN].tier_points == 100
    conserved(shelf)


def test_then_what_is_left_of_the_lot_then_other_lots_then_debt() -> None:
    shelf = shelf_of(lot(1, ends=10), lot(2, points=30, ends=90, cash_fen=3_000))
    spent(shelf, 80)
    assert refund_earning(shelf, 1, cash_fen=10_000) == 100
    assert left(shelf) == {}
    assert shelf.purses[ANN].debt == 50
    conserved(shelf)


def test_later_points_pay_the_debt_first() -> None:
    shelf = shelf_of(lot(1))
    spent(shelf, 100)
    refund_earning(shelf, 1, cash_fen=10_000)
    assert shelf.debt == 100
    from quanyu.promotions.loyalty.shelf import earned

    earned(shelf, lot(2, points=60, opens=7), now_us=NOW_US)
    assert (shelf.debt, shelf.pending) == (100, 60)
    later(shelf, 7)
    assert (shelf.debt, shelf.spendable) == (40, 0)
    earned(shelf, lot(3, points=60, opens=0), now_us=NOW_US)
    assert (shelf.debt, shelf.spendable) == (0, 20)
    conserved(shelf)


def test_points_that_come_back_pay_the_debt_too() -> None:
    shelf = shelf_of(lot(1))
    links = spent(shelf, 100)
    refund_earning(shelf, 1, cash_fen=10_000)
    restored(shelf, links, 100)
    assert (shelf.debt, shelf.spendable) == (0, 0)
    conserved(shelf)


def test_no_more_cash_is_refunded_than_was_paid() -> None:
    shelf = shelf_of(lot(1))
    assert refund_earning(shelf, 1, cash_fen=10_001) == Refused(
        Reason.MORE_THAN_PAID, 10_000, 10_001
    )
    refund_earning(shelf, 1, cash_fen=6_000)
    assert refund_earning(shelf, 1, cash_fen=4_001) == Refused(Reason.MORE_THAN_PAID, 4_000, 4_001)


@pytest.mark.parametrize(
    ("refunded_fen", "owed"),
    [(0, 0), (1, 1), (3_333, 34), (5_000, 50), (9_999, 100), (10_000, 100)],
)
def test_what_stays_earned_is_rounded_down(refunded_fen: int, owed: int) -> None:
    assert owed_for_refund(lot(1), refunded_fen) == owed


def test_a_lot_without_cash_owes_nothing() -> None:
    assert owed_for_refund(lot(1, cash_fen=0), 0) == 0


def test_handed_over_points_keep_their_end() -> None:
    shelf = shelf_of(lot(1, ends=90), lot(2, ends=10))
    lots = hand_over(shelf, 130, to=BEN, new_ids=ids)
    assert not isinstance(lots, Refused)
    assert [(one.member, one.granted, one.expires_us) for one in lots] == [
        (BEN, 100, shelf.lots[2].expires_us),
        (BEN, 30, shelf.lots[1].expires_us),
    ]
    shelf.purses[BEN] = Purse(BEN)
    shelf.lots.update((one.id, one) for one in lots)
    conserved(shelf)


def test_who_owes_gives_nothing_away() -> None:
    shelf = shelf_of(lot(1))
    shelf.purses[ANN] = Purse(ANN, debt=5)
    assert hand_over(shelf, 1, to=BEN, new_ids=ids) == Refused(Reason.IN_DEBT, 5)
    assert hand_over(shelf, 1, to=ANN, new_ids=ids) == Refused(Reason.SAME_MEMBER)


def test_nobody_gives_more_than_they_have() -> None:
    shelf = shelf_of(lot(1))
    assert hand_over(shelf, 101, to=BEN, new_ids=ids) == Refused(Reason.NOT_ENOUGH_POINTS, 100, 101)
    assert left(shelf) == {1: 100}
