"""The life of a coupon in the database: every transition, what it costs, what it tells."""

from collections.abc import Callable

import pytest
from tests.money_ground import SHOP, Desk, person

from quanyu.clock import DAY_US, MINUTE_US, FixedClock
from quanyu.promotions.coupons.coupon import Done
from quanyu.promotions.coupons.refusals import Reason, Refused
from quanyu.promotions.coupons.states import TRANSITIONS, State, Verb
from quanyu.storage.postgres.database import Database


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Desk:
    return Desk(database, clock)


def bill(desk: Desk, coupon: str, fen: int = 15_000, **change: object) -> object:
    return desk.act(Verb.REDEEM, coupon, amount_fen=fen, store="s1", **change)


def test_publishing_funds_both_caps(desk: Desk) -> None:
    desk.publish()
    assert desk.balances() == {
        "pieces/minted": -1000, "pieces/free": 1000, "pieces/out": 0, "pieces/used": 0,
        "pieces/gone": 0, "fen/granted": -2_000_000, "fen/free": 2_000_000, "fen/out": 0,
        "fen/spent": 0,
    }  # fmt: skip


def test_an_order_locks_uses_and_returns(desk: Desk) -> None:
    desk.publish()
    coupon = desk.issued()
    locked = desk.act(Verb.LOCK, coupon, order="o1")
    assert locked.coupon.state is State.LOCKED
    used = desk.act(Verb.USE, coupon, order="o1", amount_fen=1500)
    assert (used.coupon.state, used.discount_fen) == (State.USED, 1500)
    assert (desk.balances()["fen/spent"], desk.balances()["fen/out"]) == (1500, 0)
    assert desk.balances()["pieces/used"] == 1
    back = desk.act(Verb.RETURN, coupon, order="o1")
    assert (back.coupon.state, back.coupon.spent_fen) == (State.ISSUED, None)
    assert (desk.balances()["fen/spent"], desk.balances()["fen/out"]) == (0, 2000)
    assert desk.told() == [
        "coupon_issued", "coupon_locked", "coupon_redeemed", "coupon_returned",
    ]  # fmt: skip


def test_a_store_scans_and_takes_it_back(desk: Desk) -> None:
    desk.publish()
    coupon = desk.issued()
    assert bill(desk, coupon).discount_fen == 2000
    assert desk.balances()["fen/spent"] == 2000
    undone = desk.act(Verb.UNDO, coupon, store="s1")
    assert undone.coupon.state is State.ISSUED
    assert bill(desk, coupon).discount_fen == 2000


def test_a_return_after_the_end_leaves_nothing_behind(desk: Desk, clock: FixedClock) -> None:
    desk.publish()
    coupon = desk.issued()
    desk.act(Verb.LOCK, coupon, order="o1")
    desk.act(Verb.USE, coupon, order="o1", amount_fen=1500)
    clock.advance(8 * DAY_US)
    assert desk.act(Verb.RETURN, coupon, order="o1").coupon.state is State.EXPIRED
    found = desk.balances()
    assert (found["fen/spent"], found["fen/out"], found["fen/free"]) == (0, 0, 2_000_000)
    assert (found["pieces/used"], found["pieces/out"], found["pieces/gone"]) == (0, 0, 1)


@pytest.mark.parametrize("verb", [Verb.VOID, Verb.EXPIRE])
def test_what_ends_unused_frees_its_money(desk: Desk, clock: FixedClock, verb: Verb) -> None:
    desk.publish()
    coupon = desk.issued()
    clock.advance(0 if verb is Verb.VOID else 8 * DAY_US)
    assert isinstance(desk.act(verb, coupon), Done)
    found = desk.balances()
    assert (found["fen/free"], found["fen/out"]) == (2_000_000, 0)
    assert (found["pieces/free"], found["pieces/gone"]) == (999, 1)


def test_a_lock_that_nobody_paid_for_falls_back(desk: Desk, clock: FixedClock) -> None:
    desk.publish()
    coupon = desk.issued()
    desk.act(Verb.LOCK, coupon, order="o1", ttl_us=MINUTE_US)
    second = desk.act(Verb.LOCK, coupon, order="o2")
    assert second == Refused(Reason.LOCKED_BY_OTHER_ORDER)
    clock.advance(MINUTE_US)
    assert desk.act(Verb.LOCK, coupon, order="o2").coupon.order == "o2"
    late = desk.act(Verb.USE, coupon, order="o1", amount_fen=1)
    assert late == Refused(Reason.LOCKED_BY_OTHER_ORDER)


def test_a_coupon_that_expired_between_order_and_payment_still_counts(
    desk: Desk, clock: FixedClock
) -> None:
    desk.publish()
    coupon = desk.issued()
    clock.advance(7 * DAY_US - MINUTE_US)
    desk.act(Verb.LOCK, coupon, order="o1", ttl_us=30 * MINUTE_US)
    clock.advance(10 * MINUTE_US)
    assert desk.act(Verb.USE, coupon, order="o1", amount_fen=2000).discount_fen == 2000


