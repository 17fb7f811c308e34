"""Papers of a merchant in PostgreSQL: only ever added."""

from collections.abc import Sequence
from typing import Any

import psycopg

from quanyu.merchants.papers.records import Paper, PaperKind
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class PostgresPapers:
    """The port ``PaperStore``."""

    def add(self, tx: psycopg.Connection, merchant: str, *, paper: Paper) -> None:
        row = {
            "merchant_no": merchant_no(tx, merchant), "kind": paper.kind, "id": paper.id,
            "body": paper.body, "actor": paper.actor, "at_us": paper.at_us,
            "withdrawn": paper.withdrawn,
        }  # fmt: skip
        added = tx.execute(sql("papers/add"), row).rowcount
        assert added == 1, "a paper is one row"

    def latest(
        self, tx: psycopg.Connection, merchant: str, *, kinds: Sequence[PaperKind]
    ) -> list[Paper]:
        return _read(tx, "latest", merchant=merchant, kinds=[str(kind) for kind in kinds])

    def history(
        self, tx: psycopg.Connection, merchant: str, *, kind: PaperKind, id: str
    ) -> list[Paper]:
        return _read(tx, "history", merchant=merchant, kind=kind, id=id)

    def merchants(self, tx: psycopg.Connection) -> list[str]:
        return [name for (name,) in tx.execute(sql("papers/merchants"))]


def _read(tx: psycopg.Connection, statement: str, *, merchant: str, **args: Any) -> list[Paper]:
    rows = tx.execute(
        sql(f"papers/{statement}"), {"merchant_no": merchant_no(tx, merchant), **args}
    )
    return [
        Paper(PaperKind(kind), id, bytes(body), actor, at_us, withdrawn)
        for kind, id, body, actor, at_us, withdrawn in rows
    ]
