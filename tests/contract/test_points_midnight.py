"""Points and the clock: the microsecond before, the microsecond itself, a sweep that is late."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.engine_ground import rows
from tests.loyalty_ground import ANN, BEN, SHOP, STARS, Street, street
from tests.points_books import footprint, reason

from quanyu.clock import DAY_US, HOUR_US, FixedClock, format_iso, parse_iso
from quanyu.promotions.loyalty.answers import GivenBack, HandedOver, Spent, TakenBack
from quanyu.promotions.loyalty.service import SWEEP
from quanyu.storage.postgres.database import Database

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")
NINE_DAYS = {"expiry": {"kind": "days", "count": 9}, "days_until_available": 2}
END_US = parse_iso("2026-03-20T00:00:00+08:00")
OPENS_US = NOON_US + 2 * DAY_US


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    """Ann's 50 of joining end with the 19th; an order of 100 points opens on the 12th at noon."""
    with street(database, clock, data_dir) as made:
        made.programme(**NINE_DAYS)
        made.join(ANN)
        made.earn("o1", 10_000)
        yield made
        made.conserved()


def go(shop: Street, at_us: int) -> None:
    shop.clock.advance(at_us - shop.clock.now_us())


def states(shop: Street) -> list[str]:
    return [
        state for (state,) in rows(shop.engine.database, "SELECT state FROM points_lot ORDER BY id")
    ]


def test_the_dates_are_told_with_the_lots(shop: Street) -> None:
    order, gift = shop.engine.points.lots(SHOP, (STARS, ANN))
    assert (gift.available_us, gift.expires_us) == (NOON_US, END_US)
    assert (order.available_us, order.expires_us) == (OPENS_US, END_US)
    assert format_iso(order.expires_us) == "2026-03-20T00:00:00+08:00"


@pytest.mark.parametrize(("at_us", "available", "pending"), [
    (NOON_US, 50, 100),
    (OPENS_US - 1, 50, 100),
    (OPENS_US, 150, 0),
    (END_US - 1, 150, 0),
    (END_US, 0, 0),
    (END_US + 1, 0, 0),
])  # fmt: skip
def test_a_balance_is_as_of_now(shop: Street, at_us: int, available: int, pending: int) -> None:
    """Also before the sweep has been there, and it writes nothing."""
    go(shop, at_us)
    before = footprint(shop)
    balance = shop.balance()
    assert (balance.available, balance.pending) == (available, pending)
    assert footprint(shop) == before
    shop.wait(0)
    assert (shop.balance().available, shop.balance().pending) == (available, pending)


SPENDS = [
    (OPENS_US - 1, 51, "not_enough_points"),
    (OPENS_US, 150, None),
    (END_US - 1, 150, None),
    (END_US, 1, "not_enough_points"),
]


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize(("at_us", "points", "why"), SPENDS)
def test_spending_asks_the_clock_and_not_the_sweep(
    shop: Street, swept: bool, at_us: int, points: int, why: str | None
) -> None:
    go(shop, at_us)
    if swept:
        shop.wait(0)
    said = shop.try_spend("s1", points)
    assert said == Spent(points, points) if why is None else reason(said) == why


def test_a_spend_that_finds_old_points_writes_their_end_down(shop: Street) -> None:
    """The gift and the order are over; a new order of the night before is what is spent."""
    go(shop, END_US - HOUR_US)
    shop.programme(**NINE_DAYS | {"days_until_available": 0})
    shop.earn("o2", 3_000)
    go(shop, END_US)
    assert shop.spend("s1", 30).points == 30
    assert states(shop) == ["expired", "expired", "spent"]
    told = sorted(int(one.props["points"]) for one in shop.facts("points_expired"))
    assert told == [50, 100]


def test_an_end_is_told_once_whoever_notices_it(shop: Street) -> None:
    go(shop, END_US)
    shop.earn("o2", 100)
    shop.wait(0)
    shop.earn("o3", 100)
    assert len(shop.facts("points_expired")) == 2


@pytest.mark.parametrize(
    ("at_us", "back"),
    [(END_US - 1, GivenBack(120)), (END_US, GivenBack(120, gone=120))],
)
def test_what_comes_back_at_midnight(shop: Street, at_us: int, back: GivenBack) -> None:
    go(shop, OPENS_US)
    shop.spend("s1", 120)
    go(shop, at_us)
    assert shop.cancel("s1") == back
    assert shop.available() == (150 if back.gone == 0 else 0)


