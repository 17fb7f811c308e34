"""The audit of points and flash sales: it sees each fault that is planted, and says where."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from tests.engine_ground import faults, rows, tamper
from tests.loyalty_ground import ANN, BEN, Street, street
from tests.points_books import member_no

from quanyu.clock import FixedClock
from quanyu.promotions.flash_sales.sales import Held
from quanyu.storage.audit import benefits
from quanyu.storage.postgres.database import Database

LOTS = "points: lots are what the book says"
SPENDS = "points: spends are made of lots"
SALES = "flash sales: sold + held + free = loaded"


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    """Ann has 120 available, 30 pending and has spent 30; Ben owes 40. One piece of a sale is
    sold, one is held, one is free."""
    with street(database, clock, data_dir) as made:
        made.programme()
        for who in (ANN, BEN):
            made.join(who)
        made.earn("o1", 10_000)
        made.earn("o2", 10_000, BEN)
        made.wait(7)
        made.earn("o3", 3_000)
        made.spend("s1", 30)
        made.spend("s2", 150, BEN)
        made.refund("o2", 4_000)
        made.sale()
        sold = made.got(ANN)
        assert isinstance(made.engine.flash_sales.confirm("shop", sold.hold, order="o9"), Held)
        made.got(BEN)
        yield made


def test_a_street_in_order_has_nothing_to_complain_of(shop: Street) -> None:
    for check in (
        benefits.points_are_in_the_book,
        benefits.spends_add_up,
        benefits.flash_sales_add_up,
    ):
        assert check(shop.engine.audited).violations == ()
    assert benefits.points_are_in_the_book(shop.engine.audited).looked_at == 2
    assert benefits.flash_sales_add_up(shop.engine.audited).looked_at == 1


Plant = Callable[[Street], str]
"""Returns what the complaint must name."""


def plant(shop: Street, statement: str, says: str) -> str:
    tamper(shop.engine.database, statement)
    return says


def of_ann(shop: Street, part: str) -> str:
    return f"points/shop/stars/m/{member_no(shop, ANN)}/{part}"


def balance(account: str, change: str) -> str:
    where = f"SELECT no FROM ledger_account WHERE id = '{account}'"
    return f"UPDATE ledger_balance SET {change} WHERE account_no = ({where})"


PLANTED: dict[str, tuple[str, Plant]] = {
    "a lot that is open too early": (
        LOTS,
        lambda s: plant(
            s, "UPDATE points_lot SET state = 'available' WHERE state = 'pending'",
            of_ann(s, "pending"),
        ),
    ),
    "a purse that the book has paid out": (
        LOTS,
        lambda s: plant(
            s, balance(of_ann(s, "available"), "debits_posted = debits_posted + 5"),
            f"{of_ann(s, 'available')}: 120 in rows, 115 in the book",
        ),
    ),
    "a member without accounts": (
        LOTS,
        lambda s: plant(
            s,
            "INSERT INTO points_member (programme_id, public_id, holder_kind, holder_token, "
            "joined_us) SELECT programme_id, 'mem_x', 'qq', 'x', 0 FROM points_member LIMIT 1",
            "0 in rows, None in the book",
        ),
    ),
    "a link that is lost": (
        SPENDS,
        lambda s: plant(
            s, "DELETE FROM points_taken WHERE ctid = (SELECT min(ctid) FROM points_taken)",
            "spend ",
        ),
    ),
    "a link that took more": (
        SPENDS,
        lambda s: plant(
            s,
            "UPDATE points_taken SET points = points + 1 WHERE spend_id = "
            "(SELECT id FROM points_spend WHERE reference = 'shop/s1')",
            "30, from lots 31",
        ),
    ),
    "a piece out of nowhere": (
        SALES,
        lambda s: plant(
            s, balance("sale/shop/1/free", "credits_posted = credits_posted + 1"),
            "3 loaded, 4 found",
        ),
    ),
    "a piece that is gone": (
        SALES,
        lambda s: plant(
            s, balance("sale/shop/1/free", "debits_pending = debits_pending - 1"),
            "",
        ),
    ),
}  # fmt: skip
UNSEEN_HERE = {"a piece that is gone"}
"""A hold that left the balance freed its piece: the sum is kept, and the ledger's own audit that
adds up the transfers is what sees it."""


@pytest.mark.parametrize("name", [name for name in PLANTED if name not in UNSEEN_HERE])
def test_a_planted_fault_is_found_by_its_check(shop: Street, name: str) -> None:
    check, do = PLANTED[name]
    says = do(shop)
    found = faults(shop.engine)
    assert check in found
    assert any(says in one for one in found[check]), found[check]


@pytest.mark.parametrize("name", sorted(UNSEEN_HERE))
def test_what_the_sums_do_not_show_the_ledger_does(shop: Street, name: str) -> None:
    PLANTED[name][1](shop)
    found = faults(shop.engine)
    assert SALES not in found
    assert any("ledger" in check for check in found), found


def test_every_check_is_shown_to_find_something() -> None:
    assert {check for check, _ in PLANTED.values()} == {LOTS, SPENDS, SALES}


IMPOSSIBLE = {
    "a grant of nothing": "UPDATE points_lot SET granted = 0, remaining = 0",
    "a link of nothing": "UPDATE points_taken SET points = 0",
    "one order that earns twice": "UPDATE points_lot SET reference = 'same'",
    "a member of no programme": "UPDATE points_member SET programme_id = 999",
    "a free piece too many": balance("sale/shop/1/free", "debits_posted = credits_posted + 1"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_the_database_itself_refuses_what_cannot_be(shop: Street, name: str) -> None:
    with pytest.raises(psycopg.errors.IntegrityError):
        rows(shop.engine.database, IMPOSSIBLE[name] + " RETURNING 1")
    assert faults(shop.engine) == {}
