"""The audit of instalments: it sees each fault that is planted, and says where."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.engine_ground import faults, opened, rows, tamper
from tests.instalments_ground import Lender
from tests.orders_ground import SHOP

from quanyu.clock import FixedClock
from quanyu.storage.audit import instalments
from quanyu.storage.postgres.database import Database

TERMS = "instalments: terms sum to what was financed"
BOOK = "instalments: fees in the book are those of the plans"


@pytest.fixture
def lender(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Lender]:
    """Three orders: twelve terms at the shops' cost with one paid and a unit back, six at the
    platform's, three at the buyer's."""
    with opened(database, clock, data_dir) as engine:
        made = Lender(engine)
        made.buy("o1", 12)
        made.paid(1)
        made.refund(("L2", 1))
        made.buy("o2", 6)
        made.buy("o3", 3)
        yield made


def test_plans_in_order_have_nothing_to_complain_of(lender: Lender) -> None:
    for check in (instalments.plans_are_what_was_financed, instalments.fees_are_in_the_book):
        found = check(lender.engine.audited)
        assert (found.violations, found.looked_at) == ((), 3)


def test_many_plans_are_read_page_by_page(lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    Lender(lender.engine, "别家").buy("o1", 6)
    monkeypatch.setattr(instalments, "PLANS", 1)
    for check in (instalments.plans_are_what_was_financed, instalments.fees_are_in_the_book):
        found = check(lender.engine.audited)
        assert (found.violations, found.looked_at) == ((), 4)


def of(order: str, number: int | None = None) -> str:
    return f"order_id = '{order}'" + (f" AND number = {number}" if number else "")


PLANTED = {
    "a term that was agreed otherwise": (
        f"UPDATE instalment_term SET agreed_principal_fen = agreed_principal_fen + 1 "
        f"WHERE {of('o2', 1)}",
        TERMS,
        f"plan of {SHOP}/o2: 16100 financed, terms of 16101",
    ),
    "a term that shrank by itself": (
        f"UPDATE instalment_term SET principal_fen = principal_fen - 1 WHERE {of('o2', 6)}",
        TERMS,
        f"plan of {SHOP}/o2: 16100 not refunded, terms of 16099 left",
    ),
    "a term that is lost": (
        f"DELETE FROM instalment_term WHERE {of('o3', 2)}",
        TERMS,
        f"plan of {SHOP}/o3: terms are missing, or paid out of order",
    ),
    "a term that was paid before its turn": (
        f"UPDATE instalment_term SET paid_us = 1 WHERE {of('o1', 4)}",
        TERMS,
        f"plan of {SHOP}/o1: terms are missing, or paid out of order",
    ),
    "a refund that the plan has not seen": (
        "UPDATE orders SET refunded_fen = refunded_fen + 5 WHERE id = 'o1'",
        TERMS,
        "terms of",
    ),
    "a plan that is over too early": (
        f"UPDATE instalment_plan SET state = 'done' WHERE {of('o3')}",
        TERMS,
        f"plan of {SHOP}/o3: done, with 16100 left and 16100 unpaid",
    ),
    "a plan that is cancelled with money out": (
        f"UPDATE instalment_plan SET state = 'cancelled' WHERE {of('o2')}",
        TERMS,
        f"plan of {SHOP}/o2: cancelled, with 16100 left",
    ),
    "a fee that nobody bears": (
        f"UPDATE instalment_plan SET shares = '{{}}' WHERE {of('o2')}",
        TERMS,
        f"plan of {SHOP}/o2: fees of 580, 0 shared out",
    ),
    "a fee that fell away by itself": (
        f"UPDATE instalment_term SET fee_fen = 0 WHERE {of('o2', 6)}",
        TERMS,
        f"plan of {SHOP}/o2: fees of 483, 580 shared out",
    ),
    "a share that was never posted": (
        f"UPDATE instalment_plan SET shares = '{{\"platform\": 581}}' WHERE {of('o2')}",
        BOOK,
        f"financier/huabei/{SHOP}/fees of order o2, party/platform/payable: "
        "581 in the plan, 580 in the book",
    ),
    "a share of another shop": (
        f"UPDATE instalment_plan SET shares = '{{\"Z\": 580}}', bearer = 'merchant' "
        f"WHERE {of('o2')}",
        BOOK,
        f"party/{SHOP}/Z/payable: 580 in the plan, 0 in the book",
    ),
    "another financier": (
        f"UPDATE instalment_plan SET method = 'baitiao' WHERE {of('o2')}",
        BOOK,
        f"financier/huabei/{SHOP}/fees of order o2, party/platform/payable: "
        "0 in the plan, 580 in the book",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_by_its_check(lender: Lender, name: str) -> None:
    statement, check, says = PLANTED[name]
    tamper(lender.engine.database, statement)
    found = faults(lender.engine)
    assert check in found
    assert any(says in one for one in found[check]), found[check]


def test_a_plan_without_which_its_fee_stands_in_the_book(lender: Lender) -> None:
    tamper(
        lender.engine.database,
        "DELETE FROM instalment_term WHERE order_id = 'o2'",
        "DELETE FROM instalment_plan WHERE order_id = 'o2'",
    )
    found = faults(lender.engine)
    assert [one.endswith("0 in the plan, 580 in the book") for one in found[BOOK]] == [True]
    assert found[TERMS] == (f"order {SHOP}/o2 was paid by terms and has no plan",)


IMPOSSIBLE = {
    "a term of more than was agreed": "UPDATE instalment_term SET principal_fen = 99999",
    "a fee of more than was agreed": "UPDATE instalment_term SET fee_fen = 99999",
    "a term below nothing": "UPDATE instalment_term SET principal_fen = -1",
    "two terms of one number": "UPDATE instalment_term SET number = 1",
    "a term of no plan": "UPDATE instalment_term SET order_id = 'none'",
    "a plan of no order": "UPDATE instalment_plan SET order_id = 'none'",
    "a state that is none": "UPDATE instalment_plan SET state = 'lost'",
    "a bearer that is none": "UPDATE instalment_plan SET bearer = 'bank'",
    "a buyer's fee that somebody bears": "UPDATE instalment_plan SET bearer = 'buyer'",
    "a rate above the whole": "UPDATE instalment_plan SET rate_bps = 10001",
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_the_database_itself_refuses_what_cannot_be(lender: Lender, name: str) -> None:
    with pytest.raises(psycopg.errors.IntegrityError):
        rows(lender.engine.database, IMPOSSIBLE[name] + " RETURNING 1")
    assert faults(lender.engine) == {}


def test_a_change_of_what_has_moved_meanwhile_is_a_bug(lender: Lender) -> None:
    """Guarded statements: nothing is written over what was not read."""
    before = lender.plan("o2")
    after = lender.paid(1, order="o2")
    store = lender.engine.instalments._store
    with (
        pytest.raises(AssertionError, match="move_terms changed 0 rows"),
        lender.engine.database.transaction() as tx,
    ):
        store.change(tx, before, after=after)
    assert lender.plan("o2") == after
