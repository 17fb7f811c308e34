"""Every shipped tag as a table: what happened, the value, how it reads, and when it is gone."""

from typing import Any

import pytest
from tests.tag_ground import BUY, FRIDAY_NOON, SHIPPED, bought, happened, read, told, value_of

from quanyu.clock import DAY_US, HOUR_US
from quanyu.events.event import Event

SATURDAY = 6
"""Days ago, seen from the Friday on which everybody asks."""
END_OF_SATURDAY = FRIDAY_NOON - SATURDAY * DAY_US + 12 * HOUR_US - 1

Life = list[Event]

EXAMPLES: dict[str, tuple[Life, Any, str]] = {
    "last_seen_day": ([happened("view", SATURDAY)], "2026-04-25", "2026-04-25"),
    "active_days_30d": ([happened("click", SATURDAY)], 1, "1 天"),
    "active_hours": ([happened("view", SATURDAY, hour=21)] * 3, ("21",), "21 点活跃"),
    "day_types": ([happened("view", SATURDAY)] * 5, ("weekend",), "周末活跃"),
    "touchpoints": (
        [happened("store_searched", SATURDAY, touchpoint="amap.search")],
        ("amap.search",),
        "amap.search",
    ),
    "favourite_cuisine": ([bought(SATURDAY, cuisine="日式")] * 3, ("日式",), "常点日式外卖"),
    "weekend_places": (
        [happened("store_searched", SATURDAY, place="亲子场所")] * 2,
        ("亲子场所",),
        "周末搜亲子场所",
    ),
    "searched_words": ([happened("search", SATURDAY, query="口红")], ("口红",), "搜过口红"),
    "live_watcher": ([happened("watch", SATURDAY, touchpoint="taobao.live")], 1, "1 天"),
    "coupons_redeemed_90d": ([happened("coupon_redeemed", SATURDAY)], 1, "1 张"),
    "gender": ([told(SATURDAY, gender="female")], "female", "女性"),
    "age": ([told(SATURDAY, birth_year=1998)], 28, "28 岁"),
    "age_band": ([told(SATURDAY, birth_year=1998)], "25-34", "25-34 岁"),
    "city": ([told(SATURDAY, city="上海")], "上海", "上海"),
    "member_tier": ([told(SATURDAY, tier="gold")], "gold", "金卡"),
    "member_since": ([told(SATURDAY)], "2026-04-25", "2026-04-25"),
    "monthly_category": ([bought(SATURDAY, category="美妆")] * 2, ("美妆",), "每月买 1 次美妆"),
    "favourite_categories": ([happened("view", SATURDAY, category="美妆")], ("美妆",), "喜欢美妆"),
    "categories_ever": ([happened("view", SATURDAY, category="美妆")], ("美妆",), "一直喜欢美妆"),
    "purchases_total": ([bought(SATURDAY)], 1, "1 次"),
    "last_purchase_day": ([bought(SATURDAY)], "2026-04-25", "2026-04-25"),
    "days_since_purchase": ([bought(SATURDAY)], 6, "6 天前买过"),
    "days_since_first_purchase": ([bought(SATURDAY)], 6, "6 天前首购"),
    "purchases_30d": ([bought(SATURDAY)], 1, "1 次"),
    "purchases_90d": ([bought(SATURDAY)], 1, "1 次"),
    "purchases_365d": ([bought(SATURDAY)], 1, "1 次"),
    "spent_365d": ([bought(SATURDAY, amount_fen=123_456)], 123_456, "¥1,234.56"),
    "average_order": ([bought(SATURDAY, amount_fen=16_800)], 16_800, "¥168.00"),
    "price_band": ([bought(SATURDAY, amount_fen=16_800)], "middle", "百元到五百元"),
    "lifecycle": ([bought(SATURDAY)], "new", "新客"),
    "payment_methods": ([bought(SATURDAY, method="alipay")], ("alipay",), "支付宝"),
}