def test_grace_is_counted_from_the_return(shop: Street) -> None:
    shop.programme(**NINE_DAYS | {"grace_days": 3})
    go(shop, OPENS_US)
    shop.spend("s1", 120)
    back_us = END_US + 40 * DAY_US + 5
    go(shop, back_us)
    assert shop.cancel("s1", 20) == GivenBack(20)
    go(shop, back_us + DAY_US)
    assert shop.cancel("s1") == GivenBack(100)
    go(shop, back_us + 3 * DAY_US - 1)
    assert shop.available() == 120
    go(shop, back_us + 4 * DAY_US)
    assert shop.available() == 0
    shop.wait(0)
    assert states(shop) == ["expired", "expired"]


def test_a_refund_inside_the_window_takes_what_is_pending(shop: Street) -> None:
    go(shop, OPENS_US - 1)
    assert shop.refund("o1", 10_000) == TakenBack(100, 0)
    assert (shop.balance().available, shop.balance().pending) == (50, 0)
    go(shop, OPENS_US)
    shop.wait(0)
    assert states(shop) == ["available", "reversed"]


def test_a_refund_after_the_end_is_owed(shop: Street) -> None:
    """The points ended unused; the money goes back all the same, and so must what it earned."""
    go(shop, END_US)
    assert shop.refund("o1", 10_000) == TakenBack(100, 100)
    assert (shop.balance().available, shop.balance().debt) == (0, 100)
    assert sum(int(one.props["points"]) for one in shop.facts("points_expired")) == 150


def test_a_gift_to_somebody_else_ends_when_it_would_have(shop: Street) -> None:
    shop.programme(**NINE_DAYS | {"expiry": {"kind": "months", "count": 6}})
    shop.join(BEN)
    go(shop, END_US - 1)
    request = shop.request("points.transfer")
    said = shop.engine.points.transfer(request, (STARS, ANN), to=BEN, points=150)
    assert said == HandedOver(150)
    assert shop.available(BEN) == 200
    go(shop, END_US)
    assert shop.available(BEN) == 50
    shop.wait(0)
    assert sum(int(one.props["points"]) for one in shop.facts("points_expired")) == 150


def test_points_that_open_after_their_end_were_never_there(shop: Street) -> None:
    """A return window that is longer than the points live: they open and end in one breath."""
    shop.programme(expiry={"kind": "days", "count": 1}, days_until_available=30)
    shop.earn("o2", 5_000)
    shop.wait(31)
    assert shop.balance().available == 0
    found = shop.engine.points.lots(SHOP, (STARS, ANN))
    assert (found[0].state.value, found[0].remaining) == ("expired", 0)


def test_a_debt_is_paid_by_what_opens_before_anything_ends(shop: Street) -> None:
    go(shop, OPENS_US)
    shop.spend("s1", 150)
    shop.refund("o1", 10_000)
    shop.earn("o2", 12_000)
    shop.wait(40)
    assert (shop.balance().debt, shop.balance().available) == (0, 0)
    (told,) = shop.facts("points_expired")
    assert told.props["points"] == 20


def test_the_year_ends_in_china(shop: Street) -> None:
    shop.programme(expiry={"kind": "year_end", "years": 0}, days_until_available=0)
    go(shop, parse_iso("2026-12-31T23:59:59.999999+08:00"))
    shop.earn("o2", 1_000)
    assert shop.available() == 10
    shop.clock.advance(1)
    assert shop.available() == 0
    shop.earn("o3", 2_000)
    shop.wait(364)
    assert shop.available() == 20
    shop.wait(1)
    assert shop.available() == 0


def test_the_sweep_comes_round_to_everybody(shop: Street) -> None:
    """More members than one round takes: rounds go on until nothing is due."""
    people = [f"taobao_id:p{number}" for number in range(SWEEP + 5)]
    for who in people:
        shop.join(who)
    go(shop, END_US)
    rounds = []
    while done := shop.engine.loyalty.sweep():
        rounds.append(done)
    assert sum(rounds) >= SWEEP + 6
    assert rounds[0] == SWEEP
    assert set(states(shop)) == {"expired"}
    assert len(shop.facts("points_expired")) == SWEEP + 7


def test_a_sweep_with_nothing_to_do_does_nothing(shop: Street) -> None:
    before = footprint(shop)
    assert shop.engine.loyalty.sweep() == 0
    go(shop, OPENS_US - 1)
    assert shop.engine.loyalty.sweep() == 0
    assert footprint(shop) == before
    go(shop, OPENS_US)
    assert shop.engine.loyalty.sweep() == 1


def test_two_programmes_keep_their_own_time(shop: Street) -> None:
    body: Any = b'{"points_per_yuan": 1, "expiry": {"kind": "days", "count": 2}, "join_gift": 8}'
    shop.engine.loyalty.define(SHOP, "moons", body=body)
    shop.engine.loyalty.join(shop.request("points.join"), "moons", identifier=ANN)
    shop.wait(3)
    assert shop.engine.loyalty.balance(SHOP, "moons", identifier=ANN).available == 0
    assert shop.available() == 150
