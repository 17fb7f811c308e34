"""Orders of live shows in PostgreSQL."""

from collections.abc import Sequence

import msgspec
import psycopg

from quanyu.promotions.orders.order import Terms
from quanyu.promotions.orders.states import OrderState
from quanyu.promotions.shows.ports import ItemSold, Sold, Totals
from quanyu.storage.postgres.killpoints import killpoint
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.storage.postgres.sql_files import sql

_terms = msgspec.json.Decoder(Terms).decode


class PostgresShowOrders:
    """The port ``ShowOrders``."""

    def note(self, tx: psycopg.Connection, merchant: str, *, show: str, order: str) -> None:
        row = {"merchant_no": merchant_no(tx, merchant), "show": show, "order": order}
        noted = tx.execute(sql("shows/note_order"), row).rowcount
        assert noted == 1, "an order comes from one show"
        killpoint("shows.noted")

    def of_show(self, tx: psycopg.Connection, merchant: str, *, show: str) -> Sequence[Sold]:
        args = {"merchant_no": merchant_no(tx, merchant), "id": show}
        return [
            Sold(
                id,
                OrderState(state),
                _terms(bytes(terms)),
                frozenset(zip(lines, units, strict=True)),
                suspected,
            )
            for id, state, terms, lines, units, suspected in tx.execute(sql("shows/orders"), args)
        ]

    def totals(self, tx: psycopg.Connection, merchant: str, *, show: str) -> Totals:
        args = {"merchant_no": merchant_no(tx, merchant), "id": show}
        items = tuple(ItemSold(*row) for row in tx.execute(sql("shows/totals"), args))
        (withheld,) = tx.execute(sql("shows/withheld"), args).fetchone() or (0,)
        return Totals(items, withheld)
