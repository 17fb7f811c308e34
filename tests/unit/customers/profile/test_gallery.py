"""A gallery of people: their sentence, their place in the life cycle, and what it rests on."""

from itertools import chain, combinations

import pytest
from tests.tag_ground import BUY, FRIDAY_NOON, SHIPPED, bought, folded, happened, read, told

from quanyu.clock import DAY_US, HOUR_US
from quanyu.customers.profile.evidence import EVENTS_MAX, evidence
from quanyu.events.event import Event

Life = list[Event]

PARTS: dict[str, Life] = {
    "28 岁": [told(9, birth_year=1998)],
    "女性": [told(8, gender="female")],
    "上海": [told(7, city="上海")],
    "每月买 3 次美妆": [bought(d, category="美妆") for d in range(1, 10)],
    "常点日式外卖": [bought(d, category="外卖", cuisine="日式") for d in (1, 2, 3)],
    "周末搜亲子场所": [happened("store_searched", d, place="亲子场所") for d in (5, 6)],
}
"""Part of the sentence → what gives it; the first two are read without a break."""
SUBSETS = list(chain.from_iterable(combinations(PARTS, n) for n in range(len(PARTS) + 1)))


def sentence(*nodes: Life, as_of_us: int = FRIDAY_NOON) -> str:
    return SHIPPED.portrait(read(*nodes, as_of_us=as_of_us))


@pytest.mark.parametrize("parts", SUBSETS, ids=lambda parts: "+".join(parts) or "nobody")
def test_each_part_stands_alone_and_with_every_other(parts: tuple[str, ...]) -> None:
    who = "".join(part for part in parts if part in ("28 岁", "女性"))
    rest = [part for part in parts if part not in ("28 岁", "女性")]
    lives = [PARTS[part] for part in parts]
    assert sentence(list(chain(*lives))) == "、".join([who] * bool(who) + rest)
    assert sentence(*lives) == sentence(*lives[::-1]) == sentence(list(chain(*lives)))


@pytest.mark.parametrize(
    ("life", "portrait"),
    [
        pytest.param([], "", id="a stranger"),
        pytest.param([happened("view", 1, category="数码")] * 9, "", id="who only looks"),
        pytest.param(
            [told(1, gender="男", birth_year=1966, city="成都"), *[bought(2, category="茶")] * 6],
            "60 岁男性、成都、每月买 2 次茶",
            id="a tea drinker",
        ),
        pytest.param(
            [told(900, city="北京"), *[bought(1, cuisine="川湘")] * 3],
            "常点川湘外卖",
            id="who moved two years ago, nobody knows where",
        ),
        pytest.param(
            [bought(1, category="外卖", cuisine=c) for c in ("日式", "川湘") * 3],
            "常点川湘外卖",
            id="who likes two kitchens alike",
        ),
        pytest.param(
            [happened("store_searched", d, place="健身房") for d in (1, 2, 3, 4, 7, 8)],
            "",
            id="who goes out on workdays",
        ),
        pytest.param(
            [bought(d, category="美妆") for d in (88, 89, 90, 91)],
            "每月买 1 次美妆",
            id="who nearly gave it up",
        ),
        pytest.param(
            [told(1, gender="female"), told(0, gender="未说明")],
            "未说明",
            id="who took a word back",
        ),
        pytest.param([told(1, birth_year=2031)], "-5 岁", id="a slip of the pen"),
    ],
)
def test_people_of_the_gallery(life: Life, portrait: str) -> None:
    assert sentence(life) == portrait


def test_a_sentence_fades_as_its_windows_close() -> None:
    whole = list(chain(*PARTS.values()))
    shown = {days: sentence(whole, as_of_us=FRIDAY_NOON + days * DAY_US) for days in (84, 90, 800)}
    assert shown == {
        84: "28 岁女性、上海、每月买 2 次美妆、常点日式外卖",
        90: "28 岁女性、上海",
        800: "30 岁女性",
    }


@pytest.mark.parametrize(
    ("first", "last", "tier"),
    [
        (0, 0, "新客"),
        (29, 29, "新客"),
        (29, 0, "新客"),
        (30, 30, "活跃"),
        (30, 0, "活跃"),
        (59, 59, "活跃"),
        (60, 60, "沉睡"),
        (4000, 59, "活跃"),
        (4000, 60, "沉睡"),
        (179, 179, "沉睡"),
        (4000, 180, "流失"),
        (180, 180, "流失"),
        (4000, 4000, "流失"),
    ],
)
def test_tiers_of_the_life_cycle(first: int, last: int, tier: str) -> None:
    assert read([bought(first), bought(last)])["lifecycle"].text == tier
    assert read([bought(last)], [bought(first)])["lifecycle"].text == tier


