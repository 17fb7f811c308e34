"""Ecosystems as data: what is shipped, what is refused with its field and mend, no id in code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quanyu.compliance.policy import Policy
from quanyu.errors import BadInput
from quanyu.touchpoints.ecosystem import Ecosystem, ecosystem, read_ecosystem, shipped

SOURCE = Path(__file__).resolve().parents[3] / "src" / "quanyu"
SPOKEN_FOR = ("simulator", "touchpoints/connectors")
"""A pretend market plays one ecosystem, and a partner's file speaks of that partner."""
WHOLE = """
id = "shop"
label = "小店"
caps = [{ on = "all", most = 10, hours = 24 }]
[apps]
app = "小店 App"
"""
FEED = {
    "id": '"app.home"', "label": '"首页"', "place": '"feed"', "slots": "10",
    "kinds": '["item", "ad"]', "ad_permille_max": "300", "signals": '["history"]',
}  # fmt: skip
PAID = {
    "id": '"app.paid"', "label": '"付完款"', "place": '"paid"', "slots": "2",
    "kinds": '["offer"]', "signals": '["order"]',
}  # fmt: skip


def touchpoint(fields: dict[str, str], **changes: str | None) -> str:
    said = {name: value for name, value in {**fields, **changes}.items() if value is not None}
    return "\n[[touchpoint]]\n" + "\n".join(f"{name} = {value}" for name, value in said.items())


def read(text: str, **options: Any) -> Ecosystem:
    return read_ecosystem(text, "shop.toml", **options)


def refusal(text: str, **options: Any) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(text, **options)
    return caught.value


def test_both_definitions_come_with_the_product() -> None:
    assert shipped() == ("alibaba", "linli")
    assert {one.id for one in ecosystem("alibaba").touchpoints} == {
        "taobao.search", "taobao.home", "taobao.detail", "taobao.live", "taobao.guangguang",
        "tmall.member", "eleme.home", "eleme.search", "eleme.paid", "amap.nearby", "amap.search",
        "amap.route", "alipay.home", "alipay.paid", "alipay.points", "youku.native", "youku.pause",
        "wenxue.passage", "dingtalk.work",
    }  # fmt: skip


def test_the_two_share_nothing() -> None:
    first, second = (ecosystem(name) for name in shipped())
    assert not first.by_id.keys() & second.by_id.keys()
    assert not first.apps.keys() & second.apps.keys()
    assert set(first.caps).isdisjoint(second.caps)
    labels = {one.ad_label for one in second.touchpoints if "ad" in one.kinds}
    assert all("广告" in label for label in labels)
    assert labels != {one.ad_label for one in first.touchpoints}


def test_what_the_mission_asks_of_the_first() -> None:
    found = ecosystem("alibaba")
    assert found.touchpoint("taobao.home").ad_permille_max <= 300
    pause = found.touchpoint("youku.pause")
    assert (pause.members_see_no_ads, pause.membership) == (True, "member:youku")
    for id in ("youku.pause", "youku.native", "wenxue.passage"):
        assert found.touchpoint(id).billing == "impression"
    assert found.touchpoint("amap.nearby").billing == "arrival"
    assert found.touchpoint("amap.search").billing == "click"
    feeds = [one for one in found.touchpoints if one.place == "feed"]
    assert feeds
    assert all(one.ad_permille_max <= 300 for one in feeds)


def test_an_app_stands_for_its_touchpoints() -> None:
    found = ecosystem("alibaba")
    assert [one.id for one in found.within("youku")] == ["youku.native", "youku.pause"]
    assert [one.id for one in found.within("amap.route")] == ["amap.route"]


def test_an_unknown_touchpoint_is_answered_with_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"taobao\.search") as caught:
        ecosystem("alibaba").touchpoint("taobao.serach")
    assert caught.value.field == "touchpoint"
    with pytest.raises(BadInput, match=r"邻里商业 has"):
        ecosystem("linli").touchpoint("☃" * 10_000)


