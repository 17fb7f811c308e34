"""Erases a person, step by step; every step may be run again, and a crash resumes at the next.

Order: the request is noted; the log loses the events, so that no projection can bring them back;
then the lake; then all tables in one transaction; then the files of the tables are written anew,
because PostgreSQL leaves the bytes of removed rows in place. Every transaction that removes
something first waits for the batches that are being folded.
"""

import hmac
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec
import psycopg
from psycopg import errors as pg
from psycopg.sql import SQL
from psycopg.sql import Identifier as Name
from psycopg.types.json import Jsonb

from quanyu.clock import Clock
from quanyu.customers.identity.anchors import Identifier
from quanyu.customers.privacy.erasure import Receipt
from quanyu.events.event import Event
from quanyu.ids import derive_key, random_id
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.identity.lookups import lookup
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import known_merchant_no
from quanyu.storage.postgres.profiles import ledger
from quanyu.storage.postgres.quarantine import Quarantine
from quanyu.storage.postgres.sql_files import sql

COMPACT_BYTES_MAX = 256 << 20
"""Larger tables are vacuumed, not written anew: their freed bytes stay until they are reused."""
LOCK_TIMEOUT = "5s"
PROOF_BYTES = 16
WHOLE_VALUE_LENGTH = 6
TABLES = {"history": "delete_history", "tags": "delete_states", "consents": "delete_consents"}


@dataclass(frozen=True, slots=True)
class Others:
    """What other areas erase. ``anchor(merchant, event)``: the identifier that keeps an event."""

    anchor: Callable[[str, Event], Identifier]
    lake: Callable[[str, Collection[int]], int]
    """``lake(merchant, nodes)`` rewrites the files; returns the number of events removed."""
    tables: Mapping[str, Callable[[psycopg.Connection, str, Sequence[int]], int]]
    """Name → ``erase(conn, merchant, nodes)``, run in order in one transaction; identity last."""


@dataclass(frozen=True, slots=True)
class Open:
    """An erasure that is not finished."""

    receipt: str
    merchant: str
    nodes: list[int]
    tokens: list[bytes]
    steps: list[str]


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
        self._quarantine = quarantine
        self._others = others
        self._master_key, self._clock = secrets

    def erase(
        self, merchant: str, identifier: Identifier, *, spellings: Sequence[str]
    ) -> Receipt | None:
        receipt = self._request(merchant, identifier, spellings=spellings)
        killpoint("erasure.requested")
        if receipt is None:
            return None
        return next(done for done in self.resume() if done.number == receipt)

    def resume(self) -> list[Receipt]:
        with self._database.transaction() as conn:
            rows = conn.execute(sql("privacy/open_erasures")).fetchall()
        return [self._finish(Open(*row)) for row in rows]

    def erased(self, merchant: str, identifier: Identifier) -> str | None:
        with self._database.transaction() as conn:
            args = {"merchant_no": known_merchant_no(conn, merchant)}
            rows = conn.execute(sql("privacy/proofs"), args).fetchall()
        for receipt, proofs in rows:
            if self._proof(merchant, receipt, what=identifier[1]) in proofs:
                return str(receipt)
        return None

    def _proof(self, merchant: str, receipt: str, *, what: bytes) -> bytes:
        key = derive_key(self._master_key, "erasure", merchant)
        return hmac.digest(key, receipt.encode() + b"\0" + what, "sha256")[:PROOF_BYTES]

    def _request(
        self, merchant: str, identifier: Identifier, *, spellings: Sequence[str]
    ) -> str | None:
        """Note the request. Refused input goes here: only now is the raw value known."""
        receipt = random_id("erasure")
        with self._database.transaction() as conn:
            person = lookup(conn, merchant, identifier=identifier)
            needles = [_unmistakable(spelling) for spelling in spellings]
            refused = self._quarantine.erase(conn, merchant, values=needles)
            if person is None and not refused:
                return None
            nodes = () if person is None else person.nodes
            numbers = [node.node for node in nodes]
            tokens = [node.token for node in nodes]
            consents = msgspec.msgpack.encode(ledger(conn, numbers))
            args = {
                "receipt": receipt,
                "merchant_no": known_merchant_no(conn, merchant),
                "nodes": numbers,
                "tokens": tokens,
                "proofs": [self._proof(merchant, receipt, what=token) for token in tokens],
                "consents": self._proof(merchant, receipt, what=consents),
                "erased": Jsonb({"identifiers": len(nodes), "quarantine": refused}),
                "requested_us": self._clock.now_us(),
            }
            conn.execute(sql("privacy/request_erasure"), args)
        return receipt

    def _finish(self, request: Open) -> Receipt:
        steps = {"events": self._events, "lake": self._lake, "tables": self._tables}
        for name, step in steps.items():
            if name not in request.steps:
                step(request)
                killpoint(f"erasure.{name}")
        self._compact()
        killpoint("erasure.compacted")
        with self._database.transaction() as conn:
            args = {"receipt": request.receipt, "finished_us": self._clock.now_us()}
            row = conn.execute(sql("privacy/finish_erasure"), args).fetchone()
        assert row is not None, "the request was noted first"
        self._compact("erasure")
        return Receipt(*row)

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
            _step_done(conn, request, step="events", erased={"events": removed})

    def _lake(self, request: Open) -> None:
        removed = self._others.lake(request.merchant, request.nodes)
        with self._database.transaction() as conn:
            _step_done(conn, request, step="lake", erased={"lake_events": removed})

    def _tables(self, request: Open) -> None:
        with self._database.transaction() as conn:
            conn.execute(sql("privacy/lock_consumers"))
            conn.execute(sql("privacy/allow_erasing"))
            nodes = {"nodes": request.nodes}
            erased = {
                name: conn.execute(sql(f"privacy/{statement}"), nodes).rowcount
                for name, statement in TABLES.items()
            }
            conn.execute(sql("profiles/forget_withheld"), nodes)
            for name, erase in self._others.tables.items():
                erased[name] = erase(conn, request.merchant, request.nodes)
            _step_done(conn, request, step="tables", erased=erased)

    def _compact(self, only: str | None = None) -> None:
        with self._database.session() as conn:
            tables = [r for r in conn.execute(sql("privacy/tables")) if only in (None, r[0])]
            conn.execute(sql("privacy/lock_timeout"), {"timeout": LOCK_TIMEOUT})
            try:
                for table, size in tables:
                    _write_anew(conn, table, size=size)
                with suppress(pg.InsufficientPrivilege):
                    conn.execute(sql("privacy/checkpoint"))
            finally:
                conn.execute(sql("privacy/lock_timeout"), {"timeout": "0"})


def _unmistakable(value: str) -> str:
    """A short value is looked for between quotes: 12 is a part of many other things."""
    return value if len(value) >= WHOLE_VALUE_LENGTH else f'"{value}"'


def _step_done(
    conn: psycopg.Connection, request: Open, *, step: str, erased: Mapping[str, int]
) -> None:
    args = {"receipt": request.receipt, "step": step, "erased": Jsonb(dict(erased))}
    conn.execute(sql("privacy/step_done"), args)


def _write_anew(conn: psycopg.Connection, table: str, *, size: int) -> None:
    name = Name(table)
    if size <= COMPACT_BYTES_MAX:
        with suppress(pg.LockNotAvailable):
            conn.execute(SQL(sql("privacy/compact")).format(table=name))
            return
    conn.execute(SQL(sql("privacy/vacuum")).format(table=name))
