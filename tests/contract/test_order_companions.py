"""An order with everything along: coupons, points, a reserved piece, a voucher; to the fen."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import opened

from quanyu.clock import DAY_US, FixedClock
from quanyu.errors import NotFound, Refused
from quanyu.events.requests import Request
from quanyu.promotions.orders.answers import Done, Notice
from quanyu.promotions.orders.order import decode_order
from quanyu.promotions.orders.states import Step
from quanyu.promotions.pricing import decode_offers
from quanyu.promotions.pricing.refunds import Refund
from quanyu.promotions.vouchers.voucher import Visit, VoucherProduct
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

SHOP = "火锅店"
ANN, BOB = {"taobao_id": "ann"}, {"taobao_id": "bob"}
TEMPLATE: dict[str, Any] = {
    "terms": {"id": "t20", "lane": "shop", "kind": "coupon",
              "benefit": {"amount_off": {"amount": 2000, "threshold": 10000}}},
    "pieces": 10, "money": 20_000, "per_person": 2, "valid_for": "7d",
}  # fmt: skip
AFTER: dict[str, Any] = {
    "terms": {"id": "again", "lane": "shop", "kind": "coupon",
              "benefit": {"amount_off": {"amount": 500}}},
    "pieces": 1, "money": 500, "valid_for": "7d",
}  # fmt: skip
PROMOTIONS = [
    {"id": "points", "lane": "points",
     "benefit": {"points_rate": {"points_per_yuan": 100, "fen_per_point": 1}},
     "funders": {"platform": 100}},
    {"id": "repurchase", "lane": "after", "benefit": {"issue_coupon": {"template": "again"}}},
]  # fmt: skip


class Street:
    """An engine, and what a shop does with it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._keys = 0
        for template in (TEMPLATE, AFTER):
            self.publish(template)
        for promotion in decode_offers(json.dumps(PROMOTIONS)):
            engine.promotions.put(SHOP, promotion)
        terms = {"points_per_yuan": 1, "expiry": {"kind": "days", "count": 365}}
        engine.loyalty.define(SHOP, "tea", body=json.dumps(terms).encode())

    def key(self) -> str:
        self._keys += 1
        return f"k{self._keys}"

    def asked(self, operation: str, key: str | None = None) -> Request:
        return Request(SHOP, operation, key or self.key(), b"")

    def publish(self, template: dict[str, Any]) -> None:
        name = template["terms"]["id"]
        self.engine.offers.create(SHOP, template, actor="lin", request=self.key())
        for verb, actor in (("submit", "lin"), ("approve", "wang")):
            by = self.engine.offers.by(actor, self.key())
            self.engine.offers.move(SHOP, name, verb=verb, by=by)

    def coupon(self, who: dict[str, str] = ANN, offer: str = "t20") -> str:
        ((kind, value),) = who.items()
        body = {"offer": offer, "identifier": f"{kind}:{value}"}
        told = self.engine.coupons.act(SHOP, "issue", form=body, request=self.key())
        assert not isinstance(told, Refused)
        return told.coupon.id

    def state(self, coupon: str) -> str:
        return self.engine.coupons.find(SHOP, coupon).state.value

    def place(self, order: str = "o1", *, lines: Any = None, **more: Any) -> Done | Refused:
        cart = {
            "now": "2026-03-10T12:00:00+08:00",
            "lines": lines or [
                {"line": "1", "shop": "总店", "item": "pot", "quantity": 2, "list_price": 10_000}
            ],
            "points_to_spend": more.pop("points", 0),
        }  # fmt: skip
        said = {"order": order, "identifiers": ANN, "touchpoint": "store", "cart": cart, **more}
        form = decode_order(json.dumps(said))
        return self.engine.orders.place(self.asked("order.place"), form)

    def pay(self, order: str = "o1") -> Done | Refused:
        payable = self.engine.orders.find(SHOP, order).payable_fen
        notice = Notice(order, payable, "alipay")
        return self.engine.orders.pay(self.asked("order.pay"), notice)

    def refund(self, *units: tuple[str, int], order: str = "o1") -> Refund | Refused:
        return self.engine.orders.refund(self.asked("order.refund"), order, units=units)

    def balance(self, account: str) -> int:
        with self.engine.database.transaction() as tx:
            found = self.engine.book.balances(tx, [account])
        return found[account].posted if account in found else 0

    def facts(self) -> list[str]:
        return [one.event.kind for one in self.engine.log.read(0, 200)]

    def sound(self) -> bool:
        """Every check of the ledger holds."""
        return all(check.holds for check in self.engine.verify_ledger())