def test_one_of_ones_own_is_read_from_its_path(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(WHOLE + touchpoint(FEED), "utf-8")
    assert ecosystem(str(file)).touchpoint("app.home").label == "首页"
    file.write_text(WHOLE, "utf-8")
    with pytest.raises(BadInput, match=r"ours\.toml: touchpoint"):
        ecosystem(str(file))


@pytest.mark.parametrize("name", ["nowhere", "/nowhere.toml", "", "\0", "../alibaba", "ALIBABA"])
def test_a_name_that_is_nothing(name: str) -> None:
    with pytest.raises(BadInput, match="alibaba, linli"):
        ecosystem(name)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "touchpoint"),
        ("id = ", ""),
        ("a" * (2 << 20), ""),
        (WHOLE + "touchpoint = 3", "apps.touchpoint"),
        (WHOLE.replace('id = "shop"', 'id = "Shop!"') + touchpoint(FEED), "id"),
        (WHOLE.replace("[apps]", "[applications]") + touchpoint(FEED), "applications"),
        (WHOLE.replace('app = "小店 App"', '"A.b" = "x"') + touchpoint(FEED), "apps.A.b"),
        ('popups = true\n' + WHOLE + touchpoint(FEED), "popups"),
        ('feed_ads_permille_max = 1001\n' + WHOLE + touchpoint(FEED), "feed_ads_permille_max"),
        ('consent_devices = ["vehicle"]\n' + WHOLE + touchpoint(FEED), "consent_devices"),
        (WHOLE.replace("most = 10", "most = 0") + touchpoint(FEED), "caps[0].most"),
        (WHOLE.replace("most", "max") + touchpoint(FEED), "caps[0].max"),
    ],
)  # fmt: skip
def test_the_whole_is_read_strictly(text: str, field: str) -> None:
    found = refusal(text)
    assert found.field.startswith("shop.toml")
    if field and field != "apps.touchpoint":
        assert found.field == f"shop.toml: {field}"
    assert len(found.mend) > 8


@pytest.mark.parametrize(
    ("changes", "field", "word"),
    [
        ({"id": '"home"'}, "id", "regex"),
        ({"id": '"other.home"'}, "id", "app"),
        ({"id": '"app.home\\n"'}, "id", "regex"),
        ({"place": '"window"'}, "place", "enum"),
        ({"slots": "0"}, "slots", "1"),
        ({"slots": '"10"'}, "slots", "int"),
        ({"slots": None}, "slots", "missing"),
        ({"popup": "true"}, "popup", "unknown"),
        ({"kinds": "[]"}, "kinds", "length"),
        ({"kinds": '["ad", "ad"]'}, "kinds", "once"),
        ({"ad_permille_max": "0"}, "ad_permille_max", "leave out kind ad"),
        ({"ad_permille_max": None}, "ad_permille_max", "leave out kind ad"),
        ({"kinds": '["item"]'}, "ad_permille_max", "nothing here is for sale"),
        ({"ad_permille_max": "301"}, "ad_permille_max", "feed_ads_permille_max"),
        ({"ad_permille_max": "1001"}, "ad_permille_max", "1000"),
        ({"ad_label": '"推广"'}, "ad_label", "广告"),
        ({"signals": '["route"]'}, "signals", "a feed has no route"),
        ({"signals": '["order"]'}, "signals", "a feed has no order"),
        ({"signals": '["history", "history"]'}, "signals", "once"),
        ({"place": '"search"'}, "signals", "add query"),
        ({"place": '"map"', "signals": '["location"]'}, "radius_m", "metres"),
        ({"radius_m": "500"}, "radius_m", "leave it out"),
        ({"detour_m": "500"}, "detour_m", "route"),
        ({"place": '"route"', "signals": '["route"]'}, "detour_m", "route"),
        ({"place": '"pause"', "billing": '"arrival"'}, "billing", "nobody arrives"),
        ({"members_see_no_ads": "true"}, "membership", "member:gold"),
        ({"members_see_no_ads": "true", "membership": '" "'}, "membership", "member:gold"),
        ({"caps": '[{on="all", most=1, hours=1}, {on="all", most=2, hours=1}]'}, "caps", "one cap"),
        ({"scenes": '[{words = ["茶"], hours = [9, 9]}]'}, "scenes[0].hours", "midnight"),
        ({"scenes": '[{words = ["茶"], hours = [24, 2]}]'}, "scenes[0].hours", "midnight"),
        ({"scenes": '[{words = ["茶"], hours = [9, 25]}]'}, "scenes[0].hours[1]", "24"),
        ({"scenes": '[{words = ["茶"], hours = [9]}]'}, "scenes[0].hours", "length"),
        ({"scenes": '[{words = ["茶", "茶"]}]'}, "scenes[0].words", "once"),
        ({"scenes": '[{words = [" "]}]'}, "scenes[0].words", "read"),
        ({"scenes": '[{words = []}]'}, "scenes[0].words", "length"),
        ({"scenes": '[{words = ["茶"], weekdays = [7]}]'}, "scenes[0].weekdays[0]", "6"),
        ({"scenes": '[{words = ["茶"], weekdays = [1, 1]}]'}, "scenes[0].weekdays", "Monday"),
    ],
)  # fmt: skip
def test_a_touchpoint_is_read_strictly(
    changes: dict[str, str | None], field: str, word: str
) -> None:
    found = refusal(WHOLE + touchpoint(FEED, **changes))
    id = str(changes.get("id", '"app.home"'))
    assert found.field.startswith("shop.toml: touchpoint ")
    assert found.field.rpartition(": ")[2] == field, (id, found.mend)
    assert word in found.mend


