"""The figures of the yearly account of minors, counted from the tables themselves."""

from datetime import datetime

import msgspec
import psycopg

from quanyu.clock import CHINA, Clock, china_datetime, to_us
from quanyu.customers.privacy.minors import MinorsReport
from quanyu.errors import BadInput
from quanyu.events.event import Event
from quanyu.storage.postgres.audience_members import Memberships, bitmap_of
from quanyu.storage.postgres.audience_table import rows_of
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.sql_files import sql

FIRST_YEAR = 2000
WANTED = frozenset({"service"})
"""Purposes of messages that minors may get."""
_event = msgspec.msgpack.Decoder(Event).decode


class MinorsAccount:
    def __init__(self, database: Database, memberships: Memberships, *, clock: Clock) -> None:
        self._database = database
        self._memberships = memberships
        self._clock = clock

    def report(self, merchant: str, year: int | None = None) -> MinorsReport:
        """Of a year, by default the running one. Raises BadInput."""
        this_year = china_datetime(self._clock.now_us()).year
        asked = this_year if year is None else year
        if not FIRST_YEAR <= asked <= this_year:
            raise BadInput("year", f"use {FIRST_YEAR} to {this_year}")
        with self._database.transaction() as conn:
            args = {"merchant_no": known_merchant_no(conn, merchant), "year": asked}
            row = conn.execute(sql("privacy/minors_counted"), args).fetchone()
            assert row is not None, "an aggregate gives one row"
            return MinorsReport(
                year=asked,
                minors=row[0],
                came_of_age=row[1],
                said_yes_since=row[2],
                profiled=row[3],
                refused_words=row[4],
                in_audiences=self._in_audiences(conn, merchant, args=args),
                marketing_sent=_sent(conn, asked, args=args),
            )

    def _in_audiences(
        self, conn: psycopg.Connection, merchant: str, *, args: dict[str, int | None]
    ) -> int:
        minors = bitmap_of(row[0] for row in conn.execute(sql("privacy/minors"), args))
        numbers = [row.number for row in rows_of(conn, merchant).values()]
        return sum(len(held & minors) for held in self._memberships.of(conn, numbers).values())


def _sent(conn: psycopg.Connection, year: int, *, args: dict[str, int | None]) -> int:
    bounds = {"from_us": _new_year_us(year), "to_us": _new_year_us(year + 1)}
    rows = conn.execute(sql("privacy/minors_events"), {**args, **bounds}, binary=True)
    events = (_event(raw) for (raw,) in rows)
    return sum(e.kind == "message_sent" and e.props.get("purpose") not in WANTED for e in events)


def _new_year_us(year: int) -> int:
    return to_us(datetime(year, 1, 1, tzinfo=CHINA))
