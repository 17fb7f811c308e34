"""The replay of the book: silent while all is well; loud, at the right place, for what is not."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.ledger_ground import ACCOUNTS, HOUR_US, NOW_US, held, moved, named

from quanyu.clock import FixedClock
from quanyu.storage.audit.ledger import (
    BALANCES,
    CHAIN,
    HOLDS,
    LIMITS,
    UNITS,
    ledger_checks,
)
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.ledger.book import PostgresBook
from quanyu.storage.postgres.ledger.rows import Row

ALL = {CHAIN, BALANCES, HOLDS, UNITS, LIMITS}
OPEN = "ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_append_only"
FIRST = "b013af13304328f1ec0426a1a7364c65ee8e31888fd7b40d041699c0ed7cd62b"
SECOND = "db74286bb1d61c8f7e86ec3bdaae3654af691223397659f77f68b7e6620bfedc"
UNGUARDED = (
    "ALTER TABLE ledger_balance DROP CONSTRAINT ledger_balance_check",
    "ALTER TABLE ledger_balance DROP CONSTRAINT ledger_balance_check1",
)


@pytest.fixture
def kept(database: Database) -> Database:
    """A book with every phase in it: settled, released, expired and pending holds."""
    clock = FixedClock(NOW_US)
    book = PostgresBook(clock)
    a, b = held("a", 60), held("b", 20)
    c, d = held("c", 5, timeout_us=HOUR_US), held("d", 4)
    chains = [[moved("in", 100)], [a], [b], [c], [d]]
    with database.transaction() as conn:
        book.open(conn, ACCOUNTS)
        book.post(conn, chains)
    with database.transaction() as conn:
        book.post(conn, [[a.settled(named("s"), amount=30)], [b.released(named("r"))]])
    clock.advance(HOUR_US)
    with database.transaction() as conn:
        assert book.expire(conn, limit=10) == 1
    return database


def faults(database: Database) -> dict[str, tuple[str, ...]]:
    return {check.name: check.violations for check in ledger_checks(database) if not check.holds}


def tamper(database: Database, *statements: str) -> None:
    with database.transaction() as conn:
        for statement in statements:
            conn.execute(statement)  # type: ignore[call-overload]


def test_a_sound_book_is_looked_at_and_holds(kept: Database) -> None:
    found = {check.name: check.looked_at for check in ledger_checks(kept)}
    assert found == {CHAIN: 8, BALANCES: 5, HOLDS: 4, UNITS: 2, LIMITS: 5}
    assert faults(kept) == {}


def test_an_empty_book_holds(database: Database) -> None:
    assert {check.name for check in ledger_checks(database)} == ALL
    assert faults(database) == {}


PURSE = "(SELECT no FROM ledger_account WHERE id = 'purse')"
TAMPERED = {
    "an amount": (
        [OPEN, "UPDATE ledger_transfer SET amount = 101 WHERE no = 1"],
        CHAIN, "entry 1 is not what its hash says",
    ),
    "a reference": (
        [OPEN, "UPDATE ledger_transfer SET reference = 'x' WHERE no = 7"],
        CHAIN, "entry 7 is not what its hash says",
    ),
    "a hash": (
        [OPEN, "UPDATE ledger_transfer SET hash = decode(repeat('11', 32), 'hex') WHERE no = 3"],
        CHAIN, "entry 3 is not what its hash says",
    ),
    "an entry in the middle": (
        [OPEN, "DELETE FROM ledger_transfer WHERE no = 5"],
        CHAIN, "entry 6 stands where 5 should",
    ),
    "the last entry": (
        [OPEN, "DELETE FROM ledger_transfer WHERE no = 8"],
        CHAIN, "the head says 8, the entries end at 7",
    ),
    "the head": (
        ["UPDATE ledger_head SET no = 9"],
        CHAIN, "the head says 9, the entries end at 8",
    ),
    "a balance": (
        [f"UPDATE ledger_balance SET credits_posted = 101 WHERE account_no = {PURSE}"],
        BALANCES, "purse has (4, 30, 0, 101), its entries say (4, 30, 0, 100)",
    ),
    "a hold that came back": (
        ["UPDATE ledger_hold SET state = 0 WHERE state = 1"],
        HOLDS, f"hold {named('a').hex()} is not what the entries say",
    ),
    "a hold that is gone": (
        ["DELETE FROM ledger_hold WHERE state = 0"],
        HOLDS, f"hold {named('d').hex()} is not what the entries say",
    ),
    "the end of a hold": (
        ["UPDATE ledger_hold SET expires_us = 5 WHERE state = 3"],
        HOLDS, f"hold {named('c').hex()} is not what the entries say",
    ),
    "a unit": (
        [f"UPDATE ledger_balance SET credits_posted = 130 WHERE account_no = {PURSE}"],
        UNITS, "fen sums to 30",
    ),
    "a limit": (
        [*UNGUARDED, f"UPDATE ledger_balance SET debits_posted = 999 WHERE account_no = {PURSE}"],
        LIMITS, "purse has passed its limit",
    ),
    "a guard": (
        [f"UPDATE ledger_balance SET limited = 0 WHERE account_no = {PURSE}"],
        LIMITS, "purse is guarded by another limit than its own",
    ),
    "a lost balance": (
        ["DELETE FROM ledger_balance WHERE account_no = "
         "(SELECT no FROM ledger_account WHERE id = 'points')"],
        LIMITS, "points has no balance",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statements", "check", "says"), TAMPERED.values(), ids=TAMPERED)
def test_what_was_tampered_with_is_named(
    kept: Database, statements: list[str], check: str, *, says: str
) -> None:
    tamper(kept, *statements)
    assert says in faults(kept)[check]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfer SET amount = 1",
        "DELETE FROM ledger_transfer",
        "TRUNCATE ledger_transfer",
    ],
)
def test_the_database_itself_refuses_to_change_an_entry(kept: Database, statement: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        tamper(kept, statement)
    assert faults(kept) == {}


@pytest.mark.parametrize(
    "change", ["debits_posted = 999", "debits_pending = -1", "credits_posted = 0"]
)
def test_the_database_itself_refuses_a_balance_beyond_its_limit(
    kept: Database, change: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        tamper(kept, f"UPDATE ledger_balance SET {change} WHERE account_no = {PURSE}")


ROW = Row(1, bytes(16), 0, 1, 2, 100, None, None, "coupon.issue", "订单", NOW_US)


def changed() -> Iterator[Row]:
    yield ROW._replace(no=2)
    yield ROW._replace(id=bytes([1]) + bytes(15))
    yield ROW._replace(phase=1)
    yield ROW._replace(debit_no=2, credit_no=1)
    yield ROW._replace(amount=101)
    yield ROW._replace(pending_id=bytes(16))
    yield ROW._replace(timeout_us=0)
    yield ROW._replace(code="coupon.issue订", reference="单")
    yield ROW._replace(reference="")
    yield ROW._replace(at_us=NOW_US + 1)


def test_every_field_and_the_entry_before_count_in_the_hash() -> None:
    rows = [ROW, *changed()]
    hashes = {row.hashed(bytes(32))[1] for row in rows}
    assert len(hashes) == len(rows)
    assert ROW.hashed(bytes(31) + b"\1")[1] not in hashes


def test_the_hash_of_an_entry_never_changes_with_the_program() -> None:
    """Books that were written before must verify for ever."""
    _, first = ROW.hashed(bytes(32))
    _, second = ROW._replace(no=2, pending_id=bytes(16), timeout_us=5, phase=2).hashed(first)
    assert first.hex() == FIRST
    assert second.hex() == SECOND


def test_the_audit_of_the_engine_has_these_checks(
    database: Database, data_dir: Path, clock: FixedClock
) -> None:
    from tests.engine_ground import checks, opened

    with opened(database, clock, data_dir) as engine:
        assert set(checks(engine)) >= ALL
        assert {check.name for check in engine.verify_ledger()} == ALL


def test_an_entry_that_ends_a_hold_twice_is_named(kept: Database) -> None:
    """Made behind the book's back, with a right hash: only the replay of the holds can tell."""
    with kept.transaction() as conn:
        row = conn.execute("SELECT no, hash, at_us FROM ledger_head").fetchone()
        purse, till = (
            conn.execute("SELECT no FROM ledger_account WHERE id = %s", [name]).fetchone()[0]  # type: ignore[index]
            for name in ("purse", "till")
        )
        assert row is not None
        no, before, at_us = row
        one = Row(no + 1, named("z"), 2, purse, till, 30, named("a"), None, "x", "", at_us)
        _, hash_ = one.hashed(before)
        id_, pending = one.id.hex(), named("a").hex()
        values = [*one._replace(id=id_, pending_id=pending), hash_]  # type: ignore[arg-type]
        holes = ", ".join(["%s"] * len(values))
        conn.execute(f"INSERT INTO ledger_transfer VALUES ({holes})", values)  # type: ignore[call-overload]
        conn.execute("UPDATE ledger_head SET no = %s, hash = %s", [no + 1, hash_])
    assert faults(kept) == {HOLDS: (f"entry {no + 1} ends a hold that is not pending",)}