def test_what_is_on_the_edge_passes() -> None:
    made = read(WHOLE + touchpoint(FEED, scenes='[{words = ["夜"], hours = [22, 2]}]'))
    assert made.touchpoint("app.home").ad_permille_max == 300
    with_label = touchpoint(FEED, ad_label='"广告 · 品牌"')
    assert read(WHOLE + with_label).touchpoints[0].ad_label == "广告 · 品牌"


def test_the_same_id_twice() -> None:
    found = refusal(WHOLE + touchpoint(FEED) + touchpoint(FEED))
    assert found.field == "shop.toml: touchpoint 'app.home': id"
    assert "twice" in found.mend


def test_another_ad_load_of_feeds_is_said_openly() -> None:
    more = WHOLE + touchpoint(FEED, ad_permille_max="400")
    assert "at most 300 of 1000" in refusal(more).mend
    openly = "feed_ads_permille_max = 400\n" + more
    assert read(openly).touchpoints[0].ad_permille_max == 400
    assert "at most 399" in refusal(openly.replace("max = 400", "max = 399", 1)).mend
    assert read(more, policy=Policy(home_ads_permille_max=400)).touchpoints
    stricter = Policy(home_ads_permille_max=100)
    assert "at most 100" in refusal(WHOLE + touchpoint(FEED), policy=stricter).mend


def test_only_feeds_are_bound_by_the_limit_of_the_home_page() -> None:
    pause = touchpoint(FEED, place='"pause"', ad_permille_max="1000")
    assert read(WHOLE + pause).touchpoints[0].ad_permille_max == 1000


@pytest.mark.parametrize("field", ["popup", "modal", "steps", "must_follow", "countdown_s", "x"])
def test_nothing_stands_in_the_way_after_paying(field: str) -> None:
    assert read(WHOLE + touchpoint(PAID)).touchpoints[0].place == "paid"
    found = refusal(WHOLE + touchpoint(PAID, **{field: "1"}))
    assert found.field == f"shop.toml: touchpoint 'app.paid': {field}"
    assert "no pop-up and no step" in found.mend
    elsewhere = refusal(WHOLE + touchpoint(FEED, **{field: "1"}))
    assert "unknown field" in elsewhere.mend


def literals(path: Path) -> Iterator[str]:
    """Texts that the program uses; what explains it (docstrings, help) is not among them."""
    tree = ast.parse(path.read_text())
    told: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            told.add(node.value)
        if isinstance(node, ast.keyword) and node.arg == "help":
            told.add(node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in told:
            yield node.value


def test_no_code_names_a_touchpoint() -> None:
    ids = [re.escape(id) for name in shipped() for id in ecosystem(name).by_id]
    named = re.compile(rf"\b({'|'.join(ids)})\b")
    faults = [
        f"{path.relative_to(SOURCE)}: {text[:60]!r}"
        for path in sorted(SOURCE.rglob("*.py"))
        if not str(path.relative_to(SOURCE)).startswith(SPOKEN_FOR)
        for text in literals(path)
        if named.search(text)
    ]
    assert not faults


def test_the_search_for_names_finds_one(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text('"""taobao.home"""\nPLACE = "taobao.home"\nf(help="taobao.home")\n')
    assert list(literals(file)) == ["taobao.home"]
