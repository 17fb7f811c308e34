"""Of whom a decision may be kept: asked, under the locks of ``person_locks``, in the transaction
that keeps it. Whoever switches off or is erased waits for it, and then forgets what it wrote."""

from collections.abc import Collection

import psycopg

from quanyu.decisions.serving.permission import plain_because
from quanyu.storage.postgres.decisions.known import known_at
from quanyu.storage.postgres.person_locks import lock_nodes


def keepable(
    tx: psycopg.Connection, merchant: str, *, nodes: Collection[int], at_us: int
) -> frozenset[int]:
    """Those whose person is personalised still, and neither erased nor being erased."""
    asked = sorted(nodes)
    if not asked:
        return frozenset()
    lock_nodes(tx, asked, alone=False)
    return frozenset(
        node
        for node, one in known_at(tx, merchant, nodes=asked).items()
        if plain_because(one.subject, at_us=at_us, assessed=True, erasing=one.erasing) is None
    )
