"""What is kept of decisions about people goes: at an erasure, and when somebody switches off."""

from collections.abc import Sequence

import psycopg

from quanyu.storage.postgres.sql_files import sql


def forget_viewers(tx: psycopg.Connection, nodes: Sequence[int]) -> int:
    """Contacts and decisions of these nodes; returns how many. Outcomes name nobody, and stay."""
    args = {"nodes": list(nodes)}
    statements = ("decisions/forget_contacts", "decisions/forget")
    return sum(tx.execute(sql(statement), args).rowcount for statement in statements)


def erase_viewers(conn: psycopg.Connection, merchant: str, *, nodes: Sequence[int]) -> int:
    """``Forget`` of an erasure; a node belongs to one merchant."""
    return forget_viewers(conn, nodes)
