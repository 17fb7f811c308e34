"""Coupons: what the rows say is what the book says."""

from quanyu.clock import FixedClock
from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.postgres.coupons.reconciling import differences
from quanyu.storage.postgres.ledger.book import PostgresBook


def coupons_are_in_the_book(parts: Audited) -> Check:
    """Pieces out, used and gone, faces out and discounts given: per offer, in rows and book."""
    with parts.database.transaction() as conn:
        offers, found = differences(conn, PostgresBook(FixedClock(0)))
    return Check("coupons: pieces and money are what the book says", offers, tuple(map(str, found)))
