"""The port ``Belongings``: one named statement per section of the copy that a person gets."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.storage.postgres.audience_members import Memberships
from quanyu.storage.postgres.audience_table import rows_of
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.identity.holders import columns_of, met
from quanyu.storage.postgres.identity.lookups import lookup
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.sql_files import sql

SECTIONS = {
    "links": "copies/links",
    "suppressions": "copies/suppressions",
    "protection": "copies/protection",
    "memberships": "copies/memberships",
    "coupons": "copies/coupons",
    "offline": "copies/offline",
    "attempts": "copies/attempts",
    "orders": "copies/orders",
    "instalments": "copies/instalments",
    "suspected_orders": "copies/suspected_orders",
    "vouchers": "copies/vouchers",
    "points": "copies/points",
    "flash_sales": "copies/flash_sales",
    "ads": "copies/ads",
    "ad_clicks": "copies/ad_clicks",
    "decisions": "copies/decisions",
    "shown": "copies/shown",
}
"""Section → statement; ``audiences`` comes from the bitmaps. The register of personal data names
a section for every field that is handed out."""


class PostgresBelongings:
    def __init__(self, database: Database, memberships: Memberships) -> None:
        self._database = database
        self._memberships = memberships

    def meet(self, merchant: str, identifier: Identifier) -> None:
        with self._database.transaction() as conn:
            met(conn, merchant, identifier=identifier)

    def of(self, merchant: str, identifier: Identifier) -> Mapping[str, Sequence[dict[str, Any]]]:
        with self._database.transaction() as conn:
            person = lookup(conn, merchant, identifier=identifier)
            nodes = () if person is None else person.nodes
            numbers = [node.node for node in nodes]
            args = {
                "merchant": merchant,
                "merchant_no": known_merchant_no(conn, merchant),
                "nodes": numbers,
                **columns_of([(node.kind, node.token) for node in nodes]),
            }
            found = {
                section: [row[0] for row in conn.execute(sql(statement), args)]
                for section, statement in SECTIONS.items()
            }
            return found | {"audiences": self._audiences(conn, merchant, nodes=numbers)}

    def _audiences(
        self, conn: psycopg.Connection, merchant: str, *, nodes: Sequence[int]
    ) -> list[dict[str, Any]]:
        rows = rows_of(conn, merchant)
        members = self._memberships.of(conn, [row.number for row in rows.values()])
        return [
            {"audience": name}
            for name, row in sorted(rows.items())
            if any(node in members[row.number] for node in nodes)
        ]
