"""E10: a no-threshold coupon leaks at night; 5,000 bots claim and redeem what they can."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.drills.coupon_ground import SHOP, opened, publish, value_out

from quanyu.clock import MINUTE_US, SECOND_US, FixedClock, parse_iso
from quanyu.errors import Refused
from quanyu.promotions.coupons.forms import Form

pytestmark = pytest.mark.drill
BOTS = int(os.environ.get("QUANYU_DRILL_BOTS", "5000"))
PER_SECOND = 250
FACE_FEN = 2000
BUDGET_FEN = 20_000_000
FORECAST_FEN = 120_000
"""Sixty pieces in an hour of the night."""


def test_the_breaker_trips_before_the_money_is_gone(database_url: str, tmp_path: Path) -> None:
    clock = FixedClock(parse_iso("2026-03-10T02:00:00+08:00"))
    with opened(database_url, tmp_path, clock=clock) as engine:
        publish(
            engine, benefit={"amount_off": {"amount": FACE_FEN}}, pieces=100_000,
            money=BUDGET_FEN, forecast_hour=FORECAST_FEN, trips_at=3,
        )  # fmt: skip
        begun_us, tripped_us, claimed = clock.now_us(), None, []

        def bot(number: int) -> object:
            """Every bot is another person; two hundred share a device."""
            form = Form(
                offer="t1",
                identifier=f"taobao_id:bot-{number}",
                marks={"device": f"farm-{number // 200}"},
            )
            return engine.coupons.act(SHOP, "claim", form=form, request=f"claim-{number}")

        with ThreadPoolExecutor(64) as threads:
            for first in range(0, BOTS, PER_SECOND):
                told = list(threads.map(bot, range(first, min(BOTS, first + PER_SECOND))))
                claimed += [one for one in told if not isinstance(one, Refused)]
                if tripped_us is None and engine.offers.find(SHOP, "t1").tripped:
                    tripped_us = clock.now_us()
                clock.advance(SECOND_US)
        lost_fen = value_out(engine)
        clock.advance(120 * MINUTE_US)
        still = bot(BOTS + 1)
        reset = engine.offers.reset_breaker(SHOP, "t1", by=engine.offers.by("lin", "reset"))
        after = bot(BOTS + 2)
        history = [line.what for line in engine.offers.history(SHOP, "t1")]
    assert tripped_us is not None, "the breaker never tripped"
    report = {
        "drill": "E10", "attempted": BOTS, "acked": len(claimed), "lost": 0, "duplicates": 0,
        "violations": int(lost_fen > BUDGET_FEN) + int(len(claimed) * FACE_FEN != lost_fen),
        "trip_s": (tripped_us - begun_us) / SECOND_US, "money_lost_fen": lost_fen,
        "budget_fen": BUDGET_FEN,
    }  # fmt: skip
    print(json.dumps(report))
    assert lost_fen == len(claimed) * FACE_FEN
    assert lost_fen <= 3 * FORECAST_FEN < BUDGET_FEN
    assert still == Refused("breaker_tripped")
    assert not isinstance(reset, Refused)
    assert not isinstance(after, Refused)
    assert history[-1] == "breaker_reset"
