"""Recall of a merchant over a real engine: out of the catalogue and the lake, kept on disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.engine_ground import SHOES, TEA, faults, opened, paid, said, settled, tell
from tests.recall_ground import NOW_US, PEOPLE_SQUARE, SHELF, ids, moment, taste

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US, FixedClock
from quanyu.decisions.asking import Point
from quanyu.decisions.goods import Rows
from quanyu.decisions.recall.recalling import Candidates, Source, recall
from quanyu.decisions.taste import KINDS, NOBODY
from quanyu.errors import BadInput
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store
from quanyu.promotions.releases.release import decode_releases
from quanyu.storage.lake.interactions import interactions
from quanyu.storage.postgres.database import Database
from quanyu.wiring import Engine

PEOPLE = 12


@pytest.fixture
def engine(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Engine]:
    with opened(database, clock, data_dir) as made:
        yield made


def item(id: str, title: str, **fields: object) -> Item:
    usual = {"shop": "s", "price_fen": 100, "state": "on_sale"}
    return Item(id=id, title=title, **usual | fields)  # type: ignore[arg-type]


def stock(engine: Engine, merchant: str = TEA) -> None:
    items = [
        item(id, title, shop=shop, category=("全部", category), price_fen=fen)
        for id, title, shop, category, fen in SHELF
    ]
    items += [item("draft", "草稿帐篷", state="draft"), item("off", "下架帐篷", state="off")]
    engine.listings.put(merchant, items, place="items")
    lat, lng = PEOPLE_SQUARE
    square = Store(id="square", name="火锅店", shop="food", lat=lat, lng=lng, address="人民广场")
    closed = Store(id="gone", name="旧店", shop="beauty", lat=lat, lng=lng, address="人民广场",
                   state="closed")  # fmt: skip
    engine.listings.put(merchant, [square, closed], place="stores")


def looked(engine: Engine, clock: FixedClock, merchant: str = TEA) -> None:
    """Campers see the tent, then the lamp; players the games laptop, then the mouse."""
    told = []
    for person in range(PEOPLE):
        pair = ("tent", "lamp") if person % 2 else ("rog", "mouse")
        at_us = clock.now_us() - (person + 2) * DAY_US
        for step, one in enumerate(pair):
            who = {"taobao_id": f"p{person}"}
            told.append(said(f"{person}-{step}", who, at_us=at_us + step * MINUTE_US, item=one))
    tell(engine, merchant, *told)
    settled(engine)


@pytest.fixture
def shop(engine: Engine, clock: FixedClock) -> Engine:
    stock(engine)
    looked(engine, clock)
    return engine


def named(found: Candidates) -> Rows:
    """For a reason of their own, and before what only fills the page."""
    filling = found.sources == Source.POPULAR
    assert not filling[: (~filling).sum()].any()
    return found.rows[~filling]


def test_what_is_on_sale_is_recalled_and_nothing_else(shop: Engine) -> None:
    index = shop.recall_of(TEA).current
    assert set(index.goods.ids) == {id for id, *_ in SHELF}
    found = recall(index, moment("帐篷"), taste=NOBODY)
    assert ids(index.goods, named(found)) == ["tent"]
    assert found.missing == ("learned",)
    assert index.places is not None
    assert index.places.ids == ("square",)


def test_it_is_learned_from_the_lake_and_kept(
    shop: Engine, database: Database, clock: FixedClock, data_dir: Path
) -> None:
    told: list[tuple[int, int]] = []
    index = shop.fit_recall(TEA, lambda done, of: told.append((done, of)))
    assert told
    assert index.learned is not None
    assert index.learned.interactions == 2 * PEOPLE
    found = recall(index, moment(), taste=taste("tent"))
    assert ids(index.goods, found.rows)[0] == "lamp"
    with opened(database, clock, data_dir) as again:
        kept = again.recall_of(TEA).current
        assert kept.learned is not None
        assert recall(kept, moment(), taste=taste("tent")).rows.tolist() == found.rows.tolist()
        assert again.recall_damage == {}
    assert faults(shop) == {}


def test_merchants_do_not_see_each_other(shop: Engine, clock: FixedClock) -> None:
    stock(shop, SHOES)
    shop.fit_recall(TEA)
    index = shop.fit_recall(SHOES)
    assert index.learned is not None
    assert index.learned.interactions == 0
    assert recall(index, moment(), taste=taste("tent")).rows.tolist() == []


def test_a_damaged_index_is_told_and_the_engine_goes_on(
    shop: Engine, database: Database, clock: FixedClock, data_dir: Path
) -> None:
    shop.fit_recall(TEA)
    (file,) = shop.recall_dir(TEA).rglob("ease_rows.npy")
    file.write_bytes(file.read_bytes()[:-4])
    with opened(database, clock, data_dir) as again:
        index = again.recall_of(TEA).current
        assert index.learned is None
        assert "quanyu recommend fit" in again.recall_damage[TEA]
        found = recall(index, moment("帐篷"), taste=NOBODY)
        assert ids(index.goods, named(found)) == ["tent"]
        again.fit_recall(TEA)
        assert again.recall_damage == {}
    with opened(database, clock, data_dir) as mended:
        assert mended.recall_of(TEA).current.learned is not None


def test_a_new_item_is_found_and_new_without_learning_again(
    shop: Engine, clock: FixedClock
) -> None:
    shop.fit_recall(TEA)
    clock.advance(HOUR_US)
    shop.listings.put(TEA, [item("kite", "春天的风筝")], place="items")
    index = shop.renew_recall(TEA)
    assert ids(index.goods, index.search.find(("风筝",)).rows) == ["kite"]
    assert ids(index.goods, index.fresh.at(clock.now_us())[0]) == ["kite"]
    assert ids(index.goods, recall(index, moment(), taste=taste("tent")).rows)[0] == "lamp"
    clock.advance(DAY_US)
    again = shop.renew_recall(TEA)
    assert again.goods.since_us.max() == clock.now_us() - DAY_US, "it keeps its first day"


def test_an_item_that_goes_off_sale_is_gone(shop: Engine) -> None:
    shop.fit_recall(TEA)
    shop.listings.put(TEA, [item("lamp", "露营灯便携充电", state="off")], place="items")
    index = shop.renew_recall(TEA)
    assert "lamp" not in ids(index.goods, recall(index, moment("露营"), taste=taste("tent")).rows)


def test_a_release_says_since_when(shop: Engine) -> None:
    releases = [
        {"id": "a", "item": "tent", "from": "2026-03-09T12:00:00+08:00"},
        {"id": "b", "category": "口红", "from": "2026-03-08T12:00:00+08:00"},
        {"id": "c", "category": "蔬菜", "from": "2099-01-01T00:00:00+08:00"},
    ]
    import json

    shop.releases.put(TEA, decode_releases(json.dumps(releases)))
    index = shop.renew_recall(TEA)
    assert ids(index.goods, index.fresh.at(NOW_US)[0]) == ["tent", "lipstick"]


def test_stores_near_by(shop: Engine) -> None:
    index = shop.recall_of(TEA).current
    found = recall(index, moment(here=Point(*PEOPLE_SQUARE)), taste=NOBODY)
    assert ids(index.goods, named(found)) == ["hotpot"]


def test_a_merchants_own_synonyms(shop: Engine) -> None:
    own = shop.recall_dir(TEA) / "synonyms.toml"
    own.parent.mkdir(parents=True)
    own.write_text('camp = [["天幕", "帐篷"]]')
    index = shop.recall_of(TEA).current
    words = shop.recall_words(TEA).of("天幕")
    assert ids(index.goods, index.search.find(words).rows) == ["tent"]
    own.write_text("no toml [")
    with pytest.raises(BadInput, match=r"synonyms\.toml"):
        shop.recall_words(TEA)


def test_nothing_on_sale_cannot_be_learned_from(engine: Engine) -> None:
    with pytest.raises(BadInput, match="quanyu item import"):
        engine.fit_recall(TEA)


def test_the_lake_gives_deeds_in_order_with_person_kind_and_touchpoint(
    shop: Engine, clock: FixedClock
) -> None:
    now_us, who = clock.now_us(), {"taobao_id": "buyer"}
    tell(
        shop, TEA,
        said("f", who, at_us=now_us - 50, kind="favourite", item="potato"),
        said("c", who, at_us=now_us - 40, kind="add_to_cart", item="potato", touchpoint="map.near"),
        paid("p", who, at_us=now_us - 30, item="potato"),
        said("x", who, at_us=now_us - 20, item="not listed"),
        said("s", who, at_us=now_us - 10, kind="search", query="土豆"),
        said("old", who, at_us=now_us - 300 * DAY_US, item="potato"),
    )  # fmt: skip
    settled(shop)
    goods = shop.recall_of(TEA).current.goods
    found = shop.recall_interactions(TEA)
    assert len(found) == 2 * PEOPLE + 3
    assert (found.at_us[1:] >= found.at_us[:-1]).all()
    assert ids(goods, found.row[-3:]) == ["potato"] * 3
    assert [KINDS[kind] for kind in found.kind[-3:]] == list(KINDS[1:])
    assert len(set(found.person[-3:].tolist())) == 1
    assert len(set(found.person.tolist())) == PEOPLE + 1
    assert found.touchpoints[found.touchpoint[-2]] == "map.near"
    since_us = now_us - 45
    late = interactions(shop.readings, TEA, goods=goods, since_us=since_us)
    assert [KINDS[kind] for kind in late.kind] == list(KINDS[2:])


def test_who_is_not_personalised_teaches_nothing(shop: Engine, clock: FixedClock) -> None:
    at_us = clock.now_us() - DAY_US
    for who, born in (("adult", 1990), ("off", 1990), ("child", 2015)):
        ids_ = {"taobao_id": who}
        about = {"birth_year": born}
        tell(
            shop, TEA,
            said(f"{who}-join", ids_, at_us=at_us, kind="member_joined", props=about),
            said(f"{who}-view", ids_, at_us=at_us + 1, item="potato"),
        )  # fmt: skip
    settled(shop)
    shop.privacy.personalise(TEA, "taobao_id:off", on=False)
    settled(shop)
    goods = shop.recall_of(TEA).current.goods
    assert ids(goods, shop.recall_interactions(TEA).row).count("potato") == 1
    clock.advance(1)
    shop.privacy.personalise(TEA, "taobao_id:off", on=True)
    settled(shop)
    assert ids(goods, shop.recall_interactions(TEA).row).count("potato") == 2


def test_nobody_did_anything(engine: Engine) -> None:
    stock(engine)
    assert len(engine.recall_interactions(TEA)) == 0
    index = engine.fit_recall(TEA)
    assert len(recall(index, moment("帐篷"), taste=taste("tent")).rows) == 1
