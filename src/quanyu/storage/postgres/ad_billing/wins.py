"""Wins in PostgreSQL, and whom an erasure takes out of them."""

from collections.abc import Sequence
from typing import Any

import psycopg

from quanyu.decisions.billing.win import Win
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class PostgresWins:
    """The port ``Wins``."""

    def keep(self, tx: psycopg.Connection, merchant: str, *, wins: Sequence[Win]) -> None:
        """A lease that is over or would be passed is a bug: nothing of the transaction stays."""
        if not wins:
            return
        columns = {"merchant_no": merchant_no(tx, merchant), **_columns(wins)}
        leases = {(one.lease, one.campaign) for one in wins}
        held = tx.execute(sql("ad_billing/hold"), columns).rowcount
        assert held == len(leases), "the wins do not fit into their leases"
        added = tx.execute(sql("ad_billing/add_wins"), columns).rowcount
        assert added == len(wins), "each win is one row"
        killpoint("ads.held")


def _columns(wins: Sequence[Win]) -> dict[str, list[Any]]:
    return {
        "traces": [one.trace for one in wins],
        "positions": [one.position for one in wins],
        "campaigns": [one.campaign for one in wins],
        "creatives": [one.creative for one in wins],
        "leases": [one.lease for one in wins],
        "prices": [one.price_millifen for one in wins],
        "billings": [one.billing for one in wins],
        "touchpoints": [one.touchpoint for one in wins],
        "nodes": [one.node for one in wins],
        "at": [one.at_us for one in wins],
        "expires": [one.expires_us for one in wins],
    }


def forget_ads(conn: psycopg.Connection, *, nodes: Sequence[int]) -> int:
    """Ads and clicks stay, for they are money; whose they were goes. Returns how many rows."""
    args = {"nodes": list(nodes)}
    statements = ("ad_billing/forget_wins", "ad_billing/forget_touches")
    return sum(conn.execute(sql(one), args).rowcount for one in statements)
