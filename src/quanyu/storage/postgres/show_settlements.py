"""What was booked of the hosts of closed shows, in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from quanyu.promotions.shows.ports import Booked, Due
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

_due = msgspec.json.Decoder(tuple[Due, ...]).decode


class PostgresCommissionBook:
    """The port ``CommissionBook``."""

    def begin(self, tx: psycopg.Connection, merchant: str, *, show: str) -> Booked:
        tx.execute(sql("shows/begin_settlement"), _place(tx, merchant, show=show))
        return Booked()

    def locked(self, tx: psycopg.Connection, merchant: str, *, show: str) -> Booked | None:
        """Two statements: the second one sees what was committed while the first one waited."""
        place = _place(tx, merchant, show=show)
        tx.execute(sql("shows/hold"), place)
        return _read(tx, "lock_settlement", **place)

    def find(self, tx: psycopg.Connection, merchant: str, *, show: str) -> Booked | None:
        return _read(tx, "find_settlement", **_place(tx, merchant, show=show))

    def put(self, tx: psycopg.Connection, merchant: str, *, show: str, booked: Booked) -> None:
        row = {
            **_place(tx, merchant, show=show), "due": msgspec.json.encode(booked.due),
            "steps": booked.steps, "at_us": booked.at_us,
        }  # fmt: skip
        put = tx.execute(sql("shows/put_settlement"), row).rowcount
        assert put == 1, "a closed show is settled in one row"
        killpoint("shows.settled")

    def stale(self, tx: psycopg.Connection) -> Sequence[tuple[str, str]]:
        return tx.execute(sql("shows/stale_settlements")).fetchall()


def _place(tx: psycopg.Connection, merchant: str, *, show: str) -> dict[str, Any]:
    return {"merchant_no": merchant_no(tx, merchant), "id": show}


def _read(tx: psycopg.Connection, statement: str, **args: Any) -> Booked | None:
    row = tx.execute(sql(f"shows/{statement}"), args).fetchone()
    return None if row is None else Booked(_due(bytes(row[0])), row[1], row[2])
