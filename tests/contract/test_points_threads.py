"""Points and pieces under many hands: no circle of locks, nothing spent twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import opened, rows
from tests.loyalty_ground import ANN, BEN, CAT, SHOP, STARS, Street

from quanyu.clock import FixedClock
from quanyu.errors import Refused
from quanyu.promotions.flash_sales.sales import Held, State
from quanyu.promotions.loyalty.answers import GivenBack, HandedOver, Spent
from quanyu.promotions.loyalty.refusals import Reason
from quanyu.storage.postgres.database import Database

THREADS = 16


@pytest.fixture
def shop(database_url: str, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with (
        Database(database_url, pool_size=THREADS) as database,
        opened(database, clock, data_dir) as engine,
    ):
        made = Street(engine, clock)
        made.programme()
        for who in (ANN, BEN, CAT):
            made.join(who)
        yield made
        made.conserved()
        assert [check for check in engine.audit() if not check.holds] == []


def at_once(calls: list[Any]) -> list[Any]:
    with ThreadPoolExecutor(THREADS) as threads:
        return [done.result(60) for done in [threads.submit(call) for call in calls]]


def test_points_are_spent_once_over_separate_orders(shop: Street) -> None:
    said = at_once([lambda n=n: shop.try_spend(f"o{n}", 10) for n in range(32)])
    assert sum(isinstance(one, Spent) for one in said) == 5
    assert {one.reason for one in said if isinstance(one, Refused)} == {Reason.NOT_ENOUGH_POINTS}
    assert shop.available() == 0


def test_people_who_give_to_each_other_do_not_wait_in_a_circle(shop: Street) -> None:
    people = (ANN, BEN, CAT)
    ways = [(one, other) for one in people for other in people if one != other]

    def give(one: str, other: str) -> Any:
        request = shop.request("points.transfer")
        return shop.engine.points.transfer(request, (STARS, one), to=other, points=1)

    said = at_once([lambda way=way: give(*way) for way in ways * 10])
    assert all(isinstance(one, HandedOver) for one in said)
    assert sum(shop.available(who) for who in people) == 150


def test_two_identifiers_of_one_person_spend_from_the_same_purses(shop: Street) -> None:
    shop.link(ANN, BEN)
    calls = [lambda n=n: shop.try_spend(f"o{n}", 20, (ANN, BEN)[n % 2]) for n in range(20)]
    said = at_once(calls)
    assert sum(isinstance(one, Spent) for one in said) == 5
    assert shop.available(ANN) == shop.available(BEN) == 0


def test_a_spend_comes_back_once(shop: Street) -> None:
    shop.spend("o1", 50)
    said = at_once([lambda: shop.cancel("o1", 10) for _ in range(16)])
    assert sum(isinstance(one, GivenBack) for one in said) == 5
    assert shop.available() == 50


def test_one_order_is_refunded_to_its_cash_and_no_further(shop: Street) -> None:
    shop.earn("o1", 10_000)
    said = at_once([lambda: shop.refund("o1", 3_000) for _ in range(8)])
    assert sum(not isinstance(one, Refused) for one in said) == 3
    assert shop.refund("o1", 1_000) is not None
    assert shop.balance().pending == 0


def test_a_member_joins_once_whatever_the_keys(shop: Street) -> None:
    said = at_once([lambda: shop.join("taobao_id:new") for _ in range(16)])
    assert len({one.member for one in said}) == 1
    assert sum(one.new for one in said) == 1
    assert shop.available("taobao_id:new") == 50
    assert len(shop.facts("member_joined")) == 4


def test_time_is_written_down_once(shop: Street) -> None:
    shop.clock.advance(400 * 86_400_000_000)
    at_once([shop.engine.loyalty.sweep for _ in range(8)])
    assert [int(one.props["points"]) for one in shop.facts("points_expired")] == [50, 50, 50]


def test_a_frozen_purse_stays_shut_while_it_is_raced(shop: Street) -> None:
    freeze = shop.request("points.freeze")
    shop.engine.loyalty.freeze(freeze, STARS, identifier=ANN, frozen=True)
    said = at_once([lambda n=n: shop.try_spend(f"o{n}", 1) for n in range(16)])
    assert {one.reason for one in said} == {Reason.FROZEN}
    assert shop.available() == 50


def test_a_piece_is_paid_or_let_go_and_never_both(shop: Street) -> None:
    shop.sale(pieces=20)
    holds = [shop.got(f"taobao_id:c{n}") for n in range(20)]
    flash = shop.engine.flash_sales

    def pay(held: Held) -> Any:
        return flash.confirm(SHOP, held.hold, order=f"o-{held.hold}")

    def let_go(held: Held) -> Any:
        return flash.release(SHOP, held.hold)

    said = at_once([lambda h=h, do=do: do(h) for h in holds for do in (pay, let_go)])
    ended = [one for one in said if isinstance(one, Held)]
    assert len(ended) == 20
    free, held, sold = shop.standing()
    assert (held, sold) == (0, sum(one.state is State.SOLD for one in ended))
    in_rows = rows(shop.engine.database, "SELECT state, count(*) FROM flash_hold GROUP BY 1")
    assert dict(in_rows).get("sold", 0) == sold
    assert free == 20 - sold


def test_two_processes_share_one_sale(shop: Street) -> None:
    """Two desks that know nothing of each other: the lock of the sale decides."""
    shop.sale(pieces=10)
    desk = shop.engine.flash_sales.desk
    groups = [[shop.asked(f"taobao_id:p{g}-{n}") for n in range(5)] for g in range(8)]
    said = [one for some in at_once([lambda g=g: desk.write(g) for g in groups]) for one in some]
    assert sum(isinstance(one, Held) for one in said) == 10
    assert shop.standing() == (0, 10, 0)


def test_holds_that_end_while_pieces_are_wanted(shop: Street) -> None:
    shop.sale(pieces=5)
    for n in range(5):
        shop.got(f"taobao_id:slow{n}")
    shop.clock.advance(61_000_000)
    calls: list[Any] = [shop.engine.ledger_writer.expire, shop.engine.flash_sales.expire]
    calls += [lambda n=n: shop.attempt(f"taobao_id:quick{n}") for n in range(12)]
    at_once(calls)
    free, held, sold = shop.standing()
    assert sold == 0
    assert free + held == 5
