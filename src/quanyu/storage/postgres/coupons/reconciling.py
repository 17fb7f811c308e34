"""Coupons against the book: pieces, faces, discounts and losses per offer must be its balances."""

from typing import NamedTuple

import psycopg

from quanyu.ledger.book import Book
from quanyu.storage.postgres.offers.reading import offer_balances
from quanyu.storage.postgres.sql_files import sql

PLACES = (
    "pieces/out", "pieces/used", "pieces/gone", "fen/out", "fen/spent", "fen/offline_loss",
    "fen/offline_debt",
)  # fmt: skip


class Difference(NamedTuple):
    merchant: str
    offer: str
    place: str
    in_rows: int
    in_book: int

    def __str__(self) -> str:
        place = f"{self.merchant}: offer {self.offer}, {self.place}"
        return f"{place}: {self.in_rows} in coupons, {self.in_book} in the book"


def differences(
    tx: psycopg.Connection, book: Book[psycopg.Connection]
) -> tuple[int, list[Difference]]:
    """(Offers looked at, differences). Call it first in a transaction: it looks at one moment, or
    what commits in between would look like a difference."""
    tx.execute(sql("coupons/one_moment"))
    rows = tx.execute(sql("coupons/sums")).fetchall()
    found = []
    for merchant, offer, *sums in rows:
        balances = offer_balances(tx, book, merchant=merchant, offer=offer)
        found += [
            Difference(merchant, offer, place, in_rows, balances.get(place, 0))
            for place, in_rows in zip(PLACES, sums, strict=True)
            if balances.get(place, 0) != in_rows
        ]
    return len(rows), found
