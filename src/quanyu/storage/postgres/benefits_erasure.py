"""Who holds points and bought in flash sales is forgotten; what was given stays in the books."""

from collections.abc import Sequence

import psycopg

from quanyu.storage.postgres.flash_sales import reservations
from quanyu.storage.postgres.identity.holders import identifiers_of_nodes
from quanyu.storage.postgres.loyalty import purses


def forget_benefits(conn: psycopg.Connection, merchant: str, *, nodes: Sequence[int]) -> int:
    """Random names take the place of the holders; returns in how many rows."""
    holders = identifiers_of_nodes(conn, nodes)
    points = purses.forget(conn, merchant, holders=holders)
    return points + reservations.forget(conn, merchant, holders=holders)
