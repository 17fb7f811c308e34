"""A1 for money: ``quanyu serve`` is killed 50 to 500 ms into load; 32 clients claim, redeem, order,
pay, return and spend, and send again what got no answer, under the same keys."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.drills.coupon_ground import publish
from tests.drills.shoppers import Shoppers
from tests.drills.siege import WHOLE, under_fire, waited

from quanyu.clock import DAY_US, SystemClock, format_iso
from quanyu.promotions.loyalty.exchange import decode_offered
from quanyu.promotions.pricing import decode_offers
from quanyu.promotions.vouchers.voucher import VoucherProduct
from quanyu.settings import Settings
from quanyu.storage.postgres.embedded import EmbeddedPostgres
from quanyu.wiring import Engine, open_engine

ROUNDS = int(os.environ.get("QUANYU_DRILL_ROUNDS", "10"))
SHOP = "tea"
FEW, PIECES, RIDES = 12, 10, 8
"""Caps that are reached; everything else is plenty."""
TERMS = {
    "points_per_yuan": 1,
    "expiry": {"kind": "months", "count": 12},
    "join_gift": 500,
    "transferable": True,
}
POINTS = {
    "id": "points", "lane": "points", "kind": "promotion", "shop": None,
    "benefit": {"points_rate": {"points_per_yuan": 100, "fen_per_point": 1}},
}  # fmt: skip
RIDE = {
    "name": "ride", "label": "打车券", "points": 30, "partner": "rides", "benefit": "ride_coupon",
    "pieces": RIDES, "compensation_fen": 300,
}  # fmt: skip

MIX = {
    "coupons/claim", "coupons/issue", "redemptions", "redemptions/undo", "orders", "orders/pay",
    "orders/refund", "orders/cancel", "noon/attempts", "points/members", "points/earn",
    "points/spend", "points/cancel", "points/transfer", "points/exchange", "points/refund",
    "vouchers/use", "vouchers/uses/undo", "vouchers/refund",
}  # fmt: skip

pytestmark = pytest.mark.drill


def open_shop(engine: Engine, printed: int) -> list[str]:
    """Returns printed codes."""
    many = {"pieces": 100_000, "money": 200_000_000, "trips_at": 1000}
    publish(engine, "shop20", merchant=SHOP, **many, per_person=100)
    publish(engine, "few", merchant=SHOP, pieces=FEW, money=FEW * 2_000, trips_at=1000)
    (pays_with_points,) = decode_offers(json.dumps([POINTS]))
    engine.promotions.put(SHOP, pays_with_points)
    engine.loyalty.define(SHOP, "stars", body=json.dumps(TERMS).encode())
    engine.points.offer(SHOP, "stars", offered=decode_offered(json.dumps(RIDE).encode()))
    engine.vouchers.define(SHOP, VoucherProduct("hotpot-200", "main", 20_000, 90, ("s1",)))
    now_us = engine.clock.now_us()
    sale = {
        "name": "noon", "item": "serum", "price_fen": 9_900, "pieces": PIECES,
        "starts": format_iso(now_us), "ends": format_iso(now_us + DAY_US),
    }  # fmt: skip
    engine.flash_sales.create(SHOP, json.dumps(sale).encode())
    engine.coupons.make_codes(SHOP, "spring", form=("shop20", printed))
    return [line.split(",")[2].strip() for line in engine.coupons.export(SHOP, "spring")][1:]


def standing(engine: Engine) -> dict[str, str]:
    """Everything that somebody could have been told about, as it stands in the tables."""
    found: dict[str, str] = {}
    with engine.database.transaction() as tx:
        for id, state, order, spent in tx.execute(
            "SELECT coupon, state, order_id, spent_fen FROM coupon"
            " WHERE state <> 'issued' OR code_hash IS NULL"
        ):
            on_order = {"locked": f"locked {order}", "used": f"used {order}"}
            said = on_order.get(state, state) if order else f"used for {spent}"
            found[f"coupon {id}"] = state if state == "issued" else said
        for id, state in tx.execute("SELECT id, state FROM orders"):
            back = engine.orders.find(SHOP, id)
            goods = back.refunded_fen - back.shipping_refunded_fen
            found[f"order {id}"] = f"{state}, {goods} back"
        for id, state in tx.execute("SELECT encode(id, 'hex'), state FROM flash_hold"):
            found[f"hold {id}"] = state
        for id, used, refunded in tx.execute("SELECT id, used_fen, refunded FROM voucher"):
            found[f"voucher {id}"] = f"{used} used{', refunded' * refunded}"
        for code, state in tx.execute("SELECT code, state FROM points_entitlement"):
            found[f"code {code}"] = state
    return found


def earned(engine: Engine, order: str, *, back_fen: int) -> int:
    """One point per yuan, rounded down once per order, of what was paid and has not come back."""
    lines = engine.orders.find(SHOP, order).terms.quote.lines
    return (sum(line.cash for line in lines) - back_fen) // 100


def points_that_differ(engine: Engine, crowd: Shoppers) -> list[str]:
    due = Counter[str]()
    for paper in crowd.papers:
        due.update(paper.points)
        for order, who in paper.earning.items():
            due[who] += earned(engine, order, back_fen=paper.goods_back_fen[order])
    found = {who: engine.loyalty.balance(SHOP, "stars", identifier=who) for who in due}
    return [
        f"{who}: {due[who]} on paper, {one}"
        for who, one in found.items()
        if one.available + one.pending - one.debt != due[who]
    ]


def on_two_orders(engine: Engine) -> int:
    """Coupons that more than one living order counts on."""
    with engine.database.transaction() as tx:
        orders = [id for (id,) in tx.execute("SELECT id FROM orders WHERE state <> 'cancelled'")]
    uses = Counter(coupon for id in orders for coupon in engine.orders.find(SHOP, id).terms.coupons)
    return sum(n > 1 for n in uses.values())


def broken_rules(engine: Engine, crowd: Shoppers) -> list[str]:
    """Caps, cash, the audit: whatever the answers were."""
    book, few = engine.offers.balances(SHOP, "few"), FEW
    _, standing = engine.flash_sales.show(SHOP, "noon")
    with engine.database.transaction() as tx:
        cash = engine.book.balances(tx, ["clearing/alipay"])["clearing/alipay"].posted
        over = tx.execute(
            "SELECT id FROM orders WHERE refunded_fen > payable_fen OR refunded_fen < 0"
        ).fetchall()
    paper_fen = sum(paper.cash_fen for paper in crowd.papers)
    faults = [f"{few - book['pieces/free']} of {few}"] * (book["pieces/free"] < 0)
    faults += [f"{standing} of {PIECES}"] * (standing.sold + standing.held > PIECES)
    faults += [f"cash {-cash}, {paper_fen} on paper"] * (cash != -paper_fen)
    faults += [f"refunds over what was paid: {id}" for (id,) in over]
    engine.projector.catch_up()
    return faults + [str(check) for check in engine.audit() if not check.holds]


def on_all_papers(crowd: Shoppers) -> dict[str, str]:
    """Of a coupon of two clients, one knows only that it was issued."""
    found: dict[str, str] = {}
    for paper in crowd.papers:
        found |= {k: said for k, said in paper.things.items() if said != "issued" or k not in found}
    return found


def audited(engine: Engine, crowd: Shoppers) -> dict[str, Any]:
    paper = on_all_papers(crowd)
    found = standing(engine)
    lost = paper.keys() - found.keys()
    unheard = found.keys() - paper.keys()
    differ = [f"{k}: {paper[k]}, {found[k]}" for k in paper.keys() & found if paper[k] != found[k]]
    faults = [*crowd.surprises, *differ, *points_that_differ(engine, crowd)]
    faults += broken_rules(engine, crowd)
    if lost or unheard or faults:
        print(*faults[:20], sorted(lost)[:9], sorted(unheard)[:9], sep="\n")
    return {
        "attempted": len(crowd.journal),
        "acked": len(crowd.told),
        "under_fire": crowd.under_fire,
        "unanswered": crowd.unanswered,
        "lost": len(lost),
        "duplicates": len(unheard) + on_two_orders(engine),
        "violations": len(faults),
        **waited(crowd),
    }


def test_no_money_that_was_answered_is_lost_and_none_counts_twice(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with EmbeddedPostgres(data_dir) as server:
        with open_engine(Settings(data_dir=data_dir)) as engine:
            codes = open_shop(engine, printed=100 * ROUNDS)
            secret = engine.access.create(SHOP, ["admin"]).secret
        crowd = Shoppers(secret, codes=iter(codes))
        recoveries_s = under_fire(crowd, WHOLE, rounds=ROUNDS, data_dir=data_dir, warm=True)
        with open_engine(Settings(data_dir=data_dir), clock=SystemClock()) as engine:
            report = audited(engine, crowd)
        line = {"rounds": ROUNDS, **report, "recovery_s": round(max(recoveries_s), 2)}
        print(json.dumps({"drill": "A1", "killed": "quanyu serve, money", **line}))
        assert (report["lost"], report["duplicates"], report["violations"]) == (0, 0, 0)
        assert crowd.done.keys() >= MIX
    server.destroy()
