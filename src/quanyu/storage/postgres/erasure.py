"""Erases a person, step by step; every step may be run again, and a crash resumes at the next.

Order: the request is noted; the log loses the events, so that no projection can bring them back;
then the lake; then all tables in one transaction; then the files of the tables are written anew,
because PostgreSQL leaves the bytes of removed rows in place. Every transaction that removes
something first waits for the batches that are being folded.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import psycopg

from quanyu.clock import Clock
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.privacy.erasure import Receipt
from quanyu.events.event import Event
from quanyu.storage.postgres.compaction import write_anew
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.erasure_requests import ErasureRequests, Open, step_done
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.quarantine import Quarantine
from quanyu.storage.postgres.sql_files import sql

TABLES = {
    "history": "delete_history",
    "tags": "delete_states",
    "consents": "delete_consents",
    "suppressions": "delete_suppressions",
}


class Forget(Protocol):
    def __call__(self, conn: psycopg.Connection, merchant: str, *, nodes: Sequence[int]) -> int: ...


@dataclass(frozen=True, slots=True)
class Others:
    """What other areas erase. ``anchor(merchant, event)``: the identifier that keeps an event."""

    anchor: Callable[[str, Event], Identifier]
    lake: Callable[[str, Collection[int]], int]
    """``lake(merchant, nodes)`` rewrites the files; returns the number of events removed."""
    tables: Mapping[str, Forget]
    """Run in order in one transaction; identity last."""


class PostgresEraser:
    """The port ``Eraser``."""

    def __init__(
        self,
        database: Database,
        log: PostgresEventLog,
        *,
        quarantine: Quarantine,
        others: Others,
        secrets: tuple[bytes, Clock],
    ) -> None:
        self._database = database
        self._log = log
        self._requests = ErasureRequests(database, quarantine, secrets=secrets)
        self._others = others

    def erase(
        self, merchant: str, identifier: Identifier, *, spellings: Sequence[str]
    ) -> Receipt | None:
        receipt = self._requests.add(merchant, identifier, spellings=spellings)
        killpoint("erasure.requested")
        if receipt is None:
            return None
        return next(done for done in self.resume() if done.number == receipt)

    def resume(self) -> list[Receipt]:
        return [self._finish(request) for request in self._requests.open()]

    def erased(self, merchant: str, identifier: Identifier) -> str | None:
        return self._requests.erased(merchant, identifier)

    def _finish(self, request: Open) -> Receipt:
        steps = {"events": self._events, "lake": self._lake, "tables": self._tables}
        for name, step in steps.items():
            if name not in request.steps:
                step(request)
                killpoint(f"erasure.{name}")
        write_anew(self._database)
        killpoint("erasure.compacted")
        receipt = self._requests.finish(request.receipt)
        write_anew(self._database, only="erasure")
        return receipt

    def _events(self, request: Open) -> None:
        merchant, tokens = request.merchant, frozenset(request.tokens)
        anchor = self._others.anchor
        with self._database.transaction() as conn:
            conn.execute(sql("privacy/lock_consumers"))
            removed = self._log.rewrite(
                conn,
                merchant,
                gone=lambda event: anchor(merchant, event)[1] in tokens,
                mentions=tokens,
            )
            step_done(conn, request, step="events", erased={"events": removed})

    def _lake(self, request: Open) -> None:
        removed = self._others.lake(request.merchant, request.nodes)
        with self._database.transaction() as conn:
            step_done(conn, request, step="lake", erased={"lake_events": removed})

    def _tables(self, request: Open) -> None:
        with self._database.transaction() as conn:
            conn.execute(sql("privacy/lock_consumers"))
            conn.execute(sql("privacy/allow_erasing"))
            nodes = {"nodes": request.nodes}
            conn.execute(sql("privacy/lock_alone"), nodes)
            erased = {
                name: conn.execute(sql(f"privacy/{statement}"), nodes).rowcount
                for name, statement in TABLES.items()
            }
            conn.execute(sql("profiles/forget_withheld"), nodes)
            for name, forget in self._others.tables.items():
                erased[name] = forget(conn, request.merchant, nodes=request.nodes)
            step_done(conn, request, step="tables", erased=erased)
