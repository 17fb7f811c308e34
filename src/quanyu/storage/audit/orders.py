"""Orders and purchased vouchers: what the rows say is what the book says."""

from quanyu.clock import FixedClock
from quanyu.promotions.parties import deferred
from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.postgres.ledger.book import PostgresBook
from quanyu.storage.postgres.sql_files import sql

SAID = ("paid", "borne by the platform", "refunded", "owed for points")


def orders_are_in_the_book(parts: Audited) -> Check:
    """Of each order: what was paid, what the platform bears, what was refunded, what the shops
    have paid for points of the ecosystem."""
    faults, looked_at = [], 0
    with parts.database.transaction() as conn:
        for merchant, id, *fen in conn.execute(sql("audit/orders")):
            looked_at += 1
            for what, kept, posted in zip(SAID, fen[::2], fen[1::2], strict=True):
                if kept != posted:
                    faults.append(f"order {merchant}/{id}: {kept} fen {what}, {posted} in the book")
    return Check("orders: payments and refunds are what the book says", looked_at, tuple(faults))


def vouchers_are_in_the_book(parts: Audited) -> Check:
    """Of each shop: money that waits in vouchers. Of each voucher: its scans make up its use."""
    book, faults, looked_at = PostgresBook(FixedClock(0)), [], 0
    with parts.database.transaction() as conn:
        for merchant, shop, count, waits_fen, torn in conn.execute(sql("audit/vouchers")):
            looked_at += count
            faults += [f"voucher {merchant}/{id}: its scans do not make up its use" for id in torn]
            account = deferred(merchant, shop).id
            found = book.balances(conn, [account]).get(account)
            posted = 0 if found is None else found.posted
            if posted != waits_fen:
                faults.append(f"{account}: {waits_fen} fen in vouchers, {posted} in the book")
    return Check("vouchers: what waits in them is what the book says", looked_at, tuple(faults))
