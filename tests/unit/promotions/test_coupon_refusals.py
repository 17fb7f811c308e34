"""Every reason for a no is produced by a story; one that no story produces fails."""

from collections.abc import Callable

import pytest
from tests.money_ground import VIP, Desk, person

from quanyu.clock import DAY_US, MINUTE_US, FixedClock
from quanyu.promotions.coupons.refusals import Reason, Refused
from quanyu.promotions.coupons.states import Verb
from quanyu.storage.postgres.database import Database

TWENTY = {"amount_off": {"amount": 2000}}


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Desk:
    return Desk(database, clock)


def bill(desk: Desk, coupon: str, fen: int = 15_000, **change: object) -> object:
    return desk.act(Verb.REDEEM, coupon, **{"amount_fen": fen, "store": "s1", **change})


def nothing(desk: Desk) -> object:
    return desk.act(Verb.VOID, "c_none")


def no_such_offer(desk: Desk) -> object:
    return desk.issue(1, offer="none")


def key_again(desk: Desk) -> object:
    desk.publish()
    desk.issue(1, request="k")
    return desk.issue(2, request="k")


def used_twice(desk: Desk) -> object:
    desk.publish()
    coupon = desk.issued()
    bill(desk, coupon)
    return bill(desk, coupon)


def other_order(desk: Desk) -> object:
    desk.publish()
    coupon = desk.issued()
    desk.act(Verb.LOCK, coupon, order="o1")
    return desk.act(Verb.UNLOCK, coupon, order="o2")


def return_by_another(desk: Desk) -> object:
    desk.publish()
    coupon = desk.issued()
    desk.act(Verb.LOCK, coupon, order="o1")
    desk.act(Verb.USE, coupon, order="o1", amount_fen=5)
    return desk.act(Verb.RETURN, coupon, order="o2")


def too_late(desk: Desk) -> object:
    desk.publish()
    coupon = desk.issued()
    desk.clock.advance(7 * DAY_US)  # type: ignore[attr-defined]
    return bill(desk, coupon)


def draft(desk: Desk) -> object:
    desk.publish()
    desk.offers.move("tea", "t1", verb="stop", by=desk.by())
    return desk.issue(2)


def paused(desk: Desk) -> object:
    desk.publish()
    desk.offers.move("tea", "t1", verb="pause", by=desk.by())
    return desk.issue(2)


def killed(desk: Desk) -> object:
    desk.publish()
    coupon = desk.issued()
    desk.offers.kill("tea", None, killed=True, by=desk.by())
    return bill(desk, coupon)


def breaker(desk: Desk) -> object:
    desk.publish(forecast_hour=1, trips_at=1)
    for who in range(10):
        assert not isinstance(desk.issue(who, claim=True), Refused)
    return desk.issue(11, claim=True)


def impatient(desk: Desk) -> object:
    desk.publish(per_person=100)
    for _ in range(6):
        assert not isinstance(desk.issue(1, claim=True), Refused)
    return desk.issue(1, claim=True)


def all_gone(desk: Desk) -> object:
    desk.publish(pieces=1)
    desk.issue(1)
    return desk.issue(2)


def no_money(desk: Desk) -> object:
    desk.publish(money=2500)
    desk.issue(1)
    return desk.issue(2)


def second_piece(desk: Desk) -> object:
    desk.publish()
    desk.issue(1)
    return desk.issue(1)


def not_for_taking(desk: Desk) -> object:
    desk.publish(claimable=False)
    return desk.issue(1, claim=True)


def bound_twice(desk: Desk) -> object:
    desk.publish()
    return desk.act(Verb.BIND, desk.issued(1), holder=person(2))


def thief(desk: Desk) -> object:
    desk.publish(giftable=True)
    return desk.act(Verb.GIFT, desk.issued(1), holder=person(2), gift=b"g")


def no_gifts(desk: Desk) -> object:
    desk.publish()
    return desk.act(Verb.GIFT, desk.issued(1), holder=person(1), gift=b"g")


def stale_code(desk: Desk) -> object:
    desk.publish()
    return bill(desk, desk.issued(), stale=True)


def elsewhere(desk: Desk) -> object:
    desk.publish(stores=["s2"])
    return bill(desk, desk.issued())


