"""What is odd about a single order. Nothing here is proof: everybody does one of these things."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US
from quanyu.compliance.trades.graph import Flags, Ints
from quanyu.compliance.trades.near_text import families
from quanyu.compliance.trades.orders import UNKNOWN, Orders, sharers

DEVICE_BUYERS_MIN = 3
PAYER_BUYERS_MIN = 3
ADDRESS_BUYERS_MIN = 6
"""A family lives at one address, and an office more than that."""
COPIES_MIN = 3
BURST_US = 10 * MINUTE_US
BURST_MIN = 5
BURST_CHANCE = 1e-4
OVER_THRESHOLD_PERCENT = 2
PRAISE_US = HOUR_US
DELIVERY_US = 2 * HOUR_US
NEW_US = 7 * DAY_US
REFUNDS_MIN = 2


@dataclass(frozen=True)
class Found:
    hit: Flags
    known: Flags
    value: Ints
    """Figure behind the answer, in the unit of the feature; UNKNOWN where there is none."""


@dataclass(frozen=True)
class Feature:
    name: str
    label: str
    weight: float
    """Points of log-odds that it is worth when nobody else's orders show it."""
    say: str
    """With {share} of the block and {usual} outside."""
    of: Callable[[Orders], Found]
    clears: bool = False
    """Where a group shows it no more often than others, that speaks for the group."""


def no_browse(orders: Orders) -> Found:
    seen = orders["browsed"]
    return Found(seen == 0, seen != UNKNOWN, seen)


def _shared(column: str, least: int) -> Callable[[Orders], Found]:
    def found(orders: Orders) -> Found:
        buyers = sharers(orders, orders[column])
        return Found(buyers >= least, orders[column] != UNKNOWN, buyers)

    return found


