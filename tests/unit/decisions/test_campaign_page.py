"""What the gate is shown of a campaign: every text that people may read, marked as an ad."""

from typing import Any

import pytest
from tests.campaigns_ground import ITEM, SHOP, STORE, creative, form

from quanyu.decisions.campaigns.campaign import Campaign
from quanyu.decisions.campaigns.checking import read_campaign
from quanyu.decisions.campaigns.page import page_of, texts_of
from quanyu.merchants.listings.catalogue import listing_of
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store
from quanyu.touchpoints.ecosystem import ecosystem
from quanyu.touchpoints.touchpoint import Touchpoint

PLACES = ecosystem("alibaba").within("youku")


def campaign(**change: Any) -> Campaign:
    return read_campaign(form(**change))


def item(**change: Any) -> Item:
    return listing_of({**ITEM, **change}, Item)


def store(**change: Any) -> Store:
    return listing_of({**STORE, **change}, Store)


def word(text: str, match: str = "broad") -> dict[str, str]:
    return {"text": text, "match": match}


def test_creatives_are_read_and_what_nobody_reads_is_not() -> None:
    assert texts_of(campaign(title="全网最低价", categories=["最佳"], scenes=["第一"])) == {
        "creatives[0].title": "保湿面霜",
        "creatives[0].text": "清爽不粘",
    }


def test_a_keyword_is_read_where_a_creative_shows_it() -> None:
    plain = campaign(keywords=[word("国家级"), word("茶")])
    assert not [text for text in texts_of(plain).values() if "国家级" in text]
    shows = creative(title="最{keyword:好看}的杯子", text="每天一杯")
    words = [word("佳"), word("茶"), word("差评", "negative")]
    assert texts_of(campaign(creatives=[shows], keywords=words)) == {
        "creatives[0].title": "最好看的杯子",
        "creatives[0].text": "每天一杯",
        "keywords[0].text (creatives[0].title)": "最佳的杯子",
        "keywords[1].text (creatives[0].title)": "最茶的杯子",
    }


def test_it_advertises_and_is_marked_where_every_place_marks() -> None:
    page = page_of(campaign(), touchpoints=PLACES, led_to=[item()])
    assert (page.kind, page.id, page.shops) == ("campaign", "spring", (SHOP,))
    assert page.advertises
    assert page.marked_as_ad
    silent = Touchpoint(id="a.b", label="B", place="feed", slots=1, kinds=("ad",), ad_label="推广")
    assert not page_of(campaign(), touchpoints=[*PLACES, silent], led_to=[]).marked_as_ad


def test_a_single_place_is_said_so_that_its_rules_count() -> None:
    assert page_of(campaign(), touchpoints=PLACES, led_to=[]).touchpoint is None
    assert page_of(campaign(), touchpoints=PLACES[:1], led_to=[]).touchpoint == PLACES[0].id


@pytest.mark.parametrize(
    ("industries", "counts"),
    [
        (["cosmetics"], "cosmetics"),
        (["cosmetics", "cosmetics"], "cosmetics"),
        (["cosmetics", "food"], "unknown"),
        (["cosmetics", None], "unknown"),
        ([None], "unknown"),
        ([], "unknown"),
    ],
)
def test_the_industry_that_all_have_in_common(industries: list[str | None], counts: str) -> None:
    led_to = [item(id=f"i{n}", industry=one) for n, one in enumerate(industries)]
    assert page_of(campaign(), touchpoints=PLACES, led_to=led_to).industry == counts


def test_a_store_has_an_industry_too() -> None:
    led_to = [store(industry="catering")]
    assert page_of(campaign(), touchpoints=PLACES, led_to=led_to).industry == "catering"


def test_numbers_and_the_standard_of_what_is_advertised() -> None:
    both = [item(registration="G20260001", standard="GB/T 23347"),
            item(id="b", registration="G20260002", standard="GB/T 23347")]  # fmt: skip
    page = page_of(campaign(), touchpoints=PLACES, led_to=both)
    assert page.numbers == ("G20260001", "G20260002")
    assert page.texts["standard"] == "GB/T 23347"
    mixed = page_of(campaign(), touchpoints=PLACES, led_to=[*both, item(id="c")])
    assert "standard" not in mixed.texts, "a standard of some is none of all"
