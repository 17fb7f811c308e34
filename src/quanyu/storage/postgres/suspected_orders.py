"""Suspected orders in PostgreSQL: what stands, and how it came to stand."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import psycopg

from quanyu.measurement.fake_trades.answers import (
    Against,
    Change,
    ScanDone,
    Standing,
    SuspectedOrder,
)
from quanyu.measurement.fake_trades.ports import By, Moved, Page
from quanyu.storage.postgres.merchants import known_merchant_no, merchant_no
from quanyu.storage.postgres.sql_files import sql

_against = msgspec.json.Decoder(Against).decode
_encode = msgspec.json.Encoder().encode


class PostgresSuspectedOrders:
    """The port ``SuspectedOrders``."""

    def keep(
        self,
        tx: psycopg.Connection,
        merchant: str,
        *,
        suspects: Sequence[SuspectedOrder],
        looked_at: Collection[str],
        by: By,
    ) -> Moved:
        place = _place(tx, merchant, by=by)
        rows = tx.execute(sql("suspected_orders/put"), {**place, **_columns(suspects)}).fetchall()
        new = {order for order, is_new in rows if is_new}
        scores = {one.order: one.score_ppm for one in suspects if one.order in new}
        _note(tx, place, scores=scores, became=Standing.SUSPECTED, by=by)
        withdrawn = self._withdraw(tx, place, looked_at=looked_at, by=by)
        return Moved(len(new), len(rows) - len(new), withdrawn)

    def _withdraw(
        self,
        tx: psycopg.Connection,
        place: dict[str, Any],
        *,
        looked_at: Collection[str],
        by: By,
    ) -> int:
        stale = [order for (order,) in tx.execute(sql("suspected_orders/stale"), place)]
        orders = [order for order in stale if order in looked_at]
        rows = tx.execute(sql("suspected_orders/withdraw"), {**place, "orders": orders}).fetchall()
        _note(tx, place, scores=dict(rows), became=Standing.WITHDRAWN, by=by)
        return len(rows)

    def add_scan(self, tx: psycopg.Connection, merchant: str, *, done: ScanDone) -> None:
        row = {
            "merchant_no": merchant_no(tx, merchant),
            "scan": done.scan,
            "now_us": done.at_us,
            "summary": _encode(done).decode(),
        }
        tx.execute(sql("suspected_orders/add_scan"), row)

    def last_scan_us(self, tx: psycopg.Connection, merchant: str) -> int | None:
        args = {"merchant_no": known_merchant_no(tx, merchant)}
        row = tx.execute(sql("suspected_orders/last_scan"), args).fetchone()
        return None if row is None else row[0]

    def listed(
        self, tx: psycopg.Connection, merchant: str, *, page: Page
    ) -> Sequence[SuspectedOrder]:
        score, order = page.after or (None, None)
        args = {
            "merchant_no": known_merchant_no(tx, merchant),
            "state": page.state,
            "after_score": score,
            "after": order,
            "limit": page.limit,
        }
        return [_order(row) for row in tx.execute(sql("suspected_orders/listed"), args)]

    def find(self, tx: psycopg.Connection, merchant: str, *, order: str) -> SuspectedOrder | None:
        args = {"merchant_no": known_merchant_no(tx, merchant), "order": order}
        row = tx.execute(sql("suspected_orders/find"), args).fetchone()
        return None if row is None else _order(row)

    def history(self, tx: psycopg.Connection, merchant: str, *, order: str) -> Sequence[Change]:
        args = {"merchant_no": known_merchant_no(tx, merchant), "order": order}
        rows = tx.execute(sql("suspected_orders/history"), args)
        return [Change(at_us, Standing(became), *rest) for at_us, became, *rest in rows]

    def move(
        self,
        tx: psycopg.Connection,
        merchant: str,
        *,
        found: SuspectedOrder,
        state: Standing,
        by: By,
    ) -> None:
        place = _place(tx, merchant, by=by)
        args = {**place, "order": found.order, "state": state}
        moved = tx.execute(sql("suspected_orders/move"), args).rowcount
        assert moved == 1, "it was locked a moment ago"
        _note(tx, place, scores={found.order: found.score_ppm}, became=state, by=by)

    def suspect(
        self, tx: psycopg.Connection, merchant: str, *, found: SuspectedOrder, by: By
    ) -> None:
        place, order, score = _place(tx, merchant, by=by), found.order, found.score_ppm
        evidence = _encode(found.against).decode()
        args = {**place, "order": order, "score": score, "evidence": evidence}
        tx.execute(sql("suspected_orders/suspect"), args)
        _note(tx, place, scores={order: score}, became=Standing.SUSPECTED, by=by)

    def set_aside(self, tx: psycopg.Connection, merchant: str) -> Sequence[str]:
        args = {"merchant_no": known_merchant_no(tx, merchant)}
        return [order for (order,) in tx.execute(sql("suspected_orders/set_aside"), args)]

    def all_set_aside(self, tx: psycopg.Connection, number: int | None) -> dict[int, Sequence[str]]:
        """Merchant number → its orders, of one number or of all; only who has any."""
        rows = tx.execute(sql("suspected_orders/all_set_aside"), {"merchant_no": number})
        return dict(rows.fetchall())


def _place(tx: psycopg.Connection, merchant: str, *, by: By) -> dict[str, Any]:
    return {"merchant_no": merchant_no(tx, merchant), "scan": by.scan, "now_us": by.now_us}


def _columns(suspects: Sequence[SuspectedOrder]) -> dict[str, list[Any]]:
    return {
        "orders": [one.order for one in suspects],
        "scores": [one.score_ppm for one in suspects],
        "evidence": [_encode(one.against).decode() for one in suspects],
    }


def _note(
    tx: psycopg.Connection,
    place: dict[str, Any],
    *,
    scores: dict[str, int],
    became: Standing,
    by: By,
) -> None:
    said = {"became": became, "actor": by.actor, "note": by.note}
    orders = {"orders": list(scores), "scores": list(scores.values())}
    tx.execute(sql("suspected_orders/note"), {**place, **said, **orders})


def _order(row: Sequence[Any]) -> SuspectedOrder:
    order, state, score_ppm, scan, evidence, since_us, by_person = row
    return SuspectedOrder(
        order, Standing(state), score_ppm, scan, _against(evidence), since_us, by_person=by_person
    )
