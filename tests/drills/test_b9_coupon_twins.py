"""B9 for coupons: 32 twins with one key have one effect and equal answers."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.drills.coupon_ground import SHOP, opened, publish

from quanyu.errors import Refused
from quanyu.promotions.coupons.coupon import Issue
from quanyu.storage.postgres.coupons.loading import Loader
from quanyu.storage.postgres.coupons.writer import CouponWriter
from quanyu.wiring import Engine

pytestmark = pytest.mark.drill
TWINS = 32


def twins(engine: Engine, verb: str, form: dict[str, Any], *, merchant: str = SHOP) -> list[Any]:
    def one(_: int) -> Any:
        return engine.coupons.act(merchant, verb, form=form, request="twin")

    with ThreadPoolExecutor(TWINS) as threads:
        return list(threads.map(one, range(TWINS)))


def test_every_command_has_one_effect_for_all_its_twins(database_url: str, tmp_path: Path) -> None:
    who = "taobao_id:1"
    with opened(database_url, tmp_path) as engine:
        publish(engine, giftable=True)
        issued = twins(engine, "issue", {"offer": "t1", "identifier": who})
        coupon = issued[0].coupon.id
        told = {"issue": issued}
        for verb, form in (
            ("lock", {"coupon": coupon, "order": "o1"}),
            ("use", {"coupon": coupon, "order": "o1", "amount": 2000}),
            ("return", {"coupon": coupon, "order": "o1"}),
            ("redeem", {"coupon": coupon, "amount": 12_000, "store": "s1"}),
            ("undo", {"coupon": coupon, "store": "s1"}),
            ("gift", {"coupon": coupon, "identifier": who}),
            ("take_back", {"coupon": coupon, "identifier": who}),
            ("void", {"coupon": coupon}),
        ):
            told[verb] = twins(engine, verb, form)
        differing = sum(any(one != answers[0] for one in answers) for answers in told.values())
        refused = sum(isinstance(answers[0], Refused) for answers in told.values())
        steps = engine.database
        with steps.transaction() as tx:
            rows = tx.execute("SELECT count(*) FROM coupon_step").fetchone()
            pieces = tx.execute("SELECT count(*) FROM coupon").fetchone()
        other = engine.coupons.act(SHOP, "void", form={"coupon": "c_" + "0" * 24}, request="twin")
        elsewhere = engine.coupons.act("shoes", "void", form={"coupon": coupon}, request="twin")
    duplicates = (rows or (0,))[0] - len(told) + (pieces or (0,))[0] - 1
    report = {
        "drill": "B9", "attempted": TWINS * len(told), "acked": TWINS * (len(told) - refused),
        "lost": refused, "duplicates": duplicates, "violations": differing,
    }  # fmt: skip
    print(json.dumps(report))
    assert (differing, refused, duplicates) == (0, 0, 0)
    assert other == Refused("key_used_for_another_request")
    assert elsewhere == Refused("not_found")


def test_twins_over_several_writers(database_url: str, tmp_path: Path) -> None:
    """As in several processes: whoever is second reads the answer of the first."""
    with opened(database_url, tmp_path) as engine:
        publish(engine)
        holder = ("taobao_id", engine.tokeniser(SHOP).token("taobao_id", "1"))
        command = Issue(merchant=SHOP, request="twin", offer="t1", holder=holder)
        writers = [CouponWriter(engine.coupon_parts.ground, Loader()) for _ in range(6)]

        def one(number: int) -> Any:
            return writers[number % 6].write([command])[0]

        with ThreadPoolExecutor(TWINS) as threads:
            told = list(threads.map(one, range(TWINS)))
        book = engine.offers.balances(SHOP, "t1")
    assert all(one == told[0] for one in told)
    assert book["pieces/out"] == 1
