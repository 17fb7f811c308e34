"""Many at once on one purse: nothing is spent twice, nobody waits for ever, the books agree."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import opened, rows
from tests.loyalty_ground import ANN, BEN, CAT, ITEM, SHOP, STARS, Street
from tests.points_books import put_item, reason

from quanyu.clock import FixedClock
from quanyu.promotions.loyalty.desk import Order
from quanyu.promotions.loyalty.programmes import Line
from quanyu.storage.postgres.database import Database

THREADS = 12
PHONE = "phone:13764021985"


@pytest.fixture
def shop(database_url: str, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with (
        Database(database_url, pool_size=THREADS) as database,
        opened(database, clock, data_dir) as engine,
    ):
        made = Street(engine, clock)
        made.programme(join_gift=100, days_until_available=0)
        for who in (ANN, BEN, CAT):
            made.join(who)
        yield made
        made.conserved()


def at_once(doings: list[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(THREADS) as threads:
        return [one.result(60) for one in [threads.submit(do) for do in doings]]


def test_one_order_spends_once_however_many_ask(shop: Street) -> None:
    said = at_once([lambda: shop.try_spend("s1", 30)] * THREADS)
    assert len({str(one) for one in said}) == 1
    assert reason(said[0]) is None
    assert shop.available() == 70


def test_one_order_earns_once_however_many_ask(shop: Street) -> None:
    at_once([lambda: shop.earn("o1", 5_000)] * THREADS)
    assert shop.available() == 150
    assert rows(shop.engine.database, "SELECT count(*) FROM points_lot") == [(4,)]


def test_two_buyers_of_one_order_number_do_not_both_earn(shop: Street) -> None:
    """One of them is told that the order has earned already."""

    def earn(who: str) -> Any:
        request = shop.request("points.earn")
        order = Order(SHOP, "o1")
        return shop.engine.points.earn(request, (STARS, who), order=order, lines=[Line(5_000)])

    said = at_once([lambda who=who: earn(who) for who in (ANN, BEN, CAT) * 4])
    assert {reason(one) for one in said} == {None, "already_earned"}
    assert sum(map(shop.available, (ANN, BEN, CAT))) == 350


def test_two_spenders_of_one_order_number_do_not_both_pay(shop: Street) -> None:
    said = at_once([lambda who=who: shop.try_spend("s1", 30, who) for who in (ANN, BEN, CAT) * 4])
    assert {reason(one) for one in said} <= {None, "already_spent"}
    assert sum(map(shop.available, (ANN, BEN, CAT))) == 270


def test_spending_against_refunding_ends_in_debt_or_in_a_no(shop: Street) -> None:
    shop.earn("o1", 10_000)
    doings: list[Callable[[], Any]] = [lambda n=n: shop.try_spend(f"s{n}", 50) for n in range(6)]
    doings += [lambda: shop.refund("o1", 2_500)] * 4
    said = at_once(doings)
    spent = sum(reason(one) is None for one in said[:6]) * 50
    assert [reason(one) for one in said[6:]] == [None] * 4
    balance = shop.balance()
    assert balance.available - balance.debt == 200 - spent - 100
    assert balance.debt == 0 or balance.available == 0


def test_one_person_joins_once_with_each_identifier(shop: Street) -> None:
    shop.link("taobao_id:new", PHONE)
    names = ["taobao_id:new", PHONE] * 6
    said = at_once([lambda who=who: shop.join(who) for who in names])
    assert sum(one.new for one in said) == 2
    assert len({one.member for one in said}) == 2


def test_the_joining_gift_is_for_a_person_who_comes_twice_at_once(shop: Street) -> None:
    shop.link("taobao_id:new", PHONE)
    first = shop.join(PHONE)
    said = at_once([lambda: shop.join("taobao_id:new")] * 4)
    assert first.gift_points == 100
    assert [one.gift_points for one in said] == [0] * 4


def test_the_last_piece_goes_to_one_and_its_points_to_the_spent(shop: Street) -> None:
    put_item(shop, **ITEM | {"pieces": 1})

    def exchange(who: str) -> Any:
        request = shop.request("points.exchange")
        return shop.engine.points.exchange(request, (STARS, who), item="video-month")

    said = at_once([lambda who=who: exchange(who) for who in (ANN, BEN, CAT) * 3])
    assert [reason(one) for one in said].count(None) == 1
    assert sum(map(shop.available, (ANN, BEN, CAT))) == 260


def test_sweeps_beside_spends_end_each_lot_once(shop: Street) -> None:
    shop.clock.advance(400 * 86_400_000_000)
    doings: list[Callable[[], Any]] = [shop.engine.loyalty.sweep] * 6
    doings += [lambda n=n: shop.try_spend(f"s{n}", 1) for n in range(6)]
    said = at_once(doings)
    assert {reason(one) for one in said[6:]} == {"not_enough_points"}
    shop.wait(0)
    assert sorted(int(one.props["points"]) for one in shop.facts("points_expired")) == [100] * 3
