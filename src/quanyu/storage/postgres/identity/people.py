"""Works out people again and writes down what has changed, and nothing else."""

from collections.abc import Collection

import numpy as np
import psycopg

from quanyu.customers.identity.anchors import BlockedTokens
from quanyu.customers.identity.ledger import Rows, Verdict
from quanyu.customers.identity.resolving import Resolution
from quanyu.customers.identity.rules import shipped_rules
from quanyu.storage.postgres.identity.region import (
    PERSON,
    STATE,
    Merchant,
    Region,
    region_around,
    whole_region,
)
from quanyu.storage.postgres.identity.rows import int8s, write_rows
from quanyu.storage.postgres.sql_files import sql

CHANGE_NODES_MAX = 10_000


class People:
    """Callers hold the lock of the merchant (``lock_merchant``)."""

    def __init__(self, blocked: BlockedTokens) -> None:
        self.blocked = blocked

    def settle(
        self, conn: psycopg.Connection, merchant: Merchant, *, nodes: Collection[int]
    ) -> None:
        """After new assertions at ``nodes``: decides every component that they touch."""
        if nodes:
            region = region_around(conn, merchant, nodes=nodes, blocked=self.blocked)
            write(conn, merchant, region=region)

    def settle_less(
        self, conn: psycopg.Connection, merchant: Merchant, *, nodes: Collection[int]
    ) -> None:
        """After edges at ``nodes`` were taken away: a shared device may not be one any more."""
        conn.execute(sql("identity/drop_shared"), {"nodes": list(nodes)})
        self.settle(conn, merchant, nodes=nodes)

    def rebuild(self, conn: psycopg.Connection, merchant: Merchant) -> Resolution:
        """Decides everything of one merchant from the ledger alone."""
        region = whole_region(conn, merchant, blocked=self.blocked)
        conn.execute(sql("identity/drop_merchant_shared"), {"merchant_no": merchant.number})
        return write(conn, merchant, region=region)


def lock_merchant(conn: psycopg.Connection, merchant: Merchant) -> None:
    conn.execute(sql("identity/merchant_lock"), [merchant.number])


def write(conn: psycopg.Connection, merchant: Merchant, *, region: Region) -> Resolution:
    resolution = region.resolved()
    new_shared = np.setdiff1d(resolution.shared, region.marks.shared).tolist()
    if new_shared:
        args = {"nodes": new_shared, "merchant_no": merchant.number}
        conn.execute(sql("identity/add_shared"), args)
    _write_states(conn, merchant, old=region.old_states, new=_states(region, resolution))
    _write_persons(conn, merchant, region=region, resolution=resolution)
    return resolution


def _states(region: Region, resolution: Resolution) -> Rows:
    edges = region.graph.edges
    kept = resolution.verdict != Verdict.ACCEPTED
    states = np.empty(np.count_nonzero(kept), STATE)
    for name in ("a", "b", "rule"):
        states[name] = edges[name][kept]
    states["verdict"] = resolution.verdict[kept]
    return states


def _write_states(conn: psycopg.Connection, merchant: Merchant, *, old: Rows, new: Rows) -> None:
    gone, come = np.setdiff1d(old, new), np.setdiff1d(new, old)
    if len(gone):
        conn.execute(sql("identity/drop_states"), _columns(gone))
    if len(come):
        args = {**_columns(come), "verdict": come["verdict"].tolist()}
        conn.execute(sql("identity/add_states"), args | {"merchant_no": merchant.number})


def _columns(states: Rows) -> dict[str, object]:
    names = [rule.name for rule in shipped_rules()]
    return {
        "a": states["a"].tolist(),
        "b": states["b"].tolist(),
        "rule": [names[code] for code in states["rule"].tolist()],
    }


def _write_persons(
    conn: psycopg.Connection, merchant: Merchant, *, region: Region, resolution: Resolution
) -> None:
    inside, rows = region.inside, region.old_persons
    old = inside.copy()
    old[np.searchsorted(inside, rows["node"])] = rows["person"]
    new = resolution.person[np.searchsorted(region.graph.nodes["node"], inside)]
    moved = old != new
    if not moved.any():
        return
    left = inside[moved & (old != inside)]
    if len(left):
        conn.execute(sql("identity/drop_persons"), {"nodes": int8s(left)})
    joined = moved & (new != inside)
    rows = np.empty(np.count_nonzero(joined), PERSON)
    rows["node"], rows["person"] = inside[joined], new[joined]
    if len(rows):
        write_rows(conn, "identity/copy_persons", rows=rows)
    concerned = np.isin(old, old[moved]) | np.isin(new, new[moved])
    tell(conn, merchant, nodes=inside[concerned])


def tell(conn: psycopg.Connection, merchant: Merchant, *, nodes: Rows) -> None:
    """Says that the people at these nodes are not what they were."""
    for first in range(0, len(nodes), CHANGE_NODES_MAX):
        part = nodes[first : first + CHANGE_NODES_MAX]
        args = {"merchant_no": merchant.number, "nodes": int8s(part)}
        conn.execute(sql("identity/add_change"), args)


def take_person_changes(conn: psycopg.Connection, limit: int = 100) -> list[tuple[int, list[int]]]:
    """(merchant_no, nodes whose person has changed), oldest first; gone when this commits.

    Every node of the old and of the new person is in the list, persons that are no more too.
    """
    rows = conn.execute(sql("identity/take_changes"), {"limit": limit}).fetchall()
    return [(number, nodes) for _, number, nodes in sorted(rows)]
