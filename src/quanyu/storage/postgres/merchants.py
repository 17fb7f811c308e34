"""Merchants have names outside and small numbers inside."""

import psycopg

from quanyu.storage.postgres.sql_files import sql


def merchant_no(conn: psycopg.Connection, merchant: str) -> int:
    """Number of the merchant, given one at its first use."""
    number = known_merchant_no(conn, merchant)
    if number is not None:
        return number
    row = conn.execute(sql("merchants/add"), [merchant]).fetchone()
    return int(row[0]) if row else merchant_no(conn, merchant)


def known_merchant_no(conn: psycopg.Connection, merchant: str) -> int | None:
    """Number of the merchant, None when nobody has used that name."""
    row = conn.execute(sql("merchants/find"), [merchant]).fetchone()
    return int(row[0]) if row else None


def merchant_names(conn: psycopg.Connection) -> dict[int, str]:
    return dict(conn.execute(sql("merchants/names")).fetchall())
