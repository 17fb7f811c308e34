"""The public form of a campaign: what is refused, with its field and mend."""

import json
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.campaigns_ground import creative, form

from quanyu.clock import parse_iso
from quanyu.decisions.campaigns.campaign import (
    Campaign,
    Cpc,
    MaxConversions,
    TargetCpa,
    TargetRoas,
)
from quanyu.decisions.campaigns.checking import COMBINATIONS_MAX, read_campaign, twice
from quanyu.errors import BadInput

WINDOW = {"from": "2026-03-10T00:00:00+08:00", "to": "2026-04-10T00:00:00+08:00"}


def word(text: str, match: str = "broad") -> dict[str, str]:
    return {"text": text, "match": match}


def refusal(document: Any) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_campaign(document)
    return caught.value


def test_what_is_good_comes_back_as_it_was_written() -> None:
    full = form(
        bid={"troas": {"target_percent": 300}},
        schedule={**WINDOW, "hours": "18:00-22:00", "weekdays": [5, 6, 7]},
        audience="看过",
        touchpoints=["taobao.search", "youku"],
        scenes=["护肤"],
        categories=["美妆"],
        near={"stores": ["s1"], "points": [{"lat": 39.9, "lng": 116.4}], "radius_m": 3_000},
        creatives=[
            creative(image="/1.jpg", price_fen=9_900),
            creative("c2", landing={"store": "s1"}),
            creative("c3", landing={"content": "文章"}, title="{keyword:面霜}的挑选"),
        ],
    )
    made = read_campaign(full)
    assert json.loads(msgspec.json.encode(made)) == full
    assert made.items == ("cream",)
    assert made.span_us == (parse_iso(WINDOW["from"]), parse_iso(WINDOW["to"]))
    assert [one.text for one in made.positive] == ["面霜"]
    assert [one.text for one in made.negative] == ["眼霜"]


@pytest.mark.parametrize(
    ("bid", "goal"),
    [
        ({"cpc": {"bid_fen": 80}}, Cpc(80)),
        ({"tcpa": {"target_fen": 3_000}}, TargetCpa(3_000)),
        ({"troas": {"target_percent": 250}}, TargetRoas(250)),
        ({"max_conversions": {}}, MaxConversions()),
    ],
)
def test_each_goal(bid: dict[str, Any], goal: object) -> None:
    assert read_campaign(form(bid=bid)).bid.goal == goal


@pytest.mark.parametrize(
    ("change", "field", "mend"),
    [
        ({"budget": None}, "budget", "day_fen, total_fen"),
        ({"budget": {"day_fen": 100}}, "budget.total_fen", "missing"),
        ({"budget": {"day_fen": 0, "total_fen": 1}}, "budget.day_fen", ">= 1"),
        ({"budget": {"day_fen": 500, "total_fen": 499}}, "budget.day_fen", "no more"),
        ({"budget": {"day_fen": 1.5, "total_fen": 499}}, "budget.day_fen", "int"),
        ({"budget": {"day_fen": 10**16, "total_fen": 10**16}}, "budget.day_fen", "<="),
        ({"bid": None}, "bid", "cpc, tcpa, troas"),
        ({"bid": {}}, "bid", "one goal"),
        ({"bid": {"cpc": {"bid_fen": 1}, "max_conversions": {}}}, "bid", "one goal"),
        ({"bid": {"cpm": {}}}, "bid.cpm", "unknown"),
        ({"bid": {"cpc": {"bid_fen": 10_001}}}, "bid.cpc.bid_fen", "bid less"),
        ({"bid": {"cpc": {"bid_fen": -1}}}, "bid.cpc.bid_fen", ">= 1"),
        ({"bid": {"tcpa": {"target_fen": 50_001}}}, "bid.tcpa.target_fen", "whole budget"),
        ({"bid": {"troas": {"target_percent": 0}}}, "bid.troas.target_percent", ">= 1"),
        ({"schedule": None}, "schedule", "from, to"),
        ({"schedule": {"from": WINDOW["from"]}}, "schedule.to", "ISO 8601"),
        ({"schedule": {"to": WINDOW["to"]}}, "schedule.from", "ISO 8601"),
        ({"schedule": {"from": WINDOW["to"], "to": WINDOW["from"]}}, "schedule.to", "after"),
        ({"schedule": {"from": WINDOW["to"], "to": WINDOW["to"]}}, "schedule.to", "after"),
        ({"schedule": {**WINDOW, "to": "2026-04-10"}}, "schedule.to", "datetime"),
        ({"schedule": {**WINDOW, "to": "2026-04-10T00:00:00"}}, "schedule.to", "timezone"),
        ({"schedule": {**WINDOW, "hours": "25:00-26:00"}}, "schedule.hours", "18:00-22:00"),
        ({"schedule": {**WINDOW, "weekdays": [0]}}, "schedule.weekdays[0]", ">= 1"),
        ({"creatives": None}, "creatives", "at least one"),
        ({"creatives": []}, "creatives", "at least one"),
        ({"creatives": [creative(), creative()]}, "creatives[1].id", "already"),
        ({"creatives": [creative(landing={})]}, "creatives[0].landing", "one thing"),
        (
            {"creatives": [creative(landing={"item": "a", "store": "b"})]},
            "creatives[0].landing",
            "one",
        ),
        (
            {"creatives": [creative(landing={"url": "http://x"})]},
            "creatives[0].landing.url",
            "unknown",
        ),
        (
            {"creatives": [creative(landing={"store": "s1"}, price_fen=1)]},
            "creatives[0].price_fen",
            "only an item",
        ),
        ({"creatives": [creative(title=" ")]}, "creatives[0].title", "read"),
        ({"creatives": [creative(title="")]}, "creatives[0].title", "length"),
        ({"creatives": [creative(title="x" * 61)]}, "creatives[0].title", "length"),
        ({"creatives": [creative(title="{keyword}")]}, "creatives[0].title", "{keyword:"),
        ({"creatives": [creative(text="{关键词:茶}")]}, "creatives[0].text", "{keyword:"),
        ({"creatives": [creative(image="javascript:alert(1)")]}, "creatives[0].image", "regex"),
        ({"creatives": [creative(str(n)) for n in range(51)]}, "creatives", "length"),
        ({"keywords": [word("面霜"), word("面霜")]}, "keywords[1].text", "already"),
        ({"keywords": [word("面霜"), word("面 霜")]}, "keywords[1].text", "'面霜'"),
        ({"keywords": [word("CREAM"), word("ｃｒｅａｍ")]}, "keywords[1].text", "'CREAM'"),
        ({"keywords": [word("發膜"), word("发膜")]}, "keywords[1].text", "'發膜'"),
        ({"keywords": [word("……")]}, "keywords[0].text", "nothing is left"),
        ({"keywords": [word("")]}, "keywords[0].text", "length"),
        ({"keywords": [word("茶", "fuzzy")]}, "keywords[0].match", "enum"),
        ({"keywords": [word("面霜"), word("霜", "negative")]}, "keywords[1].text", "no positive"),
        (
            {
                "keywords": [
                    word("面霜", "exact"),
                    word("眼 霜"),
                    word("面霜", "negative"),
                    word("眼", "negative"),
                ]
            },
            "keywords[3].text",
            "no positive",
        ),
        ({"keywords": [word(f"词{n}") for n in range(10_001)]}, "keywords", "length"),
        ({"near": {"radius_m": 500}}, "near", "stores or points"),
        ({"near": {"stores": ["s1"], "radius_m": 0}}, "near.radius_m", ">= 1"),
        ({"near": {"stores": ["s1"], "radius_m": 100_001}}, "near.radius_m", "<= 100000"),
        (
            {"near": {"points": [{"lat": 91, "lng": 0}], "radius_m": 5}},
            "near.points[0].lat",
            "<= 90",
        ),
        ({"touchpoints": ["a.b", "a.b"]}, "touchpoints[1]", "already"),
        ({"scenes": ["茶", "茶"]}, "scenes[1]", "already"),
        ({"categories": ["茶", "茶"]}, "categories[1]", "already"),
        ({"advertiser": None}, "advertiser", "missing"),
        ({"title": ""}, "title", "length"),
        ({"title": "\ud800"}, "title", "surrogate"),
        ({"id": "春季"}, "id", "regex"),
        ({"id": "a/b"}, "id", "regex"),
        ({"state": "running"}, "state", "unknown"),
    ],
)
def test_what_contradicts_itself(change: dict[str, Any], field: str, mend: str) -> None:
    found = refusal(form(**change))
    assert found.field == f"campaign.{field}"
    assert mend in found.mend


