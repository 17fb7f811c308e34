"""The ecosystem's points inside orders of several merchants: earned here, spent there, settled.
Over HTTP, on a real book."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.engine_ground import faults, opened, rows, settled, tamper
from tests.orders_ground import CART, OTHER, SHOP, Door, order_form, units

from quanyu.clock import DAY_US, FixedClock, day_number, day_text
from quanyu.interfaces.api.application import create_app
from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.orders.placing import PAY_WITHIN_US
from quanyu.storage.audit.orders import orders_are_in_the_book
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

STARS, PHONE = "platform/stars", "13764021985"
WHO = {"taobao_id": "ann", "phone": PHONE}
TERMS: dict[str, Any] = {
    "points_per_yuan": 1,
    "fen_per_100_points": 200,
    "expiry": {"kind": "months", "count": 12},
    "days_until_available": 7,
    "multipliers": [{"flag": "green", "percent": 200}],
    "tiers": [{"name": "gold", "label": "金卡", "from_points": 300}],
}
PAY_WITH_POINTS: dict[str, Any] = {
    "id": "points", "lane": "points", "funders": {"platform": 100},
    "benefit": {"points_rate": {"points_per_yuan": 50, "fen_per_point": 2}},
}  # fmt: skip


def line(name: str, shop: str, price: int, quantity: int = 1, *flags: str) -> dict[str, Any]:
    return {
        "line": name, "shop": shop, "item": f"cup {name}", "quantity": quantity,
        "list_price": price, "flags": list(flags),
    }  # fmt: skip


def cart(*lines: dict[str, Any], points: int = 0) -> dict[str, Any]:
    return {"now": CART["now"], "lines": list(lines), "points_to_spend": points}


class Town:
    """Two merchants, and the platform whose programme they share."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self.engine, self.clock = engine, clock
        self.app: FastAPI = create_app(engine)
        self.shop, self.other = Door(self.app), Door(self.app, OTHER)
        self.define()

    def define(self, **change: Any) -> None:
        body = json.dumps(TERMS | change).encode()
        self.engine.loyalty.define(PLATFORM, "stars", body=body)

    def join(self, identifier: str = f"phone:{PHONE}") -> None:
        self.shop.ok("points/members", {"programme": STARS, "identifier": identifier})

    def points(self, door: Door | None = None, who: str = f"phone:{PHONE}") -> tuple[int, int]:
        """(Available, pending), whichever merchant asks."""
        body = {"programme": STARS, "identifier": who}
        found = (door or self.shop).ok("points/balance", body)
        return int(found["available"]), int(found["pending"])

    def buy(self, order: str, basket: dict[str, Any], *, door: Door | None = None) -> None:
        (door or self.shop).buy(order, cart=basket, programme=STARS, identifiers=WHO)

    def wait(self, days: int) -> None:
        self.clock.advance(days * DAY_US)
        while self.engine.loyalty.sweep():
            pass

    def owed(self) -> dict[str, int]:
        """Payable account → balance, without those that are level."""
        statement = "SELECT id FROM ledger_account WHERE id ~ '^party/.*/payable$'"
        names = [name for (name,) in rows(self.engine.database, statement)]
        with self.engine.database.transaction() as tx:
            found = self.engine.book.balances(tx, names)
        short = {name: name.removeprefix("party/").removesuffix("/payable") for name in names}
        return {short[name]: one.posted for name, one in found.items() if one.posted}

    def settlement(self, owner: str | None) -> dict[str, list[tuple[str, int, int]]]:
        """Account → (code, in, out) of the days of the test."""
        from quanyu.promotions.settlement import Days

        today = day_number(self.clock.now_us())
        days = Days.parse(day_text(today - 60), day_text(today))
        found = self.engine.settlement.report(days, owner=owner)["accounts"]
        return {
            one["account"]: [
                (entry["code"], entry["in"], entry["out"])
                for day in one["days"]
                for entry in day["entries"]
            ]
            for one in found
        }


@pytest.fixture
def town(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Town]:
    with opened(database, clock, data_dir) as engine:
        made = Town(engine, clock)
        yield made
        settled(engine)
        assert faults(engine) == {}


