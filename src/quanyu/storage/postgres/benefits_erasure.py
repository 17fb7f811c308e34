"""Who holds benefits, who bought and who clicked is forgotten; what was given and paid stays in
the books."""

from collections.abc import Sequence

import psycopg

from quanyu.storage.postgres.ad_billing.wins import forget_ads
from quanyu.storage.postgres.flash_sales import reservations
from quanyu.storage.postgres.identity.holders import identifiers_of_nodes
from quanyu.storage.postgres.loyalty import purses
from quanyu.storage.postgres.orders import PostgresOrders
from quanyu.storage.postgres.vouchers import PostgresVouchers


def forget_benefits(conn: psycopg.Connection, merchant: str, *, nodes: Sequence[int]) -> int:
    """Random names take the place of the holders, nobody that of who saw an ad; returns in how
    many rows."""
    holders = identifiers_of_nodes(conn, nodes)
    stores = (
        purses.forget,
        reservations.forget,
        PostgresOrders().forget,
        PostgresVouchers().forget,
    )
    seen = forget_ads(conn, nodes=nodes)
    return seen + sum(forget(conn, merchant, holders=holders) for forget in stores)
