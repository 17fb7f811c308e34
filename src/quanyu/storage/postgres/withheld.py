"""What the gate withholds, in PostgreSQL: the state of now, and a history that only grows."""

from collections.abc import Sequence
from typing import Any

import psycopg

from quanyu.merchants.papers.withholding import Line
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class PostgresWithheld:
    """The port ``WithheldStore``."""

    def withhold(
        self, tx: psycopg.Connection, merchant: str, *, lines: Sequence[Line]
    ) -> list[Line]:
        return _changed(tx, merchant, lines=lines, statement="withhold")

    def resume(self, tx: psycopg.Connection, merchant: str, *, lines: Sequence[Line]) -> list[Line]:
        return _changed(tx, merchant, lines=lines, statement="resume")

    def withheld(self, tx: psycopg.Connection, merchant: str) -> list[Line]:
        return _read(tx, merchant, statement="now")

    def history(self, tx: psycopg.Connection, merchant: str, *, kind: str, id: str) -> list[Line]:
        return _read(tx, merchant, statement="history", kind=kind, id=id)


def _changed(
    tx: psycopg.Connection, merchant: str, *, lines: Sequence[Line], statement: str
) -> list[Line]:
    """Those that were in the other state; each of them is told in the history."""
    if not lines:
        return []
    number = merchant_no(tx, merchant)
    rows = tx.execute(sql(f"withheld/{statement}"), _columns(lines, merchant_no=number)).fetchall()
    things = set(rows)
    changed = [one for one in lines if one.thing in things]
    if changed:
        told = tx.execute(sql("withheld/tell"), _columns(changed, merchant_no=number)).rowcount
        assert told == len(changed), "a change is one line"
    return changed


def _columns(lines: Sequence[Line], *, merchant_no: int) -> dict[str, Any]:
    return {
        "merchant_no": merchant_no,
        "kinds": [one.kind for one in lines],
        "ids": [one.id for one in lines],
        "whats": [one.what for one in lines],
        "actors": [one.actor for one in lines],
        "ats": [one.at_us for one in lines],
        "rules": [one.rule for one in lines],
        "articles": [one.article for one in lines],
        "whys": [one.why for one in lines],
    }


def _read(tx: psycopg.Connection, merchant: str, *, statement: str, **args: Any) -> list[Line]:
    rows = tx.execute(
        sql(f"withheld/{statement}"), {"merchant_no": merchant_no(tx, merchant), **args}
    )
    return [
        Line(kind=kind, id=id, what=what, actor=actor, at_us=at_us, rule=rule, article=article,
             why=why)
        for kind, id, what, actor, at_us, rule, article, why in rows
    ]  # fmt: skip
