"""Campaigns as columns: who takes part in a moment, and the best bids when there are too many."""

from typing import Any

import numpy as np
import pytest
from tests.unit.decisions.serving.market import (
    ALIBABA,
    HERE,
    MORNING,
    STORES,
    WORDS,
    campaign,
    goods,
)  # fmt: skip

from quanyu.clock import parse_iso
from quanyu.decisions.advertising.columns import NO_ITEM
from quanyu.decisions.advertising.index import MOST, AdIndex, Entries, Person
from quanyu.decisions.asking import Point
from quanyu.decisions.campaigns.campaign import Campaign
from quanyu.decisions.moment import Moment
from quanyu.decisions.recall.geo import Places
from quanyu.errors import BadInput

PLACES = Places.of(STORES)


def index(*campaigns: Campaign, places: Places | None = PLACES) -> AdIndex:
    return AdIndex(
        enumerate(campaigns, 1), goods=goods(), words=WORDS, ecosystem=ALIBABA, places=places
    )


def entries(
    ads: AdIndex, touchpoint: str = "youku.pause", *, query: str = "", categories: Any = (),
    **moment: Any,
) -> Entries:  # fmt: skip
    said = {"touchpoint": touchpoint, "at_us": parse_iso(MORNING), "hour": 10, "weekday": 1}
    return ads.entries(
        Moment(**{**said, **moment}), ALIBABA.touchpoint(touchpoint), query=query,
        person=Person(categories=frozenset(categories)),
    )  # fmt: skip


def test_nobody_advertises() -> None:
    empty = index()
    assert len(empty) == 0
    assert entries(empty).numbers == []


def test_the_best_bids_go_on_and_the_rest_is_counted() -> None:
    many = [campaign(f"c{n}", bid={"cpc": {"bid_fen": 1 + n}}) for n in range(MOST + 40)]
    found = entries(index(*many))
    assert found.numbers == list(range(MOST + 39, 39, -1))
    assert found.dropped == {"too_many_better_bids": 40}


@pytest.mark.parametrize(
    ("named", "on"),
    [
        ([], ["youku.pause", "taobao.home"]),
        (["youku"], ["youku.pause", "youku.native"]),
        (["taobao.home"], ["taobao.home"]),
        (["taobao.home", "youku"], ["taobao.home", "youku.pause", "youku.native"]),
    ],
)
def test_an_app_stands_for_all_its_touchpoints(named: list[str], on: list[str]) -> None:
    ads = index(campaign("c1", touchpoints=named))
    for touchpoint in ("taobao.home", "youku.pause", "youku.native"):
        expected = [0] if touchpoint in on or not named else []
        assert entries(ads, touchpoint).numbers == expected, touchpoint


def test_a_touchpoint_that_is_not_there_is_no_campaigns() -> None:
    with pytest.raises(BadInput):
        index(campaign("c1", touchpoints=["youku.nowhere"]))


def test_the_schedule_begins_with_its_first_instant_and_ends_before_its_last() -> None:
    ads = index(campaign("c1"))
    for at, inside in (
        ("2026-02-28T23:59:59+08:00", False),
        ("2026-03-01T00:00:00+08:00", True),
        ("2026-03-31T23:59:59+08:00", True),
        ("2026-04-01T00:00:00+08:00", False),
    ):
        assert bool(entries(ads, at_us=parse_iso(at)).numbers) == inside, at  # fmt: skip


def test_keywords_count_only_where_people_type() -> None:
    ads = index(campaign("c1", keywords=[{"text": "面霜", "match": "exact"}]))
    assert entries(ads).numbers == [0]
    assert entries(ads, "taobao.search", query="面霜").keyword == {0: "面霜"}
    assert entries(ads, "taobao.search", query="火锅").dropped == {"no_keyword_matched": 1}
    assert entries(ads, "taobao.search").numbers == []


def test_what_matched_is_told() -> None:
    near = {"radius_m": 2_000, "stores": ["s1"]}
    ads = index(campaign("c1", near=near, scenes=["古装"]))
    found = entries(ads, words=("古装",), here=Point(**HERE))
    assert found.matched == {0: "scene:古装 near"}


def test_a_store_that_is_gone_is_nowhere_near() -> None:
    ads = index(campaign("c1", near={"radius_m": 2_000, "stores": ["gone"]}))
    assert entries(ads, here=Point(**HERE)).dropped == {"too_far": 1}
    ads = index(campaign("c1", near={"radius_m": 2_000, "stores": ["s1"]}), places=None)
    assert entries(ads, here=Point(**HERE)).dropped == {"too_far": 1}


@pytest.mark.parametrize(("metres", "inside"), [(1_000, True), (100, False)])
def test_the_radius_is_a_circle_around_each_store(metres: int, inside: bool) -> None:
    ads = index(campaign("c1", near={"radius_m": metres, "stores": ["s2", "s1"]}))
    assert bool(entries(ads, here=Point(**HERE)).numbers) == inside


def test_categories_are_those_in_hand_found_or_liked() -> None:
    ads = index(campaign("c1", categories=["火锅", "茶叶"]))
    assert entries(ads, categories=["茶叶"]).numbers == [0]
    assert entries(ads, categories=["电脑"]).dropped == {"other_category": 1}


def test_where_an_ad_leads_is_looked_up_once() -> None:
    landing = [{"id": "a", "title": "t", "text": "", "landing": {"item": "pot"}},
               {"id": "b", "title": "t", "text": "", "landing": {"store": "s1"}}]  # fmt: skip
    columns = index(campaign("c0"), campaign("c1", creatives=landing)).columns
    assert columns.of_campaigns([1, 0]).tolist() == [1, 2, 0]
    assert columns.ids == ("c0/a", "c1/a", "c1/b")
    assert [one.row != NO_ITEM for one in columns.ads] == [True, True, False]
    assert goods().ids[columns.row[1]] == "pot"


BIDS: list[tuple[dict[str, Any], float, float, int]] = [
    ({"cpc": {"bid_fen": 100}}, 0.1, 1.0, 100), ({"cpc": {"bid_fen": 100}}, 0.1, 0.5, 50),
    ({"cpc": {"bid_fen": 100}}, 0.1, 9.0, 100), ({"tcpa": {"target_fen": 2_000}}, 0.1, 1.0, 200),
    ({"tcpa": {"target_fen": 2_000}}, 0.1, 1.5, 300), ({"max_conversions": {}}, 0.1, 1.0, 50),
    ({"troas": {"target_percent": 300}}, 0.1, 1.0, 50),
    ({"tcpa": {"target_fen": 1_000_000}}, 1.0, 2.0, 10_000),
]  # fmt: skip


@pytest.mark.parametrize(("bid", "pcvr", "pace", "fen"), BIDS)
def test_what_a_goal_bids_for_a_click(
    bid: dict[str, Any], pcvr: float, pace: float, fen: int
) -> None:
    """The day's budget is 10,000 fen: no click is worth more."""
    columns = index(campaign("c1", bid=bid)).columns
    found = columns.bids_fen(
        columns.of_campaigns([0]), pcvr=np.array([pcvr]), pace=np.array([pace])
    )
    assert found.tolist() == [fen]
