"""Forgetting identifiers for good."""

from collections.abc import Collection

import numpy as np
import psycopg

from quanyu.storage.postgres.identity.people import People, lock_merchant, tell
from quanyu.storage.postgres.identity.region import Merchant
from quanyu.storage.postgres.sql_files import sql


def forget_nodes(
    conn: psycopg.Connection, people: People, *, merchant: Merchant, nodes: Collection[int]
) -> None:
    """Deletes identifiers, their edges and what followed from these; whoever was joined through
    them is worked out again. Waits until nobody is using node numbers. The nodes themselves get no
    person change: who erases them knows."""
    lock_merchant(conn, merchant)
    conn.execute(sql("identity/next_epoch"))
    args = {"nodes": list(nodes), "merchant_no": merchant.number}
    others = {row[0] for row in conn.execute(sql("identity/neighbours"), args)}
    conn.execute(sql("identity/start_erasing"))
    conn.execute(sql("identity/drop_shared"), args)
    conn.execute(sql("identity/erase_entries"), args)
    conn.execute(sql("identity/erase_states"), args)
    others |= {row[0] for row in conn.execute(sql("identity/erase_persons"), args)}
    conn.execute(sql("identity/erase_identifiers"), args)
    others -= set(nodes)
    tell(conn, merchant, nodes=np.array(sorted(others), np.int64))
    people.settle_less(conn, merchant, nodes=others)
