"""The retention job: what is past its term goes, step by step; a crash resumes at the open step.

All steps of a run look from the moment at which it began, so that the log, the lake and history
lose the same events however long it takes. Every step may be run again. The receipt counts and
names nobody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from quanyu.clock import DAY_US, Clock, format_iso
from quanyu.customers.privacy.terms import Keeping, Term
from quanyu.events.event import Event
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.event_log import PostgresEventLog
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_names
from quanyu.storage.postgres.profile_projection import ProfileProjection
from quanyu.storage.postgres.sql_files import sql

PAGE = 5_000
TABLES: Mapping[str, str] = {
    "answers": "answers",
    "coupon_steps": "answers",
    "journal": "journal",
    "proofs": "proof",
    "order_identifiers": "trade",
    "orders": "trade",
    "coupons": "trade",
    "coupon_holders": "trade",
    "vouchers": "trade",
    "flash_holds": "trade",
    "ad_wins": "ad_money",
    "ad_touches": "ad_money",
    "decisions": "decision",
    "ad_contacts": "contact",
    "decision_outcomes": "behaviour",
}
"""Statement → the term under which its rows fall."""
_event = msgspec.msgpack.Decoder(Event).decode


@dataclass(frozen=True, slots=True)
class RetentionReceipt:
    run: int
    started_us: int
    finished_us: int
    removed: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "started_at": format_iso(self.started_us),
            "finished_at": format_iso(self.finished_us),
            "removed": dict(self.removed),
        }


Step = Callable[[Keeping], int]


class EventsPastTerm:
    """Events in the hot log and in history; the lake is a step of its own."""

    def __init__(
        self, database: Database, log: PostgresEventLog, *, projection: ProfileProjection
    ) -> None:
        self._database = database
        self._log = log
        self._projection = projection

    def in_log(self, keeping: Keeping) -> int:
        with self._database.transaction() as conn:
            names = merchant_names(conn).values()
        return sum(self._in_log_of(merchant, keeping) for merchant in sorted(names))

    def _in_log_of(self, merchant: str, keeping: Keeping) -> int:
        with self._database.transaction() as conn:
            conn.execute(sql("privacy/lock_consumers"))
            return self._log.rewrite(conn, merchant, gone=keeping.is_past)

    def in_history(self, keeping: Keeping) -> int:
        removed, after = 0, (-1, 0, 0)
        while True:
            with self._database.transaction() as conn:
                conn.execute(sql("privacy/lock_consumers"))
                page = _history(conn, after, before_us=keeping.latest_us + DAY_US)
                gone = [place for place, event in page if keeping.is_past(event)]
                if gone:
                    self._projection.forget(conn, gone)
            removed += len(gone)
            if len(page) < PAGE:
                return removed
            after = page[-1][0]


Place = tuple[int, int, int]


def _history(
    conn: psycopg.Connection, after: Place, *, before_us: int
) -> list[tuple[Place, Event]]:
    args = dict(zip(("node", "at_us", "offset"), after, strict=True))
    rows = conn.execute(
        sql("profiles/history_after"), {**args, "before_us": before_us, "limit": PAGE}, binary=True
    )
    return [((node, at_us, offset), _event(raw)) for node, at_us, offset, raw in rows]


class Retention:
    """``steps``: what goes besides the tables, in order, before them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        terms: Mapping[str, Term],
        steps: Mapping[str, Step],
    ) -> None:
        self._database = database
        self._clock = clock
        self._terms = terms
        self._steps = dict(steps) | {name: self._table(name, t) for name, t in TABLES.items()}

    def run(self) -> RetentionReceipt:
        """To the end of the run that is open, or of a new one."""
        with self._database.transaction() as conn:
            conn.execute(sql("retention/begin"), {"now_us": self._clock.now_us()})
            opened = conn.execute(sql("retention/open")).fetchone()
        assert opened is not None, "a run is open or has just begun"
        run, started_us, done = opened
        keeping = Keeping(self._terms, started_us)
        for part, step in self._steps.items():
            if part not in done:
                self._note(run, part, removed=step(keeping))
                killpoint(f"retention.{part}")
        return self._finish(run)

    def runs(self, limit: int = 30) -> list[RetentionReceipt]:
        """Newest first."""
        with self._database.transaction() as conn:
            rows = conn.execute(sql("retention/runs"), {"limit": limit})
            return [RetentionReceipt(*row) for row in rows]

    def _table(self, name: str, term: str) -> Step:
        def step(keeping: Keeping) -> int:
            args = {"cutoff_us": keeping.cutoff_us(term), "limit": PAGE}
            total = 0
            while True:
                with self._database.transaction() as conn:
                    removed = conn.execute(sql(f"retention/{name}"), args).rowcount
                total += removed
                if removed < PAGE:
                    return total

        return step

    def _note(self, run: int, step: str, *, removed: int) -> None:
        with self._database.transaction() as conn:
            args = {"run": run, "step": step, "removed": Jsonb({step: removed})}
            conn.execute(sql("retention/step_done"), args)

    def _finish(self, run: int) -> RetentionReceipt:
        with self._database.transaction() as conn:
            args = {"run": run, "finished_us": self._clock.now_us()}
            row = conn.execute(sql("retention/finish"), args).fetchone()
        assert row is not None, "the run was begun first"
        return RetentionReceipt(*row)
