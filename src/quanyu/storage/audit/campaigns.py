"""Campaigns: what their rows say of money is what the book says, transfer by transfer."""

from collections.abc import Iterator
from typing import NamedTuple

import psycopg

from quanyu.clock import FixedClock
from quanyu.decisions.campaigns.accounts import (
    ads_purse,
    ads_revenue,
    campaign_day,
    campaign_out,
    campaign_total,
)
from quanyu.ledger.accounts import Account
from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.postgres.ledger.book import PostgresBook
from quanyu.storage.postgres.sql_files import sql

PAGE = 500


class Kept(NamedTuple):
    """As its row says."""

    merchant_no: int
    merchant: str
    id: str
    advertiser: str
    committed_fen: int
    settled: bool

    def day(self, day: int) -> Account:
        return campaign_day(self.merchant, self.id, day=day)


def campaigns_are_in_the_book(parts: Audited) -> Check:
    """Of each campaign: what left the purse for it, what each day was given; and what left the
    purse is in its accounts or earned."""
    faults, looked_at = [], 0
    with parts.database.transaction() as conn:
        for kept in _campaigns(conn):
            looked_at += 1
            name = f"campaign {kept.merchant}/{kept.id}"
            faults += [f"{name}: {what}" for what in _faults(conn, kept)]
    return Check("campaigns: their money is what the book says", looked_at, tuple(faults))


def _campaigns(conn: psycopg.Connection) -> Iterator[Kept]:
    place = {"merchant_no": 0, "campaign": "", "limit": PAGE}
    while rows := conn.execute(sql("audit/campaigns"), place).fetchall():
        yield from (Kept(*row) for row in rows)
        place |= {"merchant_no": rows[-1][0], "campaign": rows[-1][2]}


def _faults(conn: psycopg.Connection, kept: Kept) -> Iterator[str]:
    args = {"merchant_no": kept.merchant_no, "campaign": kept.id}
    given: dict[int, int] = dict(conn.execute(sql("audit/campaign_days"), args).fetchall())
    total, out = campaign_total(kept.merchant, kept.id), campaign_out(kept.merchant, kept.id)
    own = [total, out, *(kept.day(day) for day in given)]
    purse = ads_purse(kept.merchant, kept.advertiser)
    pairs = [(purse, total), *((total, kept.day(day)) for day in given),
             *((one, ads_revenue()) for one in own)]  # fmt: skip
    flows = _flows(conn, pairs)
    taken = flows.get((purse.id, total.id), 0)
    if taken != kept.committed_fen:
        yield f"{kept.committed_fen} fen left the purse, {taken} in the book"
    for day, fen in given.items():
        if (posted := flows.get((total.id, kept.day(day).id), 0)) != fen:
            yield f"day {day} was given {fen} fen, {posted} in the book"
    there = _balance(conn, own)
    earned = sum(flows.get((one.id, ads_revenue().id), 0) for one in own)
    if there + earned != taken:
        yield f"{taken} fen left the purse, {there} are in its accounts and {earned} earned"
    if kept.settled and there:
        yield f"it is settled, and {there} fen are still in its accounts"


def _flows(
    conn: psycopg.Connection, pairs: list[tuple[Account, Account]]
) -> dict[tuple[str, str], int]:
    args = {
        "sources": [source.id for source, _ in pairs],
        "targets": [target.id for _, target in pairs],
    }
    rows = conn.execute(sql("audit/net_flows"), args).fetchall()
    return {(source, target): fen for source, target, fen in rows}


def _balance(conn: psycopg.Connection, accounts: list[Account]) -> int:
    found = PostgresBook(FixedClock(0)).balances(conn, [one.id for one in accounts])
    return sum(one.posted for one in found.values())
