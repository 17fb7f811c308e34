"""Orders that were placed before orders kept all identifiers: they count, and stay as they were."""

from pathlib import Path

import psycopg
from fastapi import FastAPI
from tests.engine_ground import opened, rows
from tests.orders_ground import CART, SHOP, Door

from quanyu.clock import FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.migrations import migrate

BEFORE = "0250.voucher"
FIRST = {"id": "first", "lane": "red_packet", "requires": ["first_order"],
         "benefit": {"amount_off": {"amount": 100}}}  # fmt: skip
COLUMNS = (
    "merchant_no, id, holder_kind, holder, touchpoint, terms, state, payable_fen, placed_us, "
    "deadline_us, method"
)


def paid_order(app: FastAPI, database: Database) -> tuple[object, ...]:
    """Its row, as the columns of then."""
    Door(app).buy("o1")
    (row,) = rows(database, f"SELECT {COLUMNS} FROM orders")
    return row


def test_old_orders_know_their_buyer_and_their_shops(
    database: Database, empty_database_url: str, clock: FixedClock, data_dir: Path
) -> None:
    with opened(database, clock, data_dir) as engine:
        row = paid_order(create_app(engine), database)
        (merchant,) = rows(database, "SELECT merchant_no, name FROM merchant")
    migrate(empty_database_url, upto=BEFORE)
    with psycopg.connect(empty_database_url) as old:
        old.execute(
            "INSERT INTO merchant (merchant_no, name) OVERRIDING SYSTEM VALUE VALUES (%s, %s)",
            merchant,
        )
        marks = ", ".join(["%s"] * len(row))
        for id, kind in (("o1", "taobao_id"), ("o0", "erased")):
            values = (row[0], id, kind, *row[3:])
            old.execute(f"INSERT INTO orders ({COLUMNS}) VALUES ({marks})", values)  # type: ignore[arg-type]
    migrate(empty_database_url)
    with Database(empty_database_url) as moved, opened(moved, clock, data_dir) as engine:
        kept = rows(moved, "SELECT id, shops, points_fen FROM orders ORDER BY id")
        assert kept == [("o0", ["A", "B"], []), ("o1", ["A", "B"], [])]
        named = rows(moved, "SELECT order_id, place, kind, shared FROM order_identifier")
        assert named == [("o1", 1, "taobao_id", None)]
        found = engine.orders.find(SHOP, "o1")
        assert found.buyer.own == engine.buyer(SHOP, {"taobao_id": "ann"}).own
        assert found.buyer.shared == ()
        door = Door(create_app(engine))
        door.promote(FIRST)
        prices = {
            who: door.ok("quote", {"cart": CART, "identifiers": {"taobao_id": who}})["payable"]
            for who in ("ann", "ben")
        }
        assert prices == {"ann": 17_600, "ben": 17_500}
