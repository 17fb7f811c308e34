"""B1's neighbour: tills redeem as fast as they can, somebody turns the kill switch; whatever began
before it has returned may come through, nothing after it does."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from tests.drills.coupon_ground import SHOP, opened, publish

from quanyu.errors import Refused
from quanyu.promotions.coupons.forms import Form

pytestmark = pytest.mark.drill
PIECES, TILLS = 1500, 16


def test_nothing_comes_through_after_the_switch(database_url: str, tmp_path: Path) -> None:
    with opened(database_url, tmp_path) as engine:
        publish(engine, pieces=PIECES, money=PIECES * 2000, trips_at=1000)
        engine.coupons.make_codes(SHOP, "b", form=("t1", PIECES))
        codes = [line.split(",")[2].strip() for line in engine.coupons.export(SHOP, "b")][1:]
        turned, half = Event(), Event()

        def till(number: int) -> tuple[int, int]:
            """(Redeemed, of these begun after the switch had turned)."""
            done = late = 0
            for place, code in enumerate(codes[number::TILLS]):
                if place == len(codes) // TILLS // 3:
                    half.set()
                after = turned.is_set()
                form = Form(code=code, amount=12_000, store=f"s{number}")
                told = engine.coupons.act(SHOP, "redeem", form=form, request=code)
                done += not isinstance(told, Refused)
                late += after and not isinstance(told, Refused)
            return done, late

        def switch() -> None:
            half.wait(60)
            by = engine.offers.by("lin", "kill", note="leaked")
            assert engine.offers.kill(SHOP, "t1", killed=True, by=by) == ["t1"]
            turned.set()

        with ThreadPoolExecutor(TILLS + 1) as threads:
            switching = threads.submit(switch)
            counts = list(threads.map(till, range(TILLS)))
            switching.result()
        redeemed, late = sum(done for done, _ in counts), sum(late for _, late in counts)
        book = engine.offers.balances(SHOP, "t1")
    report = {
        "drill": "B1 kill switch", "attempted": PIECES, "acked": redeemed, "lost": 0,
        "duplicates": book["pieces/used"] - redeemed, "violations": late,
    }  # fmt: skip
    print(json.dumps(report))
    assert late == 0
    assert 0 < redeemed < PIECES
    assert book["pieces/used"] == redeemed
    assert book["fen/spent"] == 2000 * redeemed