@pytest.fixture
def street(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with opened(database, clock, data_dir) as engine:
        yield Street(engine)


def test_a_coupon_goes_along(street: Street) -> None:
    coupon = street.coupon()
    placed = street.place(coupons=[coupon])
    assert isinstance(placed, Done)
    assert (placed.payable_fen, street.state(coupon)) == (18_000, "locked")
    assert isinstance(street.pay(), Done)
    assert street.state(coupon) == "used"
    assert street.balance(f"offer/{SHOP}/t20/fen/spent") == 2_000
    told = street.facts()
    assert told.count("coupon_locked") == told.count("coupon_redeemed") == 1
    assert street.sound()


def test_a_cancelled_order_frees_its_coupon(street: Street) -> None:
    coupon = street.coupon()
    street.place(coupons=[coupon])
    again = street.place("o2", coupons=[coupon])
    assert isinstance(again, Refused)
    assert isinstance(street.engine.orders.cancel(street.asked("order.cancel"), "o1"), Done)
    assert street.state(coupon) == "issued"
    assert isinstance(street.place("o3", coupons=[coupon]), Done)


def test_a_coupon_comes_back_when_everything_is_cancelled(street: Street) -> None:
    coupon = street.coupon()
    street.place(coupons=[coupon])
    street.pay()
    first = street.refund(("1", 1))
    assert isinstance(first, Refund)
    assert (first.cash_fen, street.state(coupon)) == (9_000, "used")
    street.refund(("1", 2))
    assert street.state(coupon) == "issued"
    assert street.balance(f"offer/{SHOP}/t20/fen/spent") == 0
    assert street.balance(f"party/{SHOP}/总店/payable") == 0
    assert street.sound()


@pytest.mark.parametrize("who", [ANN, BOB])
def test_only_the_holder_uses_a_coupon(street: Street, who: dict[str, str]) -> None:
    coupon = street.coupon(who)
    outcome = street.place(coupons=[coupon])
    assert isinstance(outcome, Refused) is (who is BOB)
    if who is BOB:
        assert outcome == Refused("coupon_not_usable", 0, 1)


def test_a_killed_offer_is_not_used(street: Street) -> None:
    coupon = street.coupon()
    by = street.engine.offers.by("wang", "kill")
    street.engine.offers.kill(SHOP, "t20", killed=True, by=by)
    outcome = street.place(coupons=[coupon])
    assert isinstance(outcome, Refused)
    assert outcome.reason == "killed"
    with pytest.raises(NotFound):
        street.engine.orders.find(SHOP, "o1")


def test_a_repurchase_coupon_after_paying_and_none_when_the_batch_is_out(street: Street) -> None:
    for order in ("o1", "o2"):
        street.place(order)
        assert isinstance(street.pay(order), Done)
    assert street.facts().count("coupon_issued") == 1


def joined(street: Street, points: int = 0) -> None:
    street.engine.loyalty.join(street.asked("points.join"), "tea", identifier="taobao_id:ann")
    if points:
        street.place("earn", lines=[
            {"line": "1", "shop": "总店", "item": "x", "quantity": 1, "list_price": points * 100}
        ], programme="tea")  # fmt: skip
        street.pay("earn")


def available(street: Street) -> tuple[int, int]:
    found = street.engine.loyalty.balance(SHOP, "tea", identifier="taobao_id:ann")
    return found.available, found.pending


def test_points_are_earned_spent_and_come_back(street: Street, clock: FixedClock) -> None:
    joined(street, points=500)
    assert available(street) == (0, 500)
    clock.advance(8 * DAY_US)
    assert available(street) == (500, 0)
    placed = street.place(points=300, programme="tea")
    assert isinstance(placed, Done)
    assert placed.payable_fen == 19_700
    assert available(street) == (200, 0)
    street.pay()
    assert available(street) == (200, 197)
    back = street.refund(("1", 1))
    assert isinstance(back, Refund)
    assert back.points == 150
    assert available(street)[0] == 350
    street.refund(("1", 2))
    assert available(street) == (500, 0)
    assert street.sound()


def test_a_cancelled_order_gives_its_points_back(street: Street, clock: FixedClock) -> None:
    joined(street, points=500)
    clock.advance(8 * DAY_US)
    street.place(points=300, programme="tea")
    street.engine.orders.cancel(street.asked("order.cancel"), "o1")
    assert available(street) == (500, 0)


def test_points_of_who_has_none(street: Street) -> None:
    stranger = street.place(points=300, programme="tea")
    assert stranger == Refused("not_enough_points", 0, 300)
    joined(street)
    poor = street.place("o2", points=300, programme="tea")
    assert isinstance(poor, Refused)
    assert poor.reason == "not_enough_points"


def sale(street: Street, pieces: int = 3) -> str:
    now = street.engine.clock.now_us()
    from quanyu.clock import format_iso

    terms = {"name": "s1", "item": "pot", "price_fen": 100, "pieces": pieces, "per_person": 2,
             "starts": format_iso(now), "ends": format_iso(now + DAY_US)}  # fmt: skip
    street.engine.flash_sales.create(SHOP, json.dumps(terms).encode())
    return "s1"


def hold(street: Street) -> str:
    from quanyu.promotions.flash_sales.sales import Attempt, Held

    holder = street.engine.buyer(SHOP, ANN).own[0]
    attempt = Attempt(SHOP, "s1", holder, street.key())
    outcome = street.engine.flash_sales.submit(attempt).result()
    assert isinstance(outcome, Held)
    return outcome.hold


def test_reserved_pieces_are_sold_at_their_price(street: Street) -> None:
    sale(street)
    holds = [hold(street), hold(street)]
    placed = street.place(holds=holds)
    assert isinstance(placed, Done)
    assert placed.payable_fen == 200
    assert isinstance(street.pay(), Done)
    standing = street.engine.flash_sales.show(SHOP, "s1")[1]
    assert (standing.free, standing.held, standing.sold) == (1, 0, 2)
    assert street.sound()


def test_pieces_of_a_cancelled_order_are_free_again(street: Street) -> None:
    sale(street)
    street.place(holds=[hold(street), hold(street)])
    street.engine.orders.cancel(street.asked("order.cancel"), "o1")
    standing = street.engine.flash_sales.show(SHOP, "s1")[1]
    assert (standing.free, standing.held, standing.sold) == (3, 0, 0)


def test_two_in_the_cart_and_one_reserved(street: Street) -> None:
    sale(street)
    assert street.place(holds=[hold(street)]) == Refused("pieces_differ_from_cart", None, 1)
    assert street.place("o2", holds=["ab" * 16]) == Refused("not_found")
    assert street.place("o3", holds=["no hold"]) == Refused("not_found")


VOUCHER = [{"line": "v", "shop": "总店", "item": "hotpot-200", "quantity": 2, "list_price": 9_900}]


def test_an_order_sells_vouchers(street: Street) -> None:
    street.engine.vouchers.define(SHOP, VoucherProduct("hotpot-200", "总店", 20_000, 90))
    street.place(lines=VOUCHER)
    street.pay()
    holder = street.engine.buyer(SHOP, ANN).own[0]
    held = street.engine.vouchers.held_by(SHOP, [holder])
    assert [one.paid_fen for one, _ in held] == [9_900, 9_900]
    assert street.balance(f"party/{SHOP}/总店/deferred") == 19_800
    visit = Visit("s1", 20_000, street.engine.clock.now_us())
    street.engine.vouchers.use(street.asked("voucher.use"), held[0][1], visit=visit)
    used = int(held[0][0].id.rpartition(":")[2])
    assert street.refund(("v", used)) == Refused("voucher_used_already", 20_000, 0)
    assert isinstance(street.refund(("v", 3 - used)), Refund)
    assert street.balance(f"party/{SHOP}/总店/deferred") == 0
    assert street.balance(f"party/{SHOP}/总店/payable") == 9_900
    assert street.sound()


def test_everything_at_once_and_all_of_it_back(street: Street, clock: FixedClock) -> None:
    joined(street, points=500)
    clock.advance(8 * DAY_US)
    coupon = street.coupon()
    before = street.balance(f"party/{SHOP}/总店/payable")
    placed = street.place(coupons=[coupon], points=200, programme="tea")
    assert isinstance(placed, Done)
    assert placed.payable_fen == 20_000 - 2_000 - 200
    street.pay()
    assert isinstance(street.refund(("1", 1), ("1", 2)), Refund)
    assert (street.state(coupon), available(street)) == ("issued", (500, 0))
    assert street.balance(f"party/{SHOP}/总店/payable") == before
    assert street.sound()


RED: dict[str, Any] = {
    "terms": {"id": "red-10", "lane": "red_packet", "kind": "coupon",
              "benefit": {"amount_off": {"amount": 1_000}}, "funders": {"platform": 100}},
    "pieces": 1, "money": 1_000, "valid_for": "7d",
}  # fmt: skip


def faces(street: Street) -> list[tuple[str, int]]:
    """State and face of the red packets of Ann."""
    held = street.engine.coupons.of_person(SHOP, "taobao_id:ann")
    return sorted((one.state.value, one.face_fen) for one in held if one.offer == "red-10")


class TestRedPackets:
    """10.00 over two pots: 5.00 of each."""

    @pytest.fixture
    def red(self, street: Street) -> str:
        street.publish(RED)
        coupon = street.coupon(offer="red-10")
        street.place(coupons=[coupon])
        street.pay()
        return coupon

    def test_what_goes_back_in_part_comes_back_as_a_piece_of_its_own(
        self, street: Street, red: str
    ) -> None:
        back = street.refund(("1", 1))
        assert isinstance(back, Refund)
        assert back.red_packets == {red: 500}
        assert faces(street) == [("issued", 500), ("used", 500)]
        assert street.facts()[-2:].count("coupon_returned") == 1
        street.refund(("1", 2))
        assert faces(street) == [("issued", 500), ("issued", 500)]
        assert audited(street)

    def test_a_piece_that_came_back_pays_again_for_what_it_is_worth(
        self, street: Street, red: str
    ) -> None:
        street.refund(("1", 1))
        held = street.engine.coupons.of_person(SHOP, "taobao_id:ann")
        rest = next(one.id for one in held if one.face_fen == 500 and one.state == "issued")
        placed = street.place("o2", coupons=[rest])
        assert isinstance(placed, Done)
        assert placed.payable_fen == 19_500
        street.pay("o2")
        assert faces(street) == [("used", 500), ("used", 500)]
        assert audited(street)

    def test_all_at_once_it_comes_back_whole(self, street: Street, red: str) -> None:
        street.refund(("1", 1), ("1", 2))
        assert faces(street) == [("issued", 1_000)]
        assert audited(street)

    def test_once_it_is_sent_all_of_it_comes_back_in_parts(self, street: Street, red: str) -> None:
        street.engine.orders.advance(street.asked("order.ship"), "o1", step=Step.SHIP)
        street.refund(("1", 1))
        street.refund(("1", 2))
        assert faces(street) == [("issued", 500), ("issued", 500), ("used", 0)]
        assert audited(street)

    def test_after_its_end_nothing_comes_back(
        self, street: Street, red: str, clock: FixedClock
    ) -> None:
        clock.advance(8 * DAY_US)
        assert isinstance(street.refund(("1", 1)), Refund)
        assert faces(street) == [("used", 1_000)]
        assert audited(street)


def audited(street: Street) -> bool:
    return street.sound() and street.engine.reconcile_coupons() == 0


def test_an_unpaid_order_lapses_with_all_it_holds(street: Street, clock: FixedClock) -> None:
    sale(street)
    coupon = street.coupon()
    street.place(coupons=[coupon], holds=[hold(street), hold(street)])
    clock.advance(DAY_US)
    street.engine.flash_sales.expire()
    street.engine.ledger_writer.expire()
    assert street.engine.orders.lapse() == 1
    assert street.state(coupon) == "issued"
    standing = street.engine.flash_sales.show(SHOP, "s1")[1]
    assert (standing.free, standing.held) == (3, 0)


def test_an_erased_buyer_leaves_sums_and_nothing_else(street: Street) -> None:
    street.engine.vouchers.define(SHOP, VoucherProduct("hotpot-200", "总店", 20_000, 90))
    street.place(lines=VOUCHER)
    street.pay()
    street.engine.projector.catch_up()
    owed = street.balance(f"party/{SHOP}/总店/deferred")
    holder = street.engine.buyer(SHOP, ANN).own[0]
    street.engine.privacy.erase(SHOP, "taobao_id:ann")
    assert street.engine.vouchers.held_by(SHOP, [holder]) == []
    assert street.engine.orders.find(SHOP, "o1").holder[0] == "erased"
    assert street.balance(f"party/{SHOP}/总店/deferred") == owed
    assert street.sound()
