"""Who is who: from identifiers and nodes to people, and back."""

from collections.abc import Collection

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.identity.answers import Node, Person
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.sql_files import sql


def person_of(conn: psycopg.Connection, nodes: Collection[int]) -> dict[int, int]:
    """Node → person, for every node asked."""
    rows = conn.execute(sql("identity/person_of"), {"nodes": list(nodes)}, binary=True)
    return {node: node for node in nodes} | dict(rows.fetchall())


def nodes_of(conn: psycopg.Connection, person: int) -> tuple[Node, ...]:
    """The nodes of a person, smallest first; empty when there is no such node."""
    rows = conn.execute(sql("identity/nodes_of"), {"person": person}, binary=True)
    return tuple(Node(*row) for row in rows)


def lookup(conn: psycopg.Connection, merchant: str, *, identifier: Identifier) -> Person | None:
    """The person that has this (kind, token), None when it was never seen."""
    number = known_merchant_no(conn, merchant)
    args = {"merchant_no": number, "kind": identifier[0], "token": identifier[1]}
    row = conn.execute(sql("identity/find_one"), args).fetchone()
    return None if row is None else Person(row[1], nodes_of(conn, row[1]))
