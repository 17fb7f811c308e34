"""A database belongs to one master key: under another one every person would become a stranger."""

import hmac

import psycopg

from quanyu.errors import BadInput
from quanyu.ids import derive_key
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.sql_files import sql


def belongs_to(conn: psycopg.Connection, master_key: bytes) -> bool | None:
    """Whether the database was begun with this key; None when it has not met one yet."""
    row = conn.execute(sql("installation/recall")).fetchone()
    return None if row is None else hmac.compare_digest(bytes(row[0]), check_value(master_key))


def bind_master_key(database: Database, master_key: bytes) -> None:
    """Tie a new database to the key. Raises BadInput when it is tied to another."""
    with database.transaction() as conn:
        known = belongs_to(conn, master_key)
        if known is None:
            conn.execute(sql("installation/remember"), [check_value(master_key)])
            known = belongs_to(conn, master_key)
    if not known:
        raise BadInput(
            "master key",
            "this database was begun with another one; restore master.key in the data directory "
            "or set QUANYU_MASTER_KEY to the key that was in use",
        )


def check_value(master_key: bytes) -> bytes:
    """Tells keys apart and gives nothing away about the tokens' key."""
    return derive_key(master_key, "check")
