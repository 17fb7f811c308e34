"""Row T1 of the mission: raw events of four apps become one readable sentence."""

import random
from typing import Any

import pytest
from tests.profile_town import SHOP, Town

from quanyu.clock import FixedClock, parse_iso
from quanyu.storage.postgres.database import Database

SENTENCE = "28 岁女性、上海、每月买 3 次美妆、常点日式外卖、周末搜亲子场所"
TAOBAO = ("taobao_id", "tb-lin")
ALIPAY = ("alipay_id", "2088-lin")
ELEME = ("eleme_id", "el-lin")
AMAP = ("amap_id", "am-lin")
PHONE = ("phone", "+86 138-1716-2203")
NEIGHBOUR = ("taobao_id", "tb-neighbour")


@pytest.fixture
def town(database: Database) -> Town:
    """Thursday evening, 30 April 2026: she was born in 1998."""
    return Town(database, FixedClock(parse_iso("2026-04-30T21:00:00+08:00")))


def membership(town: Town) -> list[dict[str, Any]]:
    """She joins with her phone number; an older entry still had the wrong city."""
    old = town.event("member_joined", TAOBAO, days_ago=300, props={"city": "杭州"})
    about = {"gender": "female", "birth_year": 1998, "city": "上海"}
    return [old, town.event("member_joined", TAOBAO, PHONE, days_ago=80, props=about)]


def beauty(town: Town) -> list[dict[str, Any]]:
    """Nine purchases in ninety days, paid with the wallet: that is three a month."""
    return [
        town.event(
            kind, *who, days_ago=day, order=f"b{day}", amount=16_800, item="口红-7",
            props={"category": "美妆", "method": "alipay"},
        )
        for day in (2, 9, 15, 31, 38, 44, 61, 70, 85)
        for kind, who in (("order_placed", [TAOBAO]), ("payment_completed", [TAOBAO, ALIPAY]))
    ]  # fmt: skip


def meals(town: Town) -> list[dict[str, Any]]:
    """Mostly Japanese food, now and then something else; the same wallet pays."""
    cuisines = ["日式"] * 5 + ["川湘", "轻食"]
    return [
        town.event(
            "payment_completed", ELEME, ALIPAY, days_ago=3 * number + 1, hour=12,
            touchpoint="eleme.home", order=f"m{number}", amount=6_800,
            props={"category": "外卖", "cuisine": cuisine, "method": "alipay"},
        )
        for number, cuisine in enumerate(cuisines)
    ]  # fmt: skip


def outings(town: Town) -> list[dict[str, Any]]:
    """Saturdays she looks for places to go with the child; on workdays for restaurants."""
    saturdays = [
        town.event(
            "store_searched", AMAP, days_ago=day, hour=10, touchpoint="amap.search",
            query="亲子乐园", props={"place": "亲子场所"},
            location={"lat": 31.2304161, "lng": 121.4737012},
        )
        for day in (5, 12, 19, 26)
    ]  # fmt: skip
    workdays = [
        town.event("store_searched", AMAP, days_ago=day, hour=19, props={"place": "餐厅"})
        for day in (1, 2, 3, 6, 7, 8, 9, 10)
    ]
    scan = town.event(
        "coupon_redeemed", AMAP, ALIPAY, days_ago=5, hour=14, offer="voucher-亲子", store="乐园"
    )
    return [*saturdays, *workdays, scan]


def noise(town: Town) -> list[dict[str, Any]]:
    """What every day is full of, and a neighbour with other habits."""
    looks = [
        town.event("view", TAOBAO, days_ago=day / 3, item=f"i{day}", props={"category": "数码"})
        for day in range(60)
    ]
    old_habits = [
        town.event(
            "payment_completed", TAOBAO, days_ago=100 + day, order=f"old{day}", amount=9_900,
            props={"category": "母婴"},
        )
        for day in range(12)
    ]  # fmt: skip
    others = [
        town.event(
            "payment_completed", NEIGHBOUR, days_ago=day, order=f"n{day}", amount=99_900,
            props={"category": "数码", "cuisine": "川湘", "city": "北京", "gender": "male"},
        )
        for day in range(20)
    ]  # fmt: skip
    return [*looks, *old_habits, *others]


def life(town: Town) -> list[dict[str, Any]]:
    parts = (membership, beauty, meals, outings, noise)
    return [event for part in parts for event in part(town)]


def test_raw_events_become_the_sentence(town: Town) -> None:
    town.says(*life(town))
    profile = town.profile(TAOBAO)
    assert profile.portrait == SENTENCE
    assert {node.kind for node in profile.person.identity.nodes} == {
        "taobao_id", "alipay_id", "eleme_id", "amap_id", "phone",
    }  # fmt: skip


@pytest.mark.parametrize("who", [TAOBAO, ALIPAY, ELEME, AMAP, PHONE, ("phone", "13817162203")])
def test_every_identifier_leads_to_the_same_person(town: Town, who: tuple[str, str]) -> None:
    town.says(*life(town))
    assert town.profile(who).portrait == SENTENCE


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_and_sent_twice_it_is_the_same_sentence(town: Town, seed: int) -> None:
    events = life(town)
    twice = [*events, *events]
    random.Random(seed).shuffle(twice)
    accepted = 0
    for at in range(0, len(twice), 40):
        accepted += town.says(*twice[at : at + 40])
    assert accepted == len(events)
    assert town.profile(ELEME).portrait == SENTENCE


def test_a_rebuild_tells_the_same_sentence(town: Town) -> None:
    town.says(*life(town))
    town.rebuild()
    assert town.profile(AMAP).portrait == SENTENCE


def test_each_part_of_the_sentence_names_its_events(town: Town) -> None:
    events = life(town)
    town.says(*events)
    kinds = {event["event_id"]: event for event in events}
    lines = {line.reading.tag.key: line for line in town.profile(TAOBAO).tags}
    for key in ("age", "gender", "city", "monthly_category", "favourite_cuisine", "weekend_places"):
        assert lines[key].events, key
    for event in lines["monthly_category"].events:
        assert kinds[event.event_id]["props"]["category"] == "美妆"
    for event in lines["weekend_places"].events:
        assert kinds[event.event_id]["props"]["place"] == "亲子场所"


def test_the_other_tags_fit_the_person(town: Town) -> None:
    town.says(*life(town))
    tags = town.tags(TAOBAO)
    assert tags["lifecycle"] == "active"
    assert tags["payment_methods"] == ("alipay",)
    assert tags["age_band"] == "25-34"
    assert tags["days_since_purchase"] == 1


def test_the_neighbour_is_somebody_else(town: Town) -> None:
    town.says(*life(town))
    assert town.profile(NEIGHBOUR).portrait == "男性、北京、每月买 7 次数码、常点川湘外卖"


def test_nothing_of_it_remains_when_personalisation_is_off(town: Town) -> None:
    town.says(*life(town))
    town.privacy.personalise(SHOP, "taobao_id:tb-lin", on=False)
    assert town.profile(ELEME).portrait == ""
    assert town.profile(ELEME).tags == ()
