"""What happens in one session. Each scene yields (seconds later, kind, fields) steps.

The shares of favourite, cart and purchase among views follow the public aggregates of the
UserBehavior set (89.7 % view, 5.5 % cart, 2.9 % favourite, 2.0 % buy).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from quanyu.simulator.catalogue import Catalogue, Goods, item_id, item_price_fen, store_id
from quanyu.simulator.people import Shopper

CART_AFTER_VIEW = 0.062
FAVOURITE_AFTER_VIEW = 0.032
BUY_AFTER_CART = 0.30
BUY_AFTER_VIEW = 0.006


@dataclass(frozen=True, slots=True)
class Step:
    after_s: int
    kind: str
    touchpoint: str
    identifiers: dict[str, str]
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """A shopper at one sitting; ``order`` is unique to it."""

    who: Shopper
    catalogue: Catalogue
    chance: Random
    order: str

    def taste(self) -> Goods:
        weights = [2.0**-rank for rank in range(len(self.who.tastes))]
        return self.chance.choices(self.who.tastes, weights)[0]

    def some(self, goods: Goods) -> tuple[Goods, int]:
        return goods, self.chance.randrange(goods.items)

    def pause(self) -> int:
        return self.chance.randint(5, 180)

    def near_home(self) -> dict[str, float]:
        lat, lng = self.who.home
        wander = self.chance.uniform(-0.02, 0.02)
        return {"lat": round(lat + wander, 6), "lng": round(lng - wander, 6)}


def shopping(scene: Scene) -> Iterator[Step]:
    """Search or browse the marketplace, perhaps buy; paying links the wallet."""
    goods, who = scene.taste(), scene.who
    if scene.chance.random() < 0.4:
        yield Step(
            0,
            "search",
            "taobao.search",
            who.account("taobao"),
            {"query": scene.chance.choice(goods.words)},
        )
    for _ in range(scene.chance.randint(1, 9)):
        number = min(int(scene.chance.expovariate(1) * goods.items / 4), goods.items - 1)
        yield from viewing(scene, (goods, number), touchpoint="taobao.detail")


def viewing(scene: Scene, what: tuple[Goods, int], *, touchpoint: str) -> Iterator[Step]:
    goods, number = what
    item = {"item": item_id(goods, number), "props": {"category": goods.category}}
    account = scene.who.account("taobao")
    yield Step(scene.pause(), "view", touchpoint, account, item)
    if scene.chance.random() < FAVOURITE_AFTER_VIEW:
        yield Step(scene.pause(), "favourite", touchpoint, account, item)
    carted = scene.chance.random() < CART_AFTER_VIEW
    if carted:
        yield Step(scene.pause(), "add_to_cart", touchpoint, account, item)
    if scene.chance.random() < (BUY_AFTER_CART if carted else BUY_AFTER_VIEW):
        bill = item | {
            "amount": item_price_fen(goods, number),
            "order": f"{scene.order}-{scene.chance.randrange(10**6):06d}",
        }
        yield from paying(scene, bill, touchpoint=touchpoint, account=account)


def paying(
    scene: Scene, bill: dict[str, Any], *, touchpoint: str, account: dict[str, str]
) -> Iterator[Step]:
    yield Step(scene.pause(), "order_placed", touchpoint, account, bill)
    wallet = account | scene.who.account("alipay")
    yield Step(scene.pause(), "payment_completed", "alipay.paid", wallet, bill)
    if scene.chance.random() < 0.06:
        yield Step(86_400, "refund_completed", "alipay.paid", wallet, bill)


def seeding(scene: Scene) -> Iterator[Step]:
    """A series or a short video wakes the wish; some go on to the marketplace at once."""
    goods = scene.taste()
    content = scene.chance.choice(goods.content)
    site = content.split(":")[0]
    series = site == "youku"
    account = scene.who.account("youku" if series else "taobao")
    touchpoint = "youku.native" if series else "taobao.guangguang"
    seen = {"content": content, "props": {"category": goods.category}}
    yield Step(0, "watch", touchpoint, account, seen)
    if scene.chance.random() < 0.35:
        both = account | scene.who.account("taobao")
        yield Step(scene.pause(), "click", touchpoint, both, seen)
        yield from viewing(scene, scene.some(goods), touchpoint="taobao.detail")


def live(scene: Scene) -> Iterator[Step]:
    """A live room: watch, take the in-show coupon, perhaps order."""
    goods, account = scene.taste(), scene.who.account("taobao")
    show = {"content": f"live:{goods.category}", "props": {"category": goods.category}}
    yield Step(0, "watch", "taobao.live", account, show)
    if scene.chance.random() < 0.25:
        offer = f"live-{goods.category}-8折"
        yield Step(scene.pause(), "coupon_issued", "taobao.live", account, {"offer": offer})
        yield from viewing(scene, scene.some(goods), touchpoint="taobao.live")


def meal(scene: Scene) -> Iterator[Step]:
    """Order food at home; the wallet pays, the rider brings it."""
    who, meals = scene.who, scene.who.meals
    if scene.chance.random() < 0.3:
        meals = scene.chance.choice(scene.catalogue.meals)
    account = who.account("eleme")
    props = {"cuisine": meals.cuisine, "category": "外卖"}
    store = {"store": store_id(who.city, meals, number=scene.chance.randrange(9))}
    yield Step(0, "search", "eleme.search", account, {"query": meals.cuisine})
    yield Step(scene.pause(), "view", "eleme.home", account, store | {"props": props})
    if scene.chance.random() < 0.45:
        amount = scene.chance.randint(*meals.price_fen)
        bill = store | {
            "props": props,
            "amount": amount,
            "order": f"{scene.order}-m",
            "location": scene.near_home(),
        }
        yield from paying(scene, bill, touchpoint="eleme.home", account=account)
        done = {"order": bill["order"], "props": {"minutes": scene.chance.randint(18, 55)}}
        yield Step(1800, "delivery_completed", "eleme.home", account, done)


def outing(scene: Scene) -> Iterator[Step]:
    """Search the map, drive there, show the voucher; a scan joins map and wallet."""
    who = scene.who
    kinds = scene.catalogue.places
    place = kinds[0] if who.parent and scene.chance.random() < 0.7 else scene.chance.choice(kinds)
    number = scene.chance.randrange(len(place.stores))
    name = place.stores[number]
    account = who.account("amap")
    props = {"place": place.kind}
    spot = {
        "store": store_id(who.city, place, number=number),
        "props": props,
        "location": scene.near_home(),
    }
    yield Step(0, "store_searched", "amap.search", account, {"query": name, "props": props})
    if scene.chance.random() < 0.5:
        yield Step(scene.pause(), "route_requested", "amap.route", account, spot)
        yield Step(2400, "store_arrived", "amap.nearby", account, spot)
        if scene.chance.random() < 0.4:
            scan = account | who.account("alipay")
            offer = {"offer": f"voucher-{place.kind}", "store": spot["store"]}
            yield Step(600, "coupon_redeemed", "alipay.home", scan, offer)


def joining(scene: Scene) -> Iterator[Step]:
    """Become a member: the only scene that says who one is, with a phone number."""
    who = scene.who
    props = {"gender": who.gender, "birth_year": who.birth_year, "city": who.city.name}
    account = who.account("taobao") | {"phone": who.phone}
    yield Step(0, "member_joined", "tmall.member", account, {"props": props})