LAST_DAYS = {
    "active_days_30d": 30,
    "active_hours": 30,
    "day_types": 30,
    "touchpoints": 90,
    "favourite_cuisine": 90,
    "weekend_places": 90,
    "searched_words": 30,
    "live_watcher": 30,
    "coupons_redeemed_90d": 90,
    "city": 730,
    "monthly_category": 90,
    "favourite_categories": 90,
    "purchases_30d": 30,
    "purchases_90d": 90,
    "purchases_365d": 365,
    "spent_365d": 365,
    "average_order": 365,
    "price_band": 365,
    "payment_methods": 365,
}
"""For how many China days, the day of the event included, the tag is there."""
FOR_EVER = sorted(EXAMPLES.keys() - LAST_DAYS.keys())


def test_every_shipped_tag_has_its_row() -> None:
    assert EXAMPLES.keys() == SHIPPED.tags.keys()


@pytest.mark.parametrize("key", EXAMPLES)
def test_what_happened_reads_in_chinese(key: str) -> None:
    life, value, text = EXAMPLES[key]
    found = read(life)[key]
    assert (found.value, found.text) == (value, text)


@pytest.mark.parametrize("key", EXAMPLES)
def test_nothing_gives_no_tag(key: str) -> None:
    silence = [happened("delivered", SATURDAY), happened("refund_completed", 1, amount_fen=5)]
    assert key not in read([])
    assert key not in read(silence)


@pytest.mark.parametrize(("key", "days"), LAST_DAYS.items())
def test_it_lasts_to_the_last_moment_of_its_window(key: str, days: int) -> None:
    life, _, _ = EXAMPLES[key]
    last_moment_us = END_OF_SATURDAY + (days - 1) * DAY_US
    assert key in read(life, as_of_us=last_moment_us)
    assert key not in read(life, as_of_us=last_moment_us + 1)


@pytest.mark.parametrize("key", FOR_EVER)
def test_what_has_no_window_lasts_for_years(key: str) -> None:
    life, _, _ = EXAMPLES[key]
    assert key in read(life, as_of_us=FRIDAY_NOON + 3650 * DAY_US)


@pytest.mark.parametrize("key", sorted(LAST_DAYS.keys() - {"city"}))
def test_tomorrow_is_not_in_the_window(key: str) -> None:
    life, _, _ = EXAMPLES[key]
    assert key not in read(life, as_of_us=END_OF_SATURDAY - DAY_US)
    assert key in read(life, as_of_us=END_OF_SATURDAY - DAY_US + 1)