def other_channel(desk: Desk) -> object:
    desk.publish(touchpoints=["eleme.store"])
    return bill(desk, desk.issued(), touchpoint="douyin")


def closed(desk: Desk) -> object:
    desk.publish(terms={"window": {"hours": "18:00-22:00"}})
    return bill(desk, desk.issued())


def small_bill(desk: Desk) -> object:
    desk.publish()
    return bill(desk, desk.issued(), 9_999)


def gift_card(desk: Desk) -> object:
    desk.publish(benefit=TWENTY)
    return bill(desk, desk.issued(), virtual=True)


def for_baskets(desk: Desk) -> object:
    desk.publish(benefit={"free_shipping": {}}, face=600, terms={"lane": "shipping"})
    return bill(desk, desk.issued())


def outsider(desk: Desk) -> object:
    desk.publish(audience=VIP)
    return desk.issue(claim=True)


def sum_alone(desk: Desk) -> object:
    desk.publish(terms={"scope": {"items": ["cup"]}})
    return bill(desk, desk.issued())


def too_much(desk: Desk) -> object:
    desk.publish()
    coupon = desk.issued()
    desk.act(Verb.LOCK, coupon, order="o1")
    return desk.act(Verb.USE, coupon, order="o1", amount_fen=2001)


def regret(desk: Desk) -> object:
    desk.publish()
    coupon = desk.issued()
    bill(desk, coupon)
    desk.clock.advance(15 * MINUTE_US + 1)  # type: ignore[attr-defined]
    return desk.act(Verb.UNDO, coupon, store="s1")


STORIES: list[tuple[Callable[[Desk], object], Refused]] = [
    (nothing, Refused(Reason.NOT_FOUND)),
    (no_such_offer, Refused(Reason.NOT_FOUND)),
    (key_again, Refused(Reason.KEY_USED_FOR_ANOTHER_REQUEST)),
    (used_twice, Refused(Reason.WRONG_STATE)),
    (other_order, Refused(Reason.LOCKED_BY_OTHER_ORDER)),
    (return_by_another, Refused(Reason.USED_BY_OTHER_ORDER)),
    (too_late, Refused(Reason.EXPIRED)),
    (draft, Refused(Reason.OFFER_NOT_ACTIVE)),
    (paused, Refused(Reason.OFFER_PAUSED)),
    (killed, Refused(Reason.KILLED)),
    (breaker, Refused(Reason.BREAKER_TRIPPED)),
    (impatient, Refused(Reason.TOO_FAST)),
    (all_gone, Refused(Reason.CAP_PIECES)),
    (no_money, Refused(Reason.CAP_MONEY)),
    (second_piece, Refused(Reason.PER_PERSON_LIMIT, have=1, need=1)),
    (not_for_taking, Refused(Reason.NOT_CLAIMABLE)),
    (bound_twice, Refused(Reason.ALREADY_BOUND)),
    (thief, Refused(Reason.NOT_THE_HOLDER)),
    (no_gifts, Refused(Reason.NOT_GIFTABLE)),
    (stale_code, Refused(Reason.BAD_CODE)),
    (elsewhere, Refused(Reason.WRONG_STORE)),
    (other_channel, Refused(Reason.WRONG_TOUCHPOINT)),
    (closed, Refused(Reason.OUTSIDE_HOURS)),
    (small_bill, Refused(Reason.BELOW_THRESHOLD, have=9_999, need=10_000)),
    (gift_card, Refused(Reason.VIRTUAL_GOODS)),
    (for_baskets, Refused(Reason.ONLY_IN_ORDERS)),
    (outsider, Refused(Reason.NOT_IN_AUDIENCE)),
    (sum_alone, Refused(Reason.NEEDS_LINES)),
    (too_much, Refused(Reason.OVER_FACE, have=2001, need=2000)),
    (regret, Refused(Reason.UNDO_WINDOW_OVER)),
]


@pytest.mark.parametrize(("story", "expected"), STORIES, ids=[s.__name__ for s, _ in STORIES])
def test_a_story_that_ends_with_a_no(
    desk: Desk, story: Callable[[Desk], object], expected: Refused
) -> None:
    assert story(desk) == expected


def test_every_reason_has_its_story() -> None:
    assert {expected.reason for _, expected in STORIES} == set(Reason)
