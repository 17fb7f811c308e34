"""Who placed orders, under every identifier that they named."""

from collections.abc import Sequence
from typing import Any

import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.ids import Token
from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.orders.buyer import Buyer
from quanyu.promotions.orders.order import Order
from quanyu.storage.postgres.identity.holders import columns_of
from quanyu.storage.postgres.merchants import merchant_no as number_of
from quanyu.storage.postgres.sql_files import sql


class PostgresHistory:
    """The port ``History``."""

    def take_turn(
        self, tx: psycopg.Connection, merchant: str, *, identifiers: Sequence[Identifier]
    ) -> None:
        args = {"merchant_no": number_of(tx, merchant), **columns_of(identifiers)}
        tx.execute(sql("orders/take_turn"), args)

    def shops_of(
        self,
        tx: psycopg.Connection,
        merchant: str,
        *,
        identifiers: Sequence[Identifier],
        now_us: int,
    ) -> frozenset[str]:
        args = {"merchant_no": number_of(tx, merchant), **columns_of(identifiers)}
        rows = tx.execute(sql("orders/shops_of"), {**args, "now_us": now_us})
        return frozenset(shop for (shop,) in rows)


def add(tx: psycopg.Connection, order: Order, *, merchant_no: int) -> None:
    args = {"merchant_no": merchant_no, "order": order.id, **columns_of(order.buyer.own)}
    shared = [token for _, token in order.buyer.shared]
    added = tx.execute(sql("orders/add_identifiers"), {**args, "shared": shared}).rowcount
    assert added == len(order.buyer.own), "each identifier is one row"


def read(tx: psycopg.Connection, args: dict[str, Any]) -> Buyer:
    """``args``: merchant_no, order."""
    rows = tx.execute(sql("orders/identifiers"), args).fetchall()
    return Buyer(
        tuple((kind, Token(bytes(token))) for kind, token, _ in rows),
        tuple((kind, Token(bytes(shared))) for kind, _, shared in rows if shared is not None),
    )


def forget(tx: psycopg.Connection, merchant: str, *, holders: Sequence[Identifier]) -> int:
    """A merchant forgets who bought there, PLATFORM its own tokens in the orders of everybody."""
    statement = "forget_shared" if merchant == PLATFORM else "forget_identifiers"
    args = {"merchant_no": number_of(tx, merchant), **columns_of(holders)}
    return tx.execute(sql(f"orders/{statement}"), args).rowcount
