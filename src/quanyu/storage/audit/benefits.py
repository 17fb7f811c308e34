"""Points and flash sales: what the rows say is what the book says."""

from collections.abc import Iterator

import psycopg

from quanyu.clock import FixedClock
from quanyu.promotions.flash_sales.sales import account as stock
from quanyu.promotions.loyalty.moves import Part, account
from quanyu.promotions.loyalty.programmes import Programme
from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.postgres.flash_sales.reservations import sale_of
from quanyu.storage.postgres.ledger.book import PostgresBook
from quanyu.storage.postgres.loyalty.purses import programme_of
from quanyu.storage.postgres.sql_files import sql

MEMBERS = 2_000
OF_PURSE = (Part.PENDING, Part.AVAILABLE, Part.DEBT)


def points_are_in_the_book(parts: Audited) -> Check:
    """Σ lots of a member = balance of their account, for pending, available and debt."""
    book, looked_at, after = PostgresBook(FixedClock(0)), 0, 0
    faults: list[str] = []
    with parts.database.transaction() as conn:
        while rows := _purses(conn, after):
            looked_at += len(rows)
            faults += _purse_faults(conn, book, rows=rows)
            after = rows[-1][1]
    return Check("points: lots are what the book says", looked_at, tuple(faults))


def _purses(conn: psycopg.Connection, after: int) -> list[tuple[Programme, int, tuple[int, ...]]]:
    rows = conn.execute(sql("audit/purses"), {"after": after, "limit": MEMBERS}).fetchall()
    return [(programme_of(row[:4]), row[4], tuple(map(int, row[5:]))) for row in rows]


def _purse_faults(
    conn: psycopg.Connection,
    book: PostgresBook,
    *,
    rows: list[tuple[Programme, int, tuple[int, ...]]],
) -> Iterator[str]:
    names = [account(p, part, member=member) for p, member, _ in rows for part in OF_PURSE]
    found = book.balances(conn, names)
    for programme, member, held in rows:
        for part, points in zip(OF_PURSE, held, strict=True):
            name = account(programme, part, member=member)
            said = found[name].posted if name in found else None
            if said != (-points if part is Part.DEBT else points):
                yield f"{name}: {points} in rows, {said} in the book"


def spends_add_up(parts: Audited) -> Check:
    """What a spend took from its lots is what was spent."""
    with parts.database.transaction() as conn:
        rows = conn.execute(sql("audit/spends")).fetchall()
    faults = [f"spend {id}: {points}, from lots {taken}" for id, points, taken in rows]
    return Check("points: spends are made of lots", len(rows), tuple(faults))


def flash_sales_add_up(parts: Audited) -> Check:
    """sold + held + free = loaded, free ≥ 0, and every sold piece has its row."""
    book, faults = PostgresBook(FixedClock(0)), []
    with parts.database.transaction() as conn:
        rows = conn.execute(sql("audit/flash_sales")).fetchall()
        for *row, sold in rows:
            sale = sale_of(row)
            names = {part: stock(sale, part) for part in ("loaded", "free", "sold")}
            found = book.balances(conn, list(names.values()))
            free, done = found[names["free"]], found[names["sold"]]
            loaded = -found[names["loaded"]].posted
            pieces = free.available + free.debits_pending + done.posted
            if not pieces == loaded == sale.terms.pieces or free.available < 0:
                faults.append(f"sale {sale.id}: {loaded} loaded, {pieces} found")
            if done.posted != sold:
                faults.append(f"sale {sale.id}: {sold} sold in rows, {done.posted} in the book")
    return Check("flash sales: sold + held + free = loaded", len(rows), tuple(faults))