def burst(orders: Orders) -> Found:
    """Orders of an item within ten minutes around this one, against its rate over the whole time:
    the Poisson chance of so many, P(X ≥ n) = P(n, λ) (regularised gamma), is below BURST_CHANCE."""
    item, at_us = orders["item"], orders["paid_us"]
    line = np.lexsort((at_us, item))
    start_us = int(at_us.min())
    span_us = int(at_us.max()) - start_us + 2 * BURST_US
    place_us = item[line] * (2 * span_us) + (at_us[line] - start_us)
    after = np.searchsorted(place_us, place_us + BURST_US // 2, side="right")
    before = np.searchsorted(place_us, place_us - BURST_US // 2, side="left")
    near = np.empty(len(item), dtype=np.int64)
    near[line] = after - before
    rate = np.bincount(item)[item] * (BURST_US / max(span_us, DAY_US))
    odd = np.zeros(len(item), dtype=np.bool_)
    many = np.flatnonzero(near >= BURST_MIN)
    odd[many] = gammainc(near[many], rate[many]) < BURST_CHANCE
    return Found(odd, np.ones(len(item), dtype=np.bool_), near)


def over_threshold(orders: Orders) -> Found:
    """The amount lies on the threshold of its coupon, or not more than 2 % and 1 yuan above."""
    threshold_fen, amount_fen = orders["threshold_fen"], orders["amount_fen"]
    over = amount_fen - threshold_fen
    near = np.maximum(threshold_fen * OVER_THRESHOLD_PERCENT // 100, 100)
    known = threshold_fen > 0
    return Found(known & (over >= 0) & (over <= near), known, over)


def instant_praise(orders: Orders) -> Found:
    """Confirmed within an hour of delivery (of payment, where that is not known), five stars."""
    confirmed, stars = orders["confirmed_us"], orders["stars"]
    arrived = np.where(orders["delivered_us"] == UNKNOWN, orders["paid_us"], orders["delivered_us"])
    wait_us = confirmed - arrived
    known = (confirmed != UNKNOWN) & (stars != UNKNOWN)
    return Found(known & (wait_us <= PRAISE_US) & (stars == 5), known, wait_us // MINUTE_US)


def no_logistics(orders: Orders) -> Found:
    """Confirmed though nothing was sent, or delivered within two hours of being sent."""
    shipped, delivered = orders["shipped_us"], orders["delivered_us"]
    confirmed = orders["confirmed_us"]
    nobody_ships = orders.without("shipped_us")
    both = (shipped != UNKNOWN) & (delivered != UNKNOWN)
    nothing = (shipped == UNKNOWN) & (confirmed != UNKNOWN)
    known = both | (nothing & (not nobody_ships))
    at_once = both & (delivered - shipped <= DELIVERY_US)
    return Found(known & (at_once | nothing), known, np.where(both, delivered - shipped, UNKNOWN))


def new_account(orders: Orders) -> Found:
    since = orders["since_us"]
    age_us = orders["paid_us"] - since
    known = since != UNKNOWN
    return Found(known & (age_us <= NEW_US), known, age_us // DAY_US)


def refund_loop(orders: Orders) -> Found:
    """Bought, refunded, and bought again: two refunds or more of one buyer for one item."""
    refunded = orders["refunded"]
    known = refunded != UNKNOWN
    pair = orders["buyer"] * (int(orders["item"].max(initial=0)) + 1) + orders["item"]
    _, number = np.unique(pair, return_inverse=True)
    refunds = np.bincount(number, refunded == 1)[number].astype(np.int64)
    return Found(known & (refunds >= REFUNDS_MIN), known, refunds)


def copied_review(orders: Orders) -> Found:
    family = families(orders.reviews)
    copies = sharers(orders, family)
    return Found(copies >= COPIES_MIN, family != UNKNOWN, copies)


FEATURES: tuple[Feature, ...] = (
    Feature("no_browse", "下单前没有浏览", 1.2,
            "{share} 的订单在下单前没有搜索、浏览或收藏过该商品", no_browse, clears=True),
    Feature("shared_device", "多人同设备", 2.2,
            f"{{share}} 的订单来自 {DEVICE_BUYERS_MIN} 名以上买家共用的设备",
            _shared("device", DEVICE_BUYERS_MIN), clears=True),
    Feature("shared_payer", "多人同付款账户", 2.2,
            f"{{share}} 的订单由 {PAYER_BUYERS_MIN} 名以上买家共用的账户付款",
            _shared("payer", PAYER_BUYERS_MIN), clears=True),
    Feature("shared_address", "多人同收货地址", 1.2,
            f"{{share}} 的订单寄往 {ADDRESS_BUYERS_MIN} 名以上买家共用的地址",
            _shared("address", ADDRESS_BUYERS_MIN)),
    Feature("burst", "集中下单", 0.8,
            "{share} 的订单落在该商品十分钟内的异常下单高峰里", burst),
    Feature("over_threshold", "刚过用券门槛", 0.8,
            "{share} 的订单金额刚好踩在优惠券门槛上", over_threshold),
    Feature("instant_praise", "秒确认并五星", 1.5,
            "{share} 的订单在送达一小时内确认收货并给五星", instant_praise, clears=True),
    Feature("no_logistics", "物流异常", 1.8,
            "{share} 的订单没有发货就确认，或发出两小时内就签收", no_logistics, clears=True),
    Feature("new_account", "新注册账户", 0.8,
            "{share} 的订单来自注册不到七天的账户", new_account),
    Feature("refund_loop", "反复退款再买", 1.0,
            "{share} 的订单属于同一买家对同一商品的多次退款再买", refund_loop),
    Feature("copied_review", "评价雷同", 1.5,
            f"{{share}} 的评价与另外 {COPIES_MIN - 1} 名以上买家几乎一字不差", copied_review),
)  # fmt: skip


def observed(orders: Orders) -> Mapping[str, Found]:
    """Feature name → what each row shows."""
    return {feature.name: feature.of(orders) for feature in FEATURES}
