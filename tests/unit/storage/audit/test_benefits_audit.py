"""The audit of points and flash sales finds what somebody changed behind its back."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.loyalty_ground import ANN, BEN, SHOP, Street, street

from quanyu.clock import FixedClock
from quanyu.promotions.loyalty.shelf import spend
from quanyu.storage.audit import Check, benefits
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.loyalty.purses import PostgresPurses


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with street(database, clock, data_dir) as made:
        made.programme()
        made.join(ANN)
        made.join(BEN)
        made.earn("o1", 10_000)
        made.spend("o2", 30)
        made.sale()
        made.engine.flash_sales.confirm(SHOP, made.got(ANN).hold, order="o1")
        made.got(BEN)
        yield made


def change(shop: Street, statement: str) -> None:
    with shop.engine.database.transaction() as conn:
        conn.execute(statement)  # type: ignore[call-overload]


def checks(shop: Street) -> dict[str, Check]:
    found = [
        check(shop.engine.audited)
        for check in (
            benefits.points_are_in_the_book,
            benefits.spends_add_up,
            benefits.flash_sales_add_up,
        )
    ]
    return {one.name.partition(":")[2].strip(): one for one in found}


def test_what_is_right_holds(shop: Street) -> None:
    found = checks(shop)
    assert all(one.holds for one in found.values())
    assert found["lots are what the book says"].looked_at == 2
    assert found["sold + held + free = loaded"].looked_at == 1


@pytest.mark.parametrize(
    ("statement", "name", "says"),
    [
        (
            "UPDATE points_lot SET remaining = remaining - 1 WHERE state = 'pending'",
            "lots are what the book says",
            "pending: 99 in rows, 100 in the book",
        ),
        (
            "UPDATE points_lot SET remaining = remaining + 1 WHERE remaining = 20",
            "lots are what the book says",
            "available: 21 in rows, 20 in the book",
        ),
        (
            "UPDATE points_member SET debt = 7 WHERE id = 2",
            "lots are what the book says",
            "debt: 7 in rows, 0 in the book",
        ),
        (
            "UPDATE points_spend SET points = 31",
            "spends are made of lots",
            "31, from lots 30",
        ),
        (
            "UPDATE flash_hold SET state = 'held' WHERE state = 'sold'",
            "sold + held + free = loaded",
            "0 sold in rows, 1 in the book",
        ),
        (
            "UPDATE flash_hold SET state = 'sold'",
            "sold + held + free = loaded",
            "2 sold in rows, 1 in the book",
        ),
    ],
)
def test_what_was_changed_is_found_and_said(
    shop: Street, statement: str, name: str, says: str
) -> None:
    change(shop, statement)
    found = checks(shop)
    assert says in found[name].violations[0]
    assert [other for other, one in found.items() if not one.holds] == [name]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE points_lot SET remaining = granted + 1",
        "UPDATE points_lot SET remaining = -1",
        "UPDATE points_lot SET state = 'spent' WHERE remaining > 0",
        "UPDATE points_lot SET state = 'lost'",
        "UPDATE points_lot SET refunded_fen = cash_fen + 1",
        "UPDATE points_lot SET reversed = granted + 1",
        "UPDATE points_member SET debt = -1",
        "UPDATE points_member SET tier_points = -1",
        "UPDATE points_taken SET restored = points + 1",
        "UPDATE points_spend SET points = 0",
        "UPDATE flash_hold SET state = 'lost'",
    ],
)
def test_the_database_is_the_second_lock(shop: Street, statement: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        change(shop, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO points_spend (programme_id, reference, points) "
        "SELECT programme_id, reference, 1 FROM points_spend",
        "INSERT INTO points_member (programme_id, public_id, holder_kind, holder_token, joined_us) "
        "SELECT programme_id, 'x', holder_kind, holder_token, 0 FROM points_member WHERE id = 1",
        "INSERT INTO flash_hold SELECT '\\x00', sale_id, request, holder_kind, holder_token, "
        "state, expires_us, order_key FROM flash_hold LIMIT 1",
    ],
)
def test_what_is_there_once_is_not_there_twice(shop: Street, statement: str) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        change(shop, statement)


def test_a_lot_that_somebody_else_has_changed_is_not_overwritten(shop: Street) -> None:
    purses = PostgresPurses()
    with shop.engine.database.transaction() as tx:
        shelf = purses.load(tx, [1], lock=True)
    change(shop, "UPDATE points_lot SET version = version + 1")
    spend(shelf, 1)
    with (
        pytest.raises(AssertionError, match="under the lock"),
        shop.engine.database.transaction() as tx,
    ):
        purses.save(tx, shelf)