class TestEarning:
    def test_the_shops_pay_for_what_was_earned_with_them(self, town: Town) -> None:
        town.join()
        town.buy("o1", cart(line("1", "A", 10_000, 1, "green"), line("2", "B", 6_000)))
        assert town.points() == (0, 260)
        assert town.owed() == {
            f"{SHOP}/A": 10_000 - 400, f"{SHOP}/B": 6_000 - 120, "platform": 520,
        }  # fmt: skip

    def test_a_stranger_earns_nothing_and_costs_nothing(self, town: Town) -> None:
        town.buy("o1", cart(line("1", "A", 10_000)))
        assert town.owed() == {f"{SHOP}/A": 10_000}
        assert rows(town.engine.database, "SELECT points_fen FROM orders") == [([],)]

    def test_any_identifier_of_the_order_may_be_the_member(self, town: Town) -> None:
        town.join()
        town.buy("o1", cart(line("1", "A", 10_000)))
        assert town.points() == (0, 100)

    def test_the_strongest_member_has_them(self, town: Town) -> None:
        """Nobody has said that the two purses are one person's."""
        for who in (f"phone:{PHONE}", "taobao_id:ann"):
            town.join(who)
        town.buy("o1", cart(line("1", "A", 10_000)))
        assert town.points(who="taobao_id:ann") == (0, 100)
        assert town.points() == (0, 0)

    def test_points_worth_less_than_a_fen_cost_nothing(self, town: Town) -> None:
        town.define(fen_per_100_points=50)
        town.join()
        town.buy("o1", cart(line("1", "A", 199)))
        assert town.points() == (0, 1)
        assert town.owed() == {f"{SHOP}/A": 199}
        town.shop.ok("orders/o1/refund", units("1:1"))
        assert (town.points(), town.owed()) == ((0, 0), {})

    def test_a_merchant_s_own_points_are_its_own_matter(self, town: Town) -> None:
        town.shop.put("points/programmes", {"name": "brand", "terms": TERMS})
        town.shop.ok("points/members", {"programme": "brand", "identifier": f"phone:{PHONE}"})
        basket = cart(line("1", "A", 10_000))
        town.shop.buy("o1", cart=basket, programme="brand", identifiers=WHO)
        assert town.owed() == {f"{SHOP}/A": 10_000}

    def test_a_notice_that_comes_twice_pays_once(self, town: Town) -> None:
        town.join()
        town.shop.place("o1", cart=cart(line("1", "A", 10_000)), programme=STARS, identifiers=WHO)
        notice = {"amount": 10_000, "method": "alipay"}
        paid = [town.shop.ok("orders/o1/pay", notice, key="notice") for _ in range(2)]
        assert paid[0] == paid[1]
        assert town.owed() == {f"{SHOP}/A": 9_800, "platform": 200}


class TestRefunds:
    def test_parts_of_a_full_refund_leave_nothing(self, town: Town) -> None:
        town.join()
        town.buy("o1", cart(line("1", "A", 3_333, 3), line("2", "B", 777, 2, "green")))
        earned = town.points()[1]
        assert earned == (9_999 + 2 * 1_554) // 100
        for unit in ("1:2", "2:1", "1:3"):
            town.shop.ok("orders/o1/refund", units(unit))
            assert town.owed()["platform"] > 0
        town.shop.ok("orders/o1/refund", units("2:2", "1:1"))
        assert town.owed() == {}
        assert town.points() == (0, 0)

    def test_other_terms_meanwhile_change_nothing(self, town: Town) -> None:
        town.join()
        town.buy("o1", cart(line("1", "A", 10_000, 2)))
        town.define(fen_per_100_points=900, points_per_yuan=7)
        town.shop.ok("orders/o1/refund", units("1:1"))
        assert town.owed() == {f"{SHOP}/A": 10_000 - 200, "platform": 200}
        town.shop.ok("orders/o1/refund", units("1:2"))
        assert (town.owed(), town.points()) == ({}, (0, 0))

    def test_points_that_are_gone_are_owed_and_the_shop_is_paid_back(self, town: Town) -> None:
        """The person spent them elsewhere: debt in points, and money is level at the first shop."""
        town.join()
        town.other.promote(PAY_WITH_POINTS)
        town.buy("o1", cart(line("1", "A", 20_000)))
        town.wait(7)
        town.buy("o2", cart(line("1", "X", 1_000), points=200), door=town.other)
        town.shop.ok("orders/o1/refund", units("1:1"))
        assert f"{SHOP}/A" not in town.owed()
        who = {"programme": STARS, "identifier": f"phone:{PHONE}"}
        assert town.shop.ok("points/balance", who)["debt"] == 200 - 6, "what o2 earned goes first"


