"""Coupons in the transaction of an order: locked, used and given back with it, or not at all."""

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from tests.money_ground import SHOP, Desk, person

from quanyu.clock import FixedClock
from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import Refused
from quanyu.promotions.coupons.coupon import AnyCommand, Done, Issue
from quanyu.promotions.coupons.refusals import Reason
from quanyu.promotions.coupons.states import State, Verb
from quanyu.promotions.gathering import Gathering
from quanyu.storage.postgres.coupons.assembly import Parts, parts
from quanyu.storage.postgres.database import Database

LI, LI_PHONE, WU = person("li"), person("li-phone"), person("wu")


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Desk:
    return Desk(database, clock)


def same_person(tx: psycopg.Connection, merchant: str, holder: Identifier) -> Sequence[Identifier]:
    return (LI, LI_PHONE) if holder in (LI, LI_PHONE) else (holder,)


@pytest.fixture
def along(desk: Desk) -> Parts:
    return parts(desk.ground, codes=desk.codes, person=same_person)


def step(desk: Desk, along: Parts, *commands: AnyCommand, fail: bool = False) -> list[Any]:
    """One step of an order: everything is gathered and written at its end."""
    with desk.database.transaction() as tx:
        gathering = Gathering(desk.book, desk.log)
        told = along.apply(tx, gathering, commands=commands)
        gathering.flush(tx)
        if fail:
            raise ZeroDivisionError
    return told


def held(desk: Desk, along: Parts, holder: Identifier, *ids: str) -> list[str]:
    with desk.database.transaction() as tx:
        return [coupon.id for coupon, _ in along.held(tx, SHOP, holder=holder, ids=ids)]


def test_an_order_locks_uses_and_gives_back(desk: Desk, along: Parts) -> None:
    desk.publish("t1")
    desk.publish("t2")
    first, second = desk.issued("li"), desk.issued("li", offer="t2")
    locks = [desk.command(Verb.LOCK, id, order="o1", holder=LI) for id in (first, second)]
    assert [one.coupon.state for one in step(desk, along, *locks)] == [State.LOCKED] * 2
    uses = [
        desk.command(Verb.USE, id, order="o1", amount_fen=fen)
        for id, fen in ((first, 2000), (second, 0))
    ]
    assert [one.discount_fen for one in step(desk, along, *uses)] == [2000, 0]
    assert desk.balances("t1")["fen/spent"] == 2000
    assert desk.balances("t2")["fen/spent"] == 0
    assert desk.balances("t2")["fen/free"] == 2_000_000
    back = [desk.command(Verb.RETURN, id, order="o1") for id in (first, second)]
    assert [one.coupon.state for one in step(desk, along, *back)] == [State.ISSUED] * 2
    assert desk.balances("t2")["fen/out"] == 2000
    assert desk.told().count("coupon_redeemed") == 2


def test_what_fails_after_it_takes_the_coupon_back(desk: Desk, along: Parts) -> None:
    desk.publish()
    coupon = desk.issued("li")
    lock = desk.command(Verb.LOCK, coupon, order="o1", holder=LI)
    with pytest.raises(ZeroDivisionError):
        step(desk, along, lock, fail=True)
    assert held(desk, along, LI, coupon) == [coupon]
    assert isinstance(step(desk, along, lock)[0], Done)


def test_a_step_that_is_repeated_gives_the_first_answer(desk: Desk, along: Parts) -> None:
    desk.publish()
    lock = desk.command(Verb.LOCK, desk.issued("li"), order="o1", holder=LI)
    assert step(desk, along, lock) == step(desk, along, lock)


def test_an_order_uses_what_came_under_another_identifier(desk: Desk, along: Parts) -> None:
    desk.publish()
    coupon = desk.issued("li-phone")
    assert held(desk, along, LI, coupon) == [coupon]
    stranger = desk.command(Verb.LOCK, coupon, order="o1", holder=WU)
    assert step(desk, along, stranger) == [Refused(Reason.NOT_THE_HOLDER)]
    mine = desk.command(Verb.LOCK, coupon, order="o2", holder=LI)
    assert isinstance(step(desk, along, mine)[0], Done)


def test_a_coupon_given_away_after_the_quote_is_not_locked(desk: Desk, along: Parts) -> None:
    desk.publish(giftable=True)
    coupon = desk.issued("li")
    assert held(desk, along, LI, coupon) == [coupon]
    desk.act(Verb.GIFT, coupon, holder=LI, gift=b"g")
    desk.act(Verb.ACCEPT, coupon, holder=WU, gift=b"g")
    late = desk.command(Verb.LOCK, coupon, order="o1", holder=LI)
    assert step(desk, along, late) == [Refused(Reason.NOT_THE_HOLDER)]


def test_an_order_looks_at_coupons_of_its_person_only(desk: Desk, along: Parts) -> None:
    """Also at what cannot be used: the lock says why."""
    desk.publish(per_person=9)
    good, used = desk.issued("li"), desk.issued("li")
    others = desk.issued("wu")
    desk.act(Verb.REDEEM, used, amount_fen=10_000, store="s")
    assert held(desk, along, LI, others, used, "c_none", good) == [used, good]
    lock = desk.command(Verb.LOCK, used, order="o1", holder=LI)
    assert step(desk, along, lock) == [Refused(Reason.WRONG_STATE)]


def test_judged_by_the_balances_as_they_stand(desk: Desk, along: Parts) -> None:
    """Two steps of one write: the second is judged after the first."""
    desk.publish(money=4000, per_person=9)
    issue = [Issue(merchant=SHOP, request=f"i{n}", offer="t1", holder=LI) for n in range(3)]
    told = step(desk, along, *issue)
    assert [isinstance(one, Done) for one in told] == [True, True, False]
    assert told[2] == Refused(Reason.CAP_MONEY)
    assert desk.balances()["fen/out"] == 4000


def test_a_return_that_nothing_pays_for_is_refused_before_it_is_gathered(
    desk: Desk, along: Parts
) -> None:
    """A cheap use has given money back, and somebody else has it now."""
    half = {"percent_off": {"percent": 50, "cap": 1500}}
    desk.publish(money=3100, benefit=half)
    coupon = desk.issued("li")
    desk.act(Verb.LOCK, coupon, order="o1")
    desk.act(Verb.USE, coupon, order="o1", amount_fen=1)
    assert desk.balances()["fen/free"] == 3099
    desk.issue("wu")
    desk.issue("chen")
    before = desk.balances()
    kept = desk.command(Verb.RETURN, coupon, order="o1")
    assert step(desk, along, kept) == [Refused(Reason.CAP_MONEY)]
    assert desk.act(Verb.RETURN, coupon, order="o1") == Refused(Reason.CAP_MONEY)
    assert desk.balances() == before
