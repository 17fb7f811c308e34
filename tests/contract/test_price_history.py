"""One price history: own orders write it, events of others tell it, fakes and refunds leave it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engine_ground import faults, opened, rows, said, settled, tamper, tell
from tests.orders_ground import SHOP, Door, order_form, units

from quanyu.clock import DAY_US, HOUR_US, FixedClock, format_iso
from quanyu.compliance.prices import Trade
from quanyu.compliance.showing import PriceShown
from quanyu.interfaces.api.application import create_app
from quanyu.storage.audit import prices
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.migrations import migrate
from quanyu.wiring import Engine

AUDIT = "prices: the history is what the orders say"
CUP, TEA = ("A", "cup"), ("B", "tea")
WHO = {"taobao_id": "ann"}


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


@pytest.fixture
def door(engine: Engine) -> Door:
    return Door(create_app(engine))


def history(engine: Engine, of: tuple[str, str] = CUP) -> Sequence[Trade]:
    return engine.prices.trades(SHOP, of, at_us=engine.clock.now_us() + 1)


def told(engine: Engine, of: tuple[str, str] = CUP) -> list[tuple[int, int, int]]:
    """(Fen, pieces, of them back)."""
    return [(one.unit_fen, one.quantity, one.refunded) for one in history(engine, of)]


def bound(door: Door, shop: str = "A", item: str = "cup", **query: str) -> int | None:
    found: int | None = door.get(f"prices/{shop}/{item}", **query).json()["max_reference"]
    return found


def suspect(database: Database, order: str, state: str = "suspected") -> None:
    with database.transaction() as conn:
        conn.execute(
            "INSERT INTO suspected_order SELECT merchant_no, %s, %s, 900000, 's', '[]', 0 "
            "FROM merchant WHERE name = %s ON CONFLICT (merchant_no, order_id) "
            "DO UPDATE SET state = excluded.state",
            [order, state, SHOP],
        )


def test_a_paid_order_is_history_per_unit_and_net(engine: Engine, door: Door) -> None:
    """150.00 less 10.00 at A, less its share of 5.00: to the fen, unit by unit."""
    door.promote()
    door.place()
    assert told(engine) == []
    door.pay()
    cash = [unit["cash"] for unit in door.get("orders/o1").json()["quote"]["lines"][0]["units"]]
    assert sum(fen * pieces for fen, pieces, _ in told(engine)) == sum(cash) < 14_000
    assert sorted(fen for fen, pieces, _ in told(engine) for _ in range(pieces)) == sorted(cash)
    assert {one.order for one in history(engine)} == {"o1"}
    assert bound(door, on=format_iso(engine.clock.now_us() + 1)) == min(cash)
    assert faults(engine) == {}


def test_what_goes_back_leaves_it_unit_by_unit(engine: Engine, door: Door) -> None:
    door.buy("o1")
    door.ok("orders/o1/refund", units("L1:2"))
    assert told(engine) == [(5_000, 3, 1)]
    door.ok("orders/o1/refund", units("L1:1", "L1:3", "L2:1"))
    assert told(engine) == [(5_000, 3, 3)]
    assert told(engine, TEA) == [(2_000, 1, 1)]
    assert not any(one.counts for one in history(engine))
    assert faults(engine) == {}


def test_units_of_one_line_that_cost_different_prices(engine: Engine, door: Door) -> None:
    """100 off three cups of 50.00 is 49.66, 49.67 and 49.67: what goes back is one of them."""
    off = {"id": "off", "lane": "shop", "shop": "A", "benefit": {"amount_off": {"amount": 100}}}
    door.promote(off)
    door.buy("o1")
    assert sorted(told(engine)) == [(4_966, 1, 0), (4_967, 2, 0)]
    door.ok("orders/o1/refund", units("L1:1"))
    assert sorted(told(engine)) == [(4_966, 1, 1), (4_967, 2, 0)]
    assert faults(engine) == {}


def test_a_payment_that_comes_twice_is_one_trade(engine: Engine, door: Door) -> None:
    placed = door.place()
    for _ in range(2):
        body = {"amount": placed["payable"], "method": "alipay"}
        door.ok("orders/o1/pay", body, key="one notice")
    assert told(engine) == [(5_000, 3, 0)]


@pytest.mark.parametrize(
    ("state", "flagged"), [("suspected", True), ("confirmed", True), ("cleared", False)]
)
def test_orders_that_look_fake_do_not_count(
    engine: Engine, door: Door, state: str, flagged: bool
) -> None:
    door.buy("o1")
    suspect(engine.database, "o1", state)
    assert [one.flagged for one in history(engine)] == [flagged]
    later = format_iso(engine.clock.now_us() + 1)
    assert bound(door, on=later) == (None if flagged else 5_000)


def test_the_price_base_without_fakes_is_the_right_one(
    engine: Engine, door: Door, clock: FixedClock
) -> None:
    """Cheap fake orders lower the bound until they are found (RULES B6)."""
    door.buy("dear")
    off = {"id": "off", "lane": "shop", "shop": "A", "benefit": {"amount_off": {"amount": 6_000}}}
    door.promote(off)
    door.buy("fake")
    clock.advance(HOUR_US)
    assert bound(door) == 3_000
    suspect(engine.database, "fake")
    assert bound(door) == 5_000
    suspect(engine.database, "fake", "cleared")
    assert bound(door) == 3_000


def test_the_last_trade_counts_however_long_ago(
    engine: Engine, door: Door, clock: FixedClock
) -> None:
    door.buy("old")
    clock.advance(200 * DAY_US)
    found = door.get("prices/A/cup").json()
    assert (found["max_reference"], found["basis"]) == (5_000, "last_trade")
    suspect(engine.database, "old")
    assert bound(door) is None


def test_fakes_are_passed_over_on_the_way_to_the_last_trade(
    engine: Engine, door: Door, clock: FixedClock
) -> None:
    door.buy("old")
    for number in range(3):
        clock.advance(DAY_US)
        door.buy(f"fake{number}")
        suspect(engine.database, f"fake{number}")
    clock.advance(100 * DAY_US)
    found = [one.order for one in history(engine)]
    assert found == ["old"]


def test_merchants_and_shops_do_not_share_a_history(engine: Engine, door: Door) -> None:
    door.buy("o1")
    at_us = engine.clock.now_us() + 1
    assert engine.prices.trades("别人", CUP, at_us=at_us) == []
    assert engine.prices.trades(SHOP, ("B", "cup"), at_us=at_us) == []


def test_the_service_judges_what_is_shown(engine: Engine, door: Door, clock: FixedClock) -> None:
    door.buy("o1")
    clock.advance(1)
    now_us = clock.now_us()
    low, high = (
        PriceShown(shop="A", item="cup", price_fen=4_000, reference_fen=fen)
        for fen in (5_000, 5_001)
    )
    assert engine.prices.review(SHOP, [low], at_us=now_us).verdict == "pass"
    verdict = engine.prices.review(SHOP, [low, high], at_us=now_us)
    assert [hit.field for hit in verdict.hits] == ["prices[1].reference"]


def event(kind: str, order: str, amount: int, *, at_us: int, **fields: Any) -> dict[str, Any]:
    event_id = fields.pop("id", f"{kind}-{order}-{amount}-{fields.get('item', '')}")
    bill = {"order": order, "amount": amount, **fields}
    return said(event_id, WHO, at_us=at_us, kind=kind, **bill)


def pay(order: str, amount: int, *, at_us: int, **fields: Any) -> dict[str, Any]:
    about = {"item": "cup", "store": "A", **fields}
    return event("payment_completed", order, amount, at_us=at_us, **about)


def back(order: str, amount: int, *, at_us: int, **fields: Any) -> dict[str, Any]:
    return event("refund_completed", order, amount, at_us=at_us, **fields)


OUTSIDE: dict[str, tuple[list[dict[str, Any]], list[tuple[int, int, int]]]] = {
    "a payment": ([pay("x", 9_000, at_us=1)], [(9_000, 1, 0)]),
    "three pieces": ([pay("x", 10_000, at_us=1, props={"quantity": 3})], [(3_333, 3, 0)]),
    "a quantity that is none": (
        [pay("x", 9_000, at_us=1, props={"quantity": "many"})], [(9_000, 1, 0)],
    ),
    "several lines": ([pay("x", 9_000, at_us=1, props={"lines": 2})], []),
    "no item": ([event("payment_completed", "x", 9_000, at_us=1, store="A")], []),
    "another shop": ([pay("x", 9_000, at_us=1, store="C")], []),
    "told twice": (
        [pay("x", 9_000, at_us=1, id="a"), pay("x", 8_000, at_us=2, id="b")], [(8_000, 1, 0)],
    ),
    "a whole refund": ([pay("x", 9_000, at_us=1), back("x", 9_000, at_us=2)], [(0, 1, 1)]),
    "a refund of its item": (
        [pay("x", 9_000, at_us=1), back("x", 9_000, at_us=2, item="cup")], [(0, 1, 1)],
    ),
    "a refund in part lowers what was paid": (
        [pay("x", 9_000, at_us=1), back("x", 2_000, at_us=2)], [(7_000, 1, 0)],
    ),
    "two refunds": (
        [pay("x", 9_000, at_us=1), back("x", 4_000, at_us=2), back("x", 5_000, at_us=3)],
        [(0, 1, 1)],
    ),
    "two items, and a refund that names none": (
        [pay("x", 9_000, at_us=1), pay("x", 5_000, at_us=1, item="tea"), back("x", 9_000, at_us=2)],
        [(9_000, 1, 0)],
    ),
    "two items, and a refund of one": (
        [pay("x", 9_000, at_us=1), pay("x", 5_000, at_us=1, item="tea"),
         back("x", 5_000, at_us=2, item="tea")],
        [(9_000, 1, 0)],
    ),
    "a refund alone": ([back("x", 9_000, at_us=2, item="cup")], []),
}  # fmt: skip


def test_orders_of_other_systems(engine: Engine) -> None:
    """Each case is a merchant of its own."""
    base_us = engine.clock.now_us() - DAY_US
    for name, (events, _) in OUTSIDE.items():
        tell(engine, name, *[{**e, "at": format_iso(base_us + n)} for n, e in enumerate(events)])
    settled(engine)
    for name, (_, found) in OUTSIDE.items():
        trades = engine.prices.trades(name, CUP, at_us=engine.clock.now_us())
        kept = [(one.unit_fen, one.quantity, one.refunded) for one in trades]
        assert kept == found, name
    assert faults(engine) == {}


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(6)), cut=st.integers(0, 6))
def test_in_whatever_order_events_come(engine: Engine, order: list[int], cut: int) -> None:
    at_us = engine.clock.now_us() - DAY_US
    events = [
        pay("x", 9_000, at_us=at_us, id="1"), pay("x", 8_500, at_us=at_us + 5, id="2"),
        back("x", 500, at_us=at_us + 7, id="3"),
        back("x", 300, at_us=at_us + 8, id="4", item="cup"),
        pay("y", 6_000, at_us=at_us, id="5", props={"quantity": 2}),
        back("y", 6_000, at_us=at_us, id="6"),
    ]  # fmt: skip
    merchant = f"店{''.join(map(str, order))}{cut}"
    shuffled = [events[place] for place in order]
    for part in (shuffled[:cut], shuffled[cut:]):
        if part:
            tell(engine, merchant, *part)
            settled(engine)
    found = engine.prices.trades(merchant, CUP, at_us=engine.clock.now_us())
    kept = sorted((t.order, t.unit_fen, t.quantity, t.refunded, t.paid_us) for t in found)
    assert kept == [("x", 7_700, 1, 0, at_us), ("y", 0, 2, 2, at_us)]


def test_facts_of_own_orders_do_not_count_a_second_time(engine: Engine, door: Door) -> None:
    door.buy("o1")
    door.ok("orders/o1/refund", units("L1:1"))
    settled(engine)
    assert rows(engine.database, "SELECT * FROM outside_trade") == []
    assert told(engine) == [(5_000, 3, 1)]


def test_a_rebuild_gives_the_same_history(engine: Engine, door: Door) -> None:
    at_us = engine.clock.now_us()
    tell(engine, SHOP, pay("x", 9_000, at_us=at_us), back("x", 100, at_us=at_us))
    door.buy("o1")
    settled(engine)
    before = history(engine)
    assert {one.order for one in before} == {"x", "o1"}
    engine.projector.rebuild("prices")
    assert history(engine) == before


PLANTED = {
    "a price that nobody paid": (
        "UPDATE trade SET unit_fen = 9900 WHERE line = 'L1'", "3 of cup in A, 0 back in the history"
    ),
    "a trade that is gone": ("DELETE FROM trade WHERE line = 'L2'", "nothing in the history"),
    "a return that nobody made": ("UPDATE trade SET refunded = 1 WHERE line = 'L2'", "1 back in"),
    "another item": ("UPDATE trade SET item = 'pot' WHERE line = 'L1'", "3 of pot in A"),
    "another time": ("UPDATE trade SET paid_us = paid_us - 10 WHERE line = 'L1'", "paid before it"),
    "an order that is gone": (
        "INSERT INTO trade SELECT merchant_no, 'o9', line, unit_fen, shop, item, paid_us, 1, 0 "
        "FROM trade WHERE line = 'L2'", "nothing by the order",
    ),
}  # fmt: skip


def test_the_audit_sees_each_fault(engine: Engine, door: Door) -> None:
    door.buy("o1")
    door.ok("orders", order_form("o2"))
    assert prices.trades_are_those_of_the_orders(engine.audited).looked_at == 2
    right = rows(engine.database, "SELECT * FROM trade")
    for name, (statement, words) in PLANTED.items():
        tamper(engine.database, statement)
        check = prices.trades_are_those_of_the_orders(engine.audited)
        assert check.name == AUDIT
        assert any(words in one for one in check.violations), (name, check.violations)
        tamper(engine.database, "DELETE FROM trade")
        with engine.database.transaction() as conn:
            for row in right:
                conn.execute(f"INSERT INTO trade VALUES ({', '.join(['%s'] * len(row))})", row)  # type: ignore[arg-type]
    assert faults(engine) == {}


def test_orders_from_before_have_a_history(
    engine: Engine, door: Door, empty_database_url: str, clock: FixedClock, data_dir: Path
) -> None:
    off = {"id": "off", "lane": "shop", "shop": "A", "benefit": {"amount_off": {"amount": 100}}}
    door.promote(off)
    door.buy("o1")
    door.ok("orders/o1/refund", units("L1:1"))
    door.place("o2")
    now = dict(rows(engine.database, "SELECT order_id || line || unit_fen, refunded FROM trade"))
    migrate(empty_database_url, upto="0300.suspected_order")
    with psycopg.connect(empty_database_url) as old:
        for table in ("merchant", "orders", "order_returned"):
            copied = rows(engine.database, f"SELECT * FROM {table}")
            marks = ", ".join(["%s"] * len(copied[0]))
            for row in copied:
                old.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE VALUES ({marks})", row)  # type: ignore[arg-type]
    migrate(empty_database_url)
    with Database(empty_database_url) as moved, opened(moved, clock, data_dir) as after:
        kept = dict(rows(moved, "SELECT order_id || line || unit_fen, refunded FROM trade"))
        assert kept == now
        assert sum(kept.values()) == 1
        assert prices.trades_are_those_of_the_orders(after.audited).holds


def test_no_person_stands_in_it(engine: Engine, door: Door) -> None:
    door.buy("o1")
    tell(engine, SHOP, pay("x", 9_000, at_us=engine.clock.now_us()))
    settled(engine)
    before = history(engine)
    engine.privacy.erase(SHOP, "taobao_id:ann")
    assert history(engine) == before
    columns = rows(
        engine.database,
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_name IN ('trade', 'outside_trade')",
    )
    assert not {name for (name,) in columns} & {"holder", "token", "node", "person", "identifiers"}