@pytest.mark.parametrize(
    ("days", "tiers"), [(30, "新客 活跃"), (60, "活跃 沉睡"), (180, "沉睡 流失")]
)
def test_a_tier_changes_at_midnight_in_china(days: int, tiers: str) -> None:
    midnight_us = FRIDAY_NOON - 12 * HOUR_US + days * DAY_US
    for hour in (0, 23):
        life = [bought(0, hour=hour)]
        shown = [read(life, as_of_us=at)["lifecycle"].text for at in (midnight_us - 1, midnight_us)]
        assert " ".join(shown) == tiers


def test_recency_frequency_and_money_of_a_year() -> None:
    year = [bought(day, amount_fen=1_000 * n) for n, day in enumerate((3, 40, 120, 364, 365), 1)]
    found = {key: reading.value for key, reading in read(year).items()}
    assert found["days_since_purchase"] == 3
    assert [found[f"purchases_{days}d"] for days in (30, 90, 365)] == [1, 2, 4]
    assert (found["spent_365d"], found["average_order"]) == (10_000, 2_500)
    assert (found["purchases_total"], found["days_since_first_purchase"]) == (5, 365)
    assert (found["price_band"], found["lifecycle"]) == ("budget", "active")


def ids(key: str, *life: Event, as_of_us: int = FRIDAY_NOON) -> str:
    """The events behind a tag, newest first, in one line."""
    newest_first = sorted(life, key=lambda event: event.at_us, reverse=True)
    reading = SHIPPED.read(folded(life), as_of_us)[key]
    found = evidence(SHIPPED, reading, events=newest_first, as_of_us=as_of_us)
    return " ".join(event.event_id for event in found)


def buy(name: str, days_ago: int, **rest: object) -> Event:
    return bought(days_ago, event_id=name, **rest)


def look(name: str, days_ago: int, **rest: object) -> Event:
    return happened("view", days_ago, event_id=name, **rest)


@pytest.mark.parametrize(
    ("key", "life", "behind"),
    [
        ("purchases_30d", [buy("a", 1), buy("b", 29), buy("c", 30), look("d", 1)], "a b"),
        ("purchases_90d", [buy("a", 1), buy("b", 29), buy("c", 30), look("d", 1)], "a b c"),
        ("purchases_total", [buy(n, d) for d, n in enumerate("abcdefg")], "a b c d e"),
        ("purchases_total", [buy("b", 1), buy("a", 1)], "a b"),
        ("spent_365d", [buy("a", 1), happened(BUY, 2, event_id="no amount")], "a"),
        ("last_purchase_day", [buy("a", 1), buy("b", 9)], "a"),
        ("days_since_first_purchase", [buy("a", 1), buy("b", 9)], "b"),
        ("lifecycle", [buy("a", 1), buy("b", 9), buy("c", 90)], "a c"),
        ("lifecycle", [buy("a", 1)], "a"),
        ("price_band", [buy("a", 1), buy("b", 364), buy("c", 365)], "a b"),
        ("favourite_categories", [look("a", 1, category="甲"), look("b", 2, category="乙"),
                                  look("c", 0)], "a b"),
        ("favourite_categories", [look(f"{n}{d}", d, category=n)
                                  for d, n in enumerate("甲乙丙甲乙丙", 1)]
         + [look("丁", 0, category="丁")], "甲1 乙2 丙3 甲4 乙5"),
        ("monthly_category", [buy("a", 1, category="茶"), buy("b", 2, category="茶"),
                              buy("c", 0, category="外卖")], "a b"),
        ("weekend_places", [happened("store_searched", d, event_id=str(d), place="山")
                            for d in (1, 5, 6)], "5 6"),
        ("live_watcher", [happened("watch", 1, event_id="live", touchpoint="taobao.live"),
                          happened("watch", 0, event_id="film")], "live"),
        ("gender", [happened("member_joined", d, event_id=f"{d}", gender="F") for d in (9, 2)],
         "2"),
        ("age_band", [happened("member_joined", 3, event_id="said", birth_year=1998),
                      look("a", 1)], "said"),
        ("active_hours", [look(n, d, hour=9) for d, n in enumerate("abc")]
         + [look("once", 0, hour=20)], "a b c"),
    ],
)  # fmt: skip
def test_a_tag_names_what_it_came_from(key: str, life: Life, behind: str) -> None:
    assert ids(key, *life) == behind
    assert ids(key, *life[::-1]) == behind
    assert len(behind.split()) <= EVENTS_MAX


def test_evidence_leaves_with_the_window() -> None:
    life = [buy("a", 0), buy("b", 20)]
    assert ids("purchases_30d", *life) == "a b"
    assert ids("purchases_30d", *life, as_of_us=FRIDAY_NOON + 10 * DAY_US) == "a"