def test_a_gift_goes_to_whoever_has_its_code(desk: Desk, clock: FixedClock) -> None:
    desk.publish(giftable=True)
    coupon = desk.issued(1)
    sent = desk.act(Verb.GIFT, coupon, holder=person(1), gift=b"word")
    assert sent.coupon.state is State.GIFTING
    wrong = desk.act(Verb.ACCEPT, coupon, holder=person(2), gift=b"other")
    assert wrong == Refused(Reason.BAD_CODE)
    assert desk.act(Verb.ACCEPT, coupon, holder=person(2), gift=b"word").coupon.state == "issued"
    thief = desk.act(Verb.GIFT, coupon, holder=person(1), gift=b"word")
    assert thief == Refused(Reason.NOT_THE_HOLDER)


def test_a_gift_comes_back(desk: Desk, clock: FixedClock) -> None:
    desk.publish(giftable=True)
    coupon = desk.issued(1)
    desk.act(Verb.GIFT, coupon, holder=person(1), gift=b"word")
    assert desk.act(Verb.TAKE_BACK, coupon, holder=person(1)).coupon.state is State.ISSUED
    desk.act(Verb.GIFT, coupon, holder=person(1), gift=b"word", ttl_us=MINUTE_US)
    clock.advance(MINUTE_US)
    assert desk.act(Verb.LAPSE, coupon).coupon.state is State.ISSUED
    late = desk.act(Verb.ACCEPT, coupon, holder=person(2), gift=b"word")
    assert late == Refused(Reason.WRONG_STATE)


def test_the_same_key_gives_the_same_answer_and_one_effect(desk: Desk) -> None:
    desk.publish()
    coupon = desk.issued()
    first = desk.command(Verb.REDEEM, coupon, amount_fen=20_000, request="r1")
    told = [desk.writer.write([first])[0] for _ in range(3)]
    assert told[0] == told[1] == told[2]
    assert desk.balances()["fen/spent"] == 2000
    other = desk.command(Verb.REDEEM, coupon, amount_fen=30_000, request="r1")
    refused = Refused(Reason.KEY_USED_FOR_ANOTHER_REQUEST)
    assert desk.writer.write([other]) == [refused]
    assert desk.writer.write([first, other, first]) == [told[0], refused, told[0]]


def test_twins_in_one_write_have_one_effect(desk: Desk) -> None:
    desk.publish()
    coupon = desk.issued()
    twin = desk.command(Verb.REDEEM, coupon, amount_fen=20_000)
    other = desk.command(Verb.REDEEM, coupon, amount_fen=20_000)
    first, second, third = desk.writer.write([twin, twin, other])
    assert first == second
    assert isinstance(first, Done)
    assert third == Refused(Reason.WRONG_STATE)


def test_a_return_and_what_follows_it_in_one_write(desk: Desk) -> None:
    desk.publish()
    coupon = desk.issued()
    desk.act(Verb.LOCK, coupon, order="o1")
    steps = [
        desk.command(Verb.USE, coupon, order="o1", amount_fen=2000),
        desk.command(Verb.RETURN, coupon, order="o1"),
        desk.command(Verb.LOCK, coupon, order="o2"),
    ]
    told = desk.writer.write(steps)
    assert [one.coupon.state for one in told] == [State.USED, State.ISSUED, State.LOCKED]


def test_a_return_that_the_budget_cannot_pay_is_refused_alone(desk: Desk) -> None:
    """What a cheap use gave back has been issued to others since."""
    desk.publish(money=2000)
    coupon = desk.issued(1)
    desk.act(Verb.LOCK, coupon, order="o1")
    desk.act(Verb.USE, coupon, order="o1", amount_fen=1)
    again = [
        desk.command(Verb.RETURN, coupon, order="o1"),
        desk.command(Verb.LOCK, coupon, order="o2"),
    ]
    assert desk.balances()["fen/free"] == 1999
    assert all(isinstance(one, Done) for one in desk.writer.write(again))
    assert desk.balances()["fen/out"] == 2000


def test_only_the_table_is_possible(desk: Desk, clock: FixedClock) -> None:
    """From every state, every verb that is not in the table is refused and changes nothing."""
    desk.publish(giftable=True, per_person=1000)
    makers: dict[State, Callable[[str], object]] = {
        State.ISSUED: lambda c: None,
        State.LOCKED: lambda c: desk.act(Verb.LOCK, c, order="o"),
        State.USED: lambda c: bill(desk, c),
        State.GIFTING: lambda c: desk.act(Verb.GIFT, c, holder=person(1), gift=b"g"),
        State.VOID: lambda c: desk.act(Verb.VOID, c),
    }
    for state, make in makers.items():
        clock.advance(MINUTE_US)
        coupon = desk.issued(1)
        make(coupon)
        before = desk.balances()
        for verb in set(Verb) - {v for s, v in TRANSITIONS if s is state}:
            told = desk.act(verb, coupon, order="o", amount_fen=20_000, holder=person(1))
            assert told in (Refused(Reason.WRONG_STATE), Refused(Reason.PER_PERSON_LIMIT)), verb
        assert desk.balances() == before


def test_a_coupon_of_another_merchant_is_not_there(desk: Desk) -> None:
    desk.publish()
    coupon = desk.issued()
    assert desk.act(Verb.VOID, coupon, merchant="shoes") == Refused(Reason.NOT_FOUND)
    assert SHOP != "shoes"
