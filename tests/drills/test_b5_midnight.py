"""B5: midnight. Points end while they are spent, cancelled, refunded, given away and swept up."""

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.engine_ground import rows
from tests.loyalty_ground import SHOP, STARS, Street, street

from quanyu.clock import DAY_US, HOUR_US, FixedClock
from quanyu.promotions.loyalty.answers import GivenBack, HandedOver, Spent, TakenBack
from quanyu.promotions.loyalty.moves import Part, account
from quanyu.promotions.loyalty.refusals import Reason, Refused
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.loyalty.purses import PostgresPurses

pytestmark = pytest.mark.drill

MEMBERS, ORDERS, THREADS, TURNS = 12, 4, 8, 30
EXPECTED = {
    Reason.NOT_ENOUGH_POINTS, Reason.ALREADY_SPENT, Reason.NOTHING_SPENT, Reason.MORE_THAN_SPENT,
    Reason.MORE_THAN_PAID, Reason.IN_DEBT, Reason.SAME_MEMBER,
}  # fmt: skip


@pytest.fixture
def shop(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with street(database, clock, data_dir) as made:
        made.programme(expiry={"kind": "days", "count": 9}, join_gift=0)
        yield made


class Night:
    """Threads that do whatever comes to mind, and a clock that passes midnight meanwhile."""

    def __init__(self, shop: Street) -> None:
        self.shop = shop
        self.said: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self._lock = threading.Lock()

    def everybody(self) -> None:
        with ThreadPoolExecutor(THREADS) as threads:
            done = [threads.submit(self._one, number) for number in range(THREADS)]
            for one in done:
                one.result()

    def _one(self, number: int) -> None:
        chance = random.Random(number)
        for turn in range(TURNS):
            if number == 0 and turn % 3 == 0:
                self.shop.clock.advance(HOUR_US)
            answer = chance.choice(self.doings)(self, chance)
            with self._lock:
                if isinstance(answer, Refused):
                    self.reasons[answer.reason] += 1
                else:
                    self.said[type(answer).__name__] += 1

    def spend(self, chance: random.Random) -> object:
        member = chance.randrange(MEMBERS)
        return self.shop.try_spend(f"s{chance.randrange(99)}", chance.randint(1, 90), who(member))

    def cancel(self, chance: random.Random) -> object:
        points = chance.choice((None, chance.randint(1, 20)))
        return self.shop.cancel(f"s{chance.randrange(99)}", points)

    def refund(self, chance: random.Random) -> object:
        order = f"o{chance.randrange(MEMBERS)}-{chance.randrange(ORDERS)}"
        return self.shop.refund(order, chance.randint(1, 4_000))

    def give(self, chance: random.Random) -> object:
        one, other = chance.randrange(MEMBERS), chance.randrange(MEMBERS)
        request = self.shop.request("points.transfer")
        points = self.shop.engine.points
        return points.transfer(request, (STARS, who(one)), to=who(other), points=5)

    def sweep(self, chance: random.Random) -> object:
        return self.shop.engine.loyalty.sweep()

    doings: tuple[Callable[..., object], ...] = (spend, spend, cancel, refund, give, sweep)


def who(member: int) -> str:
    return f"taobao_id:m{member}"


def test_points_are_where_they_should_be_after_midnight(shop: Street) -> None:
    for member in range(MEMBERS):
        shop.join(who(member))
        for order in range(ORDERS):
            shop.earn(f"o{member}-{order}", 10_000, who(member))
    shop.clock.advance(9 * DAY_US + 9 * HOUR_US)
    shop.engine.loyalty.sweep()
    night = Night(shop)
    night.everybody()
    shop.wait(30)
    shop.conserved()
    sums = totals(shop)
    granted = MEMBERS * ORDERS * 100
    expired_told = sum(int(one.props["points"]) for one in shop.facts("points_expired"))
    report = {
        "drill": "B5", "attempted": THREADS * TURNS, "acked": dict(night.said),
        "refused": {str(reason): n for reason, n in night.reasons.items()},
        "lost": granted - sums["reversed"] - sums["spent"] - sums["expired"] - sums["left"],
        "duplicates": 0, "violations": len([c for c in shop.engine.audit() if not c.holds]),
        **sums,
    }  # fmt: skip
    print(json.dumps(report))
    assert report["lost"] == 0
    assert report["violations"] == 0
    assert expired_told == sums["expired"] > 0
    assert set(night.reasons) <= EXPECTED
    made = {one.__name__ for one in (Spent, GivenBack, TakenBack, HandedOver)}
    assert made <= set(night.said)


def totals(shop: Street) -> dict[str, int]:
    """Where the granted points are: what is owed could not be taken back yet, and points that
    paid a debt were taken back with it."""
    with shop.engine.database.transaction() as tx:
        (programme,) = PostgresPurses().programmes(tx, SHOP)
        names = {part: account(programme, part) for part in (Part.SPENT, Part.EXPIRED)}
        found = shop.engine.book.balances(tx, list(names.values()))
    ((back, left, debt),) = rows(
        shop.engine.database,
        "SELECT (SELECT sum(reversed) FROM points_lot), (SELECT sum(remaining) FROM points_lot), "
        "(SELECT sum(debt) FROM points_member)",
    )
    return {
        "spent": found[names[Part.SPENT]].posted,
        "expired": found[names[Part.EXPIRED]].posted,
        "reversed": int(back) - int(debt),
        "left": int(left),
        "owed": int(debt),
    }
