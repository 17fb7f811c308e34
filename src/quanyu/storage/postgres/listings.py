"""Items and stores in PostgreSQL: one statement per batch, a cursor for the whole."""

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from typing import Any

import msgspec
import psycopg

from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.ports import Entry, Listing
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

FETCH = 2_000
_body = msgspec.json.Encoder().encode


class PostgresListings:
    """The port ``ListingStore``."""

    def put(
        self, tx: psycopg.Connection, merchant: str, *, listings: Sequence[Listing], at_us: int
    ) -> int:
        bodies = [_body(one) for one in listings]
        columns = {
            "kinds": [one.KIND for one in listings],
            "ids": [one.id for one in listings],
            "shops": [one.shop for one in listings],
            "offered": [one.offered for one in listings],
            "industries": [one.industry for one in listings],
            "bodies": bodies,
            "digests": [sha256(body).digest() for body in bodies],
        }
        row = {"merchant_no": merchant_no(tx, merchant), "at_us": at_us, **columns}
        return tx.execute(sql("listings/put"), row).rowcount

    def find(
        self, tx: psycopg.Connection, merchant: str, *, form: type[Entry], ids: Collection[str]
    ) -> Sequence[Entry]:
        return _read(tx, merchant, form=form, statement="find", ids=list(ids))

    def page(
        self, tx: psycopg.Connection, merchant: str, *, form: type[Entry], after: tuple[str, int]
    ) -> Sequence[Entry]:
        id, limit = after
        return _read(tx, merchant, form=form, statement="page", after=id, limit=limit)

    def stream(
        self, tx: psycopg.Connection, merchant: str, *, form: type[Entry]
    ) -> Iterator[Entry]:
        args = {"merchant_no": merchant_no(tx, merchant), "kind": form.KIND}
        decode = msgspec.json.Decoder(form).decode
        with tx.cursor(name="listings") as cursor:
            cursor.itersize = FETCH
            for body, withheld in cursor.execute(sql("listings/stream"), args):
                yield as_shown(decode(body), withheld=withheld)

    def offered(self, tx: psycopg.Connection, merchant: str) -> Iterator[Item]:
        decode = msgspec.json.Decoder(Item).decode
        with tx.cursor(name="offered") as cursor:
            cursor.itersize = FETCH
            for (body,) in cursor.execute(
                sql("listings/offered"), {"merchant_no": merchant_no(tx, merchant)}
            ):
                yield decode(body)

    def industries(
        self, tx: psycopg.Connection, merchant: str, *, items: Collection[str]
    ) -> set[str | None]:
        args = {"merchant_no": merchant_no(tx, merchant), "ids": list(items)}
        return {industry for (industry,) in tx.execute(sql("listings/industries"), args)}


def _read(
    tx: psycopg.Connection, merchant: str, *, form: type[Entry], statement: str, **args: Any
) -> list[Entry]:
    where = {"merchant_no": merchant_no(tx, merchant), "kind": form.KIND}
    rows = tx.execute(sql(f"listings/{statement}"), {**where, **args})
    return [as_shown(msgspec.json.decode(body, type=form), withheld=no) for body, no in rows]


def as_shown(listing: Entry, *, withheld: bool) -> Entry:
    """What the gate withholds is off sale, whatever was written."""
    return msgspec.structs.replace(listing, state="off") if withheld else listing
