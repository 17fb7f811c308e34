"""Leases in PostgreSQL. Every changing statement is guarded and counted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec
import psycopg

from quanyu.decisions.billing.booking import Over
from quanyu.decisions.billing.ports import DaySums, Unswept
from quanyu.decisions.billing.win import Lease
from quanyu.storage.postgres.ad_billing.writing import summed
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

PROJECTION = "ad_billing"


class PostgresLeases:
    """The port ``LeaseStore``."""

    def sums(self, tx: psycopg.Connection, merchant: str, *, campaign: str, day: int) -> DaySums:
        place = {"merchant_no": merchant_no(tx, merchant), "campaign": campaign, "day": day}
        row = tx.execute(sql("ad_billing/day_sums"), place).fetchone()
        assert row is not None, "a sum is one row"
        return DaySums(*row)

    def add(
        self, tx: psycopg.Connection, merchant: str, *, lease: Lease, day: int, at_us: int
    ) -> Lease:
        place = {"merchant_no": merchant_no(tx, merchant), "day": day, "at_us": at_us}
        row = tx.execute(sql("ad_billing/add_lease"), place | msgspec.structs.asdict(lease))
        made = row.fetchone()
        assert made is not None, "a lease is one row"
        killpoint("ads.leased")
        return msgspec.structs.replace(lease, number=made[0])

    def left_fen(self, tx: psycopg.Connection, merchant: str, *, day: int) -> Mapping[str, int]:
        args = {"merchant_no": merchant_no(tx, merchant), "day": day}
        return dict(tx.execute(sql("ad_billing/days_left"), args).fetchall())

    def release(self, tx: psycopg.Connection, *, now_us: int, limit: int) -> int:
        _alone(tx)
        args = {"now_us": now_us, "limit": limit}
        rows = tx.execute(sql("ad_billing/release"), args).fetchall()
        sums: defaultdict[int, int] = defaultdict(int)
        for lease, millifen in rows:
            sums[lease] += millifen
        summed(tx, settled={}, released=sums)
        killpoint("ads.released")
        return len(rows)

    def over(self, tx: psycopg.Connection, *, ended_us: int, limit: int) -> Sequence[Over]:
        _alone(tx)
        args = {"ended_us": ended_us, "limit": limit}
        return [Over(*row) for row in tx.execute(sql("ad_billing/due"), args)]

    def close(self, tx: psycopg.Connection, leases: Sequence[int], *, now_us: int) -> None:
        args = {"leases": list(leases), "now_us": now_us}
        closed = tx.execute(sql("ad_billing/close"), args).rowcount
        assert closed == len(leases), "they were open a moment ago, and are locked"
        killpoint("ads.closed")

    def unswept(self, tx: psycopg.Connection, *, today: int, limit: int) -> Sequence[Unswept]:
        args = {"today": today, "limit": limit}
        return [Unswept(*row) for row in tx.execute(sql("ad_billing/unswept"), args)]

    def swept(self, tx: psycopg.Connection, of: Unswept, *, now_us: int) -> None:
        place = {"merchant_no": merchant_no(tx, of.merchant), "campaign": of.campaign}
        days = {"days": list(of.days), "now_us": now_us}
        tx.execute(sql("ad_billing/swept"), place | days)
        killpoint("ads.swept")


def _alone(tx: psycopg.Connection) -> None:
    """Nobody settles meanwhile."""
    tx.execute(sql("events/add_consumer"), {"consumer": PROJECTION})
    tx.execute(sql("events/lock_consumer"), {"consumer": PROJECTION})
