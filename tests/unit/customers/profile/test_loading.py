"""Tags are data: what a file may say, and how a bad one is refused."""

from pathlib import Path

import pytest

from quanyu.customers.profile.loading import parse, tag_definitions
from quanyu.errors import BadInput
from quanyu.events.facts import FACT_TYPES

GOOD = """
[[tag]]
key = "greens"
label = "环保品类"
kind = "statistic"
purpose = "analytics"
text = "{value} 件"
measure = { events = ["payment_completed"], aggregate = "count", where = { flag = "green" } }
"""


def test_every_shipped_tag_has_a_chinese_label_and_a_purpose() -> None:
    for tag in tag_definitions().tags.values():
        assert any("一" <= char <= "鿿" for char in tag.label), tag.key
        assert tag.purpose


def test_the_shipped_set_covers_what_a_marketer_asks_for() -> None:
    assert tag_definitions().tags.keys() >= {
        "gender", "age", "age_band", "city", "member_tier", "monthly_category",
        "favourite_categories", "last_purchase_day", "purchases_30d", "purchases_90d",
        "purchases_365d", "spent_365d", "active_hours", "day_types", "favourite_cuisine",
        "weekend_places", "touchpoints", "lifecycle", "payment_methods", "price_band",
    }  # fmt: skip


def test_shipped_kinds_of_events_exist() -> None:
    for tag in tag_definitions().tags.values():
        assert set(tag.measure.events if tag.measure else ()) <= FACT_TYPES.keys()


def test_a_merchant_s_own_tags_are_merged_and_win(tmp_path: Path) -> None:
    city = GOOD.replace("greens", "city").replace("环保品类", "我的城市")
    (tmp_path / "own.toml").write_text(GOOD + city)
    merged = tag_definitions(tmp_path)
    assert merged.tags["greens"].label == "环保品类"
    assert merged.tags["city"].label == "我的城市"
    assert len(merged.tags) == len(tag_definitions().tags) + 1


def test_a_merchant_s_own_portrait_wins(tmp_path: Path) -> None:
    (tmp_path / "portrait.toml").write_text('portrait = [["city"]]')
    assert tag_definitions(tmp_path).portrait_groups == (("city",),)


def test_no_folder_means_the_shipped_tags(tmp_path: Path) -> None:
    assert tag_definitions(tmp_path / "nowhere").tags.keys() == tag_definitions().tags.keys()


def test_the_same_measure_is_folded_once() -> None:
    catalogue = tag_definitions()
    measured = [tag for tag in catalogue.tags.values() if tag.measure]
    assert len(catalogue.accumulators) < len(measured)


@pytest.mark.parametrize(
    ("change", "names", "mends"),
    [
        (('purpose = "analytics"', ""), "own.toml: tag 'greens': purpose", "PIPL 6"),
        (('"analytics"', '"fun"'), "tag 'greens': purpose", "'fun' is not one of"),
        (('"count"', '"average"'), "measure.aggregate", "Invalid enum value"),
        (('"payment_completed"', '"bought"'), "measure.events", "not a kind of event"),
        (('aggregate = "count"', 'aggregate = "sum"'), "measure", "needs a field"),
        (('{value} 件', '{amount} 件'), "text", "{amount} is not one of"),
        (('{value} 件', '每月 {monthly} 件'), "text", "needs a top_n"),
        (('label = "环保品类"', 'lable = "环保"'), "tag 'greens'", ""),
        (('key = "greens"', 'key = "Greens!"'), "key", "regex"),
        (('kind = "statistic"', 'kind = "rule"'), "tag 'greens'", "a rule has cases"),
        (('kind = "statistic"', 'kind = "preference"'), "tag 'greens'", "is a top_n"),
        (('text =', 'sensitive = true\ntext ='), "purpose", "sensitive data"),
        (("[[tag]]", "[tag]"), "own.toml: tag", "[[tag]]"),
        (("[[tag]]", "[[tags]]"), "own.toml: tags", "[[tag]] tables"),
        (("[[tag]]", "[[tag"), "own.toml", "valid TOML"),
        (('"count", where = { flag = "green" }', '"count", hours = [5, 5]'), "measure", "empty"),
        (('"count", where = { flag = "green" }', '"count", window_days = 0'),
         "measure.window_days", ">= 1"),
    ],
)  # fmt: skip
def test_a_bad_file_names_file_tag_field_and_mend(
    change: tuple[str, str], names: str, mends: str
) -> None:
    with pytest.raises(BadInput) as caught:
        parse("own.toml", GOOD.replace(*change).encode())
    assert names in caught.value.field
    assert mends in caught.value.mend


RULE = """
[[tag]]
key = "{key}"
label = "规则"
kind = "rule"
purpose = "analytics"
cases = [{{ value = "yes", when = {{ tag = "{asks}", op = "exists" }} }}]
"""


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        (RULE.format(key="a", asks="nowhere"), "unknown tag 'nowhere'"),
        (RULE.format(key="a", asks="a"), "in a circle"),
        (RULE.format(key="a", asks="b") + RULE.format(key="b", asks="a"), "in a circle"),
        ('portrait = [["nowhere"]]', "'nowhere' is not a tag"),
        (GOOD + GOOD, "two tags of one file"),
        ('portrait = "city"', "lists of tag keys"),
    ],
)
def test_tags_are_checked_against_each_other(tmp_path: Path, text: str, mend: str) -> None:
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(BadInput) as caught:
        tag_definitions(tmp_path)
    assert mend in caught.value.mend
