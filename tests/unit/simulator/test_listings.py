"""The pretend market's shelves: lawful, readable by its owner, and what its people really buy."""

from datetime import date

import msgspec

from quanyu.clock import parse_iso
from quanyu.compliance.copy import review
from quanyu.merchants.listings.catalogue import listing_of
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store
from quanyu.simulator.listings import items, stores
from quanyu.simulator.market import Market

NOW_US = parse_iso("2026-03-10T12:00:00+08:00")
INDUSTRIES = {
    "美妆": "cosmetics", "母婴": "general", "小家电": "general", "生鲜": "food",
    "服饰": "apparel", "数码": "general",
}  # fmt: skip


def test_every_item_and_store_can_be_listed() -> None:
    for one in items():
        assert listing_of(msgspec.to_builtins(one), Item) == one
    for store in stores():
        assert listing_of(msgspec.to_builtins(store), Store) == store


def test_no_title_is_against_the_law() -> None:
    for one in items():
        verdict = review(one.title, industry=INDUSTRIES[one.category[0]], on=date(2026, 3, 10))
        assert verdict.may_be_shown, (one.title, verdict.hits)


def test_ids_and_titles_are_each_its_own() -> None:
    listed, places = list(items()), list(stores())
    assert len({one.id for one in listed}) == len({one.title for one in listed}) == len(listed)
    assert len({one.id for one in places}) == len(places)


def test_what_people_look_at_is_what_is_listed() -> None:
    known = {one.id for one in items()} | {one.id for one in stores()}
    told = list(Market(seed=3, people=40, days=4, end_us=NOW_US).events())
    looked_at = {one["item"] for one in told if "item" in one}
    visited = {one["store"] for one in told if one["kind"] == "store_arrived"}
    assert looked_at & known
    assert visited
    assert visited <= known
    priced = {one.id: one.price_fen for one in items()}
    assert all(priced[id] % 100 == 90 for id in looked_at & priced.keys())
