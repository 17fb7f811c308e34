"""The ledger: the whole book is replayed once, at one moment, and everything compared with it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from quanyu.storage.audit.check import Check
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.ledger.replay import (
    Replay,
    Standing,
    hold_faults,
    over_limit,
    standing,
)
from quanyu.storage.postgres.sql_files import sql

CHAIN = "ledger: entries are dense and hashed one onto the other"
BALANCES = "ledger: balances are the replay of the entries"
HOLDS = "ledger: each hold ended at most once, as the entries say"
UNITS = "ledger: every unit sums to zero"
LIMITS = "ledger: no account has passed its limit"


def ledger_checks(database: Database) -> Iterator[Check]:
    with database.transaction() as conn:
        conn.execute(sql("lake/one_snapshot"))
        replay = Replay.of(conn)
        accounts = standing(conn)
        holds = hold_faults(conn, replay)
    yield Check(CHAIN, replay.entries, tuple(replay.chain))
    yield Check(BALANCES, len(accounts), tuple(balance_faults(accounts, replay)))
    yield Check(HOLDS, len(replay.holds), (*replay.ends, *holds))
    yield units(accounts)
    yield Check(LIMITS, len(accounts), tuple(limit_faults(accounts)))


def balance_faults(accounts: Sequence[Standing], replay: Replay) -> Iterator[str]:
    for one in accounts:
        expected = replay.sums(one.no)
        if one.sums != expected:
            shown, said = tuple(one.sums), tuple(expected)
            yield f"{one.id} has {shown}, its entries say {said}"
    for lost in sorted(replay.accounts - {one.no for one in accounts}):
        yield f"account {lost} has entries and does not exist"


def units(accounts: Sequence[Standing]) -> Check:
    totals: defaultdict[str, int] = defaultdict(int)
    for one in accounts:
        _, debits, _, credits = (number or 0 for number in one.sums)
        totals[one.unit] += credits - debits
    faults = [f"{unit} sums to {total}" for unit, total in sorted(totals.items()) if total]
    return Check(UNITS, len(totals), tuple(faults))


def limit_faults(accounts: Sequence[Standing]) -> Iterator[str]:
    for one in accounts:
        if one.guarded is None:
            yield f"{one.id} has no balance"
        elif one.guarded != one.limited:
            yield f"{one.id} is guarded by another limit than its own"
        elif over_limit(one):
            yield f"{one.id} has passed its limit"
