"""Offers and coupons inside the whole engine: chores, people, erasure, the audit."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.drills.coupon_ground import SHOP, publish

from quanyu.clock import DAY_US, FixedClock
from quanyu.errors import BadInput, NotFound, Refused
from quanyu.promotions.coupons.coupon import Done
from quanyu.promotions.coupons.states import State
from quanyu.promotions.offers.lifecycle import OfferState
from quanyu.settings import Settings
from quanyu.storage.audit.coupons import coupons_are_in_the_book
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

PHONE, TAOBAO = "phone:13800138001", "taobao_id:li"


@pytest.fixture
def engine(database: Database, data_dir: Path, clock: FixedClock) -> Iterator[Engine]:
    made = Engine(Settings(data_dir=data_dir), database, clock=clock)
    publish(made)
    yield made
    made.close()


def act(engine: Engine, verb: str, key: str, **form: Any) -> Any:
    return engine.coupons.act(SHOP, verb, form=form, request=key)


def claim(engine: Engine, who: str, key: str) -> Any:
    return act(engine, "claim", key, offer="t1", identifier=who)


def test_linked_identifiers_are_one_person(engine: Engine) -> None:
    edge = engine.identity.link(SHOP, (PHONE, TAOBAO), rule="login", actor="clerk")
    first = claim(engine, PHONE, "k1")
    assert isinstance(first, Done)
    assert claim(engine, TAOBAO, "k2") == Refused("per_person_limit", have=1, need=1)
    held = engine.coupons.of_person(SHOP, TAOBAO)
    assert [one.id for one in held] == [first.coupon.id]
    engine.identity.unlink(SHOP, edge.as_json()["edge"], actor="clerk", reason="typed wrong")
    assert engine.coupons.of_person(SHOP, TAOBAO) == []
    assert isinstance(claim(engine, TAOBAO, "k3"), Done)


def test_the_chores_of_the_engine_look_after_coupons(engine: Engine, clock: FixedClock) -> None:
    coupon = claim(engine, TAOBAO, "k1").coupon.id
    act(engine, "lock", "l1", coupon=coupon, order="o1", ttl="5m")
    clock.advance(DAY_US)
    done = engine.projector.do_chores()
    assert {"coupons.lapse", "coupons.expire", "coupons.reconcile", "offers.settle"} <= set(done)
    assert engine.coupons.find(SHOP, coupon).state is State.ISSUED
    clock.advance(7 * DAY_US)
    engine.projector.do_chores()
    assert engine.coupons.find(SHOP, coupon).state is State.EXPIRED


def test_an_offer_that_does_not_add_up_stands_still(engine: Engine, database: Database) -> None:
    coupon = claim(engine, TAOBAO, "k1").coupon.id
    assert engine.reconcile_coupons() == 0
    with database.transaction() as tx:
        tx.execute("UPDATE coupon SET state = 'void' WHERE coupon = %s", [coupon])
    check = coupons_are_in_the_book(engine.audited)
    assert not check.holds
    assert check.looked_at == 1
    assert engine.reconcile_coupons() == 3
    assert claim(engine, "taobao_id:wu", "k2") == Refused("killed")
    last = engine.offers.history(SHOP, "t1")[-1]
    assert (last.actor, last.what) == ("quanyu", "kill")
    assert "in coupons" in last.note


def test_an_exhausted_offer_is_noticed(engine: Engine) -> None:
    publish(engine, "one", pieces=1)
    act(engine, "issue", "i", offer="one", identifier=TAOBAO)
    assert engine.settle_offers() == 1
    assert engine.offers.find(SHOP, "one").state is OfferState.EXHAUSTED
    assert engine.settle_offers() == 0


def test_everybody_of_a_list_gets_one_and_a_second_run_none(engine: Engine) -> None:
    people = [f"taobao_id:{n}" for n in range(700)]
    told = dict(engine.coupons.issue_to_all(SHOP, "t1", identifiers=people, request="spring"))
    assert all(isinstance(one, Done) for one in told.values())
    again = dict(engine.coupons.issue_to_all(SHOP, "t1", identifiers=people, request="spring"))
    assert again == told
    other = dict(engine.coupons.issue_to_all(SHOP, "t1", identifiers=people[:2], request="may"))
    assert set(other.values()) == {Refused("per_person_limit", have=1, need=1)}
    assert engine.offers.balances(SHOP, "t1")["pieces/out"] == 700


def test_what_a_batch_must_be_called(engine: Engine) -> None:
    for batch, pieces in (("a b", 5), ("", 5), ("x" * 41, 5), ("ok", 0), ("ok", 1_000_001)):
        with pytest.raises(BadInput):
            engine.coupons.make_codes(SHOP, batch, form=("t1", pieces))
    with pytest.raises(NotFound):
        list(engine.coupons.export(SHOP, "none"))


def test_a_shown_code_is_for_its_holder(engine: Engine, clock: FixedClock) -> None:
    coupon = claim(engine, TAOBAO, "k1").coupon.id
    now_us = clock.now_us()
    qr = engine.coupons.shown_code(SHOP, coupon, identifier=TAOBAO, now_us=now_us)
    used = act(engine, "redeem", "r", code=qr, amount=10_000, store="s1")
    assert used.discount_fen == 2000
    with pytest.raises(NotFound):
        engine.coupons.shown_code(SHOP, coupon, identifier="taobao_id:wu", now_us=now_us)
    with pytest.raises(NotFound):
        engine.coupons.find(SHOP, "c_none")
