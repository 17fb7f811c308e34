"""A small market for decisions: what is on sale, stores, pieces, campaigns, and who looks."""

from dataclasses import replace
from typing import Any

import msgspec

from quanyu.clock import parse_iso
from quanyu.decisions.advertising.index import AdIndex
from quanyu.decisions.asking import Ask
from quanyu.decisions.campaigns.campaign import Campaign
from quanyu.decisions.goods import Good, Goods
from quanyu.decisions.guards.viewer import STRANGER, Viewer
from quanyu.decisions.rank.features import feature_names
from quanyu.decisions.rank.habits import Habits
from quanyu.decisions.rank.prior import Prior
from quanyu.decisions.rank.shelf import Shelf
from quanyu.decisions.recall.geo import Place, Places
from quanyu.decisions.recall.index import Catalogue, RecallIndex
from quanyu.decisions.recall.scenes import Content
from quanyu.decisions.recall.words import shipped_words
from quanyu.decisions.serving.grounds import Asked, Grounds, OfferShown
from quanyu.decisions.serving.pipeline import Decision, decide
from quanyu.decisions.serving.scoring import SOURCE_NAMES
from quanyu.touchpoints.ecosystem import ecosystem

ALIBABA = ecosystem("alibaba")
MORNING = "2026-03-10T10:00:00+08:00"
EVENING = "2026-03-10T21:00:00+08:00"
TRACE = bytes(range(16))
WORDS = shipped_words()
LISTED: dict[str, tuple[str, str, str, int]] = {
    "biz": ("轻薄笔记本电脑 商务办公 长续航", "数码旗舰店", "电脑", 599_900),
    "game": ("游戏本 笔记本电脑 电竞 影音", "数码旗舰店", "电脑", 699_900),
    "mouse": ("静音鼠标 办公", "外设店", "外设", 9_900),
    "pot": ("麻辣火锅底料", "蜀香火锅", "火锅", 2_900),
    "beef": ("雪花牛肉卷 火锅食材", "蜀香火锅", "火锅", 6_900),
    "cream": ("保湿面霜", "美肤馆", "美妆", 19_900),
    "mask": ("补水面膜", "美肤馆", "美妆", 9_900),
    "robe": ("汉服 古装 齐胸襦裙", "衣裳坊", "服饰", 29_900),
    "tea": ("高山乌龙茶", "茶馆", "茶叶", 8_800),
    "tent": ("露营帐篷 户外", "山野", "户外", 39_900),
}  # fmt: skip
HERE = {"lat": 39.910, "lng": 116.400}
STORES = [
    Place(id="s1", name="朝阳店", lat=39.912, lng=116.401, shop="蜀香火锅", category="火锅"),
    Place(id="s2", lat=39.930, lng=116.400, shop="茶馆", category="茶叶"),
    Place(id="s3", lat=39.911, lng=116.399, shop="美肤馆", category="美妆"),
]
PIECES = [
    Content(id="palace", words=WORDS.of("古装 宫斗 汉服")),
    Content(id="camp", words=WORDS.of("露营 户外 帐篷"), title="周末露营", sells=True),
]


def goods(**more: tuple[str, str, str, int]) -> Goods:
    listed = {**LISTED, **more}
    return Goods.of(
        Good(id=id, title=title, shop=shop, category=category, price_fen=price_fen,
             words=WORDS.of(title, category))
        for id, (title, shop, category, price_fen) in listed.items()
    )  # fmt: skip


def campaign(id: str, **change: Any) -> Campaign:
    said = {
        "id": id, "advertiser": "美肤馆", "title": id, "bid": {"cpc": {"bid_fen": 100}},
        "budget": {"day_fen": 10_000, "total_fen": 50_000},
        "schedule": {"from": "2026-03-01T00:00:00+08:00", "to": "2026-04-01T00:00:00+08:00"},
        "creatives": [{"id": "a", "title": f"{id}上新", "text": "", "landing": {"item": "cream"}}],
    }  # fmt: skip
    return msgspec.convert({**said, **change}, Campaign)


def grounds(*campaigns: Campaign, listed: Goods | None = None, **change: Any) -> Grounds:
    stock = goods() if listed is None else listed
    places = Places.of(STORES)
    catalogue = Catalogue(goods=stock, places=places, contents=tuple(PIECES))
    made = Grounds(
        ecosystem=ALIBABA,
        index=RecallIndex.of(catalogue, WORDS.synonyms, now_us=parse_iso(MORNING)),
        words=WORDS,
        shelf=Shelf.of(stock),
        habits=Habits.none(stock),
        ranker=Prior(feature_names(SOURCE_NAMES)),
        ranker_name="prior",
        ads=AdIndex(
            enumerate(campaigns, 1), goods=stock, words=WORDS, ecosystem=ALIBABA, places=places
        ),
        offers=(
            OfferShown(id="pot-10", title="满100减10", shop="蜀香火锅"),
            OfferShown(id="all-5", title="全场减5"),
            OfferShown(id="cream-8", title="面霜8折", shop="美肤馆", categories=("美妆",)),
        ),
    )
    return replace(made, **change)


def ask(touchpoint: str, *, slots: int | None = None, **context: Any) -> Ask:
    body = {"touchpoint": touchpoint, "context": context, "slots": slots}
    return msgspec.convert(body, Ask)


def asked(
    touchpoint: str, *, viewer: Viewer = STRANGER, at: str = MORNING, trace: bytes = TRACE,
    **context: Any,
) -> Asked:  # fmt: skip
    slots = context.pop("slots", None)
    return Asked(
        ask=ask(touchpoint, slots=slots, **context), touchpoint=ALIBABA.touchpoint(touchpoint),
        trace=trace, at_us=parse_iso(at), viewer=viewer,
        ordered={"o1": ("pot", "beef")},
    )  # fmt: skip


def always(campaign: str, millifen: int) -> int | None:
    """A budget without end."""
    return 1


def decided(question: Asked, on: Grounds, *, hold: Any = always) -> Decision:
    return decide(question, on, hold=hold)


def ids(made: Decision) -> list[str]:
    return [slot.id for slot in made.answer.slots]


def ads(made: Decision) -> list[str]:
    return [slot.id.partition("/")[0] for slot in made.answer.slots if slot.kind == "ad"]
