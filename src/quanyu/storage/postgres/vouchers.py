"""Purchased vouchers in PostgreSQL. Every changing statement is guarded and counted."""

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.ids import Token
from quanyu.promotions.vouchers.voucher import Use, Visit, Voucher, VoucherProduct
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql


class PostgresVouchers:
    """The port ``VoucherStore``. Vouchers are locked before anything about them is decided."""

    def put_product(
        self, tx: psycopg.Connection, merchant: str, *, product: VoucherProduct
    ) -> None:
        terms = msgspec.json.encode(product).decode()
        _changed(tx, "put_product", arguments=of(tx, merchant, item=product.item, terms=terms))

    def products(
        self, tx: psycopg.Connection, merchant: str, *, items: Sequence[str]
    ) -> list[VoucherProduct]:
        rows = tx.execute(sql("vouchers/products"), of(tx, merchant, items=list(items)))
        return [_product(terms) for (terms,) in rows]

    def add(
        self, tx: psycopg.Connection, merchant: str, *, voucher: Voucher, code_token: bytes
    ) -> None:
        kind, token = voucher.holder
        row = of(
            tx, merchant, id=voucher.id, code_token=code_token,
            terms=msgspec.json.encode(voucher.product).decode(),
            face_fen=voucher.product.face_fen, holder_kind=kind, holder=token,
            order_id=voucher.order, paid_fen=voucher.paid_fen, method=voucher.method,
            expires_us=voucher.expires_us,
        )  # fmt: skip
        _changed(tx, "add", arguments=row)
        killpoint("vouchers.added")

    def locked(self, tx: psycopg.Connection, merchant: str, *, voucher: str) -> Voucher | None:
        row = tx.execute(sql("vouchers/lock"), of(tx, merchant, voucher=voucher)).fetchone()
        return None if row is None else _voucher(row)

    def id_of_code(self, tx: psycopg.Connection, merchant: str, *, code_token: bytes) -> str | None:
        args = of(tx, merchant, code_token=code_token)
        row = tx.execute(sql("vouchers/id_of_code"), args).fetchone()
        return None if row is None else str(row[0])

    def of_holders(
        self, tx: psycopg.Connection, merchant: str, *, holders: Sequence[Identifier]
    ) -> list[Voucher]:
        kinds, tokens = [kind for kind, _ in holders], [token for _, token in holders]
        args = of(tx, merchant, kinds=kinds, holders=tokens)
        return [_voucher(row) for row in tx.execute(sql("vouchers/of_holders"), args)]

    def add_use(self, tx: psycopg.Connection, merchant: str, *, voucher: str, use: Use) -> None:
        visit = use.visit
        row = of(
            tx, merchant, id=use.id, voucher=voucher, store=visit.store, at_us=visit.at_us,
            amount_fen=visit.amount_fen, earned_fen=use.earned_fen,
        )  # fmt: skip
        _changed(tx, "add_use", arguments=row)
        _changed(tx, "move", arguments=row)
        killpoint("vouchers.used")

    def locked_use(
        self, tx: psycopg.Connection, merchant: str, *, use: str
    ) -> tuple[Voucher, Use] | None:
        args = of(tx, merchant, use=use)
        row = tx.execute(sql("vouchers/voucher_of_use"), args).fetchone()
        voucher = None if row is None else self.locked(tx, merchant, voucher=row[0])
        if voucher is None:
            return None
        found = tx.execute(sql("vouchers/find_use"), args).fetchone()
        assert found is not None, "scans stay"
        id, store, amount_fen, at_us, earned_fen, undone = found
        return voucher, Use(id, Visit(store, amount_fen, at_us), earned_fen, undone)

    def undo_use(self, tx: psycopg.Connection, merchant: str, *, voucher: str, use: Use) -> None:
        _changed(tx, "undo_use", arguments=of(tx, merchant, use=use.id))
        back = {"amount_fen": -use.visit.amount_fen, "earned_fen": -use.earned_fen}
        _changed(tx, "move", arguments=of(tx, merchant, voucher=voucher, **back))
        killpoint("vouchers.undone")

    def mark_refunded(self, tx: psycopg.Connection, merchant: str, *, voucher: str) -> None:
        _changed(tx, "refund", arguments=of(tx, merchant, voucher=voucher))
        killpoint("vouchers.refunded")

    def forget(
        self, tx: psycopg.Connection, merchant: str, *, holders: Sequence[Identifier]
    ) -> int:
        """Puts a fresh pseudonym in the place of each holder; returns how many rows."""
        rows = 0
        for kind, token in holders:
            args = of(tx, merchant, kind=kind, holder=token, pseudonym=secrets.token_bytes(16))
            rows += tx.execute(sql("vouchers/forget"), args).rowcount
        return rows


def of(tx: psycopg.Connection, merchant: str, **arguments: Any) -> dict[str, Any]:
    """Arguments of a statement about one merchant."""
    return {"merchant_no": merchant_no(tx, merchant), **arguments}


def _changed(tx: psycopg.Connection, statement: str, *, arguments: dict[str, Any]) -> None:
    changed = tx.execute(sql(f"vouchers/{statement}"), arguments).rowcount
    assert changed == 1, f"vouchers/{statement} changed {changed} rows"


def _product(terms: str) -> VoucherProduct:
    return msgspec.json.decode(terms, type=VoucherProduct)


def _voucher(row: Sequence[Any]) -> Voucher:
    id, terms, kind, token, *rest = row
    return Voucher(id, _product(terms), (kind, Token(bytes(token))), *rest)
