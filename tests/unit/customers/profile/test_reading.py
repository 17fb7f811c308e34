"""From values to Chinese, and the conditions of rules."""

from typing import Any

import msgspec
import pytest

from quanyu.clock import parse_iso
from quanyu.customers.profile.catalogue import Catalogue, rule_order
from quanyu.customers.profile.definitions import Case, Condition, Measure, Tag
from quanyu.customers.profile.reading import as_integer, compare, holds, read_measured, render

NOW = parse_iso("2026-05-01T12:00:00+08:00")


def tag(text: str = "{value}", **rest: Any) -> Tag:
    measure = rest.pop("measure", Measure(aggregate="top_n", field="category", window_days=90))
    return Tag(
        key="t", label="标签", kind="statistic", purpose="analytics", text=text, measure=measure,
        **rest,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("op", "have", "want", "holds_true"),
    [
        ("eq", 3, 3, True),
        ("eq", "3", 3, True),
        ("eq", 3, 4, False),
        ("eq", None, 3, False),
        ("ne", None, 3, True),
        ("ne", 3, 3, False),
        ("in", "上海", ("上海", "北京"), True),
        ("in", None, ("上海",), False),
        ("not_in", None, ("上海",), True),
        ("not_in", "上海", ("上海",), False),
        ("gt", 3, 2, True),
        ("gt", 3, 3, False),
        ("ge", 3, 3, True),
        ("lt", 2, 3, True),
        ("le", 4, 3, False),
        ("lt", None, 3, False),
        ("lt", "2", 3, False),
        ("between", 18, (18, 24), True),
        ("between", 25, (18, 24), False),
        ("contains", ("美妆", "数码"), "数码", True),
        ("contains", ("美妆",), "美", False),
        ("contains", "亲子场所", "亲子", True),
        ("contains", None, "亲子", False),
        ("exists", 0, None, True),
        ("exists", None, None, False),
        ("eq", ("美妆",), "美妆", False),
    ],
)
def test_compare(op: str, have: Any, want: Any, holds_true: bool) -> None:
    assert compare(op, have, want=want) is holds_true


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"all": [{"tag": "age", "op": "ge", "value": 18}, {"tag": "city"}]}, True),
        ({"all": [{"tag": "age", "op": "ge", "value": 30}, {"tag": "city"}]}, False),
        ({"any": [{"tag": "age", "op": "ge", "value": 30}, {"tag": "city"}]}, True),
        ({"not": {"tag": "tier"}}, True),
        ({"not": {"not": {"tag": "tier"}}}, False),
        ({"all": []}, True),
        ({"any": []}, False),
    ],
)
def test_conditions_are_trees(tree: dict[str, Any], expected: bool) -> None:
    condition = msgspec.convert(tree, Condition)
    assert holds(condition, {"age": 28, "city": "上海"}) is expected


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"tag": "a", "all": []},
        {"tag": "a", "op": "eq"},
        {"tag": "a", "value": 3},
        {"tag": "a", "op": "between", "value": 3},
        {"tag": "a", "op": "~", "value": 3},
        {"tag": "a'; DROP TABLE history"},
    ],
)
def test_conditions_that_make_no_sense_are_refused(tree: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(tree, Condition)


@pytest.mark.parametrize(
    ("reading", "text", "expected"),
    [
        ("plain", "上海", "上海"),
        ("age", "1998", 28),
        ("age", "unknown", None),
        ("number", "-7", -7),
        ("number", "7.5", None),
        ("date", "2026-04-01", "2026-04-01"),
        ("days_ago", "2026-04-01", 30),
        ("days_ago", "2026-05-01", 0),
    ],
)
def test_readings(reading: Any, text: str, expected: Any) -> None:
    last = Measure(aggregate="last", field="day")
    assert read_measured(tag(reading=reading, measure=last), text, as_of_us=NOW) == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("-12", -12), ("", None), ("-", None), ("１２", None), ("9" * 25, None)],
)
def test_integers(text: str, number: int | None) -> None:
    assert as_integer(text) == number


@pytest.mark.parametrize(
    ("template", "value", "weights", "shown"),
    [
        ("每月买 {monthly} 次{top}", ("美妆",), [("美妆", 9)], "每月买 3 次美妆"),
        ("每月买 {monthly} 次{top}", ("美妆",), [("美妆", 8)], "每月买 3 次美妆"),
        ("每月买 {monthly} 次{top}", ("美妆",), [("美妆", 1)], ""),
        ("常点{top}外卖", ("日式", "川湘"), [("日式", 5)], "常点日式外卖"),
        ("{value}", ("日式", "川湘"), [("日式", 5)], "日式、川湘"),
        ("{weight} 次", ("日式",), [("日式", 5)], "5 次"),
        ("{value.__class__}", ("日式",), [("日式", 5)], "{value.__class__}"),
    ],
)
def test_texts(template: str, value: Any, weights: Any, shown: str) -> None:
    assert render(tag(template), value, weights=weights) == shown


def test_amounts_read_in_yuan() -> None:
    money = tag("{yuan}", measure=Measure(aggregate="sum", field="amount"))
    assert render(money, 123_450) == "¥1,234.50"


def test_labels_translate_values() -> None:
    gender = tag(labels={"female": "女性"}, measure=Measure(aggregate="last", field="gender"))
    assert render(gender, "female") == "女性"
    assert render(gender, "unknown") == "unknown"


def rule(key: str, *cases: Case) -> Tag:
    return Tag(key=key, label="规则", kind="rule", purpose="analytics", cases=cases)


def test_the_first_case_that_holds_gives_the_value() -> None:
    first = rule("first", Case("none", Condition(negated=Condition(tag="x"))), Case("rest"))
    x = tag(measure=Measure(aggregate="count"))
    catalogue = Catalogue([first, msgspec.structs.replace(x, key="x")])
    assert catalogue.values({}, NOW) == {"first": "none"}


def test_rules_may_ask_rules_in_any_order_of_writing() -> None:
    second = rule("second", Case("yes", Condition(tag="first", op="eq", value="on")))
    first = rule("first", Case("on"))
    assert Catalogue([second, first]).values({}, NOW) == {"first": "on", "second": "yes"}
    assert rule_order({"second": second, "first": first}) == ["first", "second"]


def test_a_value_expires() -> None:
    city = tag(measure=Measure(aggregate="last", field="city"), ttl_days=10)
    catalogue = Catalogue([city])
    (name,) = (n for n in catalogue.accumulators if n != catalogue.birth_year_id)
    today = 20_574
    assert parse_iso("2026-05-01T00:00:00+08:00") // 86_400_000_000 + 1 == today
    for age, there in ((0, True), (9, True), (10, False)):
        state = [today - age, {0: [0, "e", "上海"]}]
        assert ("t" in catalogue.values({name: state}, NOW)) is there


def test_a_portrait_of_nobody_is_empty() -> None:
    assert Catalogue([], (("a", "b"), ("c",))).portrait({}) == ""
