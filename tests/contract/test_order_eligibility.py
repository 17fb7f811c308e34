"""A first order is one, over all identifiers of a person and at the same moment; who is a member is
what the engine says. Over HTTP, on a real book."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.engine_ground import opened, rows, settled
from tests.orders_ground import CART, OTHER, SHOP, Door, order_form, units

from quanyu.clock import FixedClock
from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.interfaces.api.application import create_app
from quanyu.ledger.accounts import PLATFORM
from quanyu.promotions.orders.answers import Done
from quanyu.promotions.orders.order import decode_order
from quanyu.promotions.orders.placing import PAY_WITHIN_US
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

FULL, FIRST = 10_000, 7_000
PHONE = "13764021985"
TERMS = {
    "points_per_yuan": 1, "expiry": {"kind": "months", "count": 12},
    "tiers": [{"name": "gold", "label": "金卡", "from_points": 100}],
}  # fmt: skip


def off(id: str, requires: str, amount: int = FULL - FIRST) -> dict[str, Any]:
    benefit = {"amount_off": {"amount": amount}}
    return {"id": id, "lane": "item", "benefit": benefit, "requires": [requires]}


def cart(*shops: str, claims: tuple[str, ...] = ()) -> dict[str, Any]:
    """One piece at 100.00 of each shop."""
    lines = [
        {"line": shop, "shop": shop, "item": f"cup {shop}", "quantity": 1, "list_price": FULL}
        for shop in shops
    ]
    return {"now": CART["now"], "lines": lines, "eligibility": list(claims)}


def priced(door: Door, *shops: str, claims: tuple[str, ...] = (), **who: str) -> int:
    """What a quote says."""
    body: dict[str, Any] = {"cart": cart(*(shops or ("A",)), claims=claims)}
    found = door.ok("quote", body | ({"identifiers": who} if who else {}))
    return int(found["payable"])


def placed(door: Door, order: str, *shops: str, **who: str) -> int:
    basket, who = cart(*(shops or ("A",))), who or {"taobao_id": "ann"}
    return int(door.place(order, identifiers=who, cart=basket)["payable"])


@pytest.fixture
def engine(database_url: str, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with (
        Database(database_url, pool_size=16) as database,
        opened(database, clock, data_dir) as made,
    ):
        yield made


@pytest.fixture
def app(engine: Engine) -> FastAPI:
    return create_app(engine)


@pytest.fixture
def door(app: FastAPI) -> Door:
    made = Door(app)
    made.promote(off("first", "first_order"))
    return made


class TestFirstOrder:
    def test_it_is_one(self, door: Door) -> None:
        assert priced(door, taobao_id="ann") == FIRST
        assert placed(door, "o1") == FIRST
        assert priced(door, taobao_id="ann") == FULL
        assert placed(door, "o2") == FULL
        door.pay("o1", FIRST)
        assert placed(door, "o3") == FULL
        assert placed(door, "o4", taobao_id="ben") == FIRST

    def test_why_the_second_has_another_price(self, door: Door) -> None:
        placed(door, "o1")
        second = order_form("o2", cart=cart("A", claims=("first_order",)), expected_payable=FIRST)
        said = door.error("orders", second)
        assert (said["status"], said["code"]) == (409, "price_changed")
        assert "have 10000, need 7000" in said["message"]
        door.ok("orders", second | {"expected_payable": FULL})
        (trace,) = door.get("orders/o2").json()["quote"]["trace"]
        assert (trace["status"], trace["code"]) == ("failed", "not_eligible")

    def test_a_cancelled_order_was_none(self, door: Door) -> None:
        placed(door, "o1")
        door.ok("orders/o1/cancel")
        assert placed(door, "o2") == FIRST

    def test_an_order_that_can_no_longer_be_paid_was_none(
        self, door: Door, clock: FixedClock, engine: Engine
    ) -> None:
        placed(door, "o1")
        clock.advance(PAY_WITHIN_US)
        assert placed(door, "o2") == FIRST, "before the chore has been there"
        assert engine.orders.lapse() == 1
        assert placed(door, "o3") == FULL

    def test_buying_and_returning_does_not_renew_it(self, door: Door) -> None:
        placed(door, "o1")
        door.pay("o1", FIRST)
        assert door.ok("orders/o1/refund", units("A:1"))["complete"] is True
        assert placed(door, "o2") == FULL

    def test_each_merchant_has_its_own(self, door: Door, app: FastAPI) -> None:
        other = Door(app, OTHER)
        other.promote(off("first", "first_order"))
        placed(door, "o1")
        assert placed(other, "o1") == FIRST

    def test_an_order_links_what_it_names(self, door: Door) -> None:
        """Before any projection has seen it."""
        placed(door, "o1", taobao_id="ann", phone=PHONE)
        assert priced(door, phone=f"+86 {PHONE}") == FULL
        assert priced(door, taobao_id="ann") == FULL

    def test_identifiers_that_are_one_person(self, door: Door, engine: Engine) -> None:
        placed(door, "o1")
        assert priced(door, phone=PHONE) == FIRST
        pair = ("taobao_id:ann", f"phone:{PHONE}")
        edge = engine.identity.link(SHOP, pair, rule="login", actor="test").as_json()["edge"]
        assert priced(door, phone=PHONE) == FULL
        engine.identity.unlink(SHOP, edge, actor="test")
        assert priced(door, phone=PHONE) == FIRST, "after an unmerge they are two"

    def test_the_facts_link_them_too(self, door: Door, engine: Engine) -> None:
        placed(door, "o1", taobao_id="ann", phone=PHONE)
        settled(engine)
        own = engine.buyer(SHOP, {"taobao_id": "ann", "phone": PHONE}).own
        with engine.database.transaction() as tx:
            assert set(engine.loyalty.ports.people(tx, SHOP, holder=own[1])) == set(own)

    def test_a_shared_device_makes_nobody_an_old_customer(self, door: Door) -> None:
        placed(door, "o1", taobao_id="ann", device="tablet")
        assert priced(door, taobao_id="ben", device="tablet") == FIRST


def test_of_orders_at_one_moment_exactly_one_is_the_first(door: Door, engine: Engine) -> None:
    """Two identifiers of one person, which another system has linked, and both at once."""
    pair = ("taobao_id:ann", f"phone:{PHONE}")
    engine.identity.link(SHOP, pair, rule="login", actor="test")
    people = ({"taobao_id": "ann"}, {"phone": PHONE}, {"taobao_id": "ann", "phone": PHONE})

    def place(number: int) -> Any:
        who = people[number % len(people)]
        form = order_form(f"o{number}", identifiers=who, cart=cart("A"), expected_payable=FIRST)
        request = Request(SHOP, "order.place", f"k{number}", b"")
        return engine.orders.place(request, decode_order(json.dumps(form)))

    with ThreadPoolExecutor(12) as threads:
        said = list(threads.map(place, range(24)))
    assert sum(isinstance(one, Done) for one in said) == 1
    refusals = {one for one in said if not isinstance(one, Done)}
    assert refusals == {Refused("price_changed", FULL, FIRST)}


class TestNewCustomer:
    @pytest.fixture
    def market(self, door: Door) -> Door:
        door.ok_delete("promotions/first")
        door.promote(
            off("new", "new_customer", 1_000),
            off("new-b", "new_customer:B", 2_000) | {"shop": "B"},
        )
        return door

    def test_it_is_of_a_shop(self, market: Door) -> None:
        assert placed(market, "o1", "A") == FULL - 1_000
        assert priced(market, "A", taobao_id="ann") == FULL
        assert priced(market, "B", taobao_id="ann") == FULL - 2_000, "the better of both"
        assert priced(market, "A", "B", taobao_id="ann") == 2 * FULL - 2_000

    def test_in_every_shop_of_the_cart(self, market: Door) -> None:
        placed(market, "o1", "A", "B")
        assert priced(market, "A", taobao_id="ann") == FULL
        assert priced(market, "C", taobao_id="ann") == FULL - 1_000


class TestClaims:
    @pytest.fixture
    def market(self, door: Door) -> Door:
        door.promote(off("gold", "member:gold"), off("member", "member", 500), off("vip", "88vip"))
        for name in ("brand", "other"):
            door.put("points/programmes", {"name": name, "terms": TERMS})
        return door

    @pytest.mark.parametrize("claim", ["member", "member:gold", "first_order", "new_customer"])
    def test_what_the_engine_knows_is_not_believed(self, market: Door, claim: str) -> None:
        placed(market, "o1")
        assert priced(market, claims=(claim,), taobao_id="ann") == FULL
        assert priced(market, claims=(claim,)) == FULL, "nor of nobody"

    def test_what_it_does_not_know_is(self, market: Door) -> None:
        placed(market, "o1")
        assert priced(market, claims=("88vip",), taobao_id="ann") == FIRST
        assert priced(market, claims=("88vip",)) == FIRST

    def test_offers_of_the_caller_s_own_are_counted_as_they_are_asked(self, market: Door) -> None:
        body = {"cart": cart("A", claims=("member",)), "offers": [off("x", "member")]}
        assert market.ok("quote", body)["payable"] == FIRST

    def test_nobody_needs_to_claim_to_be_a_member(self, market: Door, engine: Engine) -> None:
        placed(market, "o1")
        market.ok("points/members", {"programme": "brand", "identifier": "taobao_id:ann"})
        assert priced(market, taobao_id="ann") == FULL - 500
        lines = {"order": "x", "lines": [{"cash": 10_000}]}
        market.ok("points/earn", {"programme": "brand", "identifier": "taobao_id:ann"} | lines)
        assert priced(market, taobao_id="ann") == FIRST
        assert engine.orders.find(SHOP, "o1").terms.cart.eligibility == ["first_order"]

    def test_the_programme_that_the_order_names_decides(self, market: Door) -> None:
        placed(market, "o1")
        market.ok("points/members", {"programme": "brand", "identifier": "taobao_id:ann"})
        body = {"cart": cart("A"), "identifiers": {"taobao_id": "ann"}}
        for programme, costs in (("", FULL - 500), ("brand", FULL - 500), ("other", FULL)):
            assert market.ok("quote", body | {"programme": programme})["payable"] == costs

    def test_the_ecosystem_s_members_are_members(self, market: Door, engine: Engine) -> None:
        placed(market, "o1", taobao_id="ann", phone=PHONE)
        engine.loyalty.define(PLATFORM, "stars", body=json.dumps(TERMS).encode())
        market.ok("points/members", {"programme": "platform/stars", "identifier": f"phone:{PHONE}"})
        assert priced(market, taobao_id="ann", phone=PHONE) == FULL - 500

    def test_a_programme_that_there_is_not(self, market: Door) -> None:
        said = market.error("orders", order_form(cart=cart("A"), programme="nostars"))
        assert (said["status"], said["code"]) == (404, "not_found")
        body = {"cart": cart("A"), "programme": "platform/none", "identifiers": {"taobao_id": "a"}}
        assert market.error("quote", body)["status"] == 404


class TestQuoteOfAPerson:
    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"identifiers": {}}, "body.identifiers"),
            ({"identifiers": {"taobao_id": ""}}, "body.identifiers"),
            ({"identifiers": {"Phone!": "1"}}, "identifier"),
        ],
    )
    def test_identifiers_that_cannot_be(self, door: Door, change: Any, field: str) -> None:
        said = door.error("quote", {"cart": cart("A")} | change)
        assert (said["status"], said["code"]) == (400, "bad_input")
        assert said["field"].startswith(field)

    def test_a_coupon_is_somebody_s(self, door: Door) -> None:
        said = door.error("quote", {"cart": cart("A"), "coupons": ["c_1"]})
        assert (said["status"], said["code"]) == (409, "coupon_not_usable")

    def test_it_leaves_no_trace(self, door: Door, engine: Engine) -> None:
        priced(door, taobao_id="ann")
        assert rows(engine.database, "SELECT count(*) FROM order_identifier") == [(0,)]
        assert placed(door, "o1") == FIRST


class TestErasure:
    def test_neither_token_stays_and_the_person_is_new(self, door: Door, engine: Engine) -> None:
        placed(door, "o1", taobao_id="ann", phone=PHONE)
        placed(door, "o2", taobao_id="ben")
        settled(engine)
        engine.privacy.erase(SHOP, f"phone:{PHONE}")
        kept = rows(engine.database, "SELECT order_id, kind FROM order_identifier")
        assert kept == [("o2", "taobao_id")]
        assert engine.orders.find(SHOP, "o1").holder[0] == "erased"
        assert priced(door, taobao_id="ann") == FIRST

    def test_an_erased_order_is_still_paid_and_refunded(self, door: Door, engine: Engine) -> None:
        placed(door, "o1", taobao_id="ann", phone=PHONE)
        settled(engine)
        engine.privacy.erase(SHOP, "taobao_id:ann")
        door.pay("o1", FIRST)
        assert door.ok("orders/o1/refund", units("A:1"))["cash_fen"] == FIRST

    def test_the_ecosystem_forgets_its_own_tokens_everywhere(
        self, door: Door, engine: Engine
    ) -> None:
        placed(door, "o1", taobao_id="ann", phone=PHONE)
        engine.loyalty.define(PLATFORM, "stars", body=json.dumps(TERMS).encode())
        door.ok("points/members", {"programme": "platform/stars", "identifier": f"phone:{PHONE}"})
        settled(engine)
        engine.privacy.erase(PLATFORM, f"phone:{PHONE}")
        statement = "SELECT kind, shared IS NULL FROM order_identifier ORDER BY place"
        assert rows(engine.database, statement) == [("taobao_id", False), ("phone", True)]
        assert engine.loyalty.eligibility(SHOP, f"phone:{PHONE}") == set()
        assert priced(door, phone=PHONE) == FULL, "the merchant still knows its customer"