HABITS = [
    # What a day is.
    ("last_seen_day", [happened("view", 3), happened("watch", 9)], "2026-04-28"),
    ("last_seen_day", [happened("search", 0, hour=0)], "2026-05-01"),
    ("last_seen_day", [happened("coupon_redeemed", 0), happened("view", 4)], "2026-04-27"),
    ("active_days_30d", [happened("view", 2, hour=h) for h in (0, 9, 23)], 1),
    ("active_days_30d", [happened("view", 1, hour=23), happened("view", 0, hour=0)], 2),
    ("active_days_30d", [happened("view", d) for d in range(40)], 30),
    ("active_days_30d", [happened("favourite", 1)], None),
    # Hours: three events make a habit, the busiest three hours count.
    ("active_hours", [happened("view", d, hour=9) for d in (1, 2)], None),
    ("active_hours", [happened("view", d, hour=9) for d in (1, 2, 3)], ("9",)),
    (
        "active_hours",
        [happened("view", d, hour=h) for h in (8, 9, 20, 21) for d in range(1, 4 + (h == 21))],
        ("21", "20", "8"),
    ),
    ("active_hours", [happened("view", d, hour=0) for d in (1, 2, 3)], ("0",)),
    # Days of the week.
    ("day_types", [happened("view", 1)] * 4, None),
    ("day_types", [happened("view", 1)] * 5, ("weekday",)),
    ("day_types", [happened("view", 1)] * 5 + [happened("view", 5)] * 5, ("weekday",)),
    ("day_types", [happened("view", 1)] * 5 + [happened("view", 5)] * 6, ("weekend",)),
    ("day_types", [happened("view", 4, hour=0)] * 5, ("weekday",)),
    # Touchpoints: at most five, busiest first, then by name.
    (
        "touchpoints",
        [happened("view", 1, touchpoint=f"t{n}") for n in "gfedcba"]
        + [happened("click", 2, touchpoint="tg")],
        ("tg", "ta", "tb", "tc", "td"),
    ),
    ("touchpoints", [happened("coupon_redeemed", 1, touchpoint="store")], None),
    # Food, places, words, live shows, coupons.
    ("favourite_cuisine", [bought(1, cuisine="日式")] * 2, None),
    ("favourite_cuisine", [bought(1, cuisine="川湘")] * 3 + [bought(2, cuisine="日式")] * 4,
     ("日式",)),
    ("favourite_cuisine", [happened("view", 1, cuisine="日式")] * 9, None),
    ("weekend_places", [happened("store_searched", d, place="餐厅") for d in (0, 1, 2, 3, 4)],
     None),
    ("weekend_places", [happened("store_searched", d, place="餐厅") for d in (5, 6)], ("餐厅",)),
    ("weekend_places", [happened("store_searched", 6, place="餐厅"),
                        happened("store_searched", 5, place="乐园")], None),
    ("searched_words", [happened("search", 1, query=q) for q in "甲乙丙丁戊己"] +
     [happened("search", 2, query="己")], ("己", "丁", "丙", "乙", "戊")),
    ("searched_words", [happened("search", 1)], None),
    ("live_watcher", [happened("watch", d, touchpoint="taobao.live") for d in (1, 1, 2)], 2),
    ("live_watcher", [happened("watch", 1, touchpoint="douyin.feed")], None),
    ("coupons_redeemed_90d", [happened("coupon_redeemed", d) for d in (0, 89, 90)], 2),
    ("coupons_redeemed_90d", [happened("coupon_claimed", 1)], None),
]  # fmt: skip

PEOPLE = [
    ("gender", [told(9, gender="male"), told(3, gender="female")], "female"),
    ("gender", [happened("view", 2, gender="F")], "F"),
    ("age", [told(1, birth_year="1998")], 28),
    ("age", [told(1, birth_year="不详")], None),
    ("age", [told(1, birth_year=1998.5)], None),
    ("age", [told(9, birth_year=1998), told(1, birth_year="不详")], None),
    *(
        ("age_band", [told(1, birth_year=2026 - age)], band)
        for age, band in (
            (17, None), (18, "18-24"), (24, "18-24"), (25, "25-34"), (34, "25-34"),
            (35, "35-44"), (44, "35-44"), (45, "45-59"), (59, "45-59"), (60, "60+"), (99, "60+"),
        )
    ),
    ("city", [told(400, city="杭州"), told(80, city="上海")], "上海"),
    ("city", [told(730, city="杭州")], None),
    ("city", [told(729, city="杭州")], "杭州"),
    ("member_tier", [told(9, tier="gold"), told(2, tier="silver")], "silver"),
    ("member_since", [told(9), told(400)], "2025-03-27"),
    ("member_since", [happened("view", 9), bought(3)], None),
]  # fmt: skip

