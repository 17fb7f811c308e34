"""The book read from its beginning: what its entries say, against what the tables say.

Written apart from the rules that post: it judges nothing, it adds up and compares.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import psycopg

from quanyu.ledger.accounts import Limit
from quanyu.ledger.transfers import Phase
from quanyu.storage.postgres.ledger.directory import LIMIT_NO
from quanyu.storage.postgres.ledger.rows import NO_HASH, PHASES, Row
from quanyu.storage.postgres.sql_files import sql

PAGE = 10_000
_ENDS = {Phase.SETTLE: 1, Phase.RELEASE: 2, Phase.EXPIRE: 3}


class Sums(NamedTuple):
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int


class Kept(NamedTuple):
    """A hold as the entries say it is."""

    row: Row
    state: int


@dataclass
class Replay:
    """Faults by what they are about; each says where."""

    entries: int = 0
    hash: bytes = NO_HASH
    at_us: int = 0
    chain: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    holds: dict[bytes, Kept] = field(default_factory=dict)
    _sums: defaultdict[int, list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0])
    )

    @classmethod
    def of(cls, conn: psycopg.Connection) -> "Replay":
        replay = cls()
        for row, hash_ in rows(conn):
            replay.read(row, hash_)
        replay.compare_head(conn)
        return replay

    def sums(self, account_no: int) -> Sums:
        return Sums(*self._sums.get(account_no, (0, 0, 0, 0)))

    @property
    def accounts(self) -> set[int]:
        """Numbers that the entries name."""
        return set(self._sums)

    def read(self, row: Row, hash_: bytes) -> None:
        self._link(row, hash_)
        match PHASES[row.phase]:
            case Phase.DIRECT:
                self._add(row, row.amount, posted=True)
            case Phase.HOLD:
                self._add(row, row.amount, posted=False)
                self.holds[row.id] = Kept(row, 0)
            case ended:
                self._end(row, ended)

    def _link(self, row: Row, hash_: bytes) -> None:
        self.entries += 1
        if row.no != self.entries:
            self.chain.append(f"entry {row.no} stands where {self.entries} should")
            self.entries = row.no
        if row.hashed(self.hash)[1] != hash_:
            self.chain.append(f"entry {row.no} is not what its hash says")
        if row.at_us < self.at_us:
            self.chain.append(f"entry {row.no} is older than the one before it")
        self.hash, self.at_us = hash_, max(self.at_us, row.at_us)

    def _end(self, row: Row, phase: Phase) -> None:
        kept = self.holds.get(row.pending_id or b"")
        if kept is None or kept.state:
            self.ends.append(f"entry {row.no} ends a hold that is not pending")
            return
        held = kept.row
        if (held.debit_no, held.credit_no) != (row.debit_no, row.credit_no):
            self.ends.append(f"entry {row.no} names other accounts than its hold {held.no}")
        if row.amount > held.amount or (phase is not Phase.SETTLE and row.amount != held.amount):
            self.ends.append(f"entry {row.no} has {row.amount} of the {held.amount} held")
        self._add(held, -held.amount, posted=False)
        if phase is Phase.SETTLE:
            self._add(row, row.amount, posted=True)
        self.holds[held.id] = Kept(held, _ENDS[phase])

    def _add(self, row: Row, amount: int, *, posted: bool) -> None:
        self._sums[row.debit_no][posted] += amount
        self._sums[row.credit_no][2 + posted] += amount

    def compare_head(self, conn: psycopg.Connection) -> None:
        head = conn.execute(sql("ledger/head"), binary=True).fetchone()
        if head != (self.entries, self.hash, self.at_us):
            told = "nothing" if head is None else head[0]
            self.chain.append(f"the head says {told}, the entries end at {self.entries}")


def rows(conn: psycopg.Connection) -> Iterator[tuple[Row, bytes]]:
    after = 0
    while True:
        args = {"after": after, "limit": PAGE}
        page = conn.execute(sql("ledger/transfers_after"), args, binary=True).fetchall()
        if not page:
            return
        for *row, hash_ in page:
            yield Row(*row), hash_
        after = page[-1][0]


class Standing(NamedTuple):
    """An account as the tables say it is."""

    no: int
    id: str
    unit: str
    limited: int
    guarded: int | None
    sums: Sums


def standing(conn: psycopg.Connection) -> list[Standing]:
    found = conn.execute(sql("ledger/all_balances"), binary=True)
    return [
        Standing(no, id_, unit, limited, guarded, Sums(*sums))
        for no, id_, unit, limited, guarded, *sums in found
    ]


def over_limit(one: Standing) -> bool:
    """Whether a side has outgrown the other, holds included."""
    debits_pending, debits_posted, credits_pending, credits_posted = one.sums
    if one.limited == LIMIT_NO[Limit.DEBITS]:
        return debits_posted + debits_pending > credits_posted
    if one.limited == LIMIT_NO[Limit.CREDITS]:
        return credits_posted + credits_pending > debits_posted
    return False


def hold_faults(conn: psycopg.Connection, replay: Replay) -> list[str]:
    """Holds whose row is not what the entries say."""
    expected = {}
    for id_, (row, state) in replay.holds.items():
        until = None if row.timeout_us is None else row.at_us + row.timeout_us
        expected[id_] = (row.amount, until, state)
    found = conn.execute(sql("ledger/all_holds"), binary=True)
    told = {id_: tuple(rest) for id_, *rest in found}
    wrong = [id_ for id_ in told.keys() | expected.keys() if told.get(id_) != expected.get(id_)]
    return [f"hold {id_.hex()} is not what the entries say" for id_ in sorted(wrong)]
