"""A person is gone; the coupons and what they cost stay."""

from collections.abc import Sequence

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.ids import random_token
from quanyu.storage.postgres.identity.holders import identifiers_of_nodes
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.sql_files import sql


def forget(tx: psycopg.Connection, merchant: str, *, holders: Sequence[Identifier]) -> int:
    """The coupons of these holders stay, and belong to nobody who can be found again."""
    args = {
        "merchant_no": known_merchant_no(tx, merchant),
        "kinds": [kind for kind, _ in holders],
        "tokens": [token for _, token in holders],
        "fresh": [random_token() for _ in holders],
    }
    passed = tx.execute(sql("coupons/forget_holders"), args).rowcount
    tx.execute(sql("coupons/forget_counts"), args)
    tx.execute(sql("coupons/forget_marks"), args)
    return passed


def forget_coupons(conn: psycopg.Connection, merchant: str, *, nodes: Sequence[int]) -> int:
    """The same, by the nodes of identity."""
    return forget(conn, merchant, holders=identifiers_of_nodes(conn, nodes))
