"""One person through every touchpoint over HTTP: one cap, one budget, one explanation."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.campaigns_ground import MALL, SHOP, STORE, Board, form
from tests.engine_ground import faults, opened, said, tell
from tests.orders_ground import Door, error_of

from quanyu.clock import DAY_US, HOUR_US, FixedClock
from quanyu.interfaces.api.application import create_app
from quanyu.merchants.listings.catalogue import listing_of
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store
from quanyu.storage.postgres.database import Database
from quanyu.touchpoints.ecosystem import ecosystem
from quanyu.wiring import Engine

LI = {"taobao_id": "li"}
HERE = {"lat": 39.9005, "lng": 116.4005}
ITEMS = {
    "cream": ("保湿面霜", SHOP, "美妆"), "mask": ("补水面膜", SHOP, "美妆"),
    "biz": ("轻薄笔记本电脑 商务办公", "数码店", "电脑"),
    "game": ("游戏本 笔记本电脑 电竞影音", "数码店", "电脑"),
    **{f"x{n}": (f"护手面霜 第{n}款", f"家居店{n % 5}", "家居") for n in range(20)},
}  # fmt: skip
_numbers = count(1)


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        for id, (title, shop, category) in ITEMS.items():
            row = {"id": id, "shop": shop, "title": title, "price_fen": 9_900,
                   "state": "on_sale", "category": [category]}  # fmt: skip
            made.listings.put(MALL, [listing_of(row, Item)], place="items")
        made.listings.put(MALL, [listing_of(STORE, Store)], place="stores")
        yield made


@pytest.fixture
def app(engine: Engine) -> FastAPI:
    return create_app(engine)


@pytest.fixture
def door(app: FastAPI) -> Door:
    return Door(app, MALL)


def advertise(engine: Engine, id: str = "spring", **change: Any) -> None:
    """Everywhere, without keywords."""
    Board(engine).run(form(id, **{"keywords": [], **change}))
    engine.grounds.renew(MALL)


def ask(door: Door, touchpoint: str, who: dict[str, str] | None = LI, **context: Any) -> Any:
    body = {"touchpoint": touchpoint, "identifiers": who or {}, "context": context}
    return door.ok("decide", body)


def ads(answer: Any) -> list[dict[str, Any]]:
    return [slot for slot in answer["slots"] if slot["kind"] == "ad"]


def known(engine: Engine, clock: FixedClock, who: dict[str, str] = LI, **fields: Any) -> None:
    tell(engine, MALL, said(f"e{next(_numbers)}", who, at_us=clock.now_us() - HOUR_US, **fields))
    engine.projector.catch_up()


PATH: list[tuple[str, dict[str, Any]]] = [
    ("taobao.search", {"query": "面霜"}), ("taobao.home", {}), ("taobao.live", {}),
    ("youku.native", {"scene": ["古装"]}), ("youku.pause", {}), ("wenxue.passage", {}),
    ("amap.nearby", {"location": HERE}), ("amap.route", {"route": [HERE, HERE]}),
    ("alipay.paid", {}),
]  # fmt: skip


def test_one_person_through_all_touchpoints_with_one_cap(
    engine: Engine, clock: FixedClock, door: Door
) -> None:
    known(engine, clock, item="mask")
    advertise(engine)
    cap = next(one for one in ecosystem("alibaba").caps if one.on == "creative")
    seen: list[str] = []
    for _ in range(3):
        for touchpoint, context in PATH:
            answer = ask(door, touchpoint, **context)
            assert answer["personalised"], touchpoint
            assert all(slot["label"] == "广告" for slot in ads(answer))
            seen += [touchpoint for _ in ads(answer)]
    assert len(seen) == cap.most
    assert len(set(seen)) > 1, "they were seen at more than one touchpoint"
    last = ask(door, "youku.pause")
    told = door.get(f"decisions/{last['trace']}", id="spring").json()
    assert told["wanted"]["spring"] == "广告未展示：cap:creative"
    clock.advance((cap.hours + 1) * HOUR_US)
    assert ads(ask(door, "youku.pause"))


def test_a_click_is_paid_and_what_is_not_clicked_comes_back(
    engine: Engine, clock: FixedClock, door: Door
) -> None:
    known(engine, clock, item="mask")
    advertise(engine)
    answer = ask(door, "taobao.search", query="面霜")
    (slot,) = ads(answer)
    for kind, later_us in (("impression", 0), ("click", 2_000_000)):
        fields = {"decision": answer["trace"], "campaign": "spring",
                  "props": {"position": slot["position"]}}  # fmt: skip
        clock.advance(later_us)
        tell(engine, MALL, said(f"{kind}-1", LI, at_us=clock.now_us(), kind=kind, **fields))
    engine.projector.catch_up()
    money = door.get("campaigns/spring").json()["money"]
    told = door.get(f"decisions/{answer['trace']}").json()
    price = told["ads"]["bidders"][0]["price_fen"]
    assert money["spent_fen"] == price
    assert [one["kind"] for one in told["outcomes"]] == ["impression", "click"]
    assert ads(ask(door, "taobao.search", query="面霜"))
    clock.advance(2 * HOUR_US)
    engine.ad_closing.run()
    money = door.get("campaigns/spring").json()["money"]
    assert (money["spent_fen"], money["out_fen"]) == (price, 0)
    assert faults(engine) == {}


def test_no_more_is_held_than_the_day_has(engine: Engine, clock: FixedClock, door: Door) -> None:
    place = ecosystem("alibaba").touchpoint("taobao.search")
    day = 3 * place.reserve_fen + 1
    bid = {"cpc": {"bid_fen": place.reserve_fen}}
    advertise(engine, bid=bid, budget={"day_fen": day, "total_fen": 10 * day})
    shown = 0
    for number in range(12):
        shown += len(ads(ask(door, "taobao.search", {"taobao_id": f"p{number}"}, query="面霜")))
    assert shown == 3
    last = ask(door, "taobao.search", query="面霜", wanted=["spring"])
    told = door.get(f"decisions/{last['trace']}").json()
    assert told["ads"]["dropped"] == {"budget": 1}
    assert told["wanted"] == {"spring": "广告未展示：budget"}
    clock.advance(DAY_US)
    assert ads(ask(door, "taobao.search", query="面霜"))


def test_who_switches_off_is_a_stranger_from_the_next_page_on(
    engine: Engine, clock: FixedClock, door: Door
) -> None:
    known(engine, clock, item="mask")
    mine = ask(door, "taobao.home")
    engine.privacy.personalise(MALL, "taobao_id:li", on=False)
    off, stranger = ask(door, "taobao.home"), ask(door, "taobao.home", None)
    assert mine["personalised"]
    assert not off["personalised"]
    told = door.get(f"decisions/{off['trace']}").json()
    assert told["plain"] == "off_switch"
    assert door.get(f"decisions/{stranger['trace']}").json()["plain"] == "anonymous"


def test_the_same_words_by_day_and_in_the_evening(clock: FixedClock, door: Door) -> None:
    """Row T2. The clock begins on a Tuesday at noon."""
    first = ask(door, "taobao.search", query="电脑")["slots"][0]["id"]
    clock.advance(9 * HOUR_US)
    late = ask(door, "taobao.search", query="电脑")["slots"][0]["id"]
    assert (first, late) == ("biz", "game")


def shown(door: Door) -> set[str]:
    return {slot["id"] for slot in ask(door, "taobao.search", None, query="面霜")["slots"]}


def test_what_is_taken_off_sale_or_off_show_is_gone_and_what_is_new_is_there(
    engine: Engine, door: Door
) -> None:
    assert "cream" in shown(door)
    row = {"shop": SHOP, "price_fen": 9_900, "category": ["美妆"]}
    for id, title, state in (("cream", "保湿面霜", "off"), ("night", "晚间面霜", "on_sale")):
        listed = listing_of({"id": id, "title": title, "state": state, **row}, Item)
        engine.listings.put(MALL, [listed], place="items")
    engine.grounds.renew(MALL)
    now = shown(door)
    assert ("cream" in now, "night" in now) == (False, True)
    before = engine.grounds.current(MALL)
    assert engine.grounds.renew(MALL) is before, "nothing has changed"
    engine.papers.say_industry(MALL, "medical", actor="lin")
    assert ("item", "night") in engine.recheck(MALL)
    engine.grounds.renew(MALL)
    assert shown(door).isdisjoint({"night", "cream"})


def test_a_merchant_with_nothing_is_answered_with_nothing(app: FastAPI) -> None:
    answer = ask(Door(app, "新店"), "taobao.home")
    assert answer["slots"] == []
    assert answer["plainer"] == ["learned"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"touchpoint": "taobao.nowhere"}, "touchpoint"),
    ({"touchpoint": "taobao.home", "context": {"query": "火" * 10_000}}, "ask.context.query"),
    (
        {"touchpoint": "amap.nearby", "context": {"location": {"lat": 48.8, "lng": 2.3}}},
        "context.location",
    ),
    (
        {"touchpoint": "amap.nearby", "context": {"location": {"lat": 148.8, "lng": 2.3}}},
        "ask.context.location.lat",
    ),
    ({"touchpoint": "taobao.home", "context": {"at": "soon"}}, "context.at"),
    ({"touchpoint": "taobao.home", "context": {"page": {"modules": 3}}}, "context.page.modules"),
    ({"touchpoint": "taobao.home", "pop_up": True}, "ask.pop_up"),
    ({"touchpoint": "taobao.home", "identifiers": {"Shoe Size!": "42"}}, "identifier"),
    ({"touchpoint": "taobao.home", "slots": 0}, "ask.slots"),
    ({}, "ask.touchpoint"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
def test_a_bad_question_names_its_field(door: Door, body: dict[str, Any], field: str) -> None:
    answer = door.post("decide", body)
    error = error_of(answer)
    assert answer.status_code == 400, error
    assert error["field"].startswith(field.partition(".")[0]), error


@pytest.mark.parametrize(("trace", "status"), [("ab", 400), ("0" * 32, 404), ("x" * 32, 400)])
def test_a_trace_that_nobody_gave(door: Door, trace: str, status: int) -> None:
    assert door.get(f"decisions/{trace}").status_code == status


def test_another_merchant_does_not_read_it(app: FastAPI, door: Door) -> None:
    trace = ask(door, "taobao.home")["trace"]
    assert Door(app, "别家").get(f"decisions/{trace}").status_code == 404


@pytest.mark.parametrize("scope", ["events:write", "decisions:read"])
def test_asking_has_its_scope(app: FastAPI, scope: str) -> None:
    answer = Door(app, MALL, scope).post("decide", {"touchpoint": "taobao.home"})
    assert answer.status_code == 403
