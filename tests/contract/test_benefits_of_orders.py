"""Points and reserved pieces go along with an order: placed, paid, cancelled, refunded."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.loyalty_ground import ANN, BEN, SHOP, Street, street

from quanyu.clock import MINUTE_US, FixedClock
from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.promotions.orders.answers import Done, Notice
from quanyu.promotions.orders.companions import PiecesAlong, PointsAlong, Sharing
from quanyu.promotions.orders.company import Company
from quanyu.promotions.orders.order import decode_order
from quanyu.promotions.orders.placing import Placing
from quanyu.promotions.orders.service import Orders
from quanyu.promotions.pricing import Offer, decode_offers
from quanyu.promotions.pricing.refunds import Refund
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.orders import PostgresOrders

PAY_WITH_POINTS = decode_offers(
    json.dumps([
        {
            "id": "points", "lane": "points", "kind": "promotion", "shop": None,
            "benefit": {"points_rate": {"points_per_yuan": 100, "fen_per_point": 1}},
        }
    ])
)  # fmt: skip


class Catalogue:
    def active(self, tx: Any, merchant: str) -> Sequence[Offer]:
        return PAY_WITH_POINTS


class Market:
    def __init__(self, shop: Street, *, carried_out: list[str]) -> None:
        self.shop, engine = shop, shop.engine
        self.carried_out = carried_out
        points = PointsAlong(
            engine.loyalty,
            lambda tx, order, *, effect, work: carried_out.append(effect.offer),
            Sharing(PostgresOrders()),
        )
        companions = (points, PiecesAlong(engine.flash_parts))
        placing = Placing(
            Catalogue(),
            companions,
            engine.buyer,
            engine.eligibility,
            engine.release_gate,
            engine.clock,
        )
        company = Company(engine.money_desk, companions)
        self.orders = Orders(engine.money_desk, PostgresOrders(), placing=placing, company=company)

    def place(self, order: str = "o1", who: str = "ann", **change: Any) -> Any:
        line = {
            "line": "A", "shop": "s", "item": "serum", "quantity": 2, "list_price": 5_000,
            "flags": ["green", "no_cutlery"],
        }  # fmt: skip
        if "holds" in change:
            line |= {"quantity": 1, "list_price": 20_000}
        said = {
            "order": order,
            "identifiers": {"taobao_id": who},
            "touchpoint": "taobao.detail",
            "cart": {"now": "2026-03-10T12:00:00+08:00", "lines": [line]},
            "programme": "stars",
            **change,
        }
        return self.orders.place(asked(f"place-{order}"), decode_order(json.dumps(said)))

    def pay(self, order: str = "o1", amount_fen: int = 10_000) -> Any:
        return self.orders.pay(asked(f"pay-{order}"), Notice(order, amount_fen, "alipay"))

    def place_with_points(self, order: str, points: int) -> Any:
        line = {"line": "A", "shop": "s", "item": "serum", "quantity": 2, "list_price": 5_000}
        cart = {"now": "2026-03-10T12:00:00+08:00", "lines": [line], "points_to_spend": points}
        return self.place(order, cart=cart)

    def refund(self, unit: int, order: str = "o1") -> Any:
        return self.orders.refund(asked(f"refund-{order}-{unit}"), order, units=[("A", unit)])


def asked(key: str) -> Request:
    return Request(SHOP, f"order.{key.partition('-')[0]}", key, b"")


@pytest.fixture
def market(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Market]:
    with street(database, clock, data_dir) as shop:
        shop.programme(join_gift=0)
        shop.join(ANN)
        yield Market(shop, carried_out=[])
        shop.conserved()


def test_a_paid_order_earns_and_its_rewards_are_carried_out(market: Market) -> None:
    assert isinstance(market.place(), Done)
    assert market.shop.balance().pending == 0
    assert isinstance(market.pay(), Done)
    assert market.shop.balance().pending == 200
    assert market.carried_out == ["red-packet"]
    market.pay()
    assert market.shop.balance().pending == 200


def test_who_is_no_member_pays_and_earns_nothing(market: Market) -> None:
    market.place(who="stranger")
    assert isinstance(market.pay(), Done)
    assert market.shop.facts("points_earned") == []


def test_a_refunded_unit_takes_back_what_it_had_earned(market: Market) -> None:
    market.place()
    market.pay()
    assert isinstance(market.refund(1), Refund)
    assert market.shop.balance().pending == 100
    assert isinstance(market.refund(2), Refund)
    assert market.shop.balance().pending == 0
    assert market.shop.balance().debt == 0


def test_points_and_the_payment_commit_together_and_tell_it(market: Market) -> None:
    market.place()
    market.pay()
    kinds = [one.event.kind for one in market.shop.engine.log.read(0, 100)]
    assert kinds.count("points_earned") == kinds.count("payment_completed") == 1


@pytest.fixture
def rich(market: Market) -> Market:
    """Ann has 300 points to spend."""
    market.shop.earn("before", 30_000)
    market.shop.wait(7)
    assert market.shop.available() == 300
    return market


def test_points_pay_and_come_back_when_the_order_is_cancelled(rich: Market) -> None:
    assert isinstance(rich.place_with_points("o1", 250), Done)
    assert rich.shop.available() == 50
    rich.orders.cancel(asked("cancel-o1"), "o1")
    assert rich.shop.available() == 300


def test_points_of_refunded_units_come_back_and_sum_to_what_was_spent(rich: Market) -> None:
    rich.place_with_points("o1", 251)
    assert isinstance(rich.pay("o1", 10_000 - 251), Done)
    assert rich.shop.available() == 49
    first, second = rich.refund(1), rich.refund(2)
    assert isinstance(first, Refund)
    assert isinstance(second, Refund)
    assert first.points + second.points == 251
    assert rich.shop.available() == 300
    assert rich.shop.balance().pending == 0


def test_nobody_pays_with_points_that_they_do_not_have(rich: Market) -> None:
    said = rich.place_with_points("o1", 301)
    assert said == Refused("not_enough_points", 300, 301)
    assert rich.shop.available() == 300


def test_who_is_no_member_has_no_points(market: Market) -> None:
    line = {"line": "A", "shop": "s", "item": "serum", "quantity": 1, "list_price": 5_000}
    cart = {"now": "2026-03-10T12:00:00+08:00", "lines": [line], "points_to_spend": 5}
    said = market.place("o1", "stranger", cart=cart)
    assert said == Refused("not_enough_points", 0, 5)


def test_a_reserved_piece_is_claimed_then_sold(market: Market) -> None:
    market.shop.sale()
    held = market.shop.got(ANN)
    placed = market.place(holds=[held.hold])
    assert isinstance(placed, Done)
    assert placed.payable_fen == 9_900, "the price of the sale"
    assert market.shop.standing() == (2, 1, 0)
    assert isinstance(market.pay(amount_fen=9_900), Done)
    assert market.shop.standing() == (2, 0, 1)
    market.refund(1)
    assert market.shop.standing() == (2, 0, 1)


def test_one_piece_goes_with_one_order(market: Market) -> None:
    market.shop.sale()
    held = market.shop.got(ANN)
    market.place("o1", holds=[held.hold])
    second = market.place("o2", holds=[held.hold])
    assert isinstance(second, Refused)
    assert second.reason == "wrong_state"


@pytest.mark.parametrize("hold", ["00", "zz", "no hold"])
def test_a_piece_that_nobody_holds(market: Market, hold: str) -> None:
    said = market.place(holds=[hold])
    assert isinstance(said, Refused)
    assert said.reason == "not_found"


def test_a_piece_of_somebody_else(market: Market) -> None:
    market.shop.sale()
    held = market.shop.got(BEN)
    said = market.place(holds=[held.hold])
    assert isinstance(said, Refused)
    assert said.reason == "not_found"


def test_another_identifier_of_the_same_person_may_order(market: Market) -> None:
    market.shop.sale()
    market.shop.link(ANN, "phone:13764021985")
    held = market.shop.got("phone:13764021985")
    assert isinstance(market.place(holds=[held.hold]), Done)


def test_a_hold_that_is_over_is_neither_claimed_nor_paid(market: Market) -> None:
    market.shop.sale()
    held, other = market.shop.got(ANN), market.shop.got(BEN)
    market.place("o1", holds=[held.hold])
    market.shop.minute()
    said = market.pay("o1", amount_fen=9_900)
    assert isinstance(said, Refused)
    assert said.reason == "hold_expired"
    late = market.place("o2", who="ben", holds=[other.hold])
    assert isinstance(late, Refused)
    assert late.reason == "hold_expired"
    assert market.shop.standing() == (3, 0, 0)


def test_an_order_that_is_not_paid_lets_its_piece_go(market: Market) -> None:
    market.shop.sale(hold_seconds=3_600)
    held = market.shop.got(ANN)
    market.place(holds=[held.hold])
    market.shop.clock.advance(31 * MINUTE_US)
    market.orders.lapse()
    assert market.shop.standing() == (3, 0, 0)
