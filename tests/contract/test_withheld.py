"""A tea house whose licence runs out, on a real database: what stops, stays and comes back."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.engine_ground import opened
from tests.merchant_desk import licence
from tests.shown_paths import ITEM

from quanyu.clock import DAY_US, FixedClock, format_iso
from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.merchants.listings.catalogue import listing_of
from quanyu.merchants.listings.item import Item
from quanyu.merchants.papers.withholding import Line
from quanyu.promotions.loyalty.exchange import decode_offered
from quanyu.promotions.pricing.offers import offer_of
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.withheld import PostgresWithheld
from quanyu.wiring import Engine

THINGS = [
    ("item", "i1"), ("promotion", "p1"), ("flash_sale", "f1"), ("points_programme", "leaf"),
    ("points_item", "leaf/cup"),
]  # fmt: skip
PROMOTION = {
    "id": "p1", "lane": "shop", "kind": "promotion",
    "benefit": {"amount_off": {"amount": 2_000, "threshold": 10_000}},
}  # fmt: skip
LEAF = {"points_per_yuan": 1, "expiry": {"kind": "year_end"}, "join_gift": 500, "label": "茶叶"}
CUP = {
    "name": "cup", "label": "茶杯", "points": 30, "partner": "tea", "pieces": 5,
    "benefit": "ride_coupon",
}  # fmt: skip


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


def ask(operation: str, key: str) -> Request:
    return Request("tea", operation, key, b"")


def item(**change: Any) -> Item:
    return listing_of({**ITEM, **change}, Item)


def lives(engine: Engine, clock: FixedClock) -> None:
    """One of everything, lawful for 19 more days."""
    engine.papers.say_industry("tea", "catering", actor="lin")
    engine.papers.add_licence("tea", licence(), actor="lin")
    engine.listings.put("tea", [item(), item(id="i2", state="off")], place="items")
    engine.promotions.put("tea", offer_of(PROMOTION))
    now_us = clock.now_us()
    sale = {
        "name": "f1", "item": "i1", "price_fen": 990, "pieces": 5,
        "starts": format_iso(now_us), "ends": format_iso(now_us + 300 * DAY_US),
    }  # fmt: skip
    engine.flash_sales.create("tea", json.dumps(sale).encode())
    engine.loyalty.define("tea", "leaf", body=json.dumps(LEAF).encode())
    engine.points.offer("tea", "leaf", offered=decode_offered(json.dumps(CUP).encode()))
    engine.loyalty.join(ask("join", "li"), "leaf", identifier="taobao_id:li")


def attempt(engine: Engine, clock: FixedClock, key: str) -> Any:
    made = engine.flash_sales.asked(
        "tea", "f1", identifier=f"taobao_id:{key}", request=key, words=frozenset()
    )
    return engine.flash_sales.desk.write([made])[0]


def reason(answer: Any) -> str | None:
    return str(answer.reason) if isinstance(answer, Refused) else None


def on_show(engine: Engine, clock: FixedClock, key: str) -> dict[str, bool]:
    """Does each still do what it is for?"""
    exchanged = engine.points.exchange(ask("exchange", key), ("leaf", "taobao_id:li"), item="cup")
    joined = engine.loyalty.join(ask("join", key), "leaf", identifier=f"taobao_id:{key}")
    shown = {"item": engine.listings.find("tea", Item, id="i1").state == "on_sale"}
    shown["promotion"] = [one.id for one in engine.promotions.all("tea")] == ["p1"]
    shown["flash_sale"] = reason(attempt(engine, clock, key)) is None
    shown["points_programme"] = reason(joined) is None
    shown["points_item"] = reason(exchanged) is None
    assert {reason(joined), reason(exchanged)} <= {None, "withheld"}
    return shown


def test_everything_stops_with_the_licence_and_comes_back_by_hand(
    engine: Engine, clock: FixedClock
) -> None:
    lives(engine, clock)
    assert engine.recheck("tea") == []
    assert all(on_show(engine, clock, "a").values())
    clock.advance(20 * DAY_US)
    assert engine.recheck_all() == len(THINGS)
    assert not any(on_show(engine, clock, "b").values())
    assert reason(attempt(engine, clock, "c")) == "withheld"
    with engine.database.transaction() as tx:
        assert engine.flash_sales.desk.in_stock(tx, "tea", item="i1") is None
    balance = engine.loyalty.balance("tea", "leaf", identifier="taobao_id:li")
    assert balance.available == 470, "what was earned stays"
    assert [one.state for one in engine.listings.page("tea", Item)] == ["off", "off"]
    assert [one.state for one in engine.listings.stream("tea", Item)] == ["off", "off"]
    assert engine.recheck_all() == 0

    engine.papers.add_licence("tea", licence(valid_to=date(2031, 3, 29)), actor="lin")
    assert engine.recheck_all() == 0
    assert not any(on_show(engine, clock, "d").values()), "nothing comes back by itself"
    done = engine.withholding.resume("tea", actor="wang")
    assert {one.thing for one in done.resumed} == set(THINGS)
    assert all(on_show(engine, clock, "e").values())
    assert engine.listings.find("tea", Item, id="i2").state == "off", "that was never on sale"
    for kind, id in THINGS:
        told = engine.withholding.history("tea", kind, id=id)
        assert [(one.what, one.actor) for one in told] == [
            ("withheld", "quanyu"), ("resumed", "wang"),
        ]  # fmt: skip
        assert told[0].article == "《食品安全法》第三十五条、第六十二条"


def test_writing_it_again_does_not_show_it_again(engine: Engine, clock: FixedClock) -> None:
    lives(engine, clock)
    clock.advance(20 * DAY_US)
    engine.recheck("tea")
    engine.papers.add_licence("tea", licence(valid_to=date(2031, 3, 29)), actor="lin")
    engine.promotions.put("tea", offer_of(PROMOTION))
    engine.listings.put("tea", [item(title="普洱茶饼")], place="items")
    found = engine.listings.find("tea", Item, id="i1")
    assert (found.title, found.state) == ("普洱茶饼", "off")
    assert engine.promotions.all("tea") == []
    engine.withholding.resume("tea", actor="lin", kind="item", id="i1")
    assert engine.listings.find("tea", Item, id="i1").state == "on_sale"
    assert engine.promotions.all("tea") == [], "that one only"


def lines(*things: tuple[str, str], what: str = "withheld", at_us: int = 1) -> list[Line]:
    return [
        Line(kind=kind, id=id, what=what, actor="quanyu", at_us=at_us, rule="r", article="a",
             why="w")
        for kind, id in things
    ]  # fmt: skip


def test_a_thing_is_withheld_once_and_resumed_once(database: Database) -> None:
    store = PostgresWithheld()
    both = lines(("item", "i1"), ("item", "i2"))
    with database.transaction() as tx:
        assert store.withhold(tx, "tea", lines=both[:1]) == both[:1]
        assert store.withhold(tx, "tea", lines=both) == both[1:], "only what is new"
        assert store.withhold(tx, "tea", lines=[]) == []
        assert store.withheld(tx, "tea") == both
        assert store.withheld(tx, "shoes") == []
        back = lines(("item", "i2"), ("item", "i3"), what="resumed", at_us=2)
        assert store.resume(tx, "tea", lines=back) == back[:1]
        assert store.resume(tx, "shoes", lines=back) == []
        assert store.withheld(tx, "tea") == both[:1]
        assert store.history(tx, "tea", kind="item", id="i2") == [both[1], back[0]]
        assert store.history(tx, "tea", kind="promotion", id="i2") == []


def test_a_thing_that_goes_twice_says_why_the_second_time(database: Database) -> None:
    store = PostgresWithheld()
    (first,), (back,) = lines(("item", "i1")), lines(("item", "i1"), what="resumed", at_us=2)
    (second,) = lines(("item", "i1"), at_us=3)
    with database.transaction() as tx:
        for do, line in ((store.withhold, first), (store.resume, back), (store.withhold, second)):
            assert do(tx, "tea", lines=[line]) == [line]
        assert store.withheld(tx, "tea") == [second]


def test_what_rolls_back_leaves_neither_state_nor_history(database: Database) -> None:
    store = PostgresWithheld()

    def breaks() -> None:
        with database.transaction() as tx:
            store.withhold(tx, "tea", lines=lines(("item", "i1")))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks()
    with database.transaction() as tx:
        assert store.withheld(tx, "tea") == []
        assert store.history(tx, "tea", kind="item", id="i1") == []


@pytest.mark.parametrize(
    "statement",
    ["UPDATE withheld_history SET why = ''", "DELETE FROM withheld_history",
     "TRUNCATE withheld_history"],
)  # fmt: skip
def test_no_line_of_history_is_ever_changed(database: Database, statement: str) -> None:
    with database.transaction() as tx:
        PostgresWithheld().withhold(tx, "tea", lines=lines(("item", "i1")))
    with pytest.raises(psycopg.Error), database.transaction() as tx:
        tx.execute(statement)  # type: ignore[arg-type]


def test_a_kind_that_nobody_can_withhold_is_a_bug(database: Database) -> None:
    with pytest.raises(psycopg.Error), database.transaction() as tx:
        PostgresWithheld().withhold(tx, "tea", lines=lines(("store", "s1")))


def test_the_makers_price_of_an_item_proves_it_anywhere(engine: Engine, clock: FixedClock) -> None:
    engine.papers.say_industry("tea", "apparel", actor="lin")
    maker: dict[str, Any] = {
        "suggested_fen": 2_990,
        "suggested_source": "厂商价目表",
        "suggested_on": "2026-03-01",
    }
    labelled = {"reference_fen": 2_990, "reference_basis": "厂商建议零售价"}
    engine.listings.put("tea", [item(**maker, **labelled), item(id="i2")], place="items")
    prices = engine.prices
    assert prices.suggested("tea", ("总店", "i1")) == 2_990
    assert prices.suggested("tea", ("总店", "i2")) is None
    assert prices.suggested("tea", ("分店", "i1")) is None, "of that shop"
    assert prices.suggested("shoes", ("总店", "i1")) is None, "of that merchant"
