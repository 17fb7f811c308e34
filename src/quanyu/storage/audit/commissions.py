"""Hosts of live shows: what they are owed is what the orders and the book say."""

from collections.abc import Iterable

import psycopg

from quanyu.promotions.parties import host_payable, shop_payable
from quanyu.promotions.shows.commission import commission, owed_fen
from quanyu.promotions.shows.ports import Due
from quanyu.promotions.shows.sold_lines import totals_of
from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.postgres.show_orders import PostgresShowOrders
from quanyu.storage.postgres.show_settlements import PostgresCommissionBook
from quanyu.storage.postgres.shows import PostgresShows
from quanyu.storage.postgres.sql_files import sql

Sides = tuple[str, str]
"""Accounts: (shop, host)."""


def commissions_are_booked(parts: Audited) -> Check:
    """Of each closed show: what its hosts are owed is what the ledger says, and what its orders
    say, unit by unit; where somebody has just judged an order, the next chore books it."""
    book, faults = PostgresCommissionBook(), list[str]()
    with parts.database.transaction() as conn:
        posted, waiting = _posted(conn), set(book.stale(conn))
        closed = {(merchant, show) for merchant, show in conn.execute(sql("audit/settlements"))}
        places = sorted(closed | set(posted))
        for merchant, show in places:
            booked = book.find(conn, merchant, show=show)
            due = () if booked is None else booked.due
            name = f"show {merchant}/{show}"
            if _sides(merchant, due) != posted.get((merchant, show), {}):
                faults.append(f"{name}: {owed_fen(due)} fen booked, the ledger says otherwise")
            owed = _owed(conn, merchant, show=show)
            if owed != due and (merchant, show) not in waiting:
                faults.append(f"{name}: {owed_fen(owed)} fen by its orders, {owed_fen(due)} booked")
    return Check("shows: hosts are owed what the orders say", len(places), tuple(faults))


def _posted(conn: psycopg.Connection) -> dict[tuple[str, str], dict[Sides, int]]:
    found: dict[tuple[str, str], dict[Sides, int]] = {}
    for merchant, show, shop, host, fen in conn.execute(sql("audit/commissions")):
        found.setdefault((merchant, show), {})[shop, host] = fen
    return found


def _owed(conn: psycopg.Connection, merchant: str, *, show: str) -> tuple[Due, ...]:
    standing = PostgresShows().find(conn, merchant, show=show)
    sold = PostgresShowOrders().of_show(conn, merchant, show=show)
    return () if standing is None else commission(standing.show, totals_of(sold)).due


def _sides(merchant: str, due: Iterable[Due]) -> dict[Sides, int]:
    return {
        (shop_payable(merchant, one.shop).id, host_payable(merchant, one.host).id): one.amount_fen
        for one in due
    }
