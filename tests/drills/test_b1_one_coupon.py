"""B1: one coupon, many clients, each with an order of its own: exactly one has it."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Barrier
from time import perf_counter
from typing import Any

import pytest
from tests.drills.coupon_ground import SHOP, insisted, opened, publish

from quanyu.clock import SystemClock
from quanyu.errors import Refused
from quanyu.promotions.coupons.coupon import OnCoupon
from quanyu.promotions.coupons.states import Verb
from quanyu.promotions.orders.answers import Notice
from quanyu.promotions.orders.asking import Asking
from quanyu.promotions.orders.order import decode_order
from quanyu.storage.postgres.coupons.loading import Loader
from quanyu.storage.postgres.coupons.writer import CouponWriter
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill
CLIENTS = 64
COUPONS = int(os.environ.get("QUANYU_DRILL_COUPONS", "40"))
WRITERS = 4


def test_one_coupon_is_in_force_on_one_order(database_url: str, tmp_path: Path) -> None:
    """Four writers side by side, as four processes would be: the database decides, not a queue."""
    with opened(database_url, tmp_path, clock=SystemClock()) as engine:
        publish(engine, pieces=COUPONS, money=COUPONS * 2000, trips_at=1000)
        coupons = []
        for n in range(COUPONS):
            form = {"offer": "t1", "identifier": f"taobao_id:{n}"}
            outcome = engine.coupons.act(SHOP, "issue", form=form, request=f"issue-{n}")
            assert not isinstance(outcome, Refused), outcome
            coupons.append(outcome.coupon.id)
        writers = [CouponWriter(engine.coupon_parts.ground, Loader()) for _ in range(WRITERS)]
        start, latencies = Barrier(CLIENTS), []

        def client(number: int) -> list[bool]:
            start.wait(120)
            won = []
            for coupon in coupons:
                order = f"order-{number}-{coupon}"
                lock = OnCoupon(
                    merchant=SHOP, request=order, verb=Verb.LOCK, coupon=coupon, order=order
                )
                begun_s = perf_counter()
                (told,) = insisted(partial(writers[number % WRITERS].write, [lock]))
                latencies.append(perf_counter() - begun_s)
                won.append(not isinstance(told, Refused))
            return won

        with ThreadPoolExecutor(CLIENTS) as threads:
            rows = list(threads.map(client, range(CLIENTS)))
        wins = [sum(row[place] for row in rows) for place in range(COUPONS)]
        locked = [engine.coupons.find(SHOP, coupon).state for coupon in coupons]
    latencies.sort()
    report = {
        "drill": "B1", "attempted": CLIENTS * COUPONS, "acked": sum(wins), "lost": wins.count(0),
        "duplicates": sum(max(0, won - 1) for won in wins),
        "violations": sum(state != "locked" for state in locked),
        "p50": round(1000 * latencies[len(latencies) // 2], 1),
        "p99": round(1000 * latencies[int(len(latencies) * 0.99)], 1),
    }  # fmt: skip
    print(json.dumps(report))
    assert wins == [1] * COUPONS
    assert set(locked) == {"locked"}


LOST = {"locked_by_other_order", "used_by_other_order", "coupon_not_usable", "wrong_state"}
LINE = {"line": "A", "shop": "s", "item": "tea", "quantity": 1, "list_price": 12_000}


def place(engine: Engine, order: str, *, coupon: str, who: str) -> Any:
    form = decode_order(
        json.dumps({
            "order": order, "identifiers": {"taobao_id": who}, "touchpoint": "taobao.detail",
            "cart": {"now": "2026-03-10T12:00:00+08:00", "lines": [LINE]}, "coupons": [coupon],
        })
    )  # fmt: skip
    ask = Asking(SHOP, f"place-{order}").place(form, tokeniser=engine.tokeniser(SHOP))
    return engine.orders.place(ask, form)


def pay(engine: Engine, order: str) -> Any:
    notice = Notice(order, 10_000, "alipay")
    return engine.orders.pay(Asking(SHOP, f"pay-{order}").pay(notice), notice)


def test_one_coupon_is_paid_with_once(database_url: str, tmp_path: Path) -> None:
    """Real orders: four engines side by side, 64 clients, each places an order of its own with
    every coupon, and pays what was placed."""
    with ExitStack() as stack:
        engines = [stack.enter_context(opened(database_url, tmp_path)) for _ in range(WRITERS)]
        first, faults, latencies = engines[0], list[Any](), list[float]()
        publish(first, pieces=COUPONS, money=COUPONS * 2000, trips_at=1000)
        people = [(f"p{n}", f"taobao_id:p{n}") for n in range(COUPONS)]
        told = first.coupons.issue_to_all(
            SHOP, "t1", identifiers=[who for _, who in people], request="all"
        )
        coupons = [one.coupon.id for _, one in told if not isinstance(one, Refused)]
        start = Barrier(CLIENTS)

        def client(number: int) -> list[bool]:
            engine, won = engines[number % WRITERS], []
            start.wait(120)
            for coupon, (who, _) in zip(coupons, people, strict=True):
                order, begun_s = f"order-{number}-{who}", perf_counter()
                placed = insisted(partial(place, engine, order, coupon=coupon, who=who))
                latencies.append(perf_counter() - begun_s)
                won.append(not isinstance(placed, Refused))
                if not won[-1]:
                    faults.extend([placed] * (placed.reason not in LOST))
                elif isinstance(insisted(partial(pay, engine, order)), Refused):
                    faults.append(order)
            return won

        with ThreadPoolExecutor(CLIENTS) as threads:
            rows = list(threads.map(client, range(CLIENTS)))
        wins = [sum(row[place] for row in rows) for place in range(COUPONS)]
        used = [first.coupons.find(SHOP, coupon).state for coupon in coupons]
        book = first.offers.balances(SHOP, "t1")
        first.projector.catch_up()
        faults += [check for check in first.audit() if not check.holds]
        faults += [state for state in used if state != "used"]
    latencies.sort()
    report = {
        "drill": "B1 orders", "attempted": CLIENTS * COUPONS, "acked": sum(wins),
        "lost": wins.count(0), "duplicates": sum(max(0, won - 1) for won in wins),
        "violations": len(faults), "p50": round(1000 * latencies[len(latencies) // 2], 1),
        "p99": round(1000 * latencies[int(len(latencies) * 0.99)], 1),
    }  # fmt: skip
    print(json.dumps(report))
    assert faults == []
    assert wins == [1] * COUPONS
    assert (book["pieces/used"], book["fen/spent"]) == (COUPONS, COUPONS * 2000)


def test_over_one_queue_the_same_holds(database_url: str, tmp_path: Path) -> None:
    with opened(database_url, tmp_path, clock=SystemClock()) as engine:
        publish(engine)
        form = {"offer": "t1", "identifier": "taobao_id:1"}
        issued = engine.coupons.act(SHOP, "issue", form=form, request="issue")
        assert not isinstance(issued, Refused)
        coupon = issued.coupon.id

        def client(number: int) -> bool:
            form = {"coupon": coupon, "order": f"o{number}"}
            told = engine.coupons.act(SHOP, "lock", form=form, request=f"lock-{number}")
            return not isinstance(told, Refused)

        with ThreadPoolExecutor(CLIENTS) as threads:
            wins = list(threads.map(client, range(CLIENTS)))
    assert sum(wins) == 1
