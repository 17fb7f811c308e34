"""Promotions that apply by themselves, in PostgreSQL."""

from collections.abc import Sequence

import msgspec
import psycopg

from quanyu.promotions.pricing.offers import Offer
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class PostgresPromotions:
    """The port ``OfferCatalogue``."""

    def active(self, tx: psycopg.Connection, merchant: str) -> Sequence[Offer]:
        return _read(tx, merchant, statement="active")

    def all(self, tx: psycopg.Connection, merchant: str) -> Sequence[Offer]:
        return _read(tx, merchant, statement="all")

    def put(self, tx: psycopg.Connection, merchant: str, *, offer: Offer) -> None:
        number = merchant_no(tx, merchant)
        row = {"merchant_no": number, "id": offer.id, "terms": msgspec.json.encode(offer)}
        put = tx.execute(sql("promotions/put"), row).rowcount
        assert put == 1, "a promotion is one row"

    def remove(self, tx: psycopg.Connection, merchant: str, *, offer: str) -> bool:
        args = {"merchant_no": merchant_no(tx, merchant), "id": offer}
        return tx.execute(sql("promotions/remove"), args).rowcount == 1


def _read(tx: psycopg.Connection, merchant: str, *, statement: str) -> list[Offer]:
    rows = tx.execute(sql(f"promotions/{statement}"), {"merchant_no": merchant_no(tx, merchant)})
    return [msgspec.json.decode(bytes(terms), type=Offer) for (terms,) in rows]
