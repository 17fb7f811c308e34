"""Several verbs in one transaction write once, at its end, or not at all."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.engine_ground import rows
from tests.loyalty_ground import ANN, BEN, SHOP, STARS, Street, street

from quanyu.clock import FixedClock
from quanyu.events.once import Raced
from quanyu.ledger.accounts import Account, Limit
from quanyu.ledger.refusals import Posted
from quanyu.ledger.transfers import Transfer, transfer_id
from quanyu.promotions.gathering import Gathering
from quanyu.promotions.loyalty.answers import Spent
from quanyu.promotions.loyalty.desk import Order, PointsDesk
from quanyu.storage.postgres.database import Database

PURSE, TILL = Account("purse", "fen", SHOP, Limit.DEBITS), Account("till", "fen", SHOP)


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with street(database, clock, data_dir) as made:
        made.programme()
        for who in (ANN, BEN):
            made.join(who)
        yield made
        made.conserved()


def gathering(shop: Street) -> Gathering[psycopg.Connection]:
    return Gathering(shop.engine.book, shop.engine.log)


def desk(shop: Street, work: Gathering[psycopg.Connection]) -> PointsDesk[psycopg.Connection]:
    return PointsDesk(replace(shop.engine.loyalty.ports, book=work, facts=work))


def spend(shop: Street, tx: Any, work: Gathering[psycopg.Connection], *, order: str) -> Any:
    programme, members = shop.engine.loyalty.members(tx, SHOP, who=(STARS, ANN))
    what = Order(SHOP, order)
    return desk(shop, work).spend(tx, programme, members=members, order=what, points=10)


def entries(shop: Street) -> int:
    ((number,),) = rows(shop.engine.database, "SELECT count(*) FROM ledger_transfer")
    return int(number)


def test_two_verbs_are_written_at_the_end(shop: Street) -> None:
    before, work = entries(shop), gathering(shop)
    with shop.engine.database.transaction() as tx:
        for order in ("o1", "o2"):
            assert spend(shop, tx, work, order=order) == Spent(10, 10)
        row = tx.execute("SELECT count(*) FROM ledger_transfer").fetchone()
        assert row == (before,)
        work.flush(tx)
    assert entries(shop) == before + 2
    assert [one.order for one in shop.facts("points_spent")] == ["o1", "o2"]


def test_flushing_again_writes_nothing(shop: Street) -> None:
    work = gathering(shop)
    with shop.engine.database.transaction() as tx:
        spend(shop, tx, work, order="o1")
        work.flush(tx)
        work.flush(tx)
    assert len(shop.facts("points_spent")) == 1


def test_what_fails_before_the_end_leaves_nothing(shop: Street) -> None:
    before = entries(shop)

    def fail() -> None:
        work = gathering(shop)
        with shop.engine.database.transaction() as tx:
            spend(shop, tx, work, order="o1")
            work.flush(tx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert entries(shop) == before
    assert shop.available() == 50
    assert shop.facts("points_spent") == []


def test_a_chain_that_the_book_refuses_takes_everything_back(shop: Street) -> None:
    with shop.engine.database.transaction() as tx:
        shop.engine.book.open(tx, [PURSE, TILL])

    def overdraw() -> None:
        work = gathering(shop)
        with shop.engine.database.transaction() as tx:
            spend(shop, tx, work, order="o1")
            taken = Transfer(transfer_id("t"), "purse", "till", 1, "test")
            assert isinstance(work.post(tx, [[taken]])[0], Posted)
            work.flush(tx)

    with pytest.raises(Raced, match="exceeds_balance"):
        overdraw()
    assert shop.available() == 50


def test_accounts_are_opened_at_the_end(shop: Street) -> None:
    work = gathering(shop)
    with shop.engine.database.transaction() as tx:
        work.open(tx, [TILL])
        work.open(tx, [PURSE, TILL])
        assert work.balances(tx, ["purse", "till"]) == {}
        work.flush(tx)
        assert work.balances(tx, ["purse", "till"]).keys() == {"purse", "till"}


def test_balances_and_entries_are_those_of_the_book(shop: Street) -> None:
    work = gathering(shop)
    with shop.engine.database.transaction() as tx:
        shop.engine.book.open(tx, [PURSE, TILL])
        assert work.balances(tx, ["purse"])["purse"].available == 0
        assert list(work.entries(tx, "purse")) == []
        work.freeze(tx, "purse", frozen=True)
        assert work.balances(tx, ["purse"])["purse"].frozen
        assert work.expire(tx, limit=10) == 0
