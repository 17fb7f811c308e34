"""The audit of orders and vouchers: it sees each fault that is planted, and says where."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine_ground import faults, opened, tamper
from tests.orders_ground import SHOP, Door, order_form, units

from quanyu.clock import FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.storage.audit import orders
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

ORDERS = "orders: payments and refunds are what the book says"
VOUCHERS = "vouchers: what waits in them is what the book says"

CHECKS = {ORDERS: orders.orders_are_in_the_book, VOUCHERS: orders.vouchers_are_in_the_book}


@pytest.fixture
def market(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    """Orders paid and partly refunded, placed, cancelled, and one that sold two vouchers: one is
    used in part, the scan of the other was taken back."""
    with opened(database, clock, data_dir) as engine:
        door = Door(create_app(engine))
        door.promote()
        door.buy("o1")
        door.ok("orders/o1/refund", units("L1:2"))
        door.ok("orders", order_form("o2"))
        door.ok("orders", order_form("o3"))
        door.ok("orders/o3/cancel")
        first, second = door.buy_vouchers("v1", pieces=2)
        for voucher, amount in ((first, 5_000), (second, 8_000)):
            scan = {"code": voucher["code"], "amount": amount, "store": "s1"}
            use = door.ok("vouchers/use", scan)
        door.ok(f"vouchers/uses/{use['use']}/undo")
        yield engine


def test_a_market_in_order_has_nothing_to_complain_of(market: Engine) -> None:
    assert faults(market) == {}
    assert orders.orders_are_in_the_book(market.audited).looked_at == 4
    assert orders.vouchers_are_in_the_book(market.audited).looked_at == 2


PLANTED = {
    "an order that says it is paid": (
        ORDERS, f"order {SHOP}/o2: 16100 fen paid, 0 in the book",
        "UPDATE orders SET state = 'paid' WHERE id = 'o2'",
    ),
    "a payment that is forgotten": (
        ORDERS, f"order {SHOP}/o1: 0 fen paid, 16100 in the book",
        "UPDATE orders SET state = 'cancelled' WHERE id = 'o1'",
    ),
    "an order that is gone": (
        ORDERS, f"order {SHOP}/v1: 0 fen paid, 19300 in the book",
        "DELETE FROM orders WHERE id = 'v1'",
    ),
    "a refund that nobody got": (
        ORDERS, "fen refunded, 0 in the book",
        "UPDATE orders SET refunded_fen = 100 WHERE id = 'v1'",
    ),
    "a platform that bears more": (
        ORDERS, "600 fen borne by the platform, 500 in the book",
        "UPDATE orders SET terms = convert_to(jsonb_set(convert_from(terms, 'UTF8')::jsonb, "
        "'{quote,funded,platform}', '600')::text, 'UTF8') WHERE id = 'o1'",
    ),
    "a scan that is gone": (
        VOUCHERS, "its scans do not make up its use",
        "DELETE FROM voucher_use WHERE NOT undone",
    ),
    "a voucher that was used for more": (
        VOUCHERS, "fen in vouchers,",
        "UPDATE voucher SET used_fen = used_fen + 200, earned_fen = earned_fen + 99 "
        "WHERE used_fen = 0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_by_its_check(market: Engine, name: str) -> None:
    check, says, statement = PLANTED[name]
    tamper(market.database, statement)
    found = CHECKS[check](market.audited)
    assert (found.name, found.holds) == (check, False)
    assert any(says in one for one in found.violations), found.violations
