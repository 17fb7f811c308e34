"""One path for every touchpoint: what stands where, what stops an ad, why not something else."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.decisions.serving.market import (
    ALIBABA,
    EVENING,
    HERE,
    MORNING,
    TRACE,
    ads,
    asked,
    campaign,
    decided,
    goods,
    grounds,
    ids,
)  # fmt: skip

from quanyu.clock import parse_iso
from quanyu.decisions.guards.caps import Contact
from quanyu.decisions.guards.viewer import Plain, Viewer
from quanyu.decisions.recall.index import empty_index
from quanyu.decisions.serving.answer import Answer, Slot
from quanyu.decisions.serving.explanation import explained, packed, unpacked
from quanyu.decisions.taste import Deed, Taste

MANY = goods(**{f"x{n}": (f"面霜 第{n}款", f"店{n % 7}", "美妆", 9_900) for n in range(60)})
SOLD = [one.id for one in ALIBABA.touchpoints if "ad" in one.kinds]


def taste(*items: str, at: str = MORNING) -> Viewer:
    at_us = parse_iso(at) - 3_600_000_000
    return Viewer(plain=None, taste=Taste(tuple(Deed(one, "view", at_us) for one in items)))


class TestNeedSceneItem:
    """Row T2: the same words, the same person, another moment."""

    def test_a_business_laptop_by_day_and_a_gaming_laptop_in_the_evening(self) -> None:
        her, market = taste("tea"), grounds()
        by_day = decided(asked("taobao.search", query="电脑", viewer=her), market)
        late = decided(asked("taobao.search", query="电脑", viewer=her, at=EVENING), market)
        assert ids(by_day)[0] == "biz"
        assert ids(late)[0] == "game"

    def test_what_is_on_screen_decides_with(self) -> None:
        watching = decided(asked("taobao.guangguang", content="camp"), grounds())
        assert ids(watching)[0] == "camp"
        assert "tent" in ids(watching)

    def test_a_piece_that_sells_is_marked_and_one_that_does_not_is_not(self) -> None:
        marks = {}
        for scene in ("露营", "宫斗"):
            made = decided(asked("taobao.guangguang", scene=[scene]), grounds())
            marks |= {one.id: one.label for one in made.answer.slots if one.kind == "content"}
        assert marks == {"camp": "广告", "palace": None}

    def test_who_types_gets_what_was_typed_and_nothing_else(self) -> None:
        shown = ids(decided(asked("taobao.search", query="面霜"), grounds(listed=MANY)))
        assert all(MANY.titles[MANY.row_of[one]].find("面霜") >= 0 for one in shown)
        nothing = decided(asked("taobao.search", query="挖掘机"), grounds(listed=MANY))
        assert nothing.answer.slots, "nothing is found: the page is not left empty"

    def test_signals_that_a_touchpoint_does_not_name_are_not_used(self) -> None:
        plain = decided(asked("taobao.home"), grounds())
        nosy = decided(asked("taobao.home", query="火锅", location=HERE), grounds())
        assert ids(nosy) == ids(plain)


class TestAds:
    def test_every_ad_is_marked_and_leads_to_its_landing(self) -> None:
        made = decided(asked("amap.nearby", location=HERE), grounds(campaign("c1")))
        (slot,) = [one for one in made.answer.slots if one.kind == "ad"]
        assert (slot.label, slot.landing, slot.id) == ("广告", {"item": "cream"}, "c1/a")
        (win,) = made.wins
        assert (win.campaign, win.position, win.trace) == ("c1", slot.position, TRACE)
        assert len(made.contacts) == 1

    def test_the_second_price_and_the_loser_are_told(self) -> None:
        bids = {name: {"bid": {"cpc": {"bid_fen": fen}}} for name, fen in (("lo", 90), ("hi", 300))}
        market = grounds(*(campaign(name, **said) for name, said in bids.items()))
        made = decided(asked("youku.pause", content="palace"), market)
        assert ads(made) == ["hi"]
        winner, loser = made.told.ads.bidders
        assert (winner.campaign, winner.price_fen) == ("hi", 91)
        assert (loser.campaign, loser.why_not) == ("lo", "outranked")

    def test_a_lone_bidder_pays_the_reserve(self) -> None:
        made = decided(asked("amap.nearby", location=HERE), grounds(campaign("c1")))
        reserve = ALIBABA.touchpoint("amap.nearby").reserve_fen
        assert made.told.ads.bidders[0].price_fen == reserve
        assert made.wins[0].price_millifen == reserve * 1_000

    def test_impressions_are_billed_in_parts_of_a_fen(self) -> None:
        made = decided(asked("youku.pause"), grounds(campaign("c1")))
        assert made.wins[0].billing == "impression"
        assert 0 < made.wins[0].price_millifen < 1_000 * 100

    def test_an_item_is_not_shown_twice_on_a_page(self) -> None:
        made = decided(asked("taobao.search", query="面霜"), grounds(campaign("c1"), listed=MANY))
        assert ads(made) == ["c1"]
        assert "cream" not in ids(made)

    def test_the_title_carries_the_keyword_that_matched(self) -> None:
        worded = campaign(
            "c1",
            keywords=[{"text": "面霜", "match": "phrase"}],
            creatives=[{"id": "a", "title": "{keyword:护肤}上新", "text": "",
                        "landing": {"item": "cream"}}],
        )  # fmt: skip
        made = decided(asked("taobao.search", query="保湿面霜"), grounds(worded, listed=MANY))
        (slot,) = [one for one in made.answer.slots if one.kind == "ad"]
        assert slot.title == "面霜上新"
        assert made.told.ads.bidders[0].matched == "phrase:面霜"


NEAR = {"radius_m": 1_000, "stores": ["s3"]}
FAR = {"radius_m": 1_000, "points": [{"lat": 31.2, "lng": 121.4}]}


def leads(**change: Any) -> dict[str, Any]:
    made = {"id": "a", "title": "上新", "text": "", "landing": {"item": "cream"}}
    return {"creatives": [{**made, **change}]}


STOPPED: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "its item is off sale": ("youku.pause", {}, leads(landing={"item": "gone"}),
                             "nothing_to_lead_to"),
    "another price there": ("youku.pause", {}, leads(price_fen=9_900), "nothing_to_lead_to"),
    "no keyword": ("taobao.search", {"query": "面霜"},
                   {"keywords": [{"text": "火锅", "match": "exact"}]}, "no_keyword_matched"),
    "a negative word": ("taobao.search", {"query": "便宜面霜"},
                        {"keywords": [{"text": "面霜", "match": "broad"},
                                      {"text": "便宜", "match": "negative"}]},
                        "no_keyword_matched"),
    "another scene": ("youku.native", {"content": "palace"}, {"scenes": ["露营"]}, "other_scene"),
    "too far": ("amap.nearby", {"location": HERE}, {"near": FAR}, "too_far"),
    "nobody says where": ("taobao.search", {"query": "面霜"}, {"near": NEAR}, "too_far"),
    "another category": ("youku.pause", {}, {"categories": ["火锅"]}, "other_category"),
    "not in the audience": ("youku.pause", {}, {"audience": "常客"}, "not_in_audience"),
    "over": ("youku.pause", {}, {"schedule": {"from": "2026-01-01T00:00:00+08:00",
                                              "to": "2026-02-01T00:00:00+08:00"}},
             "out_of_schedule"),
    "not at this hour": ("youku.pause", {}, {"schedule": {"from": "2026-01-01T00:00:00+08:00",
                                                          "to": "2026-12-01T00:00:00+08:00",
                                                          "hours": "18:00-22:00"}},
                         "out_of_hours"),
}  # fmt: skip


@pytest.mark.parametrize("case", STOPPED)
def test_who_does_not_take_part_is_told_why(case: str) -> None:
    touchpoint, context, change, why = STOPPED[case]
    made = decided(asked(touchpoint, **context), grounds(campaign("c1", **change), listed=MANY))
    assert ads(made) == []
    assert made.told.ads.dropped == {why: 1}
    assert made.wins == made.contacts == ()


TAKING: list[tuple[str, dict[str, Any], dict[str, Any], Viewer | None]] = [
    ("amap.nearby", {"location": HERE}, {"near": NEAR}, None),
    ("youku.pause", {}, leads(price_fen=19_900), None),
    ("youku.pause", {}, leads(landing={"store": "s1"}), None),
    ("youku.native", {"content": "palace"}, {"scenes": ["古装"]}, None),
    ("youku.pause", {}, {"audience": "常客"}, Viewer(plain=None, audiences=frozenset({"常客"}))),
    ("youku.pause", {}, {"touchpoints": ["youku"]}, None),
    ("youku.pause", {}, {"touchpoints": ["youku.pause"]}, None),
]


@pytest.mark.parametrize(("touchpoint", "context", "change", "viewer"), TAKING)
def test_who_fits_takes_part(
    touchpoint: str, context: dict[str, Any], change: dict[str, Any], viewer: Viewer | None
) -> None:
    question = asked(touchpoint, **context, **({"viewer": viewer} if viewer else {}))
    assert ads(decided(question, grounds(campaign("c1", **change)))) == ["c1"]


def test_touchpoints_that_a_campaign_does_not_name_are_not_its_own() -> None:
    market = grounds(campaign("c1", touchpoints=["youku"]), listed=MANY)
    assert ads(decided(asked("taobao.search", query="面霜"), market)) == []


class TestMoney:
    def test_without_money_the_next_one_stands_there(self) -> None:
        market = grounds(
            campaign("rich", bid={"cpc": {"bid_fen": 50}}), campaign("poor", advertiser="山野")
        )
        broke = lambda name, millifen: 1 if name == "rich" else None  # noqa: E731
        made = decided(asked("youku.pause"), market, hold=broke)
        assert ads(made) == ["rich"]
        assert made.told.ads.dropped == {"budget": 1}
        reserve = ALIBABA.touchpoint("youku.pause").reserve_fen
        assert made.told.ads.bidders[-1].campaign in ("rich", "poor")
        won = next(one for one in made.told.ads.bidders if one.price_fen is not None)
        assert won.price_fen == reserve

    def test_nobody_has_money(self) -> None:
        made = decided(asked("taobao.search", query="面霜"),
                       grounds(campaign("c1"), listed=MANY), hold=lambda *_: None)  # fmt: skip
        assert ads(made) == []
        assert len(made.answer.slots) == asked("taobao.search").slots

    def test_a_pacer_lowers_a_bid(self) -> None:
        market = grounds(campaign("c1"), multipliers={"c1": 0.5})
        made = decided(asked("youku.pause"), market)
        assert made.told.ads.bidders[0].bid_fen == 50


class TestGuards:
    def contact(self, **change: Any) -> Contact:
        said = {"at_us": parse_iso(MORNING) - 1, "touchpoint": "wenxue.passage", "campaign": "c1",
                "creative": "a", "advertiser": "美肤馆", "category": "美妆"}  # fmt: skip
        return Contact(**{**said, **change})

    def test_one_cap_over_all_touchpoints(self) -> None:
        """What was read in a novel counts when a video is paused."""
        cap = next(one for one in ALIBABA.caps if one.on == "creative")
        viewer = Viewer(plain=None, contacts=(self.contact(),) * cap.most)
        made = decided(asked("youku.pause", viewer=viewer), grounds(campaign("c1")))
        assert ads(made) == []
        assert made.told.ads.dropped == {"cap:creative": 1}
        fewer = Viewer(plain=None, contacts=(self.contact(),) * (cap.most - 1))
        assert ads(decided(asked("youku.pause", viewer=fewer), grounds(campaign("c1")))) == ["c1"]

    def test_minors_see_no_ads_and_nothing_of_their_own(self) -> None:
        made = decided(
            asked("taobao.search", query="面霜", viewer=Viewer(plain=Plain.MINOR)),
            grounds(campaign("c1"), listed=MANY),
        )
        assert ads(made) == []
        assert made.told.ads.none == "minor"
        assert not made.answer.personalised

    @pytest.mark.parametrize("plain", [Plain.MINOR, Plain.OFF_SWITCH])
    def test_a_piece_that_sells_is_an_ad_to_minors_too(self, plain: Plain) -> None:
        question = asked("taobao.guangguang", scene=["露营"], viewer=Viewer(plain=plain))
        assert ("camp" in ids(decided(question, grounds()))) == (plain is not Plain.MINOR)

    def test_paying_members_pause_in_peace(self) -> None:
        place = ALIBABA.touchpoint("youku.pause")
        member = Viewer(plain=None, memberships=frozenset({str(place.membership)}))
        made = decided(asked("youku.pause", viewer=member), grounds(campaign("c1")))
        assert made.answer.slots == ()
        assert made.told.ads.none == "paying_member"

    @pytest.mark.parametrize("device", ["vehicle", "navigation", "appliance"])
    def test_cars_and_appliances_get_no_ads(self, device: str) -> None:
        made = decided(asked("amap.nearby", location=HERE, device=device), grounds(campaign("c1")))
        assert ads(made) == []
        assert made.told.ads.none == "device_without_consent"

    @pytest.mark.parametrize("touchpoint", sorted(ALIBABA.by_id))
    def test_switched_off_the_answer_is_a_strangers_byte_for_byte(self, touchpoint: str) -> None:
        market = grounds(campaign("c1"), campaign("c2"), listed=MANY)
        context = {"query": "面霜", "location": HERE, "content": "palace", "order": "o1",
                   "item": "tea", "basket": ["pot"]}  # fmt: skip
        one, other = (
            decided(asked(touchpoint, viewer=Viewer(plain=plain), **context), market).answer
            for plain in (Plain.OFF_SWITCH, Plain.ANONYMOUS)
        )
        assert msgspec.json.encode(one) == msgspec.json.encode(other)

    def test_a_taste_changes_the_order(self) -> None:
        question = {"query": "面霜", "slots": 5}
        mine = decided(asked("taobao.search", viewer=taste("x33", "x40"), **question),
                       grounds(listed=MANY))  # fmt: skip
        stranger = decided(asked("taobao.search", **question), grounds(listed=MANY))
        assert ids(mine) != ids(stranger)
        assert mine.answer.personalised


pages = st.fixed_dictionaries(
    {"modules": st.integers(20, 60), "ads": st.integers(0, 8)},
    optional={"since_ad": st.integers(0, 6)},
)


@settings(max_examples=60)
@given(
    touchpoint=st.sampled_from(SOLD), page=st.none() | pages, slots=st.none() | st.integers(1, 20),
    many=st.booleans(), number=st.integers(0, 12), budget=st.integers(0, 12),
)  # fmt: skip
def test_no_page_is_over_its_load_or_under_its_gap_and_none_spends_what_is_not_there(
    touchpoint: str, page: dict[str, Any] | None, slots: int | None, many: bool, number: int,
    budget: int,
) -> None:  # fmt: skip
    market = grounds(
        *(campaign(f"c{n}", advertiser=f"店{n}", bid={"cpc": {"bid_fen": 50 + n}},
                   creatives=[{"id": "a", "title": "上新", "text": "",
                               "landing": {"item": list(MANY.ids)[n] if many else "pot"}}])
          for n in range(number)),
        **({"listed": MANY} if many else {}),
    )  # fmt: skip
    left = [budget * 1_000_000]

    def hold(name: str, millifen: int) -> int | None:
        if millifen > left[0]:
            return None
        left[0] -= millifen
        return 7

    context: dict[str, Any] = {
        "location": HERE, "content": "palace", "query": "面霜", "scene": ["露营"],
    }  # fmt: skip
    if page is not None:
        context["page"] = page
    question = asked(touchpoint, slots=slots, **context)
    made = decided(question, market, hold=hold)
    place, shown = question.touchpoint, made.answer.slots
    at = [one.position for one in shown if one.kind == "ad"]
    assert [one.position for one in shown] == list(range(1, len(shown) + 1))
    assert all(after - before > place.ad_gap for before, after in pairwise(at))
    marked = sum(one.label is not None for one in shown)
    if marked and page is None:
        assert marked * 1000 <= place.ad_permille_max * len(shown)
    elif marked and page is not None:
        modules = page["modules"] - (question.slots - len(shown))
        assert (page["ads"] + marked) * 1000 <= place.ad_permille_max * modules
        if at and "since_ad" in page:
            assert page["since_ad"] + at[0] - 1 >= place.ad_gap
    assert sum(win.price_millifen for win in made.wins) <= budget * 1_000_000
    assert [win.position for win in made.wins] == at
    assert len({one.id for one in shown}) == len(shown)


class TestAfterPaying:
    def test_a_coupon_for_the_shop_comes_first_and_nothing_stands_in_the_way(self) -> None:
        made = decided(asked("alipay.paid", order="o1"), grounds())
        first = made.answer.slots[0]
        assert (first.kind, first.offer, first.reason) == (
            "offer",
            "pot-10",
            "刚买过的店，下次可用",
        )
        assert "cream-8" not in ids(made), "another shop's is no repurchase coupon"
        assert not {"pot", "beef"} & set(ids(made)), "what was just bought is not offered again"

    def test_the_form_of_an_answer_cannot_say_step_or_pop_up(self) -> None:
        assert set(Answer.__struct_fields__) == {
            "trace", "touchpoint", "personalised", "slots", "plainer",
        }  # fmt: skip
        assert set(Slot.__struct_fields__) == {
            "position", "kind", "id", "reason", "label", "title", "text", "image", "landing",
            "offer", "distance",
        }  # fmt: skip


class TestPlaces:
    def test_stores_by_distance_in_steps(self) -> None:
        made = decided(asked("amap.nearby", location=HERE), grounds())
        found = [(one.id, one.distance) for one in made.answer.slots if one.kind == "store"]
        assert found == [("s3", "<500 m"), ("s1", "<500 m"), ("s2", "1–3 km")]

    def test_what_was_asked_for_before_what_is_nearer(self) -> None:
        made = decided(asked("amap.search", location=HERE, query="火锅"), grounds())
        store = next(one for one in made.answer.slots if one.kind == "store")
        assert (store.id, store.title) == ("s1", "朝阳店")

    def test_along_the_way_within_the_detour(self) -> None:
        route = [HERE, {"lat": 39.945, "lng": 116.400}]
        made = decided(asked("amap.route", route=route), grounds())
        shown = [one for one in made.answer.slots if one.kind == "store"]
        assert {one.id for one in shown} >= {"s1", "s2"}
        assert {one.reason for one in shown} == {"顺路"}
        assert all(one.distance is None for one in shown)


class TestExplanation:
    def test_why_not_that(self) -> None:
        wanted = ["biz", "cream", "nothing", "c1", "x1"]
        market = grounds(campaign("c1", scenes=["露营"]), listed=MANY)
        made = decided(asked("taobao.search", query="电脑", slots=2, wanted=wanted), market)
        told = made.told.wanted
        assert told["biz"] == "展示在第 1 位"
        assert told["nothing"] == "目录里没有在售的这个编号"
        assert set(told) == set(wanted)

    def test_it_is_kept_packed_and_read_again(self) -> None:
        made = decided(asked("taobao.search", query="面霜"), grounds(campaign("c1"), listed=MANY))
        assert unpacked(packed(made.told)) == made.told
        told = explained(made.told)
        assert told["ranked"][0]["sources"]
        assert set(told["slots"][1]["features"]) > {"query_match", "scene_match"}
        assert len(packed(made.told)) < 6_000

    def test_no_place_and_no_identifier_is_kept(self) -> None:
        made = decided(asked("amap.nearby", location=HERE), grounds())
        assert made.told.asked["location"] is True
        assert b"39.91" not in msgspec.json.encode(made.told)

    def test_each_organic_item_has_its_propensity(self) -> None:
        made = decided(asked("taobao.search", query="面霜"), grounds(listed=MANY))
        drawn = [one for one in made.told.slots if one.kind == "item"]
        assert drawn
        assert all(0 < one.propensity <= 1 for one in drawn)
        assert any(one.propensity < 1 for one in drawn), "some places explore"


def test_the_same_trace_gives_the_same_answer_and_another_may_explore() -> None:
    market = grounds(listed=MANY)
    question = asked("taobao.search", query="面霜")
    assert decided(question, market) == decided(question, market)
    others = {
        tuple(ids(decided(asked("taobao.search", query="面霜", trace=bytes([n] * 16)), market)))
        for n in range(30)
    }
    assert len(others) > 1


def test_with_nothing_on_sale_the_answer_is_empty_and_says_what_is_missing() -> None:
    market = grounds(listed=goods())
    bare = grounds(index=empty_index(market.words.synonyms), missing=("index",))
    made = decided(asked("taobao.detail", item="tea"), bare)
    assert "index" in made.answer.plainer
    assert all(one.kind == "offer" for one in made.answer.slots)
