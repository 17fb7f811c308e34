"""Persons held still: by many senders at once, or by the one who says no.

Every node of the person is locked. Whichever of two identifiers somebody uses, both sides meet on
a node, also while the two are being linked: after the locks are taken the person is looked up
again, until nothing has changed meanwhile.
"""

from collections.abc import Collection

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.storage.postgres.identity.lookups import lookup
from quanyu.storage.postgres.sql_files import sql


def held_nodes(
    tx: psycopg.Connection, merchant: str, *, identifier: Identifier, alone: bool
) -> list[int]:
    """Nodes of the person, locked until ``tx`` ends; empty when nobody has the identifier."""
    held: set[int] = set()
    while True:
        person = lookup(tx, merchant, identifier=identifier)
        nodes = [] if person is None else [node.node for node in person.nodes]
        if held.issuperset(nodes):
            return nodes
        lock_nodes(tx, nodes, alone=alone)
        held.update(nodes)


def lock_nodes(tx: psycopg.Connection, nodes: Collection[int], *, alone: bool) -> None:
    statement = "privacy/lock_alone" if alone else "privacy/lock_shared"
    tx.execute(sql(statement), {"nodes": list(nodes)})
