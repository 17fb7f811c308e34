"""Rows to learn from: what was answered, and what came of it. No person is in them."""

from collections.abc import Iterator, Sequence

import msgspec
import psycopg

from quanyu.decisions.serving.record import Outcome
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.decisions.log import PAGE, outcome
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.sql_files import sql


class Learned(msgspec.Struct, frozen=True, gc=False):
    trace: bytes
    at_us: int
    touchpoint: str
    told: bytes
    outcomes: tuple[Outcome, ...]
    """By position, then time; none: shown and left alone, or not shown at all."""


class LearningRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    def pages(self, merchant: str, *, from_us: int, to_us: int) -> Iterator[list[Learned]]:
        """Of decisions made at or after ``from_us`` and before ``to_us``, oldest first. Each page
        is a transaction of its own, so that a slow learner holds nobody up."""
        after = from_us, b""
        while page := self._page(merchant, after=after, to_us=to_us):
            yield page
            after = page[-1].at_us, page[-1].trace

    def _page(self, merchant: str, *, after: tuple[int, bytes], to_us: int) -> list[Learned]:
        with self._database.transaction() as tx:
            number = known_merchant_no(tx, merchant)
            args = {
                "merchant_no": number, "at_us": after[0], "trace": after[1], "to_us": to_us,
                "limit": PAGE,
            }  # fmt: skip
            rows = tx.execute(sql("decisions/between"), args, binary=True).fetchall()
            came = _outcomes(tx, number, traces=[row[0] for row in rows])
        return [
            Learned(trace, at_us, touchpoint, told, tuple(came.get(trace, ())))
            for trace, at_us, touchpoint, _, told in rows
        ]


def _outcomes(
    tx: psycopg.Connection, number: int | None, *, traces: Sequence[bytes]
) -> dict[bytes, list[Outcome]]:
    found: dict[bytes, list[Outcome]] = {}
    args = {"merchant_no": number, "traces": list(traces)}
    for trace, *row in tx.execute(sql("decisions/outcomes_of"), args, binary=True):
        found.setdefault(trace, []).append(outcome(trace, row))
    return found
