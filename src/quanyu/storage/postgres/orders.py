"""Orders in PostgreSQL. Every changing statement is guarded and counted."""

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.ids import Token
from quanyu.promotions.orders.order import Order, Terms
from quanyu.promotions.orders.states import OrderState
from quanyu.promotions.pricing.refunds import Refund, Unit
from quanyu.storage.postgres import order_buyers
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class PostgresOrders:
    """The port ``OrderStore``. Terms are kept as they were, byte for byte."""

    def add(self, tx: psycopg.Connection, order: Order) -> bool:
        kind, token = order.holder
        row: dict[str, Any] = {
            "merchant_no": merchant_no(tx, order.merchant),
            "id": order.id,
            "holder_kind": kind,
            "holder": token,
            "touchpoint": order.touchpoint,
            "terms": msgspec.json.encode(order.terms),
            "state": order.state.value,
            "payable_fen": order.payable_fen,
            "placed_us": order.placed_us,
            "deadline_us": order.deadline_us,
            "shops": sorted({line.shop for line in order.terms.cart.lines}),
        }
        added = tx.execute(sql("orders/add"), row).rowcount == 1
        if added:
            order_buyers.add(tx, order, merchant_no=row["merchant_no"])
        killpoint("orders.added")
        return added

    def locked(self, tx: psycopg.Connection, merchant: str, *, order: str) -> Order | None:
        return self._read(tx, merchant, order=order, statement="orders/lock")

    def find(self, tx: psycopg.Connection, merchant: str, *, order: str) -> Order | None:
        return self._read(tx, merchant, order=order, statement="orders/find")

    def _read(
        self, tx: psycopg.Connection, merchant: str, *, order: str, statement: str
    ) -> Order | None:
        args = {"merchant_no": merchant_no(tx, merchant), "order": order}
        row = tx.execute(sql(statement), args).fetchone()
        if row is None:
            return None
        returned = frozenset(
            (line, unit) for line, unit in tx.execute(sql("orders/returned"), args)
        )
        id, kind, token, touchpoint, terms, state, placed_us, deadline_us, *rest = row
        method, refunded_fen, shipping_refunded_fen, shipped, points_fen = rest
        return Order(
            id=id,
            merchant=merchant,
            holder=(kind, Token(bytes(token))),
            touchpoint=touchpoint,
            terms=msgspec.json.decode(bytes(terms), type=Terms),
            state=OrderState(state),
            placed_us=placed_us,
            deadline_us=deadline_us,
            method=method,
            refunded_fen=refunded_fen,
            shipping_refunded_fen=shipping_refunded_fen,
            shipped=shipped,
            returned=returned,
            points_fen=tuple(points_fen),
            buyer=order_buyers.read(tx, args),
        )

    def move(
        self, tx: psycopg.Connection, order: Order, *, to: OrderState, method: str = ""
    ) -> None:
        step = {"to": to.value, "from": order.state.value, "method": method}
        self._changed(tx, order, statement="orders/move", arguments=step)
        killpoint("orders.moved")

    def charge(self, tx: psycopg.Connection, order: Order) -> None:
        costs = {"points_fen": list(order.points_fen)}
        self._changed(tx, order, statement="orders/charge", arguments=costs)
        killpoint("orders.charged")

    def add_refund(
        self, tx: psycopg.Connection, order: Order, *, units: Sequence[Unit], refund: Refund
    ) -> None:
        lines, numbers = [line for line, _ in units], [unit for _, unit in units]
        gone = {"lines": lines, "units": numbers}
        self._changed(tx, order, statement="orders/add_returned", arguments=gone, rows=len(units))
        money = {"cash_fen": refund.cash_fen, "shipping_fen": refund.shipping_fen}
        self._changed(tx, order, statement="orders/add_refund", arguments=money)
        killpoint("orders.refunded")

    def due(self, tx: psycopg.Connection, now_us: int, *, limit: int) -> list[tuple[str, str]]:
        return tx.execute(sql("orders/due"), {"now_us": now_us, "limit": limit}).fetchall()

    def forget(
        self, tx: psycopg.Connection, merchant: str, *, holders: Sequence[Identifier]
    ) -> int:
        rows, number = 0, merchant_no(tx, merchant)
        for kind, token in holders:
            args = {"merchant_no": number, "kind": kind, "holder": token}
            args["pseudonym"] = secrets.token_bytes(16)
            rows += tx.execute(sql("orders/forget"), args).rowcount
        return rows + order_buyers.forget(tx, merchant, holders=holders)

    def _changed(
        self,
        tx: psycopg.Connection,
        order: Order,
        *,
        statement: str,
        arguments: dict[str, Any],
        rows: int = 1,
    ) -> None:
        place = {"merchant_no": merchant_no(tx, order.merchant), "order": order.id}
        changed = tx.execute(sql(statement), {**place, **arguments}).rowcount
        assert changed == rows, f"{statement} changed {changed} rows of {order.id}"
