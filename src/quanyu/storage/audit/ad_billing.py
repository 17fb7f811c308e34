"""Money of ads: leases are in the book, wins in their leases, each settled win was billed once."""

from collections.abc import Iterator
from typing import LiteralString

import psycopg

from quanyu.clock import FixedClock
from quanyu.decisions.campaigns.accounts import ads_revenue, campaign_out
from quanyu.ledger.accounts import Account
from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.postgres.ledger.book import PostgresBook
from quanyu.storage.postgres.sql_files import sql

PAGE = 500
SUMS = ("won", "settled", "released")


def leases_are_in_the_book(parts: Audited) -> Check:
    """Of each campaign: what is out is what open leases have not earned, and what it brought the
    platform is the whole fen that its leases have."""
    faults, looked_at = [], 0
    with parts.database.transaction() as conn:
        for merchant, campaign, *said in _campaigns(conn):
            looked_at += 1
            booked = _booked(conn, campaign_out(merchant, campaign))
            for what, kept, posted in zip(("out", "earned"), said, booked, strict=True):
                if kept != posted:
                    faults.append(
                        f"campaign {merchant}/{campaign}: {kept} fen {what} by its leases,"
                        f" {posted} in the book"
                    )
    return Check("ads: leases are what the book says", looked_at, tuple(faults))


def _campaigns(conn: psycopg.Connection) -> Iterator[tuple[str, str, int, int]]:
    place = {"merchant_no": 0, "campaign": "", "limit": PAGE}
    while rows := conn.execute(sql("audit/ad_campaigns"), place).fetchall():
        yield from (row[1:] for row in rows)
        place |= {"merchant_no": rows[-1][0], "campaign": rows[-1][2]}


def _booked(conn: psycopg.Connection, out: Account) -> tuple[int, int]:
    found = PostgresBook(FixedClock(0)).balances(conn, [out.id]).get(out.id)
    args = {"sources": [out.id], "targets": [ads_revenue().id]}
    rows = conn.execute(sql("audit/net_flows"), args).fetchall()
    return 0 if found is None else found.posted, sum(fen for *_, fen in rows)


def leases_hold_their_wins(parts: Audited) -> Check:
    """Σ (held + settled) ≤ amount, and the sums of each lease are those of its wins."""
    with parts.database.transaction() as conn:
        looked_at = _count(conn, sql("audit/ad_lease_count"))
        rows = conn.execute(sql("audit/ad_leases")).fetchall()
    faults = [f"lease {row[0]}: {what}" for row in rows for what in _said(row)]
    return Check("ads: wins fit into their leases", looked_at, tuple(faults))


def _said(row: tuple[int, ...]) -> Iterator[str]:
    _, no_lease, no_outcome, amount, *sums = row
    kept, of_wins, bound = sums[:3], sums[3:6], sums[6]
    if no_lease or no_outcome:
        yield "it has wins and no row" if no_lease else "nothing sums what it earned"
        return
    if bound > amount:
        yield f"{bound} millifen held and settled, of {amount}"
    for what, said, summed in zip(SUMS, kept, of_wins, strict=True):
        if said != summed:
            yield f"{said} millifen {what}, {summed} by its wins"


def wins_are_billed_once(parts: Audited) -> Check:
    with parts.database.transaction() as conn:
        looked_at = _count(conn, sql("audit/ad_settled_count"))
        rows = conn.execute(sql("audit/ad_bills")).fetchall()
    faults = [
        f"win {merchant}/{trace}/{position} is settled and was billed {count} times"
        if settled
        else f"win {merchant}/{trace}/{position} was billed and is not settled"
        for merchant, trace, position, settled, count in rows
    ]
    return Check("ads: every settled win was billed once", looked_at, tuple(faults))


def _count(conn: psycopg.Connection, statement: LiteralString) -> int:
    row = conn.execute(statement).fetchone()
    assert row is not None, "a count is one row"
    return int(row[0])
