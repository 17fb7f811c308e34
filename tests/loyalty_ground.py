"""A merchant with a programme of points and a flash sale, on a real database."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests.engine_ground import opened

from quanyu.clock import DAY_US, FixedClock, format_iso
from quanyu.events.event import Event
from quanyu.events.requests import Request
from quanyu.promotions.flash_sales.sales import Attempt, Held, Outcome, Sale
from quanyu.promotions.loyalty.answers import Balance, Earned, Joined, Spent
from quanyu.promotions.loyalty.desk import Order
from quanyu.promotions.loyalty.programmes import Line
from quanyu.storage.audit import benefits
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

SHOP, STARS = "shop", "stars"
ANN, BEN, CAT = "taobao_id:ann", "taobao_id:ben", "taobao_id:cat"
TERMS: dict[str, Any] = {
    "points_per_yuan": 1,
    "expiry": {"kind": "months", "count": 12},
    "days_until_available": 7,
    "transferable": True,
    "join_gift": 50,
    "tiers": [
        {"name": "silver", "label": "银卡", "from_points": 100},
        {"name": "gold", "label": "金卡", "from_points": 1000},
    ],
    "multipliers": [{"flag": "green", "percent": 200}],
    "order_rewards": [{"flag": "no_cutlery", "offer": "red-packet"}],
}
ITEM: dict[str, Any] = {
    "name": "video-month",
    "label": "视频会员月卡",
    "points": 40,
    "partner": "video",
    "benefit": "video_membership",
    "pieces": 2,
    "compensation_fen": 1_500,
    "per_person": 1,
}
_keys = count(1)


class Street:
    """One engine and what people do in it. Keys are made up where the test does not care."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self.engine = engine
        self.clock = clock

    def request(self, operation: str, key: str | None = None, *, merchant: str = SHOP) -> Request:
        key = key or f"k{next(_keys)}"
        return Request(merchant, operation, key, operation.encode())

    def programme(self, **change: Any) -> None:
        self.engine.loyalty.define(SHOP, STARS, body=json.dumps(TERMS | change).encode())

    def join(self, who: str = ANN, *, key: str | None = None) -> Joined:
        said = self.engine.loyalty.join(self.request("points.join", key), STARS, identifier=who)
        assert isinstance(said, Joined), said
        return said

    def earn(self, order: str, cash_fen: int, who: str = ANN, **more: Any) -> Earned:
        flags = more.get("flags", ())
        said = self.engine.points.earn(
            self.request("points.earn", more.get("key")),
            (STARS, who),
            order=Order(SHOP, order, more.get("order_flags", ())),
            lines=[Line(cash_fen, flags)],
        )
        assert isinstance(said, Earned), said
        return said

    def try_spend(self, order: str, points: int, who: str = ANN, key: str | None = None) -> Any:
        return self.engine.points.spend(
            self.request("points.spend", key), (STARS, who), order=Order(SHOP, order), points=points
        )

    def spend(self, order: str, points: int, who: str = ANN) -> Spent:
        said = self.try_spend(order, points, who)
        assert isinstance(said, Spent), said
        return said

    def cancel(self, order: str, points: int | None = None) -> Any:
        request = self.request("points.cancel")
        return self.engine.points.cancel(request, STARS, order=Order(SHOP, order), points=points)

    def refund(self, order: str, cash_fen: int) -> Any:
        request = self.request("points.refund")
        order_ = Order(SHOP, order)
        return self.engine.points.refund(request, STARS, order=order_, cash_fen=cash_fen)

    def balance(self, who: str = ANN) -> Balance:
        return self.engine.loyalty.balance(SHOP, STARS, identifier=who)

    def available(self, who: str = ANN) -> int:
        return self.balance(who).available

    def wait(self, days: int) -> None:
        self.clock.advance(days * DAY_US)
        while self.engine.loyalty.sweep():
            pass

    def facts(self, kind: str) -> list[Event]:
        return [one.event for one in self.engine.log.read(0, 10_000) if one.event.kind == kind]

    def link(self, one: str, other: str) -> str:
        edge = self.engine.identity.link(SHOP, (one, other), rule="login", actor="test")
        return edge.as_json()["edge"]

    def conserved(self) -> None:
        """Σ lots = balance of the book, for every member, and no sale has lost a piece."""
        for check in (benefits.points_are_in_the_book, benefits.flash_sales_add_up):
            found_wrong = check(self.engine.audited).violations
            assert found_wrong == ()

    def sale(self, **change: Any) -> Sale:
        now_us = self.clock.now_us()
        body = {
            "name": "noon",
            "item": "serum",
            "price_fen": 9_900,
            "pieces": 3,
            "starts": format_iso(now_us),
            "ends": format_iso(now_us + DAY_US),
            "hold_seconds": 60,
        }
        return self.engine.flash_sales.create(SHOP, json.dumps(body | change).encode())

    def asked(self, who: str, request: str | None = None, *words: str) -> Attempt:
        key = request or f"k{next(_keys)}"
        return self.engine.flash_sales.asked(
            SHOP, "noon", identifier=who, request=key, words=frozenset(words)
        )

    def attempt(self, who: str, request: str | None = None, *words: str) -> Outcome:
        return self.engine.flash_sales.submit(self.asked(who, request, *words)).result(30)

    def got(self, who: str, request: str | None = None) -> Held:
        said = self.attempt(who, request)
        assert isinstance(said, Held), said
        return said

    def minute(self) -> None:
        """Time for a hold to end, and for the chores to see it."""
        self.clock.advance(61_000_000)
        self.engine.ledger_writer.expire()
        self.engine.flash_sales.expire()

    def standing(self) -> tuple[int, int, int]:
        """(free, held, sold), which make up what was loaded."""
        _, found = self.engine.flash_sales.show(SHOP, "noon")
        assert found.free + found.held + found.sold == found.loaded
        assert found.free >= 0
        assert benefits.flash_sales_add_up(self.engine.audited).violations == ()
        return found.free, found.held, found.sold


@contextmanager
def street(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Street]:
    with opened(database, clock, data_dir) as engine:
        yield Street(engine, clock)
