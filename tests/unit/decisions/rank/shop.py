"""A handful of goods, and moments to look at them."""

from typing import Any

from quanyu.clock import DAY_US, HOUR_US, parse_iso
from quanyu.decisions.goods import Good, Goods
from quanyu.decisions.moment import Moment
from quanyu.decisions.rank.shelf import Shelf
from quanyu.decisions.taste import Deed, Taste

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")
WORK = ("办公", "商务", "会议")
SOFA = ("游戏", "影音", "追剧")


def good(name: str, *words: str, **more: Any) -> Good:
    usual = {"title": name, "shop": "s1", "category": "other", "price_fen": 10_000,
             "since_us": NOON_US - 30 * DAY_US}  # fmt: skip
    return Good(id=name, words=words, **{**usual, **more})


def laptops() -> Goods:
    return Goods.of(
        [
            good("gaming", "电脑", "笔记本", "游戏", "影音", category="laptops", price_fen=899_900),
            good("business", "电脑", "笔记本", "商务", "办公", "轻薄", category="laptops",
                 price_fen=699_900, shop="s2"),
            good("mouse", "鼠标", "办公", category="mice", price_fen=9_900),
            good("tea", "茶叶", "绿茶", category="tea", price_fen=19_900, shop="s3"),
            good("cup", "茶杯", "办公", category="cups", price_fen=4_900, shop="s3"),
        ]
    )  # fmt: skip


def shelf() -> Shelf:
    return Shelf.of(laptops())


def moment(**said: Any) -> Moment:
    usual = {"touchpoint": "taobao.search", "at_us": NOON_US, "hour": 12, "weekday": 1}
    return Moment(**{**usual, **said})


def at_work(**said: Any) -> Moment:
    return moment(**{"hour": 10, "at_us": NOON_US - 2 * HOUR_US, "words": WORK, **said})


def on_the_sofa(**said: Any) -> Moment:
    return moment(
        **{"hour": 21, "at_us": NOON_US + 9 * HOUR_US, "words": SOFA, "device": "tv", **said}
    )


def taste(*deeds: tuple[str, str, float]) -> Taste:
    """(item, kind, days ago)."""
    made = [Deed(item, kind, NOON_US - int(days * DAY_US)) for item, kind, days in deeds]
    return Taste(tuple(sorted(made, key=lambda one: one.at_us)))
