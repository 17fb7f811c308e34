"""Orders that are overtaken in the middle of their transaction: done again, and never a 500."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
from tests.money_ground import template
from tests.orders_ground import ANN, CART, SHOP, Door

from quanyu.clock import FixedClock
from quanyu.errors import Refused
from quanyu.events.once import TRIES, Once, Raced
from quanyu.events.requests import Request
from quanyu.interfaces.api.application import create_app
from quanyu.ledger.transfers import Transfer, transfer_id
from quanyu.promotions.coupons.coupon import Done as Had
from quanyu.promotions.coupons.coupon import OnCoupon
from quanyu.promotions.coupons.states import State, Verb
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.offers.accounts import account
from quanyu.promotions.offers.answers import Offer
from quanyu.promotions.orders.answers import Done
from quanyu.settings import Settings
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.requests import PostgresRequests
from quanyu.wiring import Engine


@pytest.fixture
def engine(database: Database, data_dir: Path, clock: FixedClock) -> Iterator[Engine]:
    made = Engine(Settings(data_dir=data_dir), database, clock=clock)
    yield made
    made.close()


def publish(engine: Engine, **change: Any) -> None:
    terms = {"shop": "A"}
    made: Any = engine.offers.create(
        SHOP, template("c1", terms=terms, **change), actor="lin", request="c"
    )
    for verb, actor in (("submit", "lin"), ("approve", "wang")):
        made = engine.offers.move(SHOP, "c1", verb=verb, by=engine.offers.by(actor, verb))
    assert isinstance(made, Offer), made


def coupon(engine: Engine) -> str:
    form = {"offer": "c1", "identifier": ANN}
    issued = engine.coupons.act(SHOP, "issue", form=form, request="i")
    assert isinstance(issued, Had), issued
    return issued.coupon.id


def form(coupon: str) -> dict[str, Any]:
    return {
        "order": "o1", "identifiers": {"taobao_id": "ann"}, "touchpoint": "taobao.detail",
        "cart": CART, "coupons": [coupon],
    }  # fmt: skip


def wait_for_a_lock(url: str) -> None:
    """Until somebody waits for a row that another transaction holds."""
    deadline = monotonic() + 30
    with psycopg.connect(url, autocommit=True) as conn:
        while monotonic() < deadline:
            found = conn.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
            if found is not None and found[0]:
                return
            sleep(0.01)
    raise AssertionError("nobody has come to the lock")


def lock_of_the_order(engine: Engine, id: str) -> OnCoupon:
    """The very step that the order is about to take, under its key."""
    holder = engine.buyer(SHOP, {"taobao_id": "ann"}).own[0]
    ttl_us = 30 * 60 * 1_000_000
    return OnCoupon(
        merchant=SHOP, request=f"order:o1:{Verb.LOCK}:{id}", touchpoint="taobao.detail",
        verb=Verb.LOCK, coupon=id, holder=holder, order="o1", ttl_us=ttl_us,
    )  # fmt: skip


def test_an_order_that_is_overtaken_under_its_own_key(engine: Engine) -> None:
    """Another process takes the step between the order's look at the answers and its own note of
    one: the order begins again and finds the answer."""
    publish(engine)
    id = coupon(engine)
    door = Door(create_app(engine))
    engine.orders  # noqa: B018
    with ThreadPoolExecutor(1) as threads:
        with engine.database.transaction() as tx:
            gathering = Gathering(engine.book, engine.log)
            (told,) = engine.coupon_parts.apply(
                tx, gathering, commands=[lock_of_the_order(engine, id)]
            )
            assert isinstance(told, Had), told
            placing = threads.submit(door.post, "orders", form(id))
            wait_for_a_lock(engine.database.url)
            gathering.flush(tx)
        answer = placing.result(60)
    assert answer.status_code == 201, answer.text
    assert engine.coupons.find(SHOP, id).state is State.LOCKED
    assert engine.coupons.find(SHOP, id).order == "o1"


def test_money_that_was_there_when_it_was_judged(engine: Engine) -> None:
    """A return takes back what a cheap use had freed; somebody takes it at the last moment. The
    next try is refused by the balances, and the refund goes through without the coupon."""
    publish(engine, pieces=2, money=2000)
    id = coupon(engine)
    form_use = {"coupon": id, "order": "x"}
    for verb, more in (("lock", {}), ("use", {"amount": 500})):
        engine.coupons.act(SHOP, verb, form=form_use | more, request=verb)
    tries: list[int] = []

    def do(tx: psycopg.Connection) -> Done | Refused:
        tries.append(1)
        work = Gathering(engine.book, engine.log)
        back = OnCoupon(merchant=SHOP, request="r", verb=Verb.RETURN, coupon=id, order="x")
        (told,) = engine.coupon_parts.apply(tx, work, commands=[back])
        if len(tries) == 1:
            take_all(engine)
        work.flush(tx)
        return told if isinstance(told, Refused) else Done("x", "refunded", 0, None)  # type: ignore[arg-type]

    told = engine.once.run(Request(SHOP, "test", "k", b""), do, answer=Done)
    assert told == Refused("cap_money")
    assert len(tries) == 2
    assert engine.coupons.find(SHOP, id).state is State.USED


def take_all(engine: Engine) -> None:
    """Over another connection, and committed."""
    free, out = (account(SHOP, "c1", unit="fen", place=place) for place in ("free", "spent"))
    one = Transfer(transfer_id(SHOP, "test", "t", "0"), free, out, 1500, "test")
    with engine.database.transaction() as tx:
        engine.book.post(tx, [[one]])


@pytest.mark.parametrize(("times", "fails"), [(1, False), (TRIES - 1, False), (TRIES, True)])
def test_a_race_is_run_again_a_few_times(database: Database, times: int, fails: bool) -> None:
    once, calls = Once(database, PostgresRequests()), []
    request = Request(SHOP, "test", "k", b"")

    def do(tx: psycopg.Connection) -> Refused:
        calls.append(1)
        if len(calls) <= times:
            raise Raced
        return Refused("no")

    if fails:
        with pytest.raises(Raced):
            once.run(request, do, answer=Done)
        assert len(calls) == TRIES
    else:
        assert once.run(request, do, answer=Done) == Refused("no")
        assert len(calls) == times + 1


def test_a_try_that_was_raced_leaves_nothing(database: Database) -> None:
    once, calls = Once(database, PostgresRequests()), []

    def do(tx: psycopg.Connection) -> Refused:
        tx.execute("INSERT INTO merchant (name) VALUES (%s)", [f"m-{len(calls)}"])
        calls.append(1)
        if len(calls) == 1:
            raise Raced
        return Refused("no")

    once.run(Request(SHOP, "test", "k", b""), do, answer=Done)
    with database.transaction() as tx:
        rows = tx.execute("SELECT count(*) FROM merchant WHERE name LIKE 'm-%'").fetchone()
    assert rows == (0,), "a refusal takes its own changes back, a race the whole transaction"
