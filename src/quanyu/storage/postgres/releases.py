"""Releases of new items in PostgreSQL."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import psycopg

from quanyu.promotions.releases.release import Release
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class PostgresReleases:
    """The port ``ReleaseStore``."""

    def put(self, tx: psycopg.Connection, merchant: str, *, release: Release) -> None:
        row = {
            "merchant_no": merchant_no(tx, merchant),
            "id": release.id,
            "item": release.item,
            "category": release.category,
            "terms": msgspec.json.encode(release),
        }
        put = tx.execute(sql("releases/put"), row).rowcount
        assert put == 1, "a release is one row"

    def remove(self, tx: psycopg.Connection, merchant: str, *, release: str) -> bool:
        args = {"merchant_no": merchant_no(tx, merchant), "id": release}
        return tx.execute(sql("releases/remove"), args).rowcount == 1

    def all(self, tx: psycopg.Connection, merchant: str) -> Sequence[Release]:
        return _read(tx, "all", merchant_no=merchant_no(tx, merchant))

    def covering(
        self,
        tx: psycopg.Connection,
        merchant: str,
        *,
        items: Collection[str],
        categories: Collection[str],
    ) -> Sequence[Release]:
        named = {"items": list(items), "categories": list(categories)}
        return _read(tx, "covering", merchant_no=merchant_no(tx, merchant), **named)


def _read(tx: psycopg.Connection, statement: str, **args: Any) -> list[Release]:
    rows = tx.execute(sql(f"releases/{statement}"), args)
    return [msgspec.json.decode(bytes(terms), type=Release) for (terms,) in rows]
