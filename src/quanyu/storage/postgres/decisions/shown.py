"""Has anything changed of what a merchant shows? Cheap enough to be asked every other second."""

import psycopg

from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.sql_files import sql


def shown_revision(tx: psycopg.Connection, merchant: str) -> int:
    """Larger after an item, store or piece was written or something was withheld or resumed; 0 for
    a merchant whom nobody knows yet."""
    number = known_merchant_no(tx, merchant)
    row = tx.execute(sql("decisions/shown_revision"), {"merchant_no": number}).fetchone()
    assert row is not None, "the statement always gives a row"
    return int(row[0])
