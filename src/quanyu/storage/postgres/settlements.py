"""The entries of payable accounts, summed by the day."""

from typing import Any

import psycopg

from quanyu.clock import CHINA_OFFSET_US, DAY_US
from quanyu.promotions.settlement import Days, Moved
from quanyu.storage.postgres.sql_files import sql


class PostgresSettlements:
    def moved(self, tx: psycopg.Connection, days: Days, *, owner: str | None) -> list[Moved]:
        rows = tx.execute(sql("ledger/settlement_moved"), _arguments(days, owner))
        return [Moved(*row) for row in rows]

    def before(self, tx: psycopg.Connection, days: Days, *, owner: str | None) -> dict[str, int]:
        rows = tx.execute(sql("ledger/settlement_before"), _arguments(days, owner))
        return dict(rows.fetchall())


def _arguments(days: Days, owner: str | None) -> dict[str, Any]:
    return {
        "owner": owner,
        "from_us": days.first * DAY_US - CHINA_OFFSET_US,
        "to_us": (days.last + 1) * DAY_US - CHINA_OFFSET_US,
    }
