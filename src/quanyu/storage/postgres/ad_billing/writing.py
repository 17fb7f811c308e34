"""What a batch has changed. Every changing statement is guarded and counted."""

from collections.abc import Mapping, Sequence

import psycopg

from quanyu.clock import day_number
from quanyu.decisions.billing.settling import Settling, Touch, Verdict
from quanyu.storage.postgres.sql_files import sql


def keep(
    tx: psycopg.Connection, number: int, *, settling: Settling, verdicts: Sequence[Verdict],
    touches: Sequence[Touch],
) -> None:  # fmt: skip
    seen = sorted({one.key for one in touches if one.kind == "impression"})
    if seen:
        _see(tx, number, settling=settling, keys=seen)
    if settling.changed:
        _end(tx, number, settling=settling, verdicts=verdicts)
    if verdicts:
        _note(tx, number, verdicts=verdicts)


def _see(
    tx: psycopg.Connection, number: int, *, settling: Settling, keys: Sequence[tuple[bytes, int]]
) -> None:
    row = {
        "merchant_no": number,
        "traces": [trace for trace, _ in keys],
        "positions": [position for _, position in keys],
        "seen": [settling.wins[key].seen_us for key in keys],
        "touchpoints": list(settling.told),
        "first": [one.first_us for one in settling.told.values()],
        "last": [one.last_us for one in settling.told.values()],
    }
    tx.execute(sql("ad_billing/see"), row)
    tx.execute(sql("ad_billing/tell"), row)


def _end(
    tx: psycopg.Connection, number: int, *, settling: Settling, verdicts: Sequence[Verdict]
) -> None:
    keys = sorted(settling.changed)
    wins = [settling.wins[key] for key in keys]
    ended_us = {
        one.touch.key: one.touch.at_us
        for one in verdicts
        if one.touch.key in settling.changed and settling.wins[one.touch.key].reason == one.reason
    }
    row = {
        "merchant_no": number,
        "traces": [trace for trace, _ in keys],
        "positions": [position for _, position in keys],
        "states": [one.state for one in wins],
        "reasons": [one.reason for one in wins],
        "at": [ended_us[key] for key in keys],
    }
    ended = tx.execute(sql("ad_billing/end_wins"), row).rowcount
    assert ended == len(keys), "they were held a moment ago, and are locked"


def _note(tx: psycopg.Connection, number: int, *, verdicts: Sequence[Verdict]) -> None:
    touches = [one.touch for one in verdicts]
    row = {
        "merchant_no": number,
        "offsets": [one.offset for one in touches],
        "traces": [one.key[0] for one in touches],
        "positions": [one.key[1] for one in touches],
        "campaigns": [one.campaign for one in verdicts],
        "kinds": [one.kind for one in touches],
        "nodes": [one.node for one in touches],
        "days": [day_number(one.at_us) for one in touches],
        "at": [one.at_us for one in touches],
        "reasons": [one.reason for one in verdicts],
    }
    tx.execute(sql("ad_billing/add_touches"), row)


def summed(
    tx: psycopg.Connection, *, settled: Mapping[int, int], released: Mapping[int, int]
) -> Mapping[int, int]:
    """Lease → millifen, added to its outcome. Returns what each lease had earned before."""
    leases = sorted(settled.keys() | released.keys())
    if not leases:
        return {}
    args = {
        "leases": leases,
        "settled": [settled.get(lease, 0) for lease in leases],
        "released": [released.get(lease, 0) for lease in leases],
    }
    before: dict[int, int] = dict(tx.execute(sql("ad_billing/outcomes"), args).fetchall())
    changed = tx.execute(sql("ad_billing/add_outcomes"), args).rowcount
    assert changed == len(leases), "every lease has its outcome"
    return before