PURCHASES = [
    ("monthly_category", [bought(1, category="外卖")] * 9, None),
    ("monthly_category", [bought(1, category="美妆")], None),
    ("monthly_category", [bought(1, category="外卖")] * 9 + [bought(2, category="美妆")] * 2,
     ("美妆",)),
    ("monthly_category", [bought(1, category=c) for c in ("数码", "美妆") * 2], ("数码",)),
    # A purchase weighs five looks, a cart three, a favourite two.
    ("favourite_categories", [bought(1, category="母婴")]
     + [happened("view", 1, category="数码")] * 4, ("母婴", "数码")),
    ("favourite_categories", [bought(1, category="母婴")]
     + [happened("view", 1, category="数码")] * 6, ("数码", "母婴")),
    ("favourite_categories", [bought(1, category="母婴")]
     + [happened("view", 1, category="数码")] * 5, ("数码", "母婴")),
    ("favourite_categories", [happened("add_to_cart", 1, category="甲"),
                              happened("favourite", 1, category="乙"),
                              happened("view", 1, category="乙")], ("乙", "甲")),
    ("favourite_categories", [happened("view", 1, category=c) for c in "dcba"], ("a", "b", "c")),
    ("favourite_categories", [happened("search", 1, category="数码")], None),
    ("categories_ever", [bought(900, category="母婴"), happened("view", 1, category="数码")],
     ("母婴", "数码")),
    # Recency.
    ("last_purchase_day", [bought(40), bought(12), bought(90)], "2026-04-19"),
    ("days_since_purchase", [bought(0, hour=0)], 0),
    ("days_since_purchase", [bought(1, hour=23)], 1),
    ("days_since_purchase", [bought(40), bought(12)], 12),
    ("days_since_first_purchase", [bought(40), bought(12)], 40),
    # Frequency.
    ("purchases_total", [bought(d) for d in (0, 29, 30, 89, 90, 364, 365, 2000)], 8),
    ("purchases_30d", [bought(d) for d in (0, 29, 30, 89, 90, 364, 365, 2000)], 2),
    ("purchases_90d", [bought(d) for d in (0, 29, 30, 89, 90, 364, 365, 2000)], 4),
    ("purchases_365d", [bought(d) for d in (0, 29, 30, 89, 90, 364, 365, 2000)], 6),
    # Money.
    ("spent_365d", [bought(0, amount_fen=1), bought(364, amount_fen=2),
                    bought(365, amount_fen=4)], 3),
    ("spent_365d", [bought(0, amount_fen=0)], 0),
    ("spent_365d", [happened(BUY, 1)], None),
    ("average_order", [bought(1, amount_fen=a) for a in (100, 101, 101)], 100),
    ("average_order", [bought(1, amount_fen=0), bought(1, amount_fen=9)], 4),
    *(
        ("price_band", [bought(1, amount_fen=average)], band)
        for average, band in (
            (0, "budget"), (9_999, "budget"), (10_000, "middle"), (49_999, "middle"),
            (50_000, "upper"), (199_999, "upper"), (200_000, "luxury"), (10**12, "luxury"),
        )
    ),
    ("price_band", [bought(1, amount_fen=10_000), bought(1, amount_fen=9_999)], "budget"),
    ("price_band", [happened(BUY, 1)], None),
    ("payment_methods", [bought(1, method=m) for m in ("cash", "card", "alipay", "card")],
     ("card", "alipay")),
    ("payment_methods", [bought(1)], None),
]  # fmt: skip


@pytest.mark.parametrize(("key", "life", "value"), [*HABITS, *PEOPLE, *PURCHASES])
def test_what_counts(key: str, life: Life, value: Any) -> None:
    assert value_of(key, life) == value
    assert value_of(key, life[::-1]) == value


@pytest.mark.parametrize(
    ("key", "life", "text"),
    [
        ("active_hours", [happened("view", 1, hour=h) for h in (9, 21) * 3], "21、9 点活跃"),
        ("gender", [told(1, gender="男")], "男性"),
        ("gender", [told(1, gender="未知")], "未知"),
        ("member_tier", [told(1, tier="88vip")], "88VIP"),
        ("member_tier", [told(1, tier="黑金")], "黑金"),
        ("age_band", [told(1, birth_year=1950)], "60+ 岁"),
        ("searched_words", [happened("search", 1, query=q) for q in ("{top}", "口红")],
         "搜过{top}、口红"),
        ("monthly_category", [bought(1, category="美妆")] * 4, "每月买 1 次美妆"),
        ("monthly_category", [bought(1, category="美妆")] * 5, "每月买 2 次美妆"),
        ("monthly_category", [bought(1, category="美妆")] * 300, "每月买 100 次美妆"),
        ("favourite_categories", [happened("view", 1, category=c) for c in "bac"], "喜欢a、b、c"),
        ("days_since_purchase", [bought(0)], "0 天前买过"),
        ("spent_365d", [bought(1, amount_fen=5)], "¥0.05"),
        ("spent_365d", [bought(1, amount_fen=10**11)], "¥1,000,000,000.00"),
        ("price_band", [bought(1, amount_fen=1)], "百元以下"),
        ("price_band", [bought(1, amount_fen=60_000)], "五百元到两千元"),
        ("price_band", [bought(1, amount_fen=600_000)], "两千元以上"),
        ("payment_methods", [bought(1, method=m) for m in ("huabei", "wechat", "wechat")],
         "微信支付、花呗"),
        ("payment_methods", [bought(1, method="ecny")], "ecny"),
    ],
)  # fmt: skip
def test_how_it_reads(key: str, life: Life, text: str) -> None:
    assert read(life)[key].text == text


