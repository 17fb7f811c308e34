"""What a campaign is held against: what exists and is on sale, what takes ads, the law."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from tests.campaigns_ground import ITEM, SHOP, STORE, creative, form
from tests.gates import OpenGate

from quanyu.clock import DAY_US, FixedClock, parse_iso
from quanyu.compliance.doorkeeper import Doorkeeper
from quanyu.compliance.showing import Unlawful
from quanyu.decisions.campaigns.checking import read_campaign
from quanyu.decisions.campaigns.grounds import Grounds, touchpoints_of
from quanyu.errors import BadInput, NotFound
from quanyu.merchants.listings.catalogue import listing_of
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store
from quanyu.touchpoints.ecosystem import ecosystem

MALL = "商场"
NOW_US = parse_iso("2026-03-10T12:00:00+08:00")
ITEMS = {one["id"]: listing_of(one, Item) for one in (
    ITEM, {**ITEM, "id": "off", "state": "off"}, {**ITEM, "id": "theirs", "shop": "别家"},
)}  # fmt: skip
STORES = {one["id"]: listing_of(one, Store) for one in (
    STORE, {**STORE, "id": "shut", "state": "closed"}, {**STORE, "id": "theirs", "shop": "别家"},
)}  # fmt: skip


def taken(shelf: Mapping[str, Any]) -> Any:
    def take(merchant: str, id: str) -> Any:
        if merchant != MALL or id not in shelf:
            raise NotFound(id)
        return shelf[id]

    return take


class World:
    def __init__(self) -> None:
        self.gate = OpenGate()
        self.clock = FixedClock(NOW_US)
        self.name = "alibaba"
        self.grounds = Grounds(
            door=Doorkeeper(self.gate, self.clock),
            clock=self.clock,
            ecosystem=lambda: ecosystem(self.name),
            item=taken(ITEMS),
            store=taken(STORES),
            is_shown=lambda merchant, id: (merchant, id) == (MALL, "文章"),
            is_audience=lambda merchant, name: (merchant, name) == (MALL, "看过"),
        )

    def look(self, **change: Any) -> None:
        self.grounds.look(MALL, read_campaign(form(**change)))

    def refusal(self, **change: Any) -> BadInput:
        with pytest.raises(BadInput) as caught:
            self.look(**change)
        return caught.value


@pytest.fixture
def world() -> World:
    return World()


def test_what_is_good_passes_and_the_gate_was_asked(world: World) -> None:
    world.look(
        touchpoints=["taobao.search", "youku"], audience="看过",
        near={"stores": ["s1"], "radius_m": 500},
        creatives=[creative(price_fen=9_900), creative("c2", landing={"store": "s1"}),
                   creative("c3", landing={"content": "文章"})],
    )  # fmt: skip
    (asked,) = world.gate.asked
    assert (asked.kind, asked.id, asked.shops) == ("campaign", "spring", (SHOP,))
    assert (asked.advertises, asked.marked_as_ad) == (True, True)


@pytest.mark.parametrize(
    ("change", "field", "mend"),
    [
        ({"audience": "没有"}, "audience", "quanyu audience list"),
        ({"touchpoints": ["taobao.serach"]}, "touchpoints[0]", "taobao.search"),
        ({"touchpoints": ["taobao", "netflix"]}, "touchpoints[1]", "there is no 'netflix'"),
        ({"touchpoints": ["tmall.member"]}, "touchpoints[0]", "takes no ads"),
        ({"touchpoints": ["tmall"]}, "touchpoints[0]", "takes no ads"),
        (
            {"touchpoints": ["amap.nearby"], "bid": {"cpc": {"bid_fen": 49}}},
            "bid.cpc.bid_fen",
            "50",
        ),
        ({"bid": {"cpc": {"bid_fen": 7}}}, "bid.cpc.bid_fen", "less than 8 fen"),
        (
            {"creatives": [creative(landing={"item": "none"})]},
            "creatives[0].landing.item",
            "no such",
        ),
        (
            {"creatives": [creative(), creative("b", landing={"item": "off"})]},
            "creatives[1].landing.item",
            "on sale",
        ),
        (
            {"creatives": [creative(landing={"item": "theirs"})]},
            "creatives[0].landing.item",
            "别家",
        ),
        (
            {"creatives": [creative(landing={"store": "none"})]},
            "creatives[0].landing.store",
            "no such",
        ),
        (
            {"creatives": [creative(landing={"store": "shut"})]},
            "creatives[0].landing.store",
            "closed",
        ),
        (
            {"creatives": [creative(landing={"content": "稿子"})]},
            "creatives[0].landing.content",
            "published",
        ),
        ({"near": {"stores": ["s1", "none"], "radius_m": 5}}, "near.stores[1]", "no such"),
        ({"near": {"stores": ["theirs"], "radius_m": 5}}, "near.stores[0]", "别家"),
        ({"advertiser": "面霜铺!"}, "advertiser", "letters, digits"),
        (
            {"schedule": {"from": "2026-01-01T00:00:00+08:00", "to": "2026-03-10T12:00:00+08:00"}},
            "schedule.to",
            "over",
        ),
    ],
)
def test_what_does_not_exist_or_does_not_fit(
    world: World, change: dict[str, Any], field: str, mend: str
) -> None:
    found = world.refusal(**change)
    assert found.field == f"campaign.{field}"
    assert mend in found.mend


def test_the_reserve_is_the_least_that_some_place_takes(world: World) -> None:
    world.look(touchpoints=["amap.nearby", "wenxue"], bid={"cpc": {"bid_fen": 8}})
    world.look(touchpoints=["amap.nearby"], bid={"max_conversions": {}})


def test_the_ad_says_the_price_of_the_page(world: World) -> None:
    with pytest.raises(Unlawful, match="落地页") as caught:
        world.look(creatives=[creative(), creative("b", price_fen=4_900)])
    assert caught.value.field == "campaign.creatives[1].landing.price"
    world.look(creatives=[creative(price_fen=9_900)])


def test_another_ecosystem_has_other_touchpoints(world: World) -> None:
    world.name = "linli"
    world.look(touchpoints=["screen"])
    assert world.refusal(touchpoints=["taobao.search"]).field == "campaign.touchpoints[0]"


def test_time_passes(world: World) -> None:
    world.look()
    world.clock.advance(31 * DAY_US)
    assert world.refusal().field == "campaign.schedule.to"


def test_who_looks_again_asks_for_nothing_to_be_on_sale(world: World) -> None:
    for id in ("off", "none"):
        made = read_campaign(form(creatives=[creative(landing={"item": id})]))
        assert world.grounds.page(MALL, made).id == "spring"


def test_where_its_ads_may_come() -> None:
    found = ecosystem("alibaba")

    def ids(*names: str) -> set[str]:
        made = msgspec.structs.replace(read_campaign(form()), touchpoints=names)
        return {one.id for one in touchpoints_of(made, found)}

    assert ids("youku") == {"youku.native", "youku.pause"}
    assert ids("youku.pause", "tmall") == {"youku.pause"}
    assert ids() == {one.id for one in found.touchpoints if "ad" in one.kinds}
    assert ids("gone.place") == set(), "not everywhere"
