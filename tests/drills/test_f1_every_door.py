"""Drill F1, the doors of money: a person who has used every one of them asks for a copy and is then
forgotten. The copy lists everything; afterwards no token of the person stands in any table.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.drills import benefit_commands, coupon_commands, instalment_commands, order_commands
from tests.drills.benefit_commands import MALL
from tests.drills.coupon_commands import CAFE
from tests.engine_ground import faults, opened, rows, settled

from quanyu.clock import FixedClock
from quanyu.customers.privacy.register import register
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill

DOORS = {
    "points, flash sales": (MALL, benefit_commands.ANN, ("points", "flash_sales")),
    "orders, vouchers": ("deli", "taobao_id:ann", ("orders", "vouchers", "events")),
    "instalments": ("bikes", "taobao_id:ann", ("orders", "instalments", "events")),
    "coupons, tills": (CAFE, coupon_commands.EVE, ("coupons", "offline", "events")),
    "claims": (CAFE, coupon_commands.FAY, ("coupons", "attempts", "events")),
}


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        benefit_commands.prepare_benefits(made)
        order_commands.prepare_orders(made)
        instalment_commands.prepare_instalments(made)
        coupon_commands.prepare_coupons(made)
        coupon_commands.coupon_claim(made)
        coupon_commands.coupon_reconcile(made)
        settled(made)
        yield made


def stored(engine: Engine, needle: bytes) -> set[str]:
    """Tables in which the bytes stand, raw or in hex."""
    names = rows(
        engine.database,
        "SELECT tablename FROM pg_tables"
        " WHERE schemaname = 'public' AND strpos(tablename, 'yoyo') = 0",
    )
    return {
        table
        for (table,) in names
        for (text,) in rows(engine.database, f'SELECT t::text FROM "{table}" t')
        if needle.hex() in text
    }


def suspect(engine: Engine) -> None:
    """What the search for fake trades leaves behind."""
    with engine.database.transaction() as conn:
        conn.execute(
            "INSERT INTO suspected_order SELECT merchant_no, id, 'suspected', 900000, 's1',"
            " '{\"burst\": 9}', 1 FROM orders ON CONFLICT DO NOTHING"
        )


def test_a_copy_of_everything_and_then_nothing(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    suspect(engine)
    report: dict[str, Any] = {
        "drill": "F1 doors",
        "attempted": len(DOORS),
        "residue": [],
        "copies": {},
    }
    for merchant, who, sections in DOORS.values():
        token = bytes(engine.privacy.token(merchant, who)[1])
        before = stored(engine, token)
        assert before, "the scan sees the person"
        unregistered = before - register().keys()
        assert not unregistered
        copy = engine.copies.of(merchant, who)
        assert copy is not None
        for section in sections:
            assert copy[section], f"{merchant}: {section} is missing from the copy"
        assert token.hex() not in json.dumps(copy, default=str)
        assert engine.privacy.erase(merchant, who) is not None
        report["copies"][f"{merchant} {who}"] = sorted(name for name, held in copy.items() if held)
        report["residue"] += sorted(stored(engine, token))
        assert engine.copies.of(merchant, who) is None
    report["violations"] = len(report["residue"])
    with capsys.disabled():
        print("\n" + json.dumps(report, ensure_ascii=False))
    assert report["residue"] == []
    assert faults(engine) == {}, "the books add up without the person"


def test_orders_come_with_what_hangs_on_them(engine: Engine) -> None:
    suspect(engine)
    copy = engine.copies.of("bikes", "taobao_id:ann")
    assert copy is not None
    named = {one["order"] for one in copy["orders"]}
    assert {one["order"] for one in copy["instalments"]} <= named
    assert {one["order"] for one in copy["suspected_orders"]} <= named
    assert all(one["placed_at"].endswith("+08:00") for one in copy["orders"])
    assert copy["format"] == "quanyu-person-copy/1"


def test_a_person_whom_no_event_knows_is_forgotten_too(engine: Engine) -> None:
    """A reservation of a flash sale tells no fact until it is sold."""
    who = "taobao_id:only-reserved"
    benefit_commands.reserve(engine, who)
    settled(engine)
    copy = engine.copies.of(MALL, who)
    assert copy is not None
    assert [one["sale"] for one in copy["flash_sales"]] == ["noon"]
    assert engine.privacy.erase(MALL, who) is not None
    assert stored(engine, bytes(engine.privacy.token(MALL, who)[1])) == set()
    assert engine.copies.of(MALL, who) is None