@pytest.mark.parametrize(
    ("key", "known", "late", "before", "after"),
    [
        ("last_seen_day", [happened("view", 1)], happened("view", 5), "2026-04-30", "2026-04-30"),
        ("active_days_30d", [happened("view", 1)], happened("view", 29), 1, 2),
        ("active_days_30d", [happened("view", 1)], happened("view", 30), 1, 1),
        ("active_hours", [happened("view", 1)] * 2, happened("view", 9), None, ("12",)),
        ("favourite_cuisine", [bought(1, cuisine="日式")] * 2, bought(89, cuisine="日式"),
         None, ("日式",)),
        ("weekend_places", [happened("store_searched", 6, place="山")],
         happened("store_searched", 83, place="山"), None, ("山",)),
        ("searched_words", [happened("search", 1, query="新")],
         happened("search", 30, query="旧"), ("新",), ("新",)),
        ("coupons_redeemed_90d", [happened("coupon_redeemed")],
         happened("coupon_redeemed", 89), 1, 2),
        ("gender", [told(1, gender="female")], told(2, gender="male"), "female", "female"),
        ("age", [told(1, birth_year=1998)], told(0, birth_year=1990), 28, 36),
        ("city", [told(80, city="上海")], told(300, city="杭州"), "上海", "上海"),
        ("member_since", [told(1)], told(300), "2026-04-30", "2025-07-05"),
        ("days_since_purchase", [bought(3)], bought(200), 3, 3),
        ("days_since_first_purchase", [bought(3)], bought(200), 3, 200),
        ("lifecycle", [bought(3)], bought(30), "new", "active"),
        ("lifecycle", [bought(200)], bought(3), "lost", "active"),
        ("purchases_30d", [bought(0)], bought(40), 1, 1),
        ("purchases_total", [bought(0)], bought(4000), 1, 2),
        ("price_band", [bought(1, amount_fen=100)], bought(364, amount_fen=10**7),
         "budget", "luxury"),
        ("price_band", [bought(1, amount_fen=100)], bought(365, amount_fen=10**7),
         "budget", "budget"),
        ("monthly_category", [bought(1, category="美妆")], bought(89, category="美妆"),
         None, ("美妆",)),
        ("payment_methods", [bought(1, method="card")], bought(400, method="cash"),
         ("card",), ("card",)),
    ],
)  # fmt: skip
def test_an_event_that_comes_late_counts_on_its_own_day(
    key: str, known: Life, late: Event, before: Any, after: Any
) -> None:
    assert value_of(key, known) == before
    assert value_of(key, [*known, late]) == after