def test_the_audit_compares_what_was_charged_with_the_book(town: Town) -> None:
    town.join()
    town.buy("o1", cart(line("1", "A", 10_000)))
    tamper(town.engine.database, "UPDATE orders SET points_fen = '{7}'")
    found = orders_are_in_the_book(town.engine.audited).violations
    assert found == (f"order {SHOP}/o1: 7 fen owed for points, 200 in the book",)
    tamper(town.engine.database, "UPDATE orders SET points_fen = '{200}'")


class TestSpending:
    @pytest.fixture
    def rich(self, town: Town) -> Town:
        """Ann has 200 points, worth 4.00, out of the first merchant."""
        town.join()
        town.buy("o1", cart(line("1", "A", 20_000)))
        town.wait(7)
        assert town.points() == (200, 0)
        town.other.promote(PAY_WITH_POINTS)
        return town

    def test_earned_with_one_merchant_and_spent_with_another(self, rich: Town) -> None:
        rich.buy("x1", cart(line("1", "X", 5_000), points=200), door=rich.other)
        assert rich.points(rich.other) == (0, 46)
        assert rich.owed() == {
            f"{SHOP}/A": 19_600, f"{OTHER}/X": 5_000 - 92, "platform": 400 - 400 + 92,
        }  # fmt: skip
        assert rich.settlement(SHOP) == {
            f"party/{SHOP}/A/payable": [
                ("order.paid.cash", 20_000, 0), ("order.paid.points", 0, 400),
            ]
        }  # fmt: skip
        assert rich.settlement(OTHER)[f"party/{OTHER}/X/payable"] == [
            ("order.paid.cash", 4_600, 0),
            ("order.paid.platform", 400, 0),
            ("order.paid.points", 0, 92),
        ]
        assert rich.settlement(PLATFORM) == {
            "party/platform/payable": [
                ("order.paid.points", 400, 0),
                ("order.paid.platform", 0, 400),
                ("order.paid.points", 92, 0),
            ]
        }

    def test_a_cancelled_order_gives_them_back(self, rich: Town) -> None:
        form = {"cart": cart(line("1", "X", 5_000), points=200), "programme": STARS}
        rich.other.place("x1", identifiers=WHO, **form)
        assert rich.points() == (0, 0)
        rich.other.ok("orders/x1/cancel")
        assert rich.points() == (200, 0)

    def test_so_does_one_that_lapses(self, rich: Town) -> None:
        form = {"cart": cart(line("1", "X", 5_000), points=200), "programme": STARS}
        rich.other.place("x1", identifiers=WHO, **form)
        rich.clock.advance(PAY_WITHIN_US)
        assert rich.engine.orders.lapse() == 1
        assert rich.points() == (200, 0)

    def test_a_refund_gives_them_back_and_is_settled(self, rich: Town) -> None:
        before = rich.owed()
        rich.buy("x1", cart(line("1", "X", 2_500, 2), points=200), door=rich.other)
        first = rich.other.ok("orders/x1/refund", units("1:2"))
        assert first["points"] == 100
        assert rich.points()[0] == 100
        rich.other.ok("orders/x1/refund", units("1:1"))
        assert rich.points() == (200, 0)
        assert rich.owed() == before

    def test_nobody_spends_more_than_there_is(self, rich: Town) -> None:
        form = order_form(
            cart=cart(line("1", "X", 5_000), points=400), programme=STARS, identifiers=WHO
        )
        assert rich.other.error("orders", form)["code"] == "not_enough_points"

    def test_the_platform_pays_no_more_than_its_points_are_worth(self, rich: Town) -> None:
        """The merchant writes the offer; the platform would bear it."""
        dear = {"points_rate": {"points_per_yuan": 50, "fen_per_point": 3}}
        rich.other.promote(PAY_WITH_POINTS | {"benefit": dear})
        form = order_form(
            cart=cart(line("1", "X", 5_000), points=200), programme=STARS, identifiers=WHO
        )
        said = rich.other.error("orders", form)
        assert (said["status"], said["code"]) == (409, "points_worth_less")
        assert "have 400, need 600" in said["message"]
        assert rich.points() == (200, 0)


