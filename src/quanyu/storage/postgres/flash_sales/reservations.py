"""Flash sales and holds in PostgreSQL, set-based."""

from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from quanyu.customers.identity.anchors import Identifier
from quanyu.errors import BadInput
from quanyu.ids import Token
from quanyu.promotions.flash_sales.sales import Reservation, Sale, State, Terms, window_of
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.sql_files import sql


class PostgresReservations:
    """The port ``Reservations``."""

    def add_sale(self, tx: psycopg.Connection, merchant: str, *, terms: Terms) -> Sale:
        args = {"merchant": merchant, "name": terms.name, "terms": msgspec.json.encode(terms)}
        row = tx.execute(sql("flash_sales/add_sale"), args).fetchone()
        if row is None:
            raise BadInput("name", f"there is a sale {terms.name} already; choose another name")
        return sale_of((row[0], merchant, args["terms"], False))

    def sale(self, tx: psycopg.Connection, merchant: str, *, name: str) -> Sale | None:
        args = {"merchant": merchant, "name": name}
        row = tx.execute(sql("flash_sales/sale"), args).fetchone()
        return None if row is None else sale_of(row)

    def sales(self, tx: psycopg.Connection, merchant: str) -> list[Sale]:
        rows = tx.execute(sql("flash_sales/sales"), {"merchant": merchant}).fetchall()
        return [sale_of(row) for row in rows]

    def lock_sales(
        self, tx: psycopg.Connection, names: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], Sale]:
        args = {"merchants": [one for one, _ in names], "names": [name for _, name in names]}
        rows = tx.execute(sql("flash_sales/lock_sales"), args).fetchall()
        killpoint("flash.locked")
        sales = [sale_of(row) for row in rows]
        return {(sale.merchant, sale.terms.name): sale for sale in sales}

    def close(self, tx: psycopg.Connection, sale: Sale) -> None:
        tx.execute(sql("flash_sales/close"), {"sale": sale.id})
        killpoint("flash.closed")

    def known(
        self, tx: psycopg.Connection, asked: Sequence[tuple[Sale, str]]
    ) -> dict[tuple[int, str], Reservation]:
        sales = {sale.id: sale for sale, _ in asked}
        args = {
            "sales": [sale.id for sale, _ in asked],
            "requests": [request for _, request in asked],
        }
        rows = tx.execute(sql("flash_sales/known"), args).fetchall()
        return {
            (sale, rest[-2]): reservation_of(sales[sale], (id, *rest)) for id, sale, *rest in rows
        }

    def counts(
        self, tx: psycopg.Connection, asked: Sequence[tuple[Sale, Identifier]], *, now_us: int
    ) -> dict[tuple[int, Identifier], int]:
        args = {
            "sales": [sale.id for sale, _ in asked],
            **columns_of([holder for _, holder in asked]),
            "now_us": now_us,
        }
        rows = tx.execute(sql("flash_sales/counts"), args).fetchall()
        return {(sale, (kind, Token(bytes(token)))): n for sale, kind, token, n in rows}

    def add(self, tx: psycopg.Connection, reservations: Sequence[Reservation]) -> None:
        args = {
            "ids": [one.id for one in reservations],
            "sales": [one.sale.id for one in reservations],
            "requests": [one.request for one in reservations],
            **columns_of([one.holder for one in reservations]),
            "states": [one.state.value for one in reservations],
            "expires_us": [one.expires_us for one in reservations],
        }
        tx.execute(sql("flash_sales/add_holds"), args)
        killpoint("flash.held")

    def lock(self, tx: psycopg.Connection, merchant: str, *, hold: bytes) -> Reservation | None:
        args = {"merchant": merchant, "hold": hold}
        row = tx.execute(sql("flash_sales/lock_hold"), args).fetchone()
        return None if row is None else reservation_of(sale_of(row[:4]), row[4:])

    def claim(self, tx: psycopg.Connection, reservation: Reservation, *, order: str) -> None:
        args = {"hold": reservation.id, "order": order}
        written = tx.execute(sql("flash_sales/claim"), args).rowcount
        assert written == 1, "the row is locked and was held"

    def pass_to(
        self, tx: psycopg.Connection, reservation: Reservation, *, state: State, order: str
    ) -> None:
        args = {"hold": reservation.id, "state": state.value, "order": order}
        written = tx.execute(sql("flash_sales/pass_hold"), args).rowcount
        assert written == 1, "the row is locked and was held"
        killpoint("flash.ended")

    def expire(self, tx: psycopg.Connection, now_us: int) -> int:
        expired = tx.execute(sql("flash_sales/expire"), {"now_us": now_us}).rowcount
        killpoint("flash.expired")
        return expired


def forget(tx: psycopg.Connection, merchant: str, *, holders: Sequence[Identifier]) -> int:
    """Erases who the buyers are."""
    args = {"merchant": merchant, **columns_of(holders)}
    return tx.execute(sql("flash_sales/forget"), args).rowcount


def columns_of(holders: Sequence[Identifier]) -> dict[str, list[Any]]:
    return {"kinds": [kind for kind, _ in holders], "tokens": [token for _, token in holders]}


def sale_of(row: Sequence[Any]) -> Sale:
    id, merchant, encoded, closed, *withheld = row
    terms = msgspec.json.decode(encoded, type=Terms)
    early_us, starts_us, ends_us = window_of(terms)
    return Sale(id, merchant, terms, starts_us, ends_us, early_us, closed, any(withheld))


def reservation_of(sale: Sale, row: Sequence[Any]) -> Reservation:
    id, kind, token, state, expires_us, request, order = row
    holder = kind, Token(bytes(token))
    return Reservation(bytes(id), sale, holder, State(state), expires_us, request, order)