@pytest.mark.parametrize(
    ("key", "phone", "wallet", "apart", "together"),
    [
        ("last_seen_day", [happened("view", 3)], [happened("view", 1)],
         ("2026-04-28", "2026-04-30"), "2026-04-30"),
        ("active_days_30d", [happened("view", 1), happened("view", 2)], [happened("click", 2)],
         (2, 1), 2),
        ("active_hours", [happened("view", 1)] * 2, [happened("click", 1)], (None, None), ("12",)),
        ("day_types", [happened("view", 1)] * 3, [happened("view", 2)] * 2,
         (None, None), ("weekday",)),
        ("touchpoints", [happened("view", 1)],
         [happened("view", 1, touchpoint="alipay.home")] * 2,
         (("taobao.app",), ("alipay.home",)), ("alipay.home", "taobao.app")),
        ("favourite_cuisine", [bought(1, cuisine="日式")] * 2, [bought(1, cuisine="日式")] * 2,
         (None, None), ("日式",)),
        ("weekend_places", [happened("store_searched", 6, place="山")],
         [happened("store_searched", 5, place="山")], (None, None), ("山",)),
        ("searched_words", [happened("search", 1, query="包")],
         [happened("search", 1, query="鞋")] * 2, (("包",), ("鞋",)), ("鞋", "包")),
        ("live_watcher", [happened("watch", 1, touchpoint="taobao.live")],
         [happened("watch", 1, touchpoint="taobao.live")], (1, 1), 1),
        ("coupons_redeemed_90d", [happened("coupon_redeemed", 1)],
         [happened("coupon_redeemed", 1)], (1, 1), 2),
        ("gender", [told(2, gender="male")], [told(1, gender="female")],
         ("male", "female"), "female"),
        ("age", [told(1, birth_year=1990)], [told(2, birth_year=1998)], (36, 28), 36),
        ("age_band", [told(1, birth_year=1990)], [told(2, birth_year=1998)],
         ("35-44", "25-34"), "35-44"),
        ("city", [told(731, city="杭州")], [told(700, city="上海")], (None, "上海"), "上海"),
        ("member_tier", [told(2, tier="gold")], [bought(1)], ("gold", None), "gold"),
        ("member_since", [told(2)], [told(900)], ("2026-04-29", "2023-11-13"), "2023-11-13"),
        ("monthly_category", [bought(1, category="美妆")], [bought(5, category="美妆")],
         (None, None), ("美妆",)),
        ("favourite_categories", [happened("view", 1, category="数码")] * 3,
         [happened("add_to_cart", 1, category="美妆"), happened("view", 1, category="美妆")],
         (("数码",), ("美妆",)), ("美妆", "数码")),
        ("categories_ever", [bought(900, category="母婴")], [bought(1, category="数码")] * 2,
         (("母婴",), ("数码",)), ("数码", "母婴")),
        ("purchases_total", [bought(1)], [bought(900)] * 2, (1, 2), 3),
        ("last_purchase_day", [bought(9)], [bought(8)], ("2026-04-22", "2026-04-23"),
         "2026-04-23"),
        ("days_since_purchase", [bought(9)], [bought(90)], (9, 90), 9),
        ("days_since_first_purchase", [bought(9)], [bought(90)], (9, 90), 90),
        ("purchases_30d", [bought(0)], [bought(29), bought(30)], (1, 1), 2),
        ("purchases_90d", [bought(0)], [bought(89), bought(90)], (1, 1), 2),
        ("purchases_365d", [bought(0)], [bought(364), bought(365)], (1, 1), 2),
        ("spent_365d", [bought(0, amount_fen=7)], [bought(9, amount_fen=8)], (7, 8), 15),
        ("average_order", [bought(0, amount_fen=1)] * 3, [bought(9, amount_fen=9)], (1, 9), 3),
        ("price_band", [bought(0, amount_fen=100)], [bought(9, amount_fen=10**6)],
         ("budget", "luxury"), "luxury"),
        ("lifecycle", [bought(5)], [bought(300)], ("new", "lost"), "active"),
        ("payment_methods", [bought(1, method="card")], [bought(1, method="cash")] * 2,
         (("card",), ("cash",)), ("cash", "card")),
    ],
)  # fmt: skip
def test_two_identifiers_of_one_person_add_up(
    key: str, phone: Life, wallet: Life, apart: tuple[Any, Any], together: Any
) -> None:
    assert (value_of(key, phone), value_of(key, wallet)) == apart
    assert value_of(key, phone, wallet) == together
    assert value_of(key, wallet, phone) == together
