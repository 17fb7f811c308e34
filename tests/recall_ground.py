"""A shop of readable goods, people who come back, and stores of Shanghai: ground of recall."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from quanyu.clock import DAY_US, HOUR_US, parse_iso
from quanyu.decisions.goods import Good, Goods
from quanyu.decisions.moment import Moment
from quanyu.decisions.recall.geo import Place, Places
from quanyu.decisions.recall.index import Catalogue, RecallIndex
from quanyu.decisions.recall.interactions import Interactions
from quanyu.decisions.recall.learned import fit
from quanyu.decisions.recall.scenes import Content
from quanyu.decisions.recall.words import shipped_words
from quanyu.decisions.taste import KINDS, Deed, Taste

NOW_US = parse_iso("2026-03-10T20:30:00+08:00")
PEOPLE_SQUARE = (31.2304, 121.4737)
SHELF = (
    ("thinkbook", "联想轻薄商务笔记本电脑", "digital", "笔记本电脑", 499_900),
    ("rog", "华硕电竞游戏本高刷新率", "digital", "游戏本", 899_900),
    ("mouse", "静音无线鼠标办公", "digital", "鼠标", 5_900),
    ("phone", "苹果手机大屏", "digital", "手机", 699_900),
    ("case", "苹果手机壳防摔透明", "digital", "手机壳", 2_900),
    ("cleanser", "清爽洗面奶女士面部", "beauty", "洗面奶", 12_900),
    ("lipstick", "丝绒口红显白", "beauty", "口红", 19_900),
    ("potato", "云南土豆新鲜蔬菜", "fresh", "蔬菜", 990),
    ("tomato", "山东西红柿沙瓤番茄", "fresh", "蔬菜", 1_290),
    ("hotpot", "牛油火锅底料麻辣", "food", "火锅底料", 2_590),
    ("tent", "露营帐篷防雨双人", "outdoor", "帐篷", 39_900),
    ("lamp", "露营灯便携充电", "outdoor", "露营灯", 6_900),
)
IDS = tuple(id for id, *_ in SHELF)


def good(id: str, title: str, shop: str = "s", category: str = "c", **fields: Any) -> Good:
    words = shipped_words().of(title, category)
    return Good(
        id=id, title=title, shop=shop, category=category, words=words,
        **{"price_fen": 100, **fields},
    )  # fmt: skip


def shelf(*more: Good) -> Goods:
    listed = [
        good(id, title, shop, category, price_fen=fen) for id, title, shop, category, fen in SHELF
    ]
    return Goods.of([*listed, *more])


def goods_with(words: Iterable[Sequence[str]]) -> Goods:
    """Goods 0, 1, 2 … of these words."""
    return Goods.of(
        Good(id=str(row), title="", shop="s", category="c", price_fen=1, words=tuple(one))
        for row, one in enumerate(words)
    )


def deeds(*said: tuple[int, int, str, int]) -> Interactions:
    """(Person, row, kind, microseconds)."""
    people, rows, kinds, times = zip(*said, strict=True)
    return Interactions.of(
        np.array(people, np.int64),
        np.array(rows, np.int32),
        kind=np.array([KINDS.index(kind) for kind in kinds], np.int8),
        at_us=np.array(times, np.int64),
    )


def campers(goods: Goods, people: int = 12) -> Interactions:
    """Each camper views the tent and then the lamp in one evening, each player the games laptop and
    then the mouse; everybody has viewed the hotpot once."""
    said: list[tuple[int, int, str, int]] = []
    for person in range(people):
        pair = ("tent", "lamp") if person % 2 else ("rog", "mouse")
        begun_us = NOW_US - (person % 5 + 1) * DAY_US
        for step, id in enumerate(pair):
            said.append((person, goods.row_of[id], "view", begun_us + step * HOUR_US // 6))
        said.append((person, goods.row_of["hotpot"], "view", begun_us - 9 * DAY_US))
    return deeds(*said)


def stores() -> Places:
    lat, lng = PEOPLE_SQUARE
    return Places.of(
        (
            Place(id="square", lat=lat + 0.001, lng=lng, shop="food", hours=("每天 10:00-02:00",)),
            Place(id="bund", lat=lat + 0.008, lng=lng + 0.014, shop="beauty"),
            Place(id="asleep", lat=lat, lng=lng, shop="outdoor", hours=("09:00-18:00",)),
            Place(id="beijing", lat=39.9042, lng=116.4074, shop="digital"),
        )
    )


CONTENTS = (
    Content("camping-show", ("露营", "帐篷", "户外")),
    Content("cooking", ("做饭", "火锅", "土豆")),
)


def full_index(goods: Goods | None = None) -> RecallIndex:
    goods = goods or shelf()
    catalogue = Catalogue(goods=goods, places=stores(), contents=CONTENTS)
    learned = fit(goods, campers(goods), now_us=NOW_US, lambda_=1.0)
    synonyms = shipped_words().synonyms
    return RecallIndex.of(catalogue, synonyms, now_us=NOW_US, learned=learned)


def moment(query: str = "", **fields: Any) -> Moment:
    usual = {"touchpoint": "taobao.home", "at_us": NOW_US, "hour": 20, "weekday": 1}
    return Moment(**{**usual, "query": shipped_words().of(query), **fields})


def taste(*items: str, kind: str = "view") -> Taste:
    return Taste(tuple(Deed(item, kind, NOW_US - HOUR_US) for item in items))


def ids(goods: Goods, rows: Iterable[int]) -> list[str]:
    return [goods.ids[row] for row in rows]