def test_the_ecosystem_s_tier_is_eligibility_in_every_shop(town: Town) -> None:
    town.join()
    gold = {"id": "gold", "lane": "member", "requires": ["member:gold"],
            "benefit": {"percent_off": {"percent": 10}}}  # fmt: skip
    town.other.promote(gold)
    body = {"cart": cart(line("1", "X", 1_000)), "identifiers": WHO}
    assert town.other.ok("quote", body)["payable"] == 1_000
    town.buy("o1", cart(line("1", "A", 30_000)))
    assert town.other.ok("quote", body)["payable"] == 900


def test_the_ecosystem_forgets_a_person_and_keeps_the_sums(town: Town) -> None:
    town.join()
    town.buy("o1", cart(line("1", "A", 10_000)))
    settled(town.engine)
    before = town.owed()
    town.engine.privacy.erase(PLATFORM, f"phone:{PHONE}")
    assert (
        town.shop.error("points/balance", {"programme": STARS, "identifier": f"phone:{PHONE}"})[
            "status"
        ]
        == 404
    )
    assert town.owed() == before
    town.shop.ok("orders/o1/refund", units("1:1"))
    assert town.owed() == {}


class TestRewards:
    """N4: what a paid order brings besides points, inside the order itself."""

    RED: dict[str, Any] = {  # noqa: RUF012
        "terms": {"id": "red-packet", "lane": "red_packet", "kind": "coupon",
                  "benefit": {"amount_off": {"amount": 300}}},
        "pieces": 1, "money": 300, "valid_for": "7d",
    }  # fmt: skip

    @pytest.fixture
    def green(self, town: Town) -> Town:
        rewards = [{"flag": "no_cutlery", "offer": "red-packet"}]
        brand = {**TERMS, "order_rewards": rewards}
        town.shop.put("points/programmes", {"name": "brand", "terms": brand})
        town.shop.ok("offers", {"template": self.RED, "actor": "lin"})
        town.shop.ok("offers/red-packet/moves/submit", {"actor": "lin"})
        town.shop.ok("offers/red-packet/moves/approve", {"actor": "wang"})
        town.shop.ok("points/members", {"programme": "brand", "identifier": f"phone:{PHONE}"})
        return town

    def coupons(self, town: Town) -> list[str]:
        found = town.shop.ok("coupons/find", {"identifier": "taobao_id:ann"})
        return [one["state"] for one in found]

    def test_green_lines_earn_twice_and_no_cutlery_earns_a_red_packet(self, green: Town) -> None:
        basket = cart(line("1", "A", 5_000, 1, "green", "no_cutlery"), line("2", "A", 5_000))
        green.shop.place("o1", cart=basket, programme="brand", identifiers=WHO)
        assert self.coupons(green) == [], "not before it is paid"
        green.shop.pay("o1", 10_000)
        body = {"programme": "brand", "identifier": f"phone:{PHONE}"}
        assert green.shop.ok("points/balance", body)["pending"] == 150
        assert self.coupons(green) == ["issued"]
        (red,) = green.shop.ok("coupons/find", {"identifier": "taobao_id:ann"})
        again = order_form("o2", cart=basket, coupons=[red["coupon"]], identifiers=WHO)
        assert green.shop.ok("orders", again)["payable"] == 10_000 - 300

    def test_a_batch_that_has_run_out_holds_up_nobody(self, green: Town) -> None:
        basket = cart(line("1", "A", 5_000, 1, "no_cutlery"))
        for order in ("o1", "o2"):
            green.shop.buy(order, cart=basket, programme="brand", identifiers=WHO)
        assert self.coupons(green) == ["issued"]

    def test_who_is_no_member_gets_none(self, green: Town) -> None:
        basket = cart(line("1", "A", 5_000, 1, "no_cutlery"))
        green.shop.buy("o1", cart=basket, programme="brand", identifiers={"taobao_id": "ann"})
        assert self.coupons(green) == []


def test_an_order_is_not_named_by_a_phone_number(town: Town) -> None:
    """It could be placed and never be paid: ids stand in books for ever."""
    said = town.shop.error("orders", order_form(PHONE))
    assert (said["status"], said["field"]) == (400, "order.order")
