"""B1 and B9 at the edge of the network: one pass at many tills, and twins of one batch."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from tests.drills.coupon_ground import SHOP, opened, publish
from tests.till_ground import Counter

from quanyu.clock import SystemClock
from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.promotions.coupons.offline import Kit
from quanyu.promotions.coupons.passing import Issued
from quanyu.promotions.coupons.reconciling import claim_of
from quanyu.storage.postgres.coupons.loading import Loader
from quanyu.storage.postgres.coupons.reconciling import differences
from quanyu.storage.postgres.coupons.writer import CouponWriter
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill
TILLS, COUPONS, TWINS = 8, 12, 32
RISK = {"per_device_fen": 1_000_000, "per_coupon_fen": 2000}
WHO = "taobao_id:1"


def till(engine: Engine, number: int) -> Counter:
    request = Request(SHOP, "device.add", f"till-{number}", b"")
    kit = engine.devices.add(request, f"s{number}")
    assert isinstance(kit, Kit), kit
    return Counter(kit, at_us=engine.clock.now_us())


def passes(engine: Engine) -> list[str]:
    publish(engine, offline=RISK, per_person=COUPONS)
    found = []
    for number in range(COUPONS):
        form = {"offer": "t1", "identifier": WHO}
        issued = engine.coupons.act(SHOP, "issue", form=form, request=f"i-{number}")
        assert not isinstance(issued, Refused), issued
        made = engine.passes.pass_for(SHOP, issued.coupon.id, identifier=WHO)
        assert isinstance(made, Issued), made
        found.append(made.text)
    return found


def in_order(engine: Engine) -> list[str]:
    with engine.database.transaction() as tx:
        return [str(one) for one in differences(tx, engine.book)[1]]


def test_one_pass_at_many_tills_is_redeemed_once(database_url: str, tmp_path: Path) -> None:
    """Each till takes every pass while it is alone; they come back all at once, each over a writer
    of its own, as several processes would be."""
    with opened(database_url, tmp_path, clock=SystemClock()) as engine:
        texts = passes(engine)
        counters = [till(engine, number) for number in range(TILLS)]
        entries = [[counter.took(text) for text in texts] for counter in counters]
        writers = [CouponWriter(engine.coupon_parts.ground, Loader()) for _ in range(TILLS)]
        gate = Barrier(TILLS)

        def back(number: int) -> list[Any]:
            gate.wait(30)
            told = []
            for entry in entries[number]:
                store = counters[number].till.kit.store
                command = claim_of(SHOP, entry, store=store, keys=engine.coupon_keys)
                assert not isinstance(command, Refused), command
                told += writers[number].write([command])
            return told

        with ThreadPoolExecutor(TILLS) as threads:
            rows = list(threads.map(back, range(TILLS)))
        balances = engine.offers.balances(SHOP, "t1")
        faults = in_order(engine)
    wins = [sum(row[place].lost is None for row in rows) for place in range(COUPONS)]
    report = {
        "drill": "B1", "attempted": TILLS * COUPONS, "acked": sum(map(len, rows)),
        "lost": wins.count(0), "duplicates": sum(won > 1 for won in wins),
        "violations": len(faults),
    }  # fmt: skip
    print(json.dumps(report))
    assert wins == [1] * COUPONS
    assert balances["pieces/used"] == COUPONS
    assert balances["fen/spent"] == 2000 * COUPONS
    assert balances["fen/offline_loss"] == 2000 * COUPONS * (TILLS - 1)
    assert faults == []


def test_twins_of_a_batch_have_one_effect(database_url: str, tmp_path: Path) -> None:
    with opened(database_url, tmp_path, clock=SystemClock()) as engine:
        texts = passes(engine)
        counter = till(engine, 1)
        batch = [counter.took(text) for text in texts]

        def one(_: int) -> list[Any]:
            return [told.as_json() for told in engine.reconciling.reconcile(SHOP, batch)]

        with ThreadPoolExecutor(TWINS) as threads:
            told = list(threads.map(one, range(TWINS)))
        balances = engine.offers.balances(SHOP, "t1")
        faults = in_order(engine)
    differing = sum(one != told[0] for one in told)
    print(json.dumps({"drill": "B9", "attempted": TWINS, "duplicates": 0, "violations": differing}))
    assert differing == 0
    assert {one["outcome"] for one in told[0]} == {"redeemed"}
    assert balances["pieces/used"] == COUPONS
    assert faults == []


def test_twins_over_several_writers_have_one_answer(database_url: str, tmp_path: Path) -> None:
    """A loss is counted once, whoever comes first; the second reads the answer of the first."""
    with opened(database_url, tmp_path, clock=SystemClock()) as engine:
        (text, *_) = passes(engine)
        counter = till(engine, 1)
        entry = counter.took(text)
        coupon = engine.coupons.of_person(SHOP, WHO)[-1].id
        engine.coupons.act(SHOP, "void", form={"coupon": coupon}, request="v")
        command = claim_of(SHOP, entry, store="s1", keys=engine.coupon_keys)
        assert not isinstance(command, Refused), command
        writers = [CouponWriter(engine.coupon_parts.ground, Loader()) for _ in range(6)]

        def one(number: int) -> Any:
            return writers[number % 6].write([command])[0]

        with ThreadPoolExecutor(TWINS) as threads:
            told = list(threads.map(one, range(TWINS)))
        balances = engine.offers.balances(SHOP, "t1")
        faults = in_order(engine)
    assert all(one == told[0] for one in told)
    assert balances["fen/offline_loss"] == 2000
    assert faults == []
