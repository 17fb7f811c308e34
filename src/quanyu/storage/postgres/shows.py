"""Live shows and their archives in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from quanyu.clock import MINUTE_US
from quanyu.compliance.streams import Deal
from quanyu.content.shows.archive import Entry, Head
from quanyu.content.shows.show import Show, Standing, words_of
from quanyu.content.shows.states import ShowState
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

OVERTIME_US = 60 * MINUTE_US


class PostgresShows:
    """The port ``ShowStore``."""

    def take_turn(self, tx: psycopg.Connection, merchant: str) -> None:
        tx.execute(sql("shows/take_turn"), {"merchant_no": merchant_no(tx, merchant)})

    def put(self, tx: psycopg.Connection, merchant: str, *, standing: Standing) -> None:
        show = standing.show
        starts_us, ends_us = show.stretch
        row = {
            **_place(tx, merchant, show=show.id),
            "room": show.room,
            "series": show.plan,
            "plan": msgspec.json.encode(show),
            "state": standing.state.value,
            "since_us": standing.since_us,
            "planner": standing.planner,
            "hash": standing.hash,
            "starts_us": starts_us,
            "ends_us": ends_us,
            "started_us": standing.started_us,
            "ended_us": standing.ended_us,
            "kept_until_us": standing.kept_until_us,
        }
        put = tx.execute(sql("shows/put"), row).rowcount
        assert put == 1, "a show is one row"
        killpoint("shows.put")

    def find(self, tx: psycopg.Connection, merchant: str, *, show: str) -> Standing | None:
        found = _one(tx, "find", **_place(tx, merchant, show=show))
        return None if found is None else found[0]

    def locked(
        self, tx: psycopg.Connection, merchant: str, *, show: str
    ) -> tuple[Standing, Head] | None:
        return _one(tx, "lock", **_place(tx, merchant, show=show))

    def on_air(
        self, tx: psycopg.Connection, merchant: str, *, show: str, room: str, now_us: int
    ) -> frozenset[str]:
        """What is true of orders of a show that is live in that room, and not so far over its time
        that somebody forgot to end it."""
        args = {**_place(tx, merchant, show=show), "room": room, "now_us": now_us}
        args["overtime_us"] = OVERTIME_US
        row = tx.execute(sql("shows/on_air"), args).fetchone()
        return frozenset() if row is None else words_of(show, plan=row[0])

    def around(
        self, tx: psycopg.Connection, merchant: str, *, stretch: tuple[int, int]
    ) -> Sequence[Standing]:
        args = {"merchant_no": merchant_no(tx, merchant), "from_us": stretch[0]}
        rows = tx.execute(sql("shows/around"), {**args, "to_us": stretch[1]})
        return [_standing(row)[0] for row in rows]

    def of_host(self, tx: psycopg.Connection, merchant: str, *, host: str) -> Sequence[Standing]:
        args = {"merchant_no": merchant_no(tx, merchant), "host": host}
        return [_standing(row)[0] for row in tx.execute(sql("shows/of_host"), args)]

    def past_term(
        self, tx: psycopg.Connection, *, cutoff_us: int, now_us: int, limit: int
    ) -> Sequence[tuple[str, Standing]]:
        """(merchant, show) that are not kept any longer and still name a person."""
        args = {"cutoff_us": cutoff_us, "now_us": now_us, "limit": limit}
        rows = tx.execute(sql("retention/shows_past_term"), args).fetchall()
        return [(merchant, _standing(row)[0]) for merchant, *row in rows]

    def append(self, tx: psycopg.Connection, merchant: str, *, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        last = entries[-1]
        place = {"merchant_no": merchant_no(tx, merchant), "show": last.show}
        rows = [
            {**place, **msgspec.structs.asdict(one), "said": Jsonb(one.said)} for one in entries
        ]
        with tx.cursor() as cursor:
            cursor.executemany(sql("shows/append"), rows)
        head = {**place, "number": last.number, "hash": last.hash, "count": len(entries)}
        moved = tx.execute(sql("shows/head"), head).rowcount
        assert moved == 1, f"the archive of {last.show} has grown meanwhile"
        killpoint("shows.appended")

    def entries(
        self, tx: psycopg.Connection, merchant: str, *, show: str
    ) -> tuple[Sequence[Entry], Head]:
        place = _place(tx, merchant, show=show)
        found = _one(tx, "find", **place)
        entries = [
            Entry(show, number, at_us, kind, said, bytes(digest))
            for number, at_us, kind, said, digest in tx.execute(sql("shows/entries"), place)
        ]
        return entries, Head() if found is None else found[1]

    def last_calls(
        self, tx: psycopg.Connection, merchant: str, *, items: Sequence[str]
    ) -> Sequence[Deal]:
        args = {"merchant_no": merchant_no(tx, merchant), "items": list(items)}
        return [
            Deal(shop=shop, item=item, price_fen=price_fen, at_us=at_us)
            for shop, item, price_fen, at_us in tx.execute(sql("shows/last_calls"), args)
        ]


def _place(tx: psycopg.Connection, merchant: str, *, show: str) -> dict[str, Any]:
    return {"merchant_no": merchant_no(tx, merchant), "id": show}


def _one(tx: psycopg.Connection, statement: str, **args: Any) -> tuple[Standing, Head] | None:
    row = tx.execute(sql(f"shows/{statement}"), args).fetchone()
    return None if row is None else _standing(row)


def _standing(row: Sequence[Any]) -> tuple[Standing, Head]:
    plan, state, since_us, planner, digest, *times, entries, entry_hash = row
    show = msgspec.json.decode(bytes(plan), type=Show)
    standing = Standing(show, ShowState(state), since_us, planner, digest, *times)
    return standing, Head(entries, bytes(entry_hash))
