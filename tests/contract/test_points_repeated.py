"""A request that comes again: the first answer, whatever has happened since; no second effect."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.loyalty_ground import ANN, BEN, ITEM, SHOP, STARS, Street, street
from tests.points_books import footprint, put_item, reason

from quanyu.clock import DAY_US, FixedClock
from quanyu.events.requests import Request
from quanyu.promotions.loyalty.desk import Order
from quanyu.promotions.loyalty.programmes import Line
from quanyu.storage.postgres.database import Database

WHO = (STARS, ANN)
Verb = Callable[[Street, Request], Any]
VERBS: dict[str, Verb] = {
    "join": lambda s, r: s.engine.loyalty.join(r, STARS, identifier="taobao_id:new"),
    "earn": lambda s, r: s.engine.points.earn(r, WHO, order=Order(SHOP, "o9"), lines=[Line(900)]),
    "spend": lambda s, r: s.engine.points.spend(r, WHO, order=Order(SHOP, "s9"), points=9),
    "cancel": lambda s, r: s.engine.points.cancel(r, STARS, order=Order(SHOP, "s1"), points=3),
    "refund": lambda s, r: s.engine.points.refund(r, STARS, order=Order(SHOP, "o1"), cash_fen=100),
    "transfer": lambda s, r: s.engine.points.transfer(r, WHO, to=BEN, points=4),
    "freeze": lambda s, r: s.engine.loyalty.freeze(r, STARS, identifier=ANN, frozen=True),
    "exchange": lambda s, r: s.engine.points.exchange(r, WHO, item="video-month"),
}


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with street(database, clock, data_dir) as made:
        made.programme()
        made.join(ANN)
        made.join(BEN)
        made.earn("o1", 10_000)
        made.wait(7)
        made.spend("s1", 30)
        put_item(made, **ITEM)
        yield made
        made.conserved()


@pytest.mark.parametrize("name", VERBS)
def test_an_answer_outlives_what_it_speaks_of(shop: Street, name: str) -> None:
    """A year later the points are gone and the member is thawed; the answer is still the same."""
    request = shop.request(f"points.{name}", "once")
    first = VERBS[name](shop, request)
    assert reason(first) is None
    thaw = shop.request("points.freeze")
    shop.engine.loyalty.freeze(thaw, STARS, identifier=ANN, frozen=False)
    shop.wait(400)
    before = footprint(shop)
    assert VERBS[name](shop, request) == first
    assert footprint(shop) == before


@pytest.mark.parametrize("name", VERBS)
def test_another_content_under_the_key_is_refused(shop: Street, name: str) -> None:
    request = shop.request(f"points.{name}", "once")
    assert reason(VERBS[name](shop, request)) is None
    before = footprint(shop)
    other = msgspec.structs.replace(request, content=b"something else")
    assert reason(VERBS[name](shop, other)) == "key_used_for_another_request"
    assert footprint(shop) == before


@pytest.mark.parametrize("name", ["cancel", "refund", "transfer"])
def test_under_another_key_it_happens_again(shop: Street, name: str) -> None:
    """These add up: it is the caller's key that tells a retry from a second one."""
    first = VERBS[name](shop, shop.request(f"points.{name}"))
    before = footprint(shop)
    assert VERBS[name](shop, shop.request(f"points.{name}")) == first
    assert footprint(shop) != before


@pytest.mark.parametrize("name", ["earn", "spend"])
def test_an_order_is_a_key_too(shop: Street, name: str) -> None:
    first = VERBS[name](shop, shop.request(f"points.{name}"))
    before = footprint(shop)
    assert VERBS[name](shop, shop.request(f"points.{name}")) == first
    assert footprint(shop) == before


def test_one_key_may_serve_every_operation(shop: Street) -> None:
    said = [VERBS[name](shop, shop.request(f"points.{name}", "same")) for name in VERBS]
    assert [reason(one) for one in said[:6]] == [None] * 6


def test_two_merchants_may_use_one_key(shop: Street) -> None:
    body = b'{"points_per_yuan": 1, "expiry": {"kind": "days", "count": 90}, "join_gift": 7}'
    shop.engine.loyalty.define("rival", STARS, body=body)
    ours = shop.engine.loyalty.join(shop.request("points.join", "k"), STARS, identifier="qq:1")
    request = shop.request("points.join", "k", merchant="rival")
    theirs = shop.engine.loyalty.join(request, STARS, identifier="qq:1")
    assert (ours.gift_points, theirs.gift_points) == (50, 7)
    assert ours.member != theirs.member


def test_an_earning_that_is_repeated_keeps_its_day(shop: Street) -> None:
    first = VERBS["earn"](shop, shop.request("points.earn"))
    shop.clock.advance(3 * DAY_US)
    again = VERBS["earn"](shop, shop.request("points.earn"))
    assert again.available_us == first.available_us
    shop.wait(4)
    assert shop.balance().pending == 0


def test_terms_that_change_later_change_nothing_that_was_granted(shop: Street) -> None:
    first = VERBS["earn"](shop, shop.request("points.earn"))
    shop.programme(points_per_yuan=5, days_until_available=1, join_gift=9)
    shop.wait(1)
    assert shop.balance().pending == first.points
    assert shop.earn("o10", 900).points == 45
    assert shop.join("taobao_id:new").gift_points == 9
    shop.wait(6)
    assert shop.balance().pending == 0


def test_a_code_follows_from_its_request(shop: Street) -> None:
    """Asked again before anything was kept, it would be the same code: no second entitlement."""
    request = shop.request("points.exchange", "once")
    code = VERBS["exchange"](shop, request).code
    assert code.startswith("ent_")
    assert "once" not in code
    (found,) = shop.engine.points.entitlements(SHOP, WHO)
    assert found.code == code
