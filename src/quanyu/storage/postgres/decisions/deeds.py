"""What people did lately."""

from collections.abc import Mapping, Sequence

import psycopg

from quanyu.decisions.taste import Taste
from quanyu.storage.postgres.recent_deeds import newest_of
from quanyu.storage.postgres.sql_files import sql


def tastes(
    tx: psycopg.Connection, nodes: Mapping[int, Sequence[int]], *, at_us: int
) -> dict[int, Taste]:
    """Ask → the newest deeds over the nodes of its person; nothing of people who are new."""
    packed: dict[int, list[bytes]] = {}
    for ask, deeds in tx.execute(sql("decisions/deeds"), by_ask(nodes), binary=True):
        packed.setdefault(ask, []).append(deeds)
    return {ask: Taste(newest_of(several, at_us=at_us)) for ask, several in packed.items()}


def by_ask(nodes: Mapping[int, Sequence[int]]) -> dict[str, list[int]]:
    """For a statement that unnests them."""
    pairs = [(ask, node) for ask, listed in nodes.items() for node in listed]
    return {"asks": [ask for ask, _ in pairs], "nodes": [node for _, node in pairs]}
