"""Vouchers on a real database and book: sold by an order, used at stores, the rest given back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import opened

from quanyu.clock import DAY_US, MINUTE_US, FixedClock
from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.ids import Token
from quanyu.ledger.accounts import PLATFORM, Account
from quanyu.ledger.transfers import Transfer, transfer_id
from quanyu.promotions.parties import clearing, shop_payable
from quanyu.promotions.vouchers.service import GivenBack, Sale, Used
from quanyu.promotions.vouchers.voucher import Visit, VoucherProduct
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

SHOP = "火锅店"
PRODUCT = VoucherProduct("hotpot-200", "总店", 20_000, 90, ("s1",))
HOLDER = ("taobao_id", Token(bytes(range(16))))


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as engine:
        engine.vouchers.define(SHOP, PRODUCT)
        yield engine


def bought(engine: Engine, order: str = "o1", *, units: tuple[int, ...] = (9_900,)) -> list[str]:
    """Pays an order of vouchers; returns their codes."""
    payable = shop_payable(SHOP, PRODUCT.shop)
    paid = Transfer(
        transfer_id("pay", order), clearing("alipay").id, payable.id, sum(units), "order.paid"
    )
    with engine.database.transaction() as tx:
        engine.book.open(tx, [clearing("alipay"), payable])
        engine.book.post(tx, [[paid]])
        sale = Sale(order, HOLDER, "alipay", units, line="1")
        engine.vouchers.issue(tx, SHOP, product=PRODUCT, sale=sale)
    return [code for v, code in engine.vouchers.held_by(SHOP, [HOLDER]) if v.order == order]


def asked(key: str, operation: str = "voucher.use", content: bytes = b"") -> Request:
    return Request(SHOP, operation, key, content)


def balances(engine: Engine) -> dict[str, int]:
    names = ("clearing/alipay", f"party/{SHOP}/总店/payable", f"party/{SHOP}/总店/deferred")
    with engine.database.transaction() as tx:
        found = engine.book.balances(tx, names)
    return {name.rpartition("/")[2]: found[name].posted for name in names}


def facts(engine: Engine) -> list[tuple[str, int | None]]:
    return [(one.event.kind, one.event.amount_fen) for one in engine.log.read(0, 100)]


def scan(engine: Engine, amount_fen: int = 5_000, store: str = "s1") -> Visit:
    return Visit(store, amount_fen, engine.clock.now_us())


def test_the_story_of_a_voucher(engine: Engine) -> None:
    (code,) = bought(engine)
    assert balances(engine) == {"alipay": -9_900, "payable": 0, "deferred": 9_900}
    used = engine.vouchers.use(asked("k1"), code, visit=scan(engine, 12_000))
    assert isinstance(used, Used)
    assert (used.amount_fen, used.rest_fen) == (12_000, 8_000)
    assert balances(engine) == {"alipay": -9_900, "payable": 5_940, "deferred": 3_960}
    back = engine.vouchers.refund(asked("k2", "voucher.refund"), used.voucher)
    assert back == GivenBack(used.voucher, 3_960, 0)
    assert balances(engine) == {"alipay": -5_940, "payable": 5_940, "deferred": 0}
    assert facts(engine) == [("coupon_redeemed", 12_000), ("refund_completed", 3_960)]
    again = engine.vouchers.use(asked("k3"), code, visit=scan(engine))
    assert again == Refused("voucher_refunded")


def test_a_repeated_scan_is_one_scan(engine: Engine) -> None:
    (code,) = bought(engine)
    told = [engine.vouchers.use(asked("k1"), code, visit=scan(engine)) for _ in range(3)]
    assert len(set(told)) == 1
    assert facts(engine) == [("coupon_redeemed", 5_000)]
    other = engine.vouchers.use(asked("k1", content=b"more"), code, visit=scan(engine, 6_000))
    assert other == Refused("key_used_for_another_request")


def test_many_cashiers_scan_one_voucher(
    database_url: str, clock: FixedClock, data_dir: Path
) -> None:
    """Sixteen scans of 50.00 at once on a face of 200.00: four are taken."""
    with Database(database_url, pool_size=16) as database, opened(database, clock, data_dir) as one:
        one.vouchers.define(SHOP, PRODUCT)
        (code,) = bought(one)
        with ThreadPoolExecutor(16) as threads:
            told = list(
                threads.map(
                    lambda n: one.vouchers.use(asked(f"k{n}"), code, visit=scan(one)), range(16)
                )
            )
        assert sum(isinstance(outcome, Used) for outcome in told) == 4
        assert told.count(Refused("voucher_used_up")) == 12
        assert balances(one) == {"alipay": -9_900, "payable": 9_900, "deferred": 0}


def test_a_mistaken_scan_is_taken_back_once(engine: Engine, clock: FixedClock) -> None:
    (code,) = bought(engine)
    used = engine.vouchers.use(asked("k1"), code, visit=scan(engine))
    assert isinstance(used, Used)
    undone = engine.vouchers.undo(asked("u1", "voucher.undo"), used.use)
    assert undone == GivenBack(used.voucher, 5_000, 20_000)
    assert engine.vouchers.undo(asked("u1", "voucher.undo"), used.use) == undone
    twice = engine.vouchers.undo(asked("u2", "voucher.undo"), used.use)
    assert twice == Refused("use_already_undone")
    late = engine.vouchers.use(asked("k2"), code, visit=scan(engine))
    assert isinstance(late, Used)
    clock.advance(31 * MINUTE_US)
    over = engine.vouchers.undo(asked("u3", "voucher.undo"), late.use)
    assert over == Refused("undo_window_over")
    assert engine.vouchers.undo(asked("u4", "voucher.undo"), "use_none") == Refused("use_not_found")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"store": "s2"}, "wrong_store"),
        ({"amount_fen": 20_001}, "exceeds_rest_of_voucher"),
        ({"amount_fen": 0}, "amount_not_positive"),
    ],
)
def test_refused_scans_change_nothing(engine: Engine, change: dict[str, Any], reason: str) -> None:
    (code,) = bought(engine)
    before = balances(engine)
    refused = engine.vouchers.use(asked("k1"), code, visit=scan(engine, **change))
    assert isinstance(refused, Refused)
    assert refused.reason == reason
    assert (balances(engine), facts(engine)) == (before, [])


def test_an_expired_voucher_is_not_taken_and_still_refunded(
    engine: Engine, clock: FixedClock
) -> None:
    (code,) = bought(engine)
    clock.advance(90 * DAY_US)
    assert engine.vouchers.use(asked("k1"), code, visit=scan(engine)) == Refused("voucher_expired")
    ((voucher, _),) = engine.vouchers.held_by(SHOP, [HOLDER])
    back = engine.vouchers.refund(asked("k2", "voucher.refund"), voucher.id)
    assert back == GivenBack(voucher.id, 9_900, 0)


def test_a_code_of_another_merchant_opens_nothing(engine: Engine) -> None:
    (code,) = bought(engine)
    foreign = Request("别家", "voucher.use", "k1", b"")
    refused = engine.vouchers.use(foreign, code, visit=scan(engine))
    assert refused == Refused("voucher_not_found")


def test_units_that_cost_different_fen(engine: Engine) -> None:
    codes = bought(engine, units=(9_900, 9_901, 0))
    assert len(set(codes)) == 3
    assert sorted(v.paid_fen for v, _ in engine.vouchers.held_by(SHOP, [HOLDER])) == [
        0,
        9_900,
        9_901,
    ]


def test_a_forgotten_holder_has_nothing_and_nothing_is_lost(engine: Engine) -> None:
    from quanyu.storage.postgres.vouchers import PostgresVouchers

    (code,) = bought(engine)
    with engine.database.transaction() as tx:
        assert PostgresVouchers().forget(tx, SHOP, holders=[HOLDER]) == 1
    assert engine.vouchers.held_by(SHOP, [HOLDER]) == []
    assert isinstance(engine.vouchers.use(asked("k1"), code, visit=scan(engine)), Used)


def test_accounts_have_their_owners(engine: Engine) -> None:
    assert clearing("alipay") == Account("clearing/alipay", "fen", PLATFORM)
    assert shop_payable("a/b", "c").id == "party/a%2Fb/c/payable"


def test_accounts_of_a_chinese_shop_are_found_by_how_they_begin(engine: Engine) -> None:
    bought(engine)
    found = engine.ledger_reader.listed(owner=None, prefix="party/火", limit=10)
    assert [one.account.id for one in found] == [
        f"party/{SHOP}/总店/deferred",
        f"party/{SHOP}/总店/payable",
    ]
    assert engine.ledger_reader.listed(owner=None, prefix="party/水", limit=10) == []
