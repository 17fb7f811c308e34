"""The registry: every identifier has a node number, given once and never changed."""

from collections.abc import Collection
from threading import Lock

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

REMEMBERED_MAX = 400_000
Numbers = dict[Identifier, int]


class Registry:
    """Node numbers of identifiers, with a memory of the recent ones: one object per process.

    Numbers that were given in a transaction are remembered once it is known to have committed.
    """

    def __init__(self, remembered_max: int = REMEMBERED_MAX) -> None:
        self._lock = Lock()
        self._memory = _Memory(remembered_max)
        self._fresh: dict[str, dict[str, Numbers]] = {}
        self._epoch = -1

    def register(
        self, conn: psycopg.Connection, merchant: str, *, pairs: Collection[Identifier]
    ) -> Numbers:
        """(kind, token) → node, made where there is none. Until the transaction ends, none of
        these identifiers can be erased."""
        if not pairs:
            return {}
        with self._lock:
            transaction = self._begin(conn)
            fresh = self._fresh.setdefault(transaction, {}).setdefault(merchant, {})
            numbers = self._memory.known(merchant, pairs)
            numbers.update((pair, fresh[pair]) for pair in pairs if pair in fresh)
        missing = (
            [pair for pair in pairs if pair not in numbers] if len(numbers) < len(pairs) else []
        )
        if missing:
            old, new = _get_or_create(conn, merchant, pairs=missing)
            with self._lock:
                self._memory.learn(merchant, old)
                fresh.update(new)
            numbers |= old | new
        return numbers

    def _begin(self, conn: psycopg.Connection) -> str:
        """The transaction. Settles what earlier ones gave, and forgets all after an erasure."""
        earlier = list(self._fresh)
        row = conn.execute(sql("identity/epoch"), {"earlier": earlier}).fetchone()
        assert row is not None, "migration 0020 makes the row"
        epoch, transaction, ends = row
        for one, end in zip(earlier, ends, strict=True):
            if one != transaction and end != "in progress":
                given = self._fresh.pop(one)
                for merchant, numbers in given.items() if end == "committed" else ():
                    self._memory.learn(merchant, numbers)
        if epoch != self._epoch:
            self._epoch = epoch
            self._memory.clear()
        return str(transaction)


class _Memory:
    """The numbers used last, in two generations: the older one goes when the younger is full."""

    def __init__(self, size: int) -> None:
        self._half = max(1, size // 2)
        self.clear()

    def clear(self) -> None:
        self._young: dict[str, Numbers] = {}
        self._old: dict[str, Numbers] = {}
        self._count = 0

    def known(self, merchant: str, pairs: Collection[Identifier]) -> Numbers:
        young = self._young.get(merchant, {})
        found = {pair: young[pair] for pair in pairs if pair in young}
        old = self._old.get(merchant)
        if old and len(found) < len(pairs):
            again = {p: old[p] for p in pairs if p not in found and p in old}
            self.learn(merchant, again)
            found |= again
        return found

    def learn(self, merchant: str, numbers: Numbers) -> None:
        self._count += len(numbers)
        if self._count > self._half:
            self._old, self._young, self._count = self._young, {}, len(numbers)
        self._young.setdefault(merchant, {}).update(numbers)


def register(conn: psycopg.Connection, merchant: str, *, pairs: Collection[Identifier]) -> Numbers:
    """As ``Registry.register``, without a memory."""
    return Registry().register(conn, merchant, pairs=pairs)


def _get_or_create(
    conn: psycopg.Connection, merchant: str, *, pairs: Collection[Identifier]
) -> tuple[Numbers, Numbers]:
    """(numbers that were there, numbers given now). Sorted, so that two who register the same
    identifiers wait for each other instead of locking each other out."""
    number, wanted = merchant_no(conn, merchant), sorted(pairs)
    old = _find(conn, number, pairs=wanted)
    missing = [pair for pair in wanted if pair not in old]
    if not missing:
        return old, {}
    rows = conn.execute(sql("identity/add"), _arrays(number, missing), binary=True)
    new = {(kind, token): node for kind, token, node in rows}
    if len(new) < len(missing):
        old |= _find(conn, number, pairs=[pair for pair in missing if pair not in new])
    return old, new


def _find(conn: psycopg.Connection, number: int, *, pairs: list[Identifier]) -> Numbers:
    rows = conn.execute(sql("identity/find"), _arrays(number, pairs), binary=True)
    return {pairs[place - 1]: node for place, node in rows}


def _arrays(number: int, pairs: list[Identifier]) -> dict[str, object]:
    return {
        "merchant_no": number,
        "kinds": [kind for kind, _ in pairs],
        "tokens": [token for _, token in pairs],
    }
