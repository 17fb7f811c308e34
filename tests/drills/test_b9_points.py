"""B9 for points: 32 twins with one key have one effect and equal answers."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from tests.engine_ground import opened, rows
from tests.loyalty_ground import ANN, BEN, ITEM, SHOP, STARS, Street

from quanyu.clock import FixedClock
from quanyu.events.requests import Conflict, Request
from quanyu.promotions.loyalty.desk import Order
from quanyu.promotions.loyalty.exchange import Offered
from quanyu.promotions.loyalty.programmes import Line
from quanyu.promotions.loyalty.refusals import Refused
from quanyu.storage.postgres.database import Database

pytestmark = pytest.mark.drill
TWINS = 32

Command = Callable[[Street, Request], object]
WHO = (STARS, ANN)
COMMANDS: dict[str, Command] = {
    "join": lambda s, r: s.engine.loyalty.join(r, STARS, identifier="taobao_id:new"),
    "earn": lambda s, r: s.engine.points.earn(r, WHO, order=Order(SHOP, "e"), lines=[Line(5_000)]),
    "spend": lambda s, r: s.engine.points.spend(r, WHO, order=Order(SHOP, "s"), points=7),
    "cancel": lambda s, r: s.engine.points.cancel(r, STARS, order=Order(SHOP, "s0"), points=3),
    "refund": lambda s, r: s.engine.points.refund(
        r, STARS, order=Order(SHOP, "e0"), cash_fen=1_000
    ),
    "transfer": lambda s, r: s.engine.points.transfer(r, WHO, to=BEN, points=5),
    "exchange": lambda s, r: s.engine.points.exchange(r, WHO, item="video-month"),
}


@pytest.fixture
def shop(database_url: str, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with (
        Database(database_url, pool_size=TWINS) as database,
        opened(database, clock, data_dir) as engine,
    ):
        made = Street(engine, clock)
        made.programme()
        for who in (ANN, BEN):
            made.join(who)
        made.earn("e0", 10_000)
        made.wait(7)
        made.spend("s0", 10)
        made.engine.points.offer(SHOP, STARS, offered=msgspec.convert(ITEM, type=Offered))
        yield made
        made.conserved()


def footprint(shop: Street) -> list[tuple[object, ...]]:
    return rows(
        shop.engine.database,
        "SELECT (SELECT count(*) FROM ledger_transfer), (SELECT head FROM log_head), "
        "(SELECT count(*) FROM points_lot), (SELECT count(*) FROM points_member), "
        "(SELECT count(*) FROM points_entitlement), (SELECT count(*) FROM points_spend)",
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_twins_have_one_effect_and_equal_answers(shop: Street, name: str) -> None:
    request = shop.request(f"points.{name}", "twin")
    command = COMMANDS[name]
    first = command(shop, msgspec.structs.replace(request, key="first"))
    assert not isinstance(first, Refused), first
    with ThreadPoolExecutor(TWINS) as threads:
        calls = [threads.submit(command, shop, request) for _ in range(TWINS)]
        answers = {msgspec.json.encode(call.result()) for call in calls}
    before = footprint(shop)
    again = command(shop, request)
    other = command(shop, msgspec.structs.replace(request, content=b"something else"))
    line = {"drill": "B9", "command": f"points.{name}", "attempted": TWINS, "acked": TWINS,
            "lost": 0, "duplicates": len(answers) - 1,
            "violations": int(footprint(shop) != before)}  # fmt: skip
    print(json.dumps(line))
    assert len(answers) == 1
    assert msgspec.json.encode(again) in answers
    assert other == Refused(Conflict.KEY_USED_FOR_ANOTHER_REQUEST)
    assert footprint(shop) == before


def test_keys_of_two_merchants_do_not_meet(shop: Street) -> None:
    shop.engine.loyalty.define("rival", STARS, body=b'{"points_per_yuan": 1, "join_gift": 9,'
                               b'"expiry": {"kind": "days", "count": 5}}')  # fmt: skip
    for merchant in (SHOP, "rival"):
        request = shop.request("points.join", "same-key", merchant=merchant)
        said = shop.engine.loyalty.join(request, STARS, identifier="taobao_id:both")
        assert not isinstance(said, Refused)
        assert said.new