@pytest.mark.parametrize("document", [None, 3, "x", [], [form()], {"campaign": form()}])
def test_no_campaign_at_all(document: Any) -> None:
    assert refusal(document).field.startswith("campaign")


def test_a_negative_keyword_that_leaves_something_is_good() -> None:
    words = [word("保湿面霜"), word("眼霜"), word("眼霜", "negative"), word("二手", "negative")]
    assert len(read_campaign(form(keywords=words)).negative) == 2
    alone = [word("二手", "negative")]
    assert read_campaign(form(keywords=alone)).positive == (), "without searches it kills nothing"


def test_the_same_word_may_match_in_several_ways() -> None:
    words = [word("面霜", match) for match in ("exact", "phrase", "broad")]
    assert len(read_campaign(form(keywords=words)).positive) == 3


class TestTheKeywordInACreative:
    SHOWS = creative(title="{keyword:面霜}今日到店", text="看{keyword:面霜}")

    def test_it_stands_for_what_matched(self) -> None:
        (made,) = read_campaign(form(creatives=[self.SHOWS])).creatives
        assert made.shows_keyword
        assert made.told() == ("面霜今日到店", "看面霜")
        assert made.told("洁面\\1") == ("洁面\\1今日到店", "看洁面\\1")

    def test_there_are_not_more_combinations_than_can_be_read(self) -> None:
        words = [word(f"词{n:05d}甲") for n in range(COMBINATIONS_MAX + 1)]
        read_campaign(form(creatives=[self.SHOWS], keywords=words[:-1]))
        assert refusal(form(creatives=[self.SHOWS], keywords=words)).field == "campaign.keywords"
        read_campaign(form(creatives=[creative()], keywords=words))


@settings(max_examples=60)
@given(st.data())
def test_any_single_value_of_the_wrong_kind_is_bad_input(data: st.DataObject) -> None:
    """Never another failure than BadInput, wherever it stands."""
    document = deepcopy(form(near={"stores": ["s1"], "radius_m": 5}, touchpoints=["a.b"]))
    place: Any = document
    key: Any = data.draw(st.sampled_from(sorted(document)))
    while isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(
            st.sampled_from(range(len(place)) if isinstance(place, list) else sorted(place))
        )
    place[key] = data.draw(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.just([[]]),
                  st.just({"x": {}}), st.floats(allow_nan=True))
    )  # fmt: skip
    assert isinstance(attempted(document), Campaign | BadInput)


def attempted(document: Any) -> Campaign | BadInput:
    try:
        return read_campaign(document)
    except BadInput as error:
        return error


@given(st.lists(st.integers(0, 5), max_size=8))
def test_the_first_that_comes_again(names: list[int]) -> None:
    place = twice(names)
    if place is None:
        assert len(set(names)) == len(names)
    else:
        assert names[place] in names[:place]
        assert len(set(names[:place])) == place
