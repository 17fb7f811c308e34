"""The port ``DecisionLog``: what was answered and why, and what came of it."""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from quanyu.decisions.serving.record import Outcome, Record
from quanyu.storage.postgres.decisions.keeping import keepable
from quanyu.storage.postgres.merchants import known_merchant_no, merchant_no
from quanyu.storage.postgres.sql_files import sql

PAGE = 500


class PostgresDecisionLog:
    def keep(self, tx: psycopg.Connection, merchant: str, *, records: Sequence[Record]) -> None:
        """A trace that stands there is left as it is. A personal answer to somebody who has
        switched off meanwhile is not kept at all."""
        latest_us = max((one.at_us for one in records), default=0)
        nodes = {node for one in records for node in one.nodes}
        may = keepable(tx, merchant, nodes=nodes, at_us=latest_us)
        kept = [one for one in records if may.issuperset(one.nodes)]
        if not kept:
            return
        args = {
            "merchant_no": merchant_no(tx, merchant),
            "traces": [one.trace for one in kept],
            "at": [one.at_us for one in kept],
            "touchpoints": [one.touchpoint for one in kept],
            "nodes": [_array(one.nodes) for one in kept],
            "told": [one.told for one in kept],
        }
        tx.execute(sql("decisions/keep"), args)

    def find(self, tx: psycopg.Connection, merchant: str, *, trace: bytes) -> Record | None:
        row = tx.execute(sql("decisions/find"), _place(tx, merchant, trace=trace)).fetchone()
        return None if row is None else _record(row)

    def outcomes(self, tx: psycopg.Connection, merchant: str, *, trace: bytes) -> Sequence[Outcome]:
        rows = tx.execute(sql("decisions/outcomes"), _place(tx, merchant, trace=trace))
        return [outcome(trace, row) for row in rows]

    def between(
        self, tx: psycopg.Connection, merchant: str, *, from_us: int, to_us: int
    ) -> Iterator[Record]:
        for page in pages(tx, merchant, from_us=from_us, to_us=to_us):
            yield from page


def pages(
    tx: psycopg.Connection, merchant: str, *, from_us: int, to_us: int
) -> Iterator[list[Record]]:
    """Decisions made at or after ``from_us`` and before ``to_us``, oldest first."""
    args = {
        "merchant_no": known_merchant_no(tx, merchant), "to_us": to_us, "limit": PAGE,
        "at_us": from_us, "trace": b"",
    }  # fmt: skip
    while page := [_record(row) for row in tx.execute(sql("decisions/between"), args)]:
        yield page
        args |= {"at_us": page[-1].at_us, "trace": page[-1].trace}


def outcome(trace: bytes, row: Sequence[Any]) -> Outcome:
    position, kind, at_us, amount_fen = row
    return Outcome(trace=trace, position=position, kind=kind, at_us=at_us, amount_fen=amount_fen)


def _array(nodes: Sequence[int]) -> str:
    return "{" + ",".join(map(str, nodes)) + "}"


def _place(tx: psycopg.Connection, merchant: str, *, trace: bytes) -> dict[str, Any]:
    return {"merchant_no": known_merchant_no(tx, merchant), "trace": trace}


def _record(row: Sequence[Any]) -> Record:
    trace, at_us, touchpoint, nodes, told = row
    return Record(
        trace=bytes(trace), at_us=at_us, touchpoint=touchpoint, nodes=tuple(nodes),
        told=bytes(told),
    )  # fmt: skip
