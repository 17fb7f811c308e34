"""The journal of the gate in PostgreSQL: what was said of what, on which day."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from quanyu.clock import Clock
from quanyu.compliance.showing import Showing
from quanyu.compliance.verdict import Hit, Verdict
from quanyu.merchants.papers.explaining import Reviewed
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

_encode = msgspec.json.Encoder(order="deterministic").encode


class PostgresReviews:
    """The ports ``Journal`` and ``Reviews``. A transaction of its own: what was refused is kept
    also when nothing else of the request is."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def keep(self, judged: Sequence[tuple[Showing, Verdict]]) -> None:
        if not judged:
            return
        with self._database.transaction() as tx:
            numbers = {one.merchant: merchant_no(tx, one.merchant) for one, _ in judged}
            rows = [_row(one, verdict, number=numbers[one.merchant]) for one, verdict in judged]
            columns = {name: [row[name] for row in rows] for name in rows[0]}
            tx.execute(sql("reviews/add"), {"at_us": self._clock.now_us(), **columns})

    def of(self, merchant: str, kind: str, *, id: str, limit: int) -> list[Reviewed]:
        with self._database.transaction() as tx:
            args = {"merchant_no": merchant_no(tx, merchant), "kind": kind, "id": id}
            rows = tx.execute(sql("reviews/of"), {**args, "limit": limit}).fetchall()
        return [
            Reviewed(
                day, at_us, industry, verdict, bytes(shown).hex(),
                msgspec.json.decode(bytes(hits), type=tuple[Hit, ...]),
            )
            for day, at_us, industry, verdict, shown, hits in rows
        ]  # fmt: skip


def _row(showing: Showing, verdict: Verdict, *, number: int) -> dict[str, Any]:
    shown, hits = sha256(_encode(showing)).digest(), _encode(verdict.hits)
    return {
        "merchants": number,
        "kinds": showing.kind,
        "ids": showing.id,
        "days": showing.on,
        "industries": showing.industry,
        "verdicts": str(verdict.verdict),
        "shown": shown,
        "hits": hits,
        "digests": sha256(shown + hits).digest(),
    }
